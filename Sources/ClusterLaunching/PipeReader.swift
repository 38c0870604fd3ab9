public import Foundation
import Synchronization

/// Reads a pipe to its end on a thread of its own, so that who writes to it never waits for us, and
/// keeps no more of it than a limit.
///
/// A process whose output and errors are read one after the other waits for ever once it has filled
/// the one that is read last.
public final class PipeReader: Sendable {
    private let kept = Mutex(Data())
    private let end = DispatchSemaphore(value: 0)

    /// Which part is kept of what is longer than the limit.
    public enum Part: Sendable {
        /// The beginning.
        case first
        /// The end: where a program says why it failed.
        case last
    }

    /// Begins to read.
    ///
    /// - Parameter limit: how many bytes are kept.
    public init(_ pipe: FileHandle, keeping part: Part, limit: Int = 4 << 20) {
        Thread.detachNewThread { [self] in
            while let piece = try? pipe.read(upToCount: 1 << 16), !piece.isEmpty {
                kept.withLock { kept in
                    switch part {
                    case .first: kept += piece.prefix(limit - kept.count)
                    case .last: kept = Data((kept + piece).suffix(limit))
                    }
                }
            }
            end.signal()
        }
    }

    /// What was kept, once all writers have closed the pipe. To be called once.
    public func text() -> String {
        end.wait()
        return String(decoding: kept.withLock { $0 }, as: UTF8.self)
    }
}
