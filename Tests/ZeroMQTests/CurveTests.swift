import Sodium
import Testing

@testable import ZeroMQ

/// Law 8: strangers stay out; and one that is not let in can find out why.
@Suite struct CurveTests {
    @Test(arguments: TestAddress.allCases)
    func `whoever is allowed is let in, and known by its user ID`(address: TestAddress) throws {
        let server = try Server(address)
        let alice = KeyPair.random()
        let bob = KeyPair.random()
        server.authenticator.allow([alice.publicKey.bytes: "alice", bob.publicKey.bytes: "bob"])
        for (keys, name) in [(alice, "alice"), (bob, "bob")] {
            var client = try server.client(keys)
            #expect(try client.send([bytes("I am \(name)")]) == .sent)
            let received = try nextFrames(&server.socket)
            #expect(received[1] == bytes("I am \(name)"))
            #expect(server.socket.lastUser == name)
            #expect(try server.socket.send([received[0], bytes("welcome")]) == .sent)
            #expect(try nextFrames(&client) == [bytes("welcome")])
            #expect(try outcome(of: client) == .succeeded)
        }
        #expect(server.authenticator.denialCount == 0)
    }

    @Test(arguments: TestAddress.allCases)
    func `a key that is not allowed is denied, and no message of it arrives`(
        address: TestAddress
    ) throws {
        let server = try Server(address)
        let stranger = KeyPair.random()
        server.authenticator.allow([KeyPair.random().publicKey.bytes: "alice"])
        let client = try server.client(stranger)
        #expect(try client.send([bytes("let me in")]) == .sent)
        #expect(try outcome(of: client) == .denied(status: 400))
        #expect(try nextMessage(&server.socket, within: .milliseconds(300)) == nil)
        #expect(server.authenticator.denialCount == 1)
        let denials = server.authenticator.takeDenials()
        #expect(denials.map(\.key) == [stranger.publicKey.bytes])
        let origin = try #require(denials.first?.address)
        #expect(origin.hasPrefix(address == .port ? "127.0.0.1" : "localhost:"))
        #expect(server.authenticator.takeDenials().isEmpty)
    }

    @Test func `a client without keys and one with keys see each other's lack as a mismatch`()
        throws
    {
        let server = try Server(.port)
        var plain = try Socket(.dealer, in: Context(), options: testOptions())
        try plain.watchHandshakes()
        try plain.connect(server.socket.lastEndpoint)
        _ = try plain.send([bytes("hello")])
        #expect(try outcome(of: plain, after: .brokenOff) == .mechanismMismatch)
        #expect(try nextMessage(&server.socket, within: .milliseconds(300)) == nil)

        var open = try Socket(.router, in: Context(), options: testOptions())
        try open.bind(TestAddress.port.rawValue)
        let client = try server.client(.random(), connectingTo: open.lastEndpoint)
        _ = try client.send([bytes("hello")])
        #expect(try outcome(of: client, after: .brokenOff) == .mechanismMismatch)
        #expect(try nextMessage(&open, within: .milliseconds(300)) == nil)
    }

