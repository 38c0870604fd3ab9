/// The request line and the header fields of an HTTP request that can be answered here: a GET without a
/// body (RFC 9112).
struct RequestHead: Hashable {
    /// The path, without what stands after a question mark.
    let path: String
    /// The host that was asked for, with the port if one was named.
    let host: String

    /// The most bytes of a request.
    static let longest = 8192

    /// What a part of a request amounts to.
    enum Reading: Hashable {
        /// The head is not whole yet.
        case incomplete
        /// It can be answered.
        case whole(RequestHead)
        /// It cannot, and this is said.
        case refused(StatusAnswer)
    }

    /// Reads what has arrived of a request.
    static func reading(_ bytes: [UInt8]) -> Reading {
        guard let end = end(of: bytes) else {
            guard bytes.count <= longest else {
                return .refused(
                    StatusAnswer("A request may have \(longest) bytes.\n", status: 431))
            }
            return .incomplete
        }
        guard end <= longest else {
            return .refused(StatusAnswer("A request may have \(longest) bytes.\n", status: 431))
        }
        // A line may end with CR LF or with LF alone.
        let lines = bytes[..<end].split(separator: UInt8(ascii: "\n")).map { line in
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
        guard lines.joined().allSatisfy({ 0x20..<0x7F ~= $0 || $0 == UInt8(ascii: "\t") }) else {
            return malformed("it is no plain text")
        }
        return read(lines.map { String(decoding: $0, as: UTF8.self)[...] })
    }

    /// Behind the empty line that ends the head.
    private static func end(of bytes: [UInt8]) -> Int? {
        var lineIsEmpty = false
        for (place, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"):
                if lineIsEmpty { return place + 1 }
                lineIsEmpty = true
            case UInt8(ascii: "\r"): continue
            default: lineIsEmpty = false
            }
        }
        return nil
    }

    private static func read(_ lines: [Substring]) -> Reading {
        let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3 else { return malformed("its first line has not three words") }
        guard words[2].hasPrefix("HTTP/1.") else {
            return .refused(StatusAnswer("This is HTTP/1.1.\n", status: 505))
        }
        guard words[0] == "GET" else {
            return .refused(
                StatusAnswer("Only GET is answered.\n", status: 405, fields: ["Allow": "GET"]))
        }
        guard words[1].hasPrefix("/") else { return malformed("its target is no path") }
        var hosts: [String] = []
        for line in lines.dropFirst() where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                !line[..<colon].contains(where: \.isWhitespace)
            else { return malformed("a line of its header has no name") }
            let value = line[line.index(after: colon)...].trimmingPrefix { $0.isWhitespace }
            switch line[..<colon].lowercased() {
            case "host": hosts.append(String(value.prefix { !$0.isWhitespace }))
            case "transfer-encoding": return hasBody
            case "content-length" where value.prefix { !$0.isWhitespace } != "0": return hasBody
            default: continue
            }
        }
        guard hosts.count == 1 else { return malformed("it names \(hosts.count) hosts") }
        return .whole(RequestHead(path: String(words[1].prefix { $0 != "?" }), host: hosts[0]))
    }

    private static var hasBody: Reading {
        .refused(StatusAnswer("A request has no body here.\n", status: 413))
    }

    private static func malformed(_ reason: String) -> Reading {
        .refused(StatusAnswer("This is no request: \(reason).\n", status: 400))
    }
}

extension RequestHead {
    /// Whether the host is a name of this machine that no name server decides about. A page of a
    /// stranger, whose name was made to stand for 127.0.0.1 once the page was loaded (DNS rebinding),
    /// asks for another.
    var isToThisMachine: Bool {
        var name = host[...]
        if name.last != "]", let colon = name.lastIndex(of: ":") {
            guard name[name.index(after: colon)...].allSatisfy(\.isASCIIDigit) else { return false }
            name = name[..<colon]
        }
        return name.lowercased() == "localhost" || name == "[::1]"
            || name.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
