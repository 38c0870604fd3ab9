import Testing

@testable import CoordinatorService

/// Law 8: nobody writes the log full, and nothing is held back unsaid.
@Suite struct LineLimitTests {
    @Test func `of a thousand lines in a second a few are shown and the rest are counted once`() {
        var limit = LineLimit(perSecond: 5)
        let shown = (0..<1000).count { limit.admits(at: .milliseconds($0)) }
        #expect(shown == 5)
        #expect(limit.takeHeld(at: .milliseconds(999)) == 0)
        #expect(limit.takeHeld(at: .seconds(1)) == 995)
        #expect(limit.takeHeld(at: .seconds(2)) == 0)
    }

    @Test func `every line is shown or counted`() {
        var limit = LineLimit(perSecond: 2)
        var (shown, held) = (0, 0)
        for tenth in 0..<100 {
            for _ in 0..<tenth % 7 where limit.admits(at: .milliseconds(100 * tenth)) { shown += 1 }
            held += limit.takeHeld(at: .milliseconds(100 * tenth))
        }
        held += limit.takeHeld(at: .seconds(100))
        #expect(shown == 20)
        #expect(shown + held == (0..<100).reduce(0) { $0 + $1 % 7 })
    }

    @Test func `lines that come seldom are all shown`() {
        var limit = LineLimit(perSecond: 1)
        #expect((0..<50).allSatisfy { limit.admits(at: .seconds($0)) })
        #expect(limit.takeHeld(at: .seconds(60)) == 0)
    }
}
