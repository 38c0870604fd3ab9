import CZeroMQ
import Glibc

/// A thread of the operating system for work that blocks, such as waiting in ``Poller``: it must
/// not hold up a thread of the cooperative pool.
///
/// Signals for the process go to other threads. The thread is waited for when this value goes.
public struct DedicatedThread: ~Copyable, Sendable {
    private let thread: pthread_t

    /// Starts a thread that does `body`; debuggers and `top` show the first 15 bytes of `name`.
    public init(
        name: String, _ body: @escaping @Sendable () -> Void
    ) throws(ZeroMQError) {
        let start = Unmanaged.passRetained(Body(run: body, name: name))
        var thread = pthread_t()
        let code = withSignalsBlocked {
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                    _ = czmq_name_thread(body.name)
                    body.run()
                    return nil
                }, start.toOpaque())
        }
        guard code == 0 else {
            start.release()
            throw ZeroMQError(doing: "start the thread \(name)", code: code)
        }
        self.thread = thread
    }

    deinit { pthread_join(thread, nil) }

    /// Waits until the thread is done.
    public consuming func join() {}

    private final class Body {
        let run: @Sendable () -> Void
        let name: String

        init(run: @escaping @Sendable () -> Void, name: String) {
            self.run = run
            self.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        }
    }
}

/// A new thread inherits which signals are blocked: all but those that say that it crashed.
private func withSignalsBlocked(_ body: () -> Int32) -> Int32 {
    var blocked = sigset_t()
    var before = sigset_t()
    sigfillset(&blocked)
    for fault in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { sigdelset(&blocked, fault) }
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return body()
}
