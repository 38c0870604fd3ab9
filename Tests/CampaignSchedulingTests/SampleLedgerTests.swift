import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise
import Testing

/// Law 2: every sample index that a certificate rests on was counted once.
@Suite struct SampleLedgerTests {
    private let worker = Campaign.worker(1)

    private func ledger(_ outline: CampaignOutline = Campaign.outline()) -> SampleLedger {
        SampleLedger(outline: outline, maximumOpenInputs: 8)
    }

    @Test(arguments: 1...9)
    func `leases of any size cover every sample of every input once`(size: Int) {
        var ledger = ledger()
        var seen: Set<[Int]> = []
        while let lease = ledger.lend(atMost: size, to: worker) {
            let first = lease.blocks.first * 4
            for sample in first..<first + lease.samples {
                let phase = Int(lease.blocks.phase.rawValue)
                #expect(seen.insert([Int(lease.input), phase, sample]).inserted)
            }
        }
        #expect(seen.count == ledger.outline.totalSamples)
        #expect(ledger.owedBlocks == 0)
    }

    @Test func `the counts of an input sum to the samples asked for`() throws {
        var ledger = ledger()
        while let lease = ledger.lend(atMost: 2, to: worker) {
            _ = ledger.settle(Campaign.tally(lease), from: worker)
        }
        var positions: [Int] = []
        while let input = try ledger.takeDecidedInput() {
            positions.append(input.position)
            #expect(
                input.selection
                    == Campaign.counts(input: input.index, phase: .selection, samples: 6))
            #expect(
                input.estimation
                    == Campaign.counts(input: input.index, phase: .estimation, samples: 21))
        }
        #expect(positions == [0, 1, 2])
        #expect(ledger.isFinished)
    }

    @Test func `inputs are handed on in order though they settle in another`() throws {
        var ledger = ledger()
        var leases: [Lease] = []
        while let lease = ledger.lend(atMost: 100, to: worker) { leases.append(lease) }
        for lease in leases.reversed().dropLast() {
            _ = ledger.settle(Campaign.tally(lease), from: worker)
            #expect(try ledger.takeDecidedInput() == nil)
        }
        _ = ledger.settle(Campaign.tally(leases[0]), from: worker)
        #expect(try ledger.takeDecidedInput()?.position == 0)
        #expect(try ledger.takeDecidedInput()?.position == 1)
    }

    @Test func `a tally with one sample more or less than its lease is refused`() throws {
        for change in [-1, 1] {
            var ledger = ledger()
            let lease = try ledger.lendSome(1, to: worker)
            var values = Campaign.counts(of: lease).values
            values[0] += change
            let tally = Tally(
                campaign: Campaign.seal, lease: lease.id, counts: ClassCounts(values),
                nanoseconds: 1)
            guard case .refused = ledger.settle(tally, from: worker) else {
                Issue.record("a wrong sum was accepted")
                continue
            }
            #expect(ledger.settledSamples == 0)
        }
    }

    @Test(arguments: [[4, 0], [4, 0, 0, 0], [-1, 5, 0], [Int.max, Int.max, 6]])
    func `a tally with other classes, negative or overflowing counts is refused`(
        values: [Int]
    ) throws {
        var ledger = ledger()
        let lease = try ledger.lendSome(1, to: worker)
        let tally = Tally(
            campaign: Campaign.seal, lease: lease.id, counts: ClassCounts(values), nanoseconds: 1)
        guard case .refused = ledger.settle(tally, from: worker) else {
            Issue.record("\(values) was accepted for 4 samples of 3 classes")
            return
        }
    }

    @Test func `a tally of another campaign or of another worker's lease is refused`() throws {
        var ledger = ledger()
        let lease = try ledger.lendSome(1, to: worker)
        var foreign = Campaign.tally(lease)
        foreign.campaign = Campaign.digest(9)
        guard case .refused = ledger.settle(foreign, from: worker),
            case .refused = ledger.settle(Campaign.tally(lease), from: Campaign.worker(2))
        else {
            Issue.record("a foreign tally was accepted")
            return
        }
        #expect(ledger.settledSamples == 0)
    }

    @Test func `a repeated tally is compared and does not count again`() throws {
        var ledger = ledger()
        let lease = try ledger.lendSome(1, to: worker)
        let tally = Campaign.tally(lease)
        #expect(ledger.settle(tally, from: worker) == .counted(samples: 4, copies: []))
        #expect(ledger.settle(tally, from: worker) == .repeated)
        var values = tally.counts.values
        values.reverse()
        values.swapAt(0, values[0] == values[1] ? 2 : 1)
        let other = Tally(
            campaign: Campaign.seal, lease: lease.id,
            counts: ClassCounts(values == tally.counts.values ? [4, 0, 0] : values),
            nanoseconds: 1)
        #expect(
            ledger.settle(other, from: worker)
                == .contradicts(input: lease.input, range: lease.blocks, first: worker))
        #expect(ledger.settledSamples == 4)
    }

    @Test func `a late tally is ignored`() throws {
        var ledger = SampleLedger(
            outline: Campaign.outline(inputs: 1), maximumOpenInputs: 8)
        var last: Lease?
        while let lease = ledger.lend(atMost: 3, to: worker) {
            _ = ledger.settle(Campaign.tally(lease), from: worker)
            last = lease
        }
        #expect(try ledger.takeDecidedInput() != nil)
        #expect(ledger.settle(Campaign.tally(try #require(last)), from: worker) == .late)
    }

    @Test func `a lease that is given back is lent again, and whoever answers first counts`()
        throws
    {
        let other = Campaign.worker(2)
        var ledger = ledger()
        let lost = try ledger.lendSome(2, to: worker)
        ledger.giveBack(lost.id)
        let again = try ledger.lendSome(1, to: other)
        #expect(again.blocks == lost.blocks)
        #expect(again.id != lost.id)
        #expect(
            ledger.settle(Campaign.tally(lost), from: worker)
                == .counted(samples: lost.samples, copies: [again.id]))
        #expect(ledger.settle(Campaign.tally(again), from: other) == .repeated)
        #expect(ledger.settledSamples == lost.samples)
    }

    @Test func `a lease answered after it was given back is not lent again`() throws {
        var ledger = ledger()
        let lease = try ledger.lendSome(1, to: worker)
        let owed = ledger.owedBlocks
        ledger.giveBack(lease.id)
        #expect(ledger.owedBlocks == owed + 1)
        _ = ledger.settle(Campaign.tally(lease), from: worker)
        #expect(ledger.owedBlocks == owed)
        let next = try ledger.lendSome(1, to: worker)
        #expect(next.blocks != lease.blocks)
    }

    @Test func `a range remembers its newest leases, and those that somebody has`() throws {
        var ledger = ledger()
        let stuck = try ledger.lendSome(1, to: worker)
        while ledger.lend(atMost: 100, to: worker) != nil {}
        let others = (0..<200).compactMap { _ -> Lease? in
            let copy = ledger.lendCopy(to: Campaign.worker(2))
            if let copy { ledger.giveBack(copy.id) }
            return copy?.blocks == stuck.blocks ? copy : nil
        }
        let limit = SampleLedger.rememberedLeasesOfRange
        #expect(others.count > limit)
        #expect(ledger.violatedInvariant() == nil)
        for (place, lease) in others.enumerated() {
            let isKnown = ledger.lentRange(of: lease.id) != nil
            #expect(isKnown == (place > others.count - limit))
        }
        #expect(ledger.settle(Campaign.tally(others[0]), from: Campaign.worker(2)) == .late)
        #expect(
            ledger.settle(Campaign.tally(stuck), from: worker)
                == .counted(samples: stuck.samples, copies: []))
    }

    @Test func `after a restart a range remembers its newest leases and the one that settled it`()
        throws
    {
        for settler in [0, 5, 19, nil] {
            var before = ledger()
            var entries: [JournalEntry] = []
            let leases = try (0..<20).map { _ in
                let lease = try before.lendSome(1, to: worker)
                let lent = before.takeUnjournalled(lease.id)
                entries.append(.lent(try #require(lent)))
                before.giveBack(lease.id)
                return lease
            }
            if let settler {
                let lease = leases[settler]
                entries.append(
                    .settled(
                        SettledRange(
                            lease: lease.id, position: 0, range: lease.blocks,
                            counts: Campaign.counts(of: lease), nanoseconds: 1,
                            worker: Campaign.hello(1))))
            }
            var ledger = SampleLedger(
                outline: Campaign.outline(), firstLease: 100,
                history: CampaignHistory(replaying: entries))
            #expect(ledger.violatedInvariant() == nil)
            #expect(ledger.rememberedLeases == SampleLedger.rememberedLeasesOfRange)
            #expect(ledger.settledSamples == (settler == nil ? 0 : leases[0].samples))
            let last = ledger.settle(Campaign.tally(leases[19]), from: worker)
            #expect(
                last == (settler == nil ? .counted(samples: 4, copies: []) : .repeated))
        }
    }

    @Test func `no more inputs are open than allowed`() {
        var ledger = SampleLedger(
            outline: Campaign.outline(inputs: 50), maximumOpenInputs: 2)
        var inputs: Set<UInt32> = []
        while let lease = ledger.lend(atMost: 100, to: worker) { inputs.insert(lease.input) }
        #expect(inputs == [0, 10])
    }
}

