import CoordinatorService
import Foundation
import Synchronization

/// The pipe by which a launcher on another machine holds this process: the launcher sends a byte now
/// and then, and when the pipe is closed, or was silent for a minute, the launcher is gone or wants
/// this process to go.
///
/// A closed connection alone would not do: a machine that lost its power or its cable closes none.
final class Leash: Sendable {
    private let hasBroken = Mutex(false)

    /// Whether the launcher is gone.
    var isBroken: Bool { hasBroken.withLock { $0 } }

    /// Watches standard input on a thread of its own. When it breaks, `leave` is called; again after
    /// three seconds; and three seconds later the process is ended if it is still there.
    init(_ leave: @escaping @Sendable () -> Void) {
        Thread.detachNewThread { [self] in
            while Leash.holds() {}
            hasBroken.withLock { $0 = true }
            for _ in 0..<2 {
                leave()
                sleep(3)
            }
            _exit(WorkerExit.tryAgain)
        }
    }

    private static let longestSilence: Int32 = 60_000

    /// Waits for a sign of life.
    private static func holds() -> Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let ready = poll(&input, 1, longestSilence)
        if ready < 0 { return errno == EINTR }
        guard ready > 0 else { return false }
        var bytes = [UInt8](repeating: 0, count: 256)
        return read(STDIN_FILENO, &bytes, bytes.count) > 0
    }
}
