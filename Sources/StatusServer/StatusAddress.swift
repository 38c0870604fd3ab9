import Glibc

/// Where looking on is possible: a port, at 127.0.0.1 unless another address is named.
public struct StatusAddress: Hashable, Sendable {
    /// An IPv4 or IPv6 address, without brackets.
    public let host: String
    /// The port; 0: a free one.
    public let port: UInt16

    /// The address that a person gave: `9464`, `0.0.0.0:9464`, `localhost:9464`, `*:9464` or `[::1]:9464`.
    ///
    /// - Throws: ``StatusAddressError`` with a sentence.
    public init(_ text: String) throws(StatusAddressError) {
        let digits: Substring
        if let colon = text.lastIndex(of: ":") {
            host = try StatusAddress.host(text[..<colon], of: text)
            digits = text[text.index(after: colon)...]
        } else {
            host = "127.0.0.1"
            digits = text[...]
        }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
            throw StatusAddressError(
                "'\(text)' is no address for looking on: '\(digits)' is no port from 0 to 65535; "
                    + "give PORT or HOST:PORT, such as 9464")
        }
        self.port = port
    }

    /// Whether only this machine reaches it.
    public var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }

    private static func host(
        _ name: Substring, of text: String
    ) throws(StatusAddressError) -> String {
        if name == "localhost" { return "127.0.0.1" }
        if name == "*" { return "0.0.0.0" }
        var place = in6_addr()
        if name.hasPrefix("["), name.hasSuffix("]") {
            let inner = String(name.dropFirst().dropLast())
            if inet_pton(AF_INET6, inner, &place) == 1 { return inner }
        } else if inet_pton(AF_INET, String(name), &place) == 1 {
            return String(name)
        }
        throw StatusAddressError(
            "'\(text)' is no address for looking on: '\(name)' is no IP address of this machine; "
                + "give PORT, 0.0.0.0:PORT or [::]:PORT")
    }
}

/// Why there is nowhere to look on: one sentence.
public struct StatusAddressError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension StatusAddress {
    /// A socket that listens there and does not block, and where that is for a browser.
    func listen() throws(StatusAddressError) -> (descriptor: Int32, location: String) {
        let isIPv6 = host.contains(":")
        let descriptor = socket(
            isIPv6 ? AF_INET6 : AF_INET,
            Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure() }
        var yes: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = isIPv6 ? bind6(descriptor) : bind4(descriptor)
        guard isBound, Glibc.listen(descriptor, 64) == 0 else {
            let failure = failure()
            close(descriptor)
            throw failure
        }
        let name = isIPv6 ? "[\(host)]" : host
        return (descriptor, "http://\(name):\(StatusAddress.port(of: descriptor))/")
    }

    private func failure() -> StatusAddressError {
        StatusAddressError(
            "cannot listen at \(host), port \(port), for looking on: "
                + String(cString: strerror(errno)))
    }

    private func bind4(_ descriptor: Int32) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func bind6(_ descriptor: Int32) -> Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        inet_pton(AF_INET6, host, &address.sin6_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    /// The port that the socket got; it stands at the same place in both kinds of address.
    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &length)
            }
            return UInt16(bigEndian: $0.pointee.sin6_port)
        }
    }
}
