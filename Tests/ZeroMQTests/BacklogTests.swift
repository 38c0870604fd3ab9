import Testing

@testable import ZeroMQ

/// What ZeroMQ keeps for somebody who does not read is known to the byte.
@Suite struct BacklogTests {
    private static let piece = [UInt8](repeating: 7, count: 256 << 10)

    /// A router and a peer of its that is known to it and reads nothing of its own accord.
    private struct Pair: ~Copyable {
        var router: Socket
        var dealer: Socket
        let name: [UInt8]

        init() throws {
            let context = try Context()
            var router = try Socket(.router, in: context, options: testOptions())
            try router.bind(TestAddress.file.rawValue)
            let dealer = try Socket(
                .dealer, in: context, options: testOptions { $0.receiveHighWaterMark = 1 })
            try dealer.connect(router.lastEndpoint)
            _ = try dealer.send([bytes("hello")])
            name = try nextFrames(&router)[0]
            self.router = router
            self.dealer = dealer
        }
    }

    @Test func `what was not read is counted until it is`() throws {
        var pair = try Pair()
        let all = Backlog()
        let backlog = Backlog(partOf: all)
        for _ in 0..<40 {
            #expect(
                try pair.router.send([pair.name, Self.piece], countingIn: backlog) == .sent)
        }
        // A few have gone into the buffers of both sides; the rest stays.
        #expect(backlog.bytes > 30 * Self.piece.count)
        #expect(all.bytes <= 40 * Self.piece.count)
        for _ in 0..<40 { #expect(try nextFrames(&pair.dealer) == [Self.piece]) }
        try waitUntilNothingIsKept(all, &pair.router)
        #expect(backlog.bytes == 0)
    }

    @Test func `what was not read is given up with its connection`() throws {
        var pair = try Pair()
        let backlog = Backlog()
        for _ in 0..<40 {
            _ = try pair.router.send([pair.name, Self.piece], countingIn: backlog)
        }
        #expect(backlog.bytes > 0)
        pair.dealer = try Socket(.dealer, in: Context(), options: testOptions())
        try waitUntilNothingIsKept(backlog, &pair.router)
    }

    @Test func `what cannot be sent is not kept, and short frames are not counted`() throws {
        let pair = try Pair()
        let backlog = Backlog()
        let stranger = bytes("nobody")
        #expect(try pair.router.send([stranger, Self.piece], countingIn: backlog) == .unroutable)
        #expect(backlog.bytes == 0)
        let short = [UInt8](repeating: 1, count: Backlog.longFrame - 1)
        for _ in 0..<200 { _ = try pair.router.send([pair.name, short], countingIn: backlog) }
        #expect(backlog.bytes == 0)
    }

    /// A socket notices the end of a connection when it is used.
    private func waitUntilNothingIsKept(_ backlog: Backlog, _ router: inout Socket) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while backlog.bytes != 0 {
            try #require(ContinuousClock.now < deadline, "\(backlog.bytes) bytes are kept")
            _ = try nextMessage(&router, within: .milliseconds(5))
        }
    }
}
