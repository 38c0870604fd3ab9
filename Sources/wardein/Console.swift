import CertificateRecords
import Dispatch
import Foundation
import Synchronization

/// Writes lines to standard error, so that standard output holds results alone.
///
/// They go out on a thread of their own: a pipe that nobody reads, or a terminal that was stopped,
/// holds up no campaign.
enum Console {
    private static let queue = LineQueue(to: STDERR_FILENO) { count in
        LogLine(.linesDropped, "\(count) lines were not written here", level: .warning)
            .text(inTextAfter: "wardein: ")
    }

    /// Writes a sentence, soon, as a line for a person or for a program.
    ///
    /// - Parameter prefix: what stands before the sentence for a person.
    static func say(
        _ sentence: String, as event: LogLine.Event = .remark, level: LogLine.Level = .info,
        after prefix: String = "", _ fields: [JSON.Member] = []
    ) {
        say(LogLine(event, sentence, level: level, fields), after: prefix)
    }

    /// Writes a line, soon.
    static func say(_ line: LogLine, after prefix: String = "") {
        queue.add(line.text(inTextAfter: prefix))
    }

    /// Writes text, soon, as far as it can be written: a terminal that is gone or a full disk stops
    /// nothing.
    static func write(_ text: String) { queue.add(text) }

    /// Waits until all is written, or until it seems that nobody reads it. Call it before the process
    /// ends, and before what is to stand after these lines goes to standard output.
    static func flush() { queue.flush() }
}

/// Text that waits to be written to a file descriptor by a thread of its own. What finds the queue
/// full is counted, and a line with the count is written when there is room again.
final class LineQueue: Sendable {
    /// How many bytes may wait.
    static let capacity = 256 << 10
    /// How long nothing may go out before ``flush()`` takes it that nobody reads.
    private static let patience = Duration.seconds(1)

    private struct State {
        var texts: [String] = []
        /// The bytes that wait or are being written.
        var bytes = 0
        /// How many lines found the queue full.
        var dropped = 0
        var hasWriter = false
    }

    private let state = Mutex(State())
    /// How many bytes went out.
    private let written = Atomic(0)
    private let added = DispatchSemaphore(value: 0)
    private let descriptor: Int32
    private let lineAboutDropped: @Sendable (Int) -> String

    /// An empty queue.
    init(
        to descriptor: Int32,
        lineAboutDropped: @escaping @Sendable (Int) -> String = {
            "wardein: \($0) lines were not written here\n"
        }
    ) {
        self.descriptor = descriptor
        self.lineAboutDropped = lineAboutDropped
    }

    /// Adds text, without waiting.
    func add(_ text: String) {
        let isFirst = state.withLock { state in
            guard state.bytes + text.utf8.count <= LineQueue.capacity else {
                state.dropped += text.count { $0 == "\n" }
                return false
            }
            state.texts.append(text)
            state.bytes += text.utf8.count
            defer { state.hasWriter = true }
            return !state.hasWriter
        }
        if isFirst { Thread.detachNewThread { self.writeForEver() } }
        added.signal()
    }

    /// Waits until the queue is empty, or nothing went out for a second for want of somebody who reads.
    /// On a busy machine the thread that writes may get its turn later than that.
    func flush() {
        var seen = written.load(ordering: .relaxed)
        var deadline = ContinuousClock.now + LineQueue.patience
        while state.withLock({ $0.bytes > 0 }), ContinuousClock.now < deadline {
            usleep(2000)
            let now = written.load(ordering: .relaxed)
            if now != seen || hasRoom {
                seen = now
                deadline = ContinuousClock.now + LineQueue.patience
            }
        }
    }

    private var hasRoom: Bool {
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&room, 1, 0) == 1 && room.revents & Int16(POLLOUT) != 0
    }

    private func writeForEver() {
        while true {
            added.wait()
            let text = state.withLock { state in
                if state.dropped > 0 {
                    let line = lineAboutDropped(state.dropped)
                    state.texts.append(line)
                    state.bytes += line.utf8.count
                    state.dropped = 0
                }
                defer { state.texts = [] }
                return state.texts.joined()
            }
            write(text)
            state.withLock { $0.bytes -= text.utf8.count }
        }
    }

    private func write(_ text: String) {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                written.add(count, ordering: .relaxed)
            } else if errno == EAGAIN {
                // Somebody who shares the terminal does not want to wait for it.
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&room, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }
}
