import StatusServer
import Testing

/// Where it is possible to look on.
@Suite struct StatusAddressTests {
    @Test(arguments: [
        ("9464", "127.0.0.1", 9464), ("0", "127.0.0.1", 0), ("127.0.0.1:80", "127.0.0.1", 80),
        ("0.0.0.0:65535", "0.0.0.0", 65535), ("*:9464", "0.0.0.0", 9464),
        ("localhost:1", "127.0.0.1", 1), ("[::]:9464", "::", 9464), ("[::1]:0", "::1", 0),
    ])
    func `a port alone is at this machine, and any address of it can be named`(
        text: String, host: String, port: UInt16
    ) throws {
        let address = try StatusAddress(text)
        #expect(address.host == host && address.port == port)
        #expect(address.isLoopback == (host == "127.0.0.1" || host == "::1"))
    }

    @Test(arguments: [
        "", ":", "65536", "-1", "+5", "80 ", "http://127.0.0.1:80", "host:80", "::1:80", "[::1]",
        "[::1:80", "1.2.3:80", ":80", "1.2.3.4:", "1.2.3.4:x", "٣",
    ])
    func `anything else is refused in a sentence that names it`(text: String) {
        let error = #expect(throws: StatusAddressError.self) { try StatusAddress(text) }
        #expect(error?.description.hasPrefix("'\(text)' is no address for looking on") == true)
    }

    @Test func `a port that is taken is said`() throws {
        let first = try StatusServer(at: StatusAddress("0")) { _ in nil }
        defer { first.stop() }
        let port = try #require(first.location.split(separator: ":").last?.dropLast())
        let error = #expect(throws: StatusAddressError.self) {
            try StatusServer(at: StatusAddress(String(port))) { _ in nil }
        }
        #expect(error?.description.contains("Address already in use") == true)
    }
}