extension SampleLedger {
    /// Lends where there must be something to lend.
    fileprivate mutating func lendSome(_ blocks: Int, to worker: WorkerID) throws -> Lease {
        let lease = lend(atMost: blocks, to: worker)
        return try #require(lease)
    }
}

// Law 4: the estimation ends at checkpoints only.

extension SampleLedgerTests {
    private var sequential: SampleLedger {
        SampleLedger(
            outline: Campaign.outline(inputs: 2, checkpoints: [4, 8, 16, 21]),
            maximumOpenInputs: 8)
    }

    @Test func `nothing past the next checkpoint is lent while other inputs can be opened`() {
        var ledger = sequential
        var lent: [Lease] = []
        while let lease = ledger.lend(atMost: 100, to: worker) { lent.append(lease) }
        #expect(
            lent.map(\.blocks) == [
                BlockRange(phase: .selection, first: 0, count: 2),
                BlockRange(phase: .estimation, first: 0, count: 1),
                BlockRange(phase: .selection, first: 0, count: 2),
                BlockRange(phase: .estimation, first: 0, count: 1),
            ])
        #expect(lent.map(\.input) == [0, 0, 10, 10])
    }

    @Test func `an input waits at a checkpoint for its selection`() throws {
        var ledger = sequential
        var rule: any StoppingRule = Always()
        let selection = try #require(lend(&ledger, atMost: 2, to: worker))
        let first = try #require(lend(&ledger, atMost: 1, to: worker))
        _ = ledger.settle(Campaign.tally(first), from: worker)
        _ = try ledger.look(with: &rule)
        #expect(ledger.takeSettledInput() == nil)
        _ = ledger.settle(Campaign.tally(selection), from: worker)
        _ = try ledger.look(with: &rule)
        #expect(ledger.takeSettledInput()?.estimation.samples == 4)
    }

    @Test func `what was counted past the stop belongs to no record and is reported`() throws {
        var ledger = SampleLedger(
            outline: Campaign.outline(inputs: 1, checkpoints: [8, 12, 16, 21]),
            maximumOpenInputs: 8)
        var rule: any StoppingRule = Late()
        let selection = try #require(lend(&ledger, atMost: 2, to: worker))
        let first = try #require(lend(&ledger, atMost: 2, to: worker))
        for lease in [selection, first] { _ = ledger.settle(Campaign.tally(lease), from: worker) }
        let none = try ledger.look(with: &rule)
        #expect(none.isEmpty)
        let next = try #require(lend(&ledger, atMost: 9, to: worker))
        let ahead = try #require(lend(&ledger, atMost: 9, to: worker))
        #expect(ledger.lend(atMost: 9, to: worker) == nil)
        _ = ledger.settle(Campaign.tally(next), from: worker)
        let cancelled = try ledger.look(with: &rule)
        #expect(cancelled == [ahead.id])
        #expect(ledger.needlessSamples == ahead.samples)
        #expect(ledger.settle(Campaign.tally(ahead), from: worker) == .late)
        #expect(
            ledger.takeSettledInput()?.estimation
                == Campaign.counts(
                    input: 0, phase: .estimation, samples: 12))
        #expect(ledger.isFinished)
        #expect(ledger.violatedInvariant() == nil)
    }

    /// "A budget for the whole campaign, in rounds, each a function of all counts at the end of the round
    /// before": every budget, one worker, every order of the leases that are out.
    @Test(arguments: 0...60) func `no more is spent than the budget`(more: Int) throws {
        let budget = 3 * (6 + 4) + more
        let outline = Campaign.outline(inputs: 3, checkpoints: [4, 8, 12, 16, 21], budget: budget)
        var ledger = SampleLedger(outline: outline)
        var rule: any StoppingRule = Campaign.Whim()
        var choices = Choices(seed: UInt64(more))
        var out: [Lease] = []
        while ledger.decidedInputs < 3 {
            #expect(ledger.takeSettledInput() == nil)
            while let lease = ledger.lend(atMost: 2, to: worker) { out.append(lease) }
            try #require(!out.isEmpty, "nothing is lent, and nothing is decided")
            let lease = out.remove(at: choices.below(out.count))
            _ = ledger.settle(Campaign.tally(lease), from: worker)
            let cancelled = try ledger.look(with: &rule)
            out.removeAll { cancelled.contains($0.id) }
            #expect(ledger.violatedInvariant() == nil)
        }
        var spent = 0
        while let input = ledger.takeSettledInput() {
            #expect(input.estimation.samples == Campaign.samplesToDecide(input.index, outline))
            spent += input.selection.samples + input.estimation.samples
        }
        #expect(ledger.isFinished)
        #expect(spent <= budget)
    }

    /// However many workers ask for more: all that can be lent is lent, and then counted.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a fleet without end wastes little past the stops`(seed: UInt64) throws {
        let block = 4
        let ends = sequence(first: 1) { max($0 + 1, $0 * 21 / 20) }.prefix { $0 < 2000 }
        var ledger = SampleLedger(
            outline: Campaign.outline(inputs: 60, checkpoints: ends.map { $0 * block }),
            maximumOpenInputs: 64)
        var rule: any StoppingRule = Scattered(seed: seed)
        var most = 0
        while !ledger.isFinished {
            var leases: [Lease] = []
            while let lease = ledger.lend(atMost: 3, to: worker) { leases.append(lease) }
            for lease in leases { _ = ledger.settle(Campaign.tally(lease), from: worker) }
            _ = try ledger.look(with: &rule)
            while ledger.takeSettledInput() != nil {}
            #expect(
                ledger.needlessSamples <= max(2 * 16 * block, ledger.settledSamples / 20))
            most = max(most, ledger.needlessSamples)
        }
        #expect(most > 0)
    }

    /// Stops each input somewhere, by its counts: one in thirty at each look.
    private struct Scattered: StoppingRule {
        let seed: UInt64

        func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool {
            var hash = seed
            for count in selection.values + estimation.values {
                hash = (hash ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 29
            }
            return hash % 30 == 0
        }
    }

    private func lend(_ ledger: inout SampleLedger, atMost blocks: Int, to worker: WorkerID)
        -> Lease?
    {
        ledger.lend(atMost: blocks, to: worker)
    }

    private struct Always: StoppingRule {
        func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool { true }
    }

    private struct Late: StoppingRule {
        func isDecided(selection: ClassCounts, estimation: ClassCounts) -> Bool {
            estimation.samples >= 12
        }
    }
}

extension SampleLedger {
    /// Looks at the checkpoints, and then takes the next input if it is decided.
    fileprivate mutating func takeDecidedInput() throws -> SettledInput? {
        var rule: any StoppingRule = AllSamples()
        _ = try look(with: &rule)
        return takeSettledInput()
    }
}
