import CampaignScheduling
import Testing

@testable import CoordinatorService

/// Law 8: who sends too much is cut, once, and nobody else.
@Suite struct FloodWatchTests {
    private let peer = PeerID([1])

    @Test func `who sends as much as is allowed, second after second, is never cut`() {
        var watch = FloodWatch()
        for second in 1...3 {
            for _ in 0..<FloodWatch.Allowance.messages {
                #expect(watch.note(100, from: peer, at: .seconds(second)) == nil)
            }
            for _ in 0..<FloodWatch.Allowance.malformed {
                #expect(watch.noteMalformed(from: peer, at: .seconds(second)) == nil)
            }
        }
        #expect(!watch.isFlood(peer))
    }

    @Test func `one message, one byte or one unreadable message more is too much`() {
        var watch = FloodWatch()
        for number in 1...FloodWatch.Allowance.messages {
            let other = PeerID([UInt8(number % 2) + 2])
            #expect(watch.note(0, from: peer, at: .zero) == nil)
            #expect(watch.note(0, from: other, at: .zero) == nil)
        }
        #expect(watch.note(0, from: peer, at: .zero) == "more than 20000 messages in a second")
        #expect(watch.isFlood(peer))
        #expect(watch.note(0, from: peer, at: .zero) == nil, "it is said once")
        #expect(!watch.isFlood(PeerID([2])))

        let large = PeerID([4])
        #expect(watch.note(FloodWatch.Allowance.bytes, from: large, at: .zero) == nil)
        #expect(watch.note(1, from: large, at: .zero) == "more than 128 MiB in a second")

        let unreadable = PeerID([5])
        let reasons = (0..<20).compactMap { _ in
            watch.noteMalformed(from: unreadable, at: .zero)
        }
        #expect(reasons == ["more than 10 messages in a second that cannot be read"])
    }
}
