import CZeroMQ
import Glibc

/// A ZeroMQ socket of kind ROUTER or DEALER. It belongs to the thread that made it: it is not
/// `Sendable`, and nothing here blocks (see ``Poller`` for waiting).
///
/// ```swift
/// var router = try Socket(.router, in: context, options: SocketOptions())
/// try router.bind("tcp://127.0.0.1:*")
/// while case .message(let frames)? = try router.receive() {
///     _ = try router.send([frames[0], Array("welcome".utf8)])
/// }
/// ```
///
/// ZeroMQ delivers whole messages, and so holds a message whose last frame has not come yet. Its
/// limits count frames' bytes and messages, not the frames of one message: who may connect may fill
/// the memory with one endless message. Let strangers connect only in keyed mode, or under a memory
/// limit of the operating system.
public struct Socket: ~Copyable {
    /// What a socket does with messages.
    public enum Kind: Hashable, Sendable {
        /// Talks to many peers: the first frame of a message names the peer.
        case router
        /// Talks to the peers that it is connected to, in turn; a worker has exactly one.
        case dealer
    }

    private let kind: Kind
    let handle: UnsafeMutableRawPointer
    let context: Context
    private let maximumFrames: Int
    /// Where frames are received. On the heap, since a short frame lies inside a zmq_msg_t, which
    /// must not move.
    let frame: UnsafeMutablePointer<zmq_msg_t>
    /// Where ``watchHandshakes()`` hears of them.
    var monitor: UnsafeMutableRawPointer?
    /// The message that is being dropped: its first frame and how many were received.
    private var overlong: (first: [UInt8], frames: Int)?

    /// Makes a socket on the calling thread, which must be the only one to use it.
    ///
    /// - Parameters:
    ///   - kind: ROUTER or DEALER.
    ///   - context: the context whose threads move its bytes.
    ///   - options: how it behaves.
    ///   - curve: how both sides prove who they are; nil: nobody does, and nothing is encrypted.
    public init(
        _ kind: Kind, in context: Context, options: SocketOptions, curve: Curve? = nil
    ) throws(ZeroMQError) {
        // A ROUTER names its peers from a number of rand() on; a peer that could foresee the names
        // could take one that is given out later, at which libzmq 4.3.4 ends the process. It accepts
        // such names and tells nobody of them, so that cannot be excluded, only made unlikely: who
        // holds k connections under made-up names and sees n others come succeeds with a probability
        // of about k n / 2^32.
        srand(UInt32.random(in: .min ... .max))
        let type =
            switch kind {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            }
        guard let handle = zmq_socket(context.handle, type) else {
            throw ZeroMQError(doing: "make a socket")
        }
        do {
            try options.apply(to: handle, kind)
            try curve?.apply(to: handle)
        } catch {
            zmq_close(handle)
            throw error
        }
        self.kind = kind
        self.handle = handle
        self.context = context
        maximumFrames = options.maximumFrames
        frame = .allocate(capacity: 1)
        zmq_msg_init(frame)
    }

    deinit {
        zmq_msg_close(frame)
        frame.deallocate()
        if let monitor {
            // In this order: what happens to a socket is told to its monitor, or waits for it.
            zmq_socket_monitor(handle, nil, 0)
            zmq_close(monitor)
        }
        zmq_close(handle)
    }

    /// Closes the socket; what waits to be sent has ``SocketOptions/linger`` left.
    public consuming func close() {}

    // MARK: Addresses

    /// Listens at an address: `tcp://127.0.0.1:5000`, `tcp://*:5000`, `tcp://127.0.0.1:*` for any
    /// free port, `ipc:///run/wardein.socket` for a file, `ipc://*` for a new file in a new
    /// directory.
    ///
    /// A file that was named is left behind when the socket closes. One that another program
    /// listens at is taken from it in silence.
    public borrowing func bind(_ endpoint: String) throws(ZeroMQError) {
        try ZeroMQError.checkPort(of: endpoint)
        guard zmq_bind(handle, endpoint) == 0 else {
            throw ZeroMQError(doing: "listen at", endpoint: endpoint)
        }
    }

    /// Connects to an address, now and again whenever the connection is lost. A host that does not
    /// answer is no error.
    public borrowing func connect(_ endpoint: String) throws(ZeroMQError) {
        try ZeroMQError.checkPort(of: endpoint)
        guard zmq_connect(handle, endpoint) == 0 else {
            throw ZeroMQError(doing: "connect to", endpoint: endpoint)
        }
    }

