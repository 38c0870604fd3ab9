import CZeroMQ
import Glibc
import Synchronization

/// Counts the bytes that ZeroMQ keeps for somebody who does not read: those of the long frames that
/// were sent with it (see ``Socket/send(_:countingIn:)``) and have neither gone out nor been given
/// up with their connection.
///
/// ZeroMQ itself bounds only the number of messages, and does not tell how many there are.
public final class Backlog: Sendable {
    /// Shorter frames are not counted.
    public static let longFrame = 4 << 10

    private let count = Atomic(0)
    private let whole: Backlog?

    /// Counts nothing yet; all that it counts is counted in `whole` too.
    public init(partOf whole: Backlog? = nil) { self.whole = whole }

    /// How many bytes there are now.
    public var bytes: Int { count.load(ordering: .relaxed) }

    private func add(_ bytes: Int) {
        count.add(bytes, ordering: .relaxed)
        whole?.add(bytes)
    }
}

extension Backlog {
    /// What ZeroMQ hands back with a frame that it does not need any more.
    private final class Receipt {
        let backlog: Backlog
        let bytes: Int
        /// What was written before it is handed over is read after it came back on another thread. That
        /// does not rest on how ZeroMQ passes it on, which a sanitizer cannot see.
        private let isHandedOver = Atomic(false)

        init(_ backlog: Backlog, _ bytes: Int) {
            self.backlog = backlog
            self.bytes = bytes
            isHandedOver.store(true, ordering: .releasing)
        }

        func takeOver() { _ = isHandedOver.load(ordering: .acquiring) }
    }

    /// Sends a frame; 0, or the number of the error. Copies it once.
    func send(_ frame: [UInt8], over socket: UnsafeMutableRawPointer, _ flags: Int32) -> Int32 {
        withUnsafeTemporaryAllocation(of: zmq_msg_t.self, capacity: 1) { room in
            guard let message = room.baseAddress, let copy = malloc(frame.count) else {
                return ENOMEM
            }
            copy.copyMemory(from: frame, byteCount: frame.count)
            let receipt = Unmanaged.passRetained(Receipt(self, frame.count))
            let begun = zmq_msg_init_data(
                message, copy, frame.count,
                { copy, receipt in
                    guard let receipt else { return }
                    let taken = Unmanaged<Receipt>.fromOpaque(receipt).takeRetainedValue()
                    taken.takeOver()
                    free(copy)
                    taken.backlog.add(-taken.bytes)
                }, receipt.toOpaque())
            guard begun == 0 else {
                free(copy)
                receipt.release()
                return ENOMEM
            }
            add(frame.count)
            while zmq_msg_send(message, socket, flags) < 0 {
                let code = zmq_errno()
                if code == EINTR { continue }
                // It is still ours, and is given up here.
                zmq_msg_close(message)
                return code
            }
            return 0
        }
    }
}
