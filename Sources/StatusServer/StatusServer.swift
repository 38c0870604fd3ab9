import Foundation
import Glibc

/// A small HTTP/1.1 server for looking on: it answers GET, one request a connection, from what is in
/// memory, on a thread of its own.
///
/// It stands beside a coordinator that has to last for days, so whoever reaches it can take no more than
/// a fixed part of the process: ``mostConnections`` connections, of which the oldest makes room for a new
/// one, ``RequestHead/longest`` bytes of each request, no body, and ``patience`` for each. (The servers
/// that were looked at take header lines of any length, any number of connections, or end when
/// descriptors run out.)
public final class StatusServer: Sendable {
    /// Where it listens, as a browser wants it: `http://127.0.0.1:9464/`.
    public let location: String

    private let descriptor: Int32

    /// The most connections at the same time.
    public static let mostConnections = 32
    /// For how long a connection may last.
    static let patience = Duration.seconds(5)

    /// Listens at the address, and answers until the process ends or ``stop()`` is called.
    ///
    /// - Parameters:
    ///   - address: where to listen; port 0 picks a free one.
    ///   - answer: the answer to a GET of a path; nil: there is no such page. Called by the server's thread.
    /// - Throws: ``StatusAddressError``: the address is in use, or not of this machine.
    public init(
        at address: StatusAddress, answer: @escaping @Sendable (_ path: String) -> StatusAnswer?
    ) throws(StatusAddressError) {
        (descriptor, location) = try address.listen()
        let loop = ServerLoop(
            listener: descriptor, isOfThisMachineOnly: address.isLoopback, answer: answer)
        let thread = Thread { loop.run() }
        thread.name = "status"
        thread.start()
    }

    /// Ends it: the port is free a moment later.
    public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// What goes back to who asked.
public struct StatusAnswer: Hashable, Sendable {
    /// The status code.
    public var status: Int
    /// The media type of the body.
    public var mediaType: String
    /// What else the header says, name by name.
    public var fields: [String: String]
    /// The body.
    public var body: String

    /// An answer.
    public init(
        _ body: String, mediaType: String = "text/plain; charset=utf-8", status: Int = 200,
        fields: [String: String] = [:]
    ) {
        self.body = body
        self.mediaType = mediaType
        self.status = status
        self.fields = fields
    }

    /// The bytes of the whole response. Nothing is kept, guessed at, or shown inside another page.
    var bytes: [UInt8] {
        let body = Array(body.utf8)
        var lines = [
            "HTTP/1.1 \(status) \(StatusAnswer.phrases[status] ?? "Status")",
            "Content-Type: \(mediaType)", "Content-Length: \(body.count)",
            "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer", "Cross-Origin-Resource-Policy: same-origin",
            "Connection: close",
        ]
        if fields["Content-Security-Policy"] == nil {
            lines.append("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'")
        }
        lines += fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private static let phrases = [
        200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
        413: "Content Too Large", 421: "Misdirected Request",
        431: "Request Header Fields Too Large", 503: "Service Unavailable",
        505: "HTTP Version Not Supported",
    ]
}

/// One thread that waits for all connections at once.
private final class ServerLoop: @unchecked Sendable {
    private let listener: Int32
    private let isOfThisMachineOnly: Bool
    private let answer: @Sendable (String) -> StatusAnswer?
    /// The oldest first.
    private var connections: [Connection] = []
    /// Until when no connection is accepted, since the process had no descriptor for one.
    private var pause: ContinuousClock.Instant?

    init(
        listener: Int32, isOfThisMachineOnly: Bool,
        answer: @escaping @Sendable (String) -> StatusAnswer?
    ) {
        self.listener = listener
        self.isOfThisMachineOnly = isOfThisMachineOnly
        self.answer = answer
    }

    func run() {
        var isOpen = true
        while isOpen {
            var waiting = connections.map {
                pollfd(fd: $0.descriptor, events: $0.awaited, revents: 0)
            }
            if pause == nil {
                waiting.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
            }
            poll(&waiting, nfds_t(waiting.count), timeout)
            let now = ContinuousClock.now
            for (connection, event) in zip(connections, waiting) {
                if event.revents != 0 { connection.goOn(with: respond) }
                if now >= connection.deadline { connection.close() }
            }
            connections.removeAll(where: \.isClosed)
            if let end = pause, now >= end { pause = nil }
            if pause == nil { isOpen = accept() }
        }
        for connection in connections { connection.close() }
        close(listener)
    }

    /// Until the next deadline, in milliseconds; -1: for ever.
    private var timeout: Int32 {
        let moments = connections.map(\.deadline) + (pause.map { [$0] } ?? [])
        guard let next = moments.min() else { return -1 }
        return Int32(max(0, (next - .now) / .milliseconds(1)).rounded(.up))
    }

    /// Takes the connections that wait. False: the listener was shut down.
    private func accept() -> Bool {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                if connections.count >= StatusServer.mostConnections {
                    connections.removeFirst().close()
                }
                connections.append(Connection(descriptor))
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return true
            case EINVAL, EBADF: return false
            default:
                pause = .now + .milliseconds(200)
                return true
            }
        }
    }

    /// The answer to what has arrived; nil: that is not all yet.
    private func respond(to bytes: [UInt8]) -> StatusAnswer? {
        switch RequestHead.reading(bytes) {
        case .incomplete: return nil
        case .refused(let answer): return answer
        case .whole(let head):
            guard !isOfThisMachineOnly || head.isToThisMachine else {
                return StatusAnswer(
                    "This port is for this machine: ask for localhost or 127.0.0.1, not '\(head.host)'.\n",
                    status: 421)
            }
            return answer(head.path)
                ?? StatusAnswer(
                    "There is no '\(head.path)' here; there are /, /status.json, /metrics, "
                        + "/healthz and /readyz.\n", status: 404)
        }
    }
}

/// One connection: a request is read, an answer written, and what else comes is thrown away until the
/// other side has closed too, so that no answer is lost to a reset.
private final class Connection {
    let descriptor: Int32
    let deadline = ContinuousClock.now + StatusServer.patience
    private(set) var isClosed = false
    private var phase = Phase.reading([])
    private var thrownAway = 0

    private enum Phase {
        case reading([UInt8])
        case writing(ArraySlice<UInt8>)
        case closing
    }

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// What has to happen before it goes on.
    var awaited: Int16 {
        if case .writing = phase { Int16(POLLOUT) } else { Int16(POLLIN) }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(descriptor)
    }

    func goOn(with respond: ([UInt8]) -> StatusAnswer?) {
        switch phase {
        case .reading(let before):
            guard let more = read() else { return }
            let bytes = before + more
            guard let answer = respond(bytes) else {
                phase = .reading(bytes)
                return
            }
            phase = .writing(answer.bytes[...])
            write()
        case .writing: write()
        case .closing:
            thrownAway += read()?.count ?? 0
            if thrownAway > RequestHead.longest { close() }
        }
    }

    /// Some of what has arrived; nil: nothing has, or the connection is over and closed.
    private func read() -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            filled = max(0, count)
        }
        if count > 0 { return bytes }
        if count == 0 || (errno != EAGAIN && errno != EINTR) { close() }
        return nil
    }

    private func write() {
        while case .writing(let rest) = phase {
            guard !rest.isEmpty else {
                shutdown(descriptor, Int32(SHUT_WR))
                phase = .closing
                return
            }
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                phase = .writing(rest.dropFirst(count))
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                return close()
            }
        }
    }
}