    @Test func `a server that does not hold the expected key hangs up, again and again`() throws {
        let server = try Server(.port)
        let alice = KeyPair.random()
        server.authenticator.allow([alice.publicKey.bytes: "alice"])
        let client = try server.client(alice, expecting: KeyPair.random().publicKey)
        _ = try client.send([bytes("hello")])
        for _ in 0..<3 { #expect(try outcome(of: client) == .brokenOff) }
        #expect(try nextMessage(&server.socket, within: .milliseconds(300)) == nil)
        #expect(server.authenticator.denialCount == 0)
    }

    @Test func `a client that is allowed no longer stays until it is cut, and is denied then`()
        throws
    {
        let server = try Server(.port)
        let alice = KeyPair.random()
        server.authenticator.allow([alice.publicKey.bytes: "alice"])
        let client = try server.client(alice)
        _ = try client.send([bytes("hello")])
        _ = try nextFrames(&server.socket)
        #expect(try outcome(of: client) == .succeeded)

        server.authenticator.allow([:])
        _ = try client.send([bytes("still here")])
        #expect(try nextFrames(&server.socket)[1] == bytes("still here"))
        let connection = server.socket.lastConnection
        try #require(connection).cut()
        #expect(try outcome(of: client) == .denied(status: 400))
    }

    @Test func `to cut a connection that is gone does not hurt a later one`() throws {
        let server = try Server(.port)
        let alice = KeyPair.random()
        server.authenticator.allow([alice.publicKey.bytes: "alice"])
        let first = try server.client(alice)
        _ = try first.send([bytes("first")])
        _ = try nextFrames(&server.socket)
        let last = server.socket.lastConnection
        let connection = try #require(last)
        first.close()

        var second = try server.client(alice)
        for _ in 0..<20 {
            connection.cut()
            _ = try second.send([bytes("second")])
            let received = try nextFrames(&server.socket)
            #expect(received[1] == bytes("second"))
            #expect(try server.socket.send(received) == .sent)
            #expect(try nextFrames(&second) == [bytes("second")])
        }
        #expect(try outcome(of: second) == .succeeded)
        while let handshake = try second.nextHandshake() { #expect(handshake == .begun) }
    }

    @Test func `without keys a message has no user`() throws {
        let context = try Context()
        var router = try Socket(.router, in: context, options: testOptions())
        try router.bind(TestAddress.port.rawValue)
        let dealer = try Socket(.dealer, in: context, options: testOptions())
        try dealer.connect(router.lastEndpoint)
        _ = try dealer.send([bytes("hello")])
        _ = try nextFrames(&router)
        #expect(router.lastUser == nil)
    }

    @Test func `an authenticator ends with its value, and another may follow`() throws {
        let context = try Context()
        for _ in 0..<5 { _ = try Authenticator(in: context) }
        let one = try Authenticator(in: context)
        #expect(throws: ZeroMQError.self) { _ = try Authenticator(in: context) }
        one.allow([:])
    }

    @Test func `curve keys do not print`() {
        let curve = Curve.client(publicKey: [1, 2], secretKey: [3, 4], serverKey: [5, 6])
        #expect("\(curve)" == "CURVE client")
    }
}

/// A socket that lets in the clients that its authenticator allows.
private final class Server {
    let keys = KeyPair.random()
    let authenticator: Authenticator
    var socket: Socket

    init(_ address: TestAddress) throws {
        let context = try Context()
        authenticator = try Authenticator(in: context)
        socket = try Socket(
            .router, in: context, options: testOptions(),
            curve: .server(
                secretKey: keys.secretKey.copiedBytes(), authenticator: authenticator))
        try socket.bind(address.rawValue)
    }

    func client(
        _ client: KeyPair, expecting server: PublicKey? = nil, connectingTo endpoint: String? = nil
    ) throws -> Socket {
        var socket = try Socket(
            .dealer, in: Context(), options: testOptions(),
            curve: .client(
                publicKey: client.publicKey.bytes, secretKey: client.secretKey.copiedBytes(),
                serverKey: (server ?? keys.publicKey).bytes))
        try socket.watchHandshakes()
        try socket.connect(endpoint ?? self.socket.lastEndpoint)
        return socket
    }
}

/// What became of the next attempt to connect, within ten seconds; those that ended as `passed` did
/// are passed over.
private func outcome(
    of socket: borrowing Socket, after passed: Handshake? = nil
) throws -> Handshake? {
    let never = try Wakeup()
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        let handshake = try socket.nextHandshake()
        if let handshake, handshake != .begun, handshake != passed { return handshake }
        _ = try Poller.wait(on: socket, wakeup: never, timeout: .milliseconds(5))
    }
    return nil
}
