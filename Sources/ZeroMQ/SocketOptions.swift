import CZeroMQ

/// How a socket behaves. Every option is set on every socket: none is left to ZeroMQ's defaults,
/// several of which are "for ever" or "without limit".
public struct SocketOptions: Hashable, Sendable {
    /// How long a closed socket may still send what waits.
    public var linger = Duration.zero
    /// How many messages may wait to be sent, for each peer.
    public var sendHighWaterMark = 1000
    /// How many messages may wait to be received, for each peer; nil: any number.
    public var receiveHighWaterMark: Int? = 1000
    /// The longest frame in bytes; a peer that sends a longer one is disconnected.
    public var maximumFrameBytes = 1 << 20
    /// The most frames of a message, the routing frame of a ROUTER included; longer messages are
    /// dropped.
    public var maximumFrames = 4
    /// Whether a ROUTER says ``SendOutcome/unroutable`` for a peer that it does not know, instead
    /// of dropping the message in silence.
    public var routerMandatory = true
    /// How long a new connection may take to introduce itself.
    public var handshakeInterval = Duration.seconds(10)
    /// How often ZeroMQ pings the other side of a connection.
    public var heartbeatInterval = Duration.seconds(5)
    /// How long ZeroMQ waits for the answer to a ping before it disconnects.
    public var heartbeatTimeout = Duration.seconds(15)
    /// How long the other side is to wait for a sign of life before it disconnects.
    public var heartbeatTimeToLive = Duration.seconds(30)
    /// Whether addresses of IP version 6 are understood too, and preferred: where a name has both
    /// (`localhost`), a socket connects to that of version 6 alone.
    public var ipv6 = false
    /// The first and the longest pause between two attempts to connect; each is twice the last.
    public var reconnectInterval = Duration.milliseconds(100)...Duration.seconds(5)

    /// The options above as they stand.
    public init() {}
}

extension SocketOptions {
    func apply(
        to socket: UnsafeMutableRawPointer, _ kind: Socket.Kind
    ) throws(ZeroMQError) {
        func set(_ option: Int32, to value: some BitwiseCopyable) throws(ZeroMQError) {
            let failed = withUnsafeBytes(of: value) {
                zmq_setsockopt(socket, option, $0.baseAddress, $0.count) != 0
            }
            if failed { throw ZeroMQError(doing: "set option \(option) of a socket") }
        }
        try set(ZMQ_LINGER, to: linger.milliseconds)
        try set(ZMQ_SNDHWM, to: atLeastOne(sendHighWaterMark))
        try set(ZMQ_RCVHWM, to: receiveHighWaterMark.map(atLeastOne) ?? 0)
        try set(ZMQ_MAXMSGSIZE, to: Int64(maximumFrameBytes))
        try set(ZMQ_HANDSHAKE_IVL, to: handshakeInterval.milliseconds)
        try set(ZMQ_HEARTBEAT_IVL, to: heartbeatInterval.milliseconds)
        try set(ZMQ_HEARTBEAT_TIMEOUT, to: heartbeatTimeout.milliseconds)
        try set(ZMQ_HEARTBEAT_TTL, to: heartbeatTimeToLive.milliseconds)
        try set(ZMQ_IPV6, to: Int32(ipv6 ? 1 : 0))
        try set(ZMQ_RECONNECT_IVL, to: reconnectInterval.lowerBound.milliseconds)
        try set(ZMQ_RECONNECT_IVL_MAX, to: reconnectInterval.upperBound.milliseconds)
        if kind == .router { try set(ZMQ_ROUTER_MANDATORY, to: Int32(routerMandatory ? 1 : 0)) }
    }

    /// ZeroMQ takes a high-water mark of 0 for "no limit".
    private func atLeastOne(_ mark: Int) -> Int32 { max(1, Int32(clamping: mark)) }
}

extension Duration {
    /// Whole milliseconds, rounded up; 0 for negative durations.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < Int32.max / 1000 else { return Int32.max }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
