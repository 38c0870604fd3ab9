import CZeroMQ
import Glibc
import Synchronization

/// Commands for the thread that owns a socket, from all other threads, in order.
public final class Mailbox<Command: Sendable>: Sendable {
    /// Signalled when commands wait: give it to ``Poller``.
    public let wakeup: Wakeup
    private let commands = Mutex<[Command]>([])

    /// An empty mailbox.
    public init() throws(ZeroMQError) { wakeup = try Wakeup() }

    /// Adds a command and wakes the owner.
    public func post(_ command: Command) {
        let isFirst = commands.withLock {
            $0.append(command)
            return $0.count == 1
        }
        if isFirst { wakeup.signal() }
    }

    /// Takes all commands, the oldest first. For the owner.
    public func takeAll() -> [Command] {
        // In this order: a command that is posted in between is taken now and wakes once too often.
        wakeup.clear()
        return commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}

/// Wakes a thread that waits in ``Poller``: an `eventfd`, owned.
public final class Wakeup: Sendable {
    let descriptor: Int32

    /// A wakeup that is not signalled.
    public init() throws(ZeroMQError) {
        descriptor = czmq_eventfd()
        guard descriptor >= 0 else { throw ZeroMQError(doing: "make an eventfd", code: errno) }
    }

    deinit { close(descriptor) }

    /// Ends the wait of the other thread, or its next one.
    public func signal() {
        var one: UInt64 = 1
        // It fails only when 2^64 - 2 signals wait, and then the thread is woken anyway.
        while write(descriptor, &one, 8) < 0, errno == EINTR {}
    }

    /// Forgets all signals so far.
    public func clear() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0, errno == EINTR {}
    }
}
