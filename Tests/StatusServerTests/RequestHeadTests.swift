import Testing

@testable import StatusServer

/// What of a request is taken, and what is not.
@Suite struct RequestHeadTests {
    private func status(_ text: String) -> Int? {
        guard case .refused(let answer) = RequestHead.reading(Array(text.utf8)) else { return nil }
        return answer.status
    }

    @Test func `a GET with one host is whole once its empty line is there, and not before`() {
        let text = "GET /metrics?x=1 HTTP/1.1\r\nAccept: */*\r\nhOST:\tlocalhost:9464 \r\n\r\n"
        let bytes = Array(text.utf8)
        for count in bytes.indices {
            #expect(RequestHead.reading(Array(bytes[..<count])) == .incomplete, "\(count)")
        }
        let head = RequestHead(path: "/metrics", host: "localhost:9464")
        #expect(RequestHead.reading(bytes) == .whole(head))
        let unix = text.replacing("\r\n", with: "\n")
        #expect(RequestHead.reading(Array(unix.utf8)) == .whole(head))
    }

    @Test(arguments: ["POST", "HEAD", "PUT", "OPTIONS", "get"])
    func `no other method is answered`(method: String) {
        #expect(status("\(method) / HTTP/1.1\r\nHost: localhost\r\n\r\n") == 405)
    }

    @Test func `a body is not taken`() {
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello") == 413)
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") == 413)
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n") == nil)
    }

    @Test(arguments: [
        "\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n",
    ])
    func `what is no request is refused`(text: String) {
        #expect(status(text) == 400)
    }

    @Test func `a request may have so many bytes and no more, whole or not`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let room = RequestHead.longest - start.utf8.count - 4
        let longest = start + String(repeating: "a", count: room) + "\r\n\r\n"
        #expect(status(longest) == nil)
        #expect(status(start + String(repeating: "a", count: room + 1) + "\r\n\r\n") == 431)
        #expect(status(String(repeating: "a", count: RequestHead.longest + 1)) == 431)
    }

    @Test(arguments: [
        ("localhost", true), ("LocalHost:80", true), ("127.0.0.1:9464", true), ("[::1]:1", true),
        ("[::1]", true), ("127.9.9.9", true), ("evil.example", false), ("evil.example:9464", false),
        ("localhost.evil.example", false), ("127.0.0.1.evil.example:80", false),
        ("127.0.0.1:80:80", false), ("", false), ("10.0.0.1", false), ("[::2]", false),
    ])
    func `only names that no name server decides about are this machine`(
        host: String, isOurs: Bool
    ) {
        #expect(RequestHead(path: "/", host: host).isToThisMachine == isOurs)
    }
}
