import Foundation
import Testing

@testable import StatusServer

/// The server over real sockets.
@Suite struct StatusServerTests {
    private let server: StatusServer
    private let port: UInt16

    init() throws {
        server = try StatusServer(at: StatusAddress("0")) { path in
            switch path {
            case "/": StatusAnswer("hello\n")
            case "/long": StatusAnswer(String(repeating: "x", count: 8 << 20))
            default: nil
            }
        }
        port = try #require(
            server.location.split(separator: ":").last.flatMap {
                UInt16($0.dropLast())
            })
    }

    @Test func `a page is answered with nothing that may be kept or framed`() throws {
        defer { server.stop() }
        let answer = try get("/")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nCache-Control: no-store\r\n"))
        #expect(answer.contains("\r\nContent-Security-Policy: default-src 'none'"))
        #expect(answer.contains("\r\nContent-Length: 6\r\n") && answer.hasSuffix("\r\n\r\nhello\n"))
        #expect(!answer.lowercased().contains("access-control-allow"))
        #expect(try get("/nothing").hasPrefix("HTTP/1.1 404 "))
    }

    @Test func `another host than this machine is not answered`() throws {
        defer { server.stop() }
        let answer = try get("/", host: "evil.example:\(port)")
        #expect(answer.hasPrefix("HTTP/1.1 421 "))
        #expect(!answer.contains("hello"))
    }

    @Test func `an answer larger than any buffer arrives whole`() throws {
        defer { server.stop() }
        #expect(try get("/long").utf8.count > 8 << 20)
    }

    /// More connections than it has room for, each of which says nothing: the oldest go, and who asks is
    /// answered.
    @Test func `connections that say nothing keep nobody out and stay few`() throws {
        defer { server.stop() }
        var idle: [Peer] = []
        for _ in 0..<4 * StatusServer.mostConnections { idle.append(try Peer(port)) }
        #expect(try get("/").hasPrefix("HTTP/1.1 200 OK"))
        #expect(openConnections <= StatusServer.mostConnections)
        withExtendedLifetime(idle) {}
    }

    @Test func `a request without an end is cut off at its bound`() throws {
        defer { server.stop() }
        let peer = try Peer(port)
        let piece = Array("X-Header: \(String(repeating: "a", count: 1000))\r\n".utf8)
        peer.send(Array("GET / HTTP/1.1\r\n".utf8))
        var sent = 0
        while sent < 64 << 20, peer.send(piece) { sent += piece.count }
        #expect(sent < 64 << 20)
    }

    @Test func `after it was stopped nobody listens`() async throws {
        server.stop()
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? Peer(port)) != nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(throws: (any Error).self) { try Peer(port) }
    }

    private func get(_ path: String, host: String = "localhost") throws -> String {
        let peer = try Peer(port)
        peer.send(Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8))
        return String(decoding: peer.readToEnd(), as: UTF8.self)
    }

    /// How many connections this process, which runs other tests too, holds open at the server's port.
    private var openConnections: Int {
        (0..<Int32(4096)).count { descriptor in
            var (near, far) = (sockaddr_in(), sockaddr_in())
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isConnected = withUnsafeMutablePointer(to: &far) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(descriptor, $0, &length) == 0
                }
            }
            guard isConnected else { return false }
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafeMutablePointer(to: &near) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(descriptor, $0, &length)
                }
            }
            return near.sin_family == AF_INET && near.sin_port == port.bigEndian
        }
    }
}

/// A client that knows nothing of HTTP.
private final class Peer {
    private let descriptor: Int32

    struct Refused: Error {}

    init(_ port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            throw Refused()
        }
    }

    deinit { close(descriptor) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return all }
            all += piece.prefix(count)
        }
    }
}
