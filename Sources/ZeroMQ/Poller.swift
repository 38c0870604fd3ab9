import CZeroMQ

/// Waits on the thread that owns a socket: for the socket, for other threads, or for time to pass.
public enum Poller {
    /// What a thread may wait for, and what it found.
    public struct Events: OptionSet, Hashable, Sendable {
        /// One bit for each event.
        public let rawValue: UInt8

        /// The events of these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A message waits to be received.
        public static let readable = Events(rawValue: 1)
        /// A message can be sent (to some peer).
        public static let writable = Events(rawValue: 2)
        /// Another thread called ``Wakeup/signal()``.
        public static let woken = Events(rawValue: 4)
    }

    /// Blocks the thread until something of this kind happens to the socket, `wakeup` is signalled
    /// or the time is over; empty in the last case.
    ///
    /// The time is rounded up to milliseconds; nil means for ever.
    public static func wait(
        for events: Events = .readable, on socket: borrowing Socket, wakeup: Wakeup,
        timeout: Duration?
    ) throws(ZeroMQError) -> Events {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0 }
        var interest: Int32 = 0
        if events.contains(.readable) { interest |= ZMQ_POLLIN }
        if events.contains(.writable) { interest |= ZMQ_POLLOUT }
        while true {
            var items = [
                zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(interest), revents: 0),
                zmq_pollitem_t(
                    socket: nil, fd: wakeup.descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
            ]
            let left = deadline.map { ($0 - clock.now).milliseconds }
            if zmq_poll(&items, 2, left.map(Int.init) ?? -1) >= 0 {
                return found(Int32(items[0].revents), woken: items[1].revents != 0)
            }
            // A signal came in between: wait for the time that is left.
            guard zmq_errno() == EINTR else { throw ZeroMQError(doing: "wait for a socket") }
        }
    }

    private static func found(_ socket: Int32, woken: Bool) -> Events {
        var found: Events = woken ? .woken : []
        if socket & ZMQ_POLLIN != 0 { found.insert(.readable) }
        if socket & ZMQ_POLLOUT != 0 { found.insert(.writable) }
        return found
    }
}
