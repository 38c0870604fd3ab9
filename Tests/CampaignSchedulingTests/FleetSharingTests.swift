import CampaignScheduling
import Testing

@Suite struct FleetSharingTests {
    private typealias Sharing = FleetSharing<Int, Int>

    /// Who counts for what after the moves: the campaign of each worker, or -1.
    private func shared(
        _ campaigns: Int, _ fleet: [(sessions: Int, campaign: Int)]
    ) -> (after: [Int], moves: Int) {
        var after = fleet.map(\.campaign)
        let moves = moves(campaigns, fleet)
        for move in moves { after[move.worker] = move.campaign }
        return (after, moves.count)
    }

    private func moves(
        _ campaigns: Int, _ fleet: [(sessions: Int, campaign: Int)]
    ) -> [Sharing.Move] {
        Sharing(
            among: Array(0..<campaigns),
            of: fleet.enumerated().map { ($0.offset, $0.element.sessions, $0.element.campaign) }
        ).moves()
    }

    private func loads(
        _ campaigns: Int, _ fleet: [(sessions: Int, campaign: Int)], _ after: [Int]
    ) -> [Int] {
        (0..<campaigns).map { campaign in
            zip(fleet, after).reduce(0) { $0 + ($1.1 == campaign ? $1.0.sessions : 0) }
        }
    }

    /// Every way in which `workers` workers of one session can count for one of the campaigns, or for none.
    private func everyFleet(_ workers: Int, _ campaigns: Int) -> [[(sessions: Int, campaign: Int)]]
    {
        (0..<workers).reduce([[]]) { fleets, _ in
            fleets.flatMap { fleet in (-1..<campaigns).map { fleet + [(1, $0)] } }
        }
    }

    @Test(arguments: 1...4, 0...5)
    func `shares of like workers differ by at most one, and those ahead have more`(
        campaigns: Int, workers: Int
    ) {
        for fleet in everyFleet(workers, campaigns) {
            let loads = loads(campaigns, fleet, shared(campaigns, fleet).after)
            #expect(loads.reduce(0, +) == workers)
            #expect(loads == loads.sorted(by: >))
            #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
        }
    }

    @Test(arguments: 1...4, 0...5)
    func `no more workers move than must`(campaigns: Int, workers: Int) {
        for fleet in everyFleet(workers, campaigns) {
            // The shares are given (above), so a campaign keeps as many of its own as its share takes.
            let before = loads(campaigns, fleet, fleet.map(\.campaign))
            let shares = (0..<campaigns).map { place in
                workers / campaigns + (place < workers % campaigns ? 1 : 0)
            }
            let kept = zip(before, shares).reduce(0) { $0 + min($1.0, $1.1) }
            #expect(shared(campaigns, fleet).moves == workers - kept)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `no move of one more worker makes shares of unlike workers more equal`(seed: UInt64) {
        var random = SplitMix(seed)
        let campaigns = 1 + random.next(below: 4)
        let fleet = (0..<random.next(below: 12)).map { _ in
            (sessions: 1 + random.next(below: 8), campaign: random.next(below: campaigns + 1) - 1)
        }
        let after = shared(campaigns, fleet).after
        let loads = loads(campaigns, fleet, after)
        #expect(after.allSatisfy { (0..<campaigns).contains($0) })
        let (most, least) = (loads.max() ?? 0, loads.min() ?? 0)
        for (place, member) in fleet.enumerated() where loads[after[place]] == most {
            #expect(abs(most - least - 2 * member.sessions) >= most - least)
        }
        // Nothing moves to and fro.
        let settled = zip(fleet, after).map { (sessions: $0.sessions, campaign: $1) }
        #expect(moves(campaigns, settled).isEmpty)
    }

    @Test func `without a campaign nobody moves`() {
        #expect(moves(0, [(1, -1), (4, 3)]).isEmpty)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
