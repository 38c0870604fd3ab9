import CampaignScheduling
import Digests
import Foundation
import Testing
import ZeroMQ

@testable import CoordinatorService

/// Law 8: a peer that asks and does not read makes nothing wait but what it asked for first.
@Suite struct OutboxTests {
    private let blob: Digest

    init() throws { blob = try #require(Digest(bytes: [UInt8](repeating: 0, count: 32))) }

    private func request(_ number: Int) -> PieceRequest {
        PieceRequest(
            blob: blob, offset: number * BlobStore.longestPiece, length: BlobStore.longestPiece)
    }

    @Test func `requests are answered in order, and those beyond the limit are dropped`() {
        var outbox = Outbox()
        let peer = PeerID([1])
        for number in 0..<100 { outbox.add(request(number), of: peer) }
        #expect(outbox.waiting == [peer])
        for number in 0..<Outbox.requests {
            #expect(outbox.takeRequest(of: peer) == request(number))
        }
        #expect(outbox.takeRequest(of: peer) == nil)
        #expect(outbox.waiting.isEmpty)
    }

    @Test func `pieces wait until those before were read, and all of them are read in the end`()
        throws
    {
        let context = try Context()
        var router = try Socket(.router, in: context, options: SocketOptions())
        try router.bind("ipc://*")
        var options = SocketOptions()
        options.receiveHighWaterMark = 1
        var dealer = try Socket(.dealer, in: context, options: options)
        try dealer.connect(router.lastEndpoint)
        _ = try dealer.send([[1]])
        let peer = PeerID(try next(&router)[0])
        var outbox = Outbox()
        for number in 0..<Outbox.requests { outbox.add(request(number), of: peer) }

        let piece = [UInt8](repeating: 9, count: BlobStore.longestPiece)
        var received = 0
        while received < Outbox.requests {
            while outbox.takeRequest(of: peer) != nil {
                let room = outbox.backlog(of: peer, forMore: piece.count)
                let backlog = try #require(room)
                #expect(try router.send([peer.bytes, piece], countingIn: backlog) == .sent)
                #expect(backlog.bytes <= Outbox.pieceBytes)
            }
            // Both sides' buffers hold a few, and the limit four.
            if received == 0 { #expect(outbox.waiting == [peer]) }
            #expect(try next(&dealer) == [piece])
            received += 1
        }
        outbox.tidy()
        #expect(outbox.waiting.isEmpty)
    }

    @Test func `nothing waits for a peer that is gone`() {
        var outbox = Outbox()
        outbox.add(request(1), of: PeerID([1]))
        outbox.add(request(2), of: PeerID([2]))
        outbox.forget(PeerID([1]))
        #expect(outbox.takeRequest(of: PeerID([1])) == nil)
        #expect(outbox.takeRequest(of: PeerID([2])) == request(2))
    }

    private func next(_ socket: inout Socket) throws -> [[UInt8]] {
        let never = try Wakeup()
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            if case .message(let frames)? = try socket.receive() { return frames }
            try #require(ContinuousClock.now < deadline)
            _ = try Poller.wait(on: socket, wakeup: never, timeout: .milliseconds(10))
        }
    }
}
