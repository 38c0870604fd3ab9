import CZeroMQ

/// What became of an attempt to connect. ZeroMQ tries again in silence, or gives up in silence; a
/// program that wants to say why nothing comes has to watch (see ``Socket/watchHandshakes()``).
public enum Handshake: Hashable, Sendable {
    /// The other side accepts the connection; who it is has not been proved yet.
    case begun
    /// Both sides know each other: messages flow.
    case succeeded
    /// The ``Authenticator`` of the other side turned this client away, with a status of ZAP: 400
    /// for a key that is not allowed. ZeroMQ does not try again.
    case denied(status: Int)
    /// One side uses ``Curve`` and the other does not. ZeroMQ does not try again. When both are near,
    /// ``brokenOff`` may be seen some times before: each side hangs up as soon as it knows.
    case mechanismMismatch
    /// The other side broke the protocol; the number is ZeroMQ's. ZeroMQ does not try again.
    case protocolError(UInt32)
    /// The other side hung up without a word, as a server does with clients that expect another key
    /// of it. ZeroMQ tries again.
    case brokenOff
}

extension Socket {
    /// Begins to keep what becomes of attempts to connect, for ``nextHandshake()``, which has to be
    /// asked from time to time then. Call it before ``connect(_:)``.
    public mutating func watchHandshakes() throws(ZeroMQError) {
        let address = "inproc://handshakes-\(UInt(bitPattern: handle))"
        let events =
            ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
        guard zmq_socket_monitor(handle, address, events) == 0,
            let monitor = zmq_socket(context.handle, ZMQ_PAIR)
        else { throw ZeroMQError(doing: "watch a socket") }
        self.monitor = monitor
        guard zmq_connect(monitor, address) == 0 else {
            throw ZeroMQError(doing: "watch a socket")
        }
    }

    /// The next thing that became of an attempt to connect, in order; nil when there is none yet.
    public borrowing func nextHandshake() throws(ZeroMQError) -> Handshake? {
        guard let monitor else { return nil }
        while true {
            // 16 bits of event and 32 of its value; then a frame with the address.
            var event = [UInt8](repeating: 0, count: 6)
            guard zmq_recv(monitor, &event, event.count, ZMQ_DONTWAIT) >= 0 else {
                if zmq_errno() == EINTR { continue }
                if zmq_errno() == EAGAIN { return nil }
                throw ZeroMQError(doing: "watch a socket")
            }
            while zmq_recv(monitor, nil, 0, 0) < 0, zmq_errno() == EINTR {}
            return event.withUnsafeBytes {
                Handshake(
                    event: Int32($0.loadUnaligned(as: UInt16.self)),
                    value: $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
            }
        }
    }
}

extension Handshake {
    fileprivate init?(event: Int32, value: UInt32) {
        switch event {
        case ZMQ_EVENT_CONNECTED: self = .begun
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .succeeded
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .denied(status: Int(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            let isMismatch = value == UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
            self = isMismatch ? .mechanismMismatch : .protocolError(value)
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: self = .brokenOff
        default: return nil
        }
    }
}
