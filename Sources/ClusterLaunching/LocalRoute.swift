import Glibc

/// The way from this machine to another one.
enum LocalRoute {
    /// The address of this machine from which it would send to the host, in brackets if it is an
    /// IPv6 address; nil when there is no way to the host. Sends nothing.
    static func address(toward host: String) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        // Any port will do: connecting a datagram socket only chooses the route.
        guard getaddrinfo(host, "9", &hints, &found) == 0 else { return nil }
        defer { freeaddrinfo(found) }
        var candidate = found
        while let current = candidate?.pointee {
            if let address = source(for: current) { return address }
            candidate = current.ai_next
        }
        return nil
    }

    private static func source(for destination: addrinfo) -> String? {
        let socket = socket(destination.ai_family, destination.ai_socktype, 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        guard connect(socket, destination.ai_addr, destination.ai_addrlen) == 0 else { return nil }
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(socket, address, &size) == 0
                    && getnameinfo(
                        address, size, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
            }
        }
        guard isKnown else { return nil }
        let text = String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return destination.ai_family == AF_INET6 ? "[\(text)]" : text
    }
}
