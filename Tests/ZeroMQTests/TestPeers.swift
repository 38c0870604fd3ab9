import Foundation
import Testing

@testable import ZeroMQ

/// Where a test listens: a file of its own, or any free port.
enum TestAddress: String, CaseIterable, Sendable {
    case file = "ipc://*"
    case port = "tcp://127.0.0.1:*"
}

/// A socket's options for tests: whatever goes wrong is over soon.
func testOptions(_ change: (inout SocketOptions) -> Void = { _ in }) -> SocketOptions {
    var options = SocketOptions()
    options.reconnectInterval = .milliseconds(10)...Duration.milliseconds(50)
    change(&options)
    return options
}

/// Waits at most ten seconds for the next message; nil when none came.
func nextMessage(
    _ socket: inout Socket, within patience: Duration = .seconds(10)
) throws -> Multipart? {
    let never = try Wakeup()
    let deadline = ContinuousClock.now + patience
    while true {
        if let message = try socket.receive() { return message }
        let left = deadline - ContinuousClock.now
        guard left > .zero else { return nil }
        _ = try Poller.wait(on: socket, wakeup: never, timeout: left)
    }
}

/// The frames of the next whole message.
func nextFrames(_ socket: inout Socket) throws -> [[UInt8]] {
    guard case .message(let frames)? = try nextMessage(&socket) else {
        throw NoMessage()
    }
    return frames
}

struct NoMessage: Error {}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A plain TCP connection to an address of ZeroMQ's, for bytes that ZeroMQ would never send.
final class RawConnection {
    private let descriptor: Int32

    init(to endpoint: String) throws {
        let port = try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafeBytes(of: &address) {
            connect(
                descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t($0.count))
        }
        try #require(connected == 0)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) {
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