    /// The last address that was bound or connected, with the port that was chosen for `*`.
    public var lastEndpoint: String {
        get throws(ZeroMQError) {
            var endpoint = [UInt8](repeating: 0, count: 1024)
            var count = endpoint.count
            guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &endpoint, &count) == 0 else {
                throw ZeroMQError(doing: "read the address of a socket")
            }
            return String(decoding: endpoint.prefix(count).prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    // MARK: Messages

    /// Hands a message to ZeroMQ, all of it or nothing, without waiting. Copies each frame once.
    ///
    /// A message has at least one frame; for a ROUTER the peer's name and at least one more. Its long
    /// frames are counted in `backlog` for as long as ZeroMQ keeps them.
    public borrowing func send(
        _ frames: [[UInt8]], countingIn backlog: Backlog? = nil
    ) throws(ZeroMQError) -> SendOutcome {
        precondition(frames.count >= (kind == .router ? 2 : 1), "a message needs a frame")
        var outcome = SendOutcome.sent
        for (index, frame) in frames.enumerated() {
            let more = index < frames.count - 1 ? ZMQ_SNDMORE : 0
            let flags = ZMQ_DONTWAIT | more
            let code =
                if let backlog, frame.count >= Backlog.longFrame {
                    backlog.send(frame, over: handle, flags)
                } else {
                    send(frame, flags)
                }
            switch code {
            case 0: continue
            case EAGAIN: outcome = .wouldBlock
            case EHOSTUNREACH: outcome = .unroutable
            case let code: throw ZeroMQError(doing: "send a message", code: code)
            }
            // A message refused at its first frame is over. When the peer goes away in the middle
            // of one, ZeroMQ drops the frames up to the last: it has to see them.
            if index == 0 { return outcome }
        }
        return outcome
    }

    /// Receives a message, if one waits. Copies each frame once.
    ///
    /// Of an overlong message a call drops at most 1,000 frames, so that no peer can keep the
    /// thread; the next calls drop the rest.
    public mutating func receive() throws(ZeroMQError) -> Multipart? {
        if overlong != nil { return try dropFrames() }
        var frames: [[UInt8]] = []
        repeat {
            guard try receiveFrame() else { return nil }
            guard frames.count < maximumFrames else {
                overlong = (frames[0], frames.count + 1)
                return try dropFrames()
            }
            frames.append(
                Array(
                    UnsafeRawBufferPointer(start: zmq_msg_data(frame), count: zmq_msg_size(frame)))
            )
        } while zmq_msg_more(frame) != 0
        return .message(frames)
    }

    private mutating func dropFrames() throws(ZeroMQError) -> Multipart? {
        guard var message = overlong.take() else { return nil }
        for _ in 0..<1000 where zmq_msg_more(frame) != 0 {
            // ZeroMQ gives out whole messages, so the next frame is there.
            guard try receiveFrame() else { return nil }
            message.frames += 1
        }
        if zmq_msg_more(frame) != 0 { overlong = message }
        return .overlong(first: message.first, frames: message.frames)
    }

    /// Whether a frame came; it is in `frame` then.
    private borrowing func receiveFrame() throws(ZeroMQError) -> Bool {
        while zmq_msg_recv(frame, handle, ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            case let code: throw ZeroMQError(doing: "receive a message", code: code)
            }
        }
        return true
    }

    /// 0, or the number of the error.
    private borrowing func send(_ frame: [UInt8], _ flags: Int32) -> Int32 {
        while zmq_send(handle, frame, frame.count, flags) < 0 {
            let code = zmq_errno()
            if code != EINTR { return code }
        }
        return 0
    }
}

/// What became of a message that was to be sent.
public enum SendOutcome: Hashable, Sendable {
    /// ZeroMQ has it and sends it when it can; whether it arrives is not known.
    case sent
    /// As many messages wait for this peer as may; nothing was sent.
    case wouldBlock
    /// The ROUTER does not know the peer (any more); nothing was sent.
    case unroutable
}

/// What was received.
public enum Multipart: Hashable, Sendable {
    /// A whole message. From a ROUTER the first frame names the peer.
    case message([[UInt8]])
    /// A message of more than ``SocketOptions/maximumFrames`` was dropped, or a part of it: its
    /// first frame, and how many frames were seen so far.
    case overlong(first: [UInt8], frames: Int)
}
