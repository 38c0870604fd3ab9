import CZeroMQ

/// A ZeroMQ context: the threads that move bytes for its sockets. One a process is enough.
///
/// A socket keeps its context alive. The context ends with the last of them, and waits then for
/// what their ``SocketOptions/linger`` still allows to be sent, never longer.
public final class Context: @unchecked Sendable {
    // Unchecked: a ZeroMQ context may be used from all threads at once (zmq_ctx_new(3)).
    let handle: UnsafeMutableRawPointer

    /// Starts a context.
    public init() throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw ZeroMQError(doing: "start ZeroMQ") }
        self.handle = handle
    }

    deinit {
        while zmq_ctx_term(handle) != 0, zmq_errno() == EINTR {}
    }
}
