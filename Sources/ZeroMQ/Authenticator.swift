import CZeroMQ
import Synchronization

/// Says for all ``Curve`` servers of a context which clients may connect: the handler of ZeroMQ's
/// authentication protocol (ZAP, RFC 27), on a thread of its own.
///
/// A client that is not allowed is turned away before a byte of its messages is read. The answer to
/// ``Socket/lastUser`` for a message of an allowed one is the user ID that stands here beside its
/// key. There is at most one a context; make it before the server listens, and keep it as long.
public final class Authenticator: Sendable {
    /// A client that was turned away.
    public struct Denial: Hashable, Sendable {
        /// The public key that it proved to hold.
        public let key: [UInt8]
        /// Where it came from: a host, or for `ipc` `localhost:user:group:process`.
        public let address: String
    }

    private let guestList = GuestList()
    private let end: Wakeup
    private let thread: DedicatedThread

    /// Begins to answer; nobody is allowed yet.
    public init(in context: Context) throws(ZeroMQError) {
        let end = try Wakeup()
        let handler = try Handler(context: context, guestList: guestList, end: end)
        do {
            thread = try DedicatedThread(name: "zap") { handler.run() }
        } catch {
            handler.close()
            throw error
        }
        self.end = end
    }

    // The thread is waited for after that, when its value goes.
    deinit { end.signal() }

    /// Allows these clients, from now on, and no others: their user IDs by public key. Who is
    /// connected already stays connected.
    public func allow(_ users: [[UInt8]: String]) { guestList.allow(users) }

    /// How many times a client was turned away.
    public var denialCount: Int { guestList.denialCount }

    /// The last hundred denials at most, since this was asked last.
    public func takeDenials() -> [Denial] { guestList.takeDenials() }
}

/// What the thread that answers and the others share.
private final class GuestList: Sendable {
    private struct State {
        var users: [[UInt8]: String] = [:]
        var denials: [Authenticator.Denial] = []
        var denialCount = 0
    }

    private let state = Mutex(State())

    func allow(_ users: [[UInt8]: String]) { state.withLock { $0.users = users } }

    var denialCount: Int { state.withLock { $0.denialCount } }

    func takeDenials() -> [Authenticator.Denial] {
        state.withLock { state in
            defer { state.denials = [] }
            return state.denials
        }
    }

    func user(of key: [UInt8], at address: [UInt8]) -> String? {
        state.withLock { state in
            if let user = state.users[key] { return user }
            state.denialCount += 1
            if state.denials.count < 100 {
                let address = String(decoding: address, as: UTF8.self)
                state.denials.append(Authenticator.Denial(key: key, address: address))
            }
            return nil
        }
    }
}

/// Answers until it is told to end.
private struct Handler: @unchecked Sendable {
    // Unchecked: made by one thread, and from then on used by the one that it is handed to, as
    // ZeroMQ permits (zmq_socket(3): "with a full fence", which starting a thread is).
    private let socket: UnsafeMutableRawPointer
    private let context: Context
    private let guestList: GuestList
    private let end: Wakeup

    init(context: Context, guestList: GuestList, end: Wakeup) throws(ZeroMQError) {
        guard let socket = zmq_socket(context.handle, ZMQ_REP) else {
            throw ZeroMQError(doing: "make a socket")
        }
        var linger: Int32 = 0
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
        guard zmq_bind(socket, Handler.address) == 0 else {
            let error = ZeroMQError(doing: "answer for who may connect")
            zmq_close(socket)
            throw error
        }
        self.socket = socket
        self.context = context
        self.guestList = guestList
        self.end = end
    }

    /// Where ZeroMQ asks (RFC 27).
    private static let address = "inproc://zeromq.zap.01"

    /// Closing alone gives the address back some time later.
    func close() {
        zmq_unbind(socket, Handler.address)
        zmq_close(socket)
    }

    func run() {
        defer { close() }
        while true {
            var items = [
                zmq_pollitem_t(socket: socket, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0),
                zmq_pollitem_t(
                    socket: nil, fd: end.descriptor, events: Int16(ZMQ_POLLIN), revents: 0),
            ]
            guard zmq_poll(&items, 2, -1) >= 0 || zmq_errno() == EINTR else { return }
            if items[1].revents != 0 { return }
            if items[0].revents != 0, let request = receive() { answer(request) }
        }
    }

    /// A request is: version, request ID, domain, address, routing ID, mechanism, credentials.
    private func answer(_ request: [[UInt8]]) {
        let requestID = request.count > 1 ? request[1] : []
        var user: String?
        if request.count == 7, request[0] == Array("1.0".utf8),
            request[5] == Array("CURVE".utf8)
        {
            user = guestList.user(of: request[6], at: request[3])
        }
        let status = user == nil ? "400" : "200"
        let reply = [
            Array("1.0".utf8), requestID, Array(status.utf8), [], Array((user ?? "").utf8), [],
        ]
        for (index, frame) in reply.enumerated() {
            let more = index < reply.count - 1 ? ZMQ_SNDMORE : 0
            while zmq_send(socket, frame, frame.count, more) < 0, zmq_errno() == EINTR {}
        }
    }

    /// The frames of a request; ZeroMQ itself wrote them, and none is longer than 255 bytes.
    private func receive() -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        var more: Int32 = 0
        var size = MemoryLayout<Int32>.size
        repeat {
            var frame = [UInt8](repeating: 0, count: 255)
            var count = zmq_recv(socket, &frame, frame.count, 0)
            while count < 0, zmq_errno() == EINTR {
                count = zmq_recv(socket, &frame, frame.count, 0)
            }
            guard count >= 0 else { return nil }
            frames.append(Array(frame.prefix(Int(count))))
            zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size)
        } while more != 0
        return frames
    }
}
