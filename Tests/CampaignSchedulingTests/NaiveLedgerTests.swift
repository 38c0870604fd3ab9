import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise
import Testing

/// Law 2 on a second, naive model of the ledger: a list of single blocks, each of which is owed, lent
/// or settled. It throws on an illegal step, and random events drive it beside the real one.
@Suite struct NaiveLedgerTests {
    @Test(arguments: 1...80 as ClosedRange<UInt64>)
    func `the ledger does nothing that single blocks would not allow`(seed: UInt64) throws {
        var choices = Choices(seed: seed)
        var pair = LedgerPair(
            openInputs: 1 + choices.below(4), borrows: seed % 4 == 0, looksAtPrefixes: seed % 3 > 0,
            budget: seed % 3 == 2 ? 60 + choices.below(70) : nil)
        var steps = 0
        while !pair.isFinished {
            steps += 1
            try #require(steps < 40_000, "the campaign does not end")
            try pair.step(&choices)
        }
        #expect(pair.naive.decided == pair.inputs)
    }

    /// A campaign that goes on where another one with the same key ended counts only the rest, and
    /// decides every input on the same counts.
    @Test(arguments: 1...80 as ClosedRange<UInt64>)
    func `nor does one that takes over what another run has counted`(seed: UInt64) throws {
        var choices = Choices(seed: seed)
        var pair = LedgerPair(
            openInputs: 1 + choices.below(4), borrows: seed % 4 == 0, looksAtPrefixes: seed % 3 > 0,
            takingOver: &choices)
        var steps = 0
        while !pair.isFinished {
            steps += 1
            try #require(steps < 40_000, "the campaign does not end")
            try pair.step(&choices)
        }
        #expect(pair.naive.decided == pair.inputs)
    }

    @Test func `only what ends with a block at a checkpoint, or before the first, is taken over`() {
        func counts(_ selection: Int, _ estimation: Int) -> TakenOver {
            TakenOver(selection: ClassCounts([selection]), estimation: ClassCounts([estimation]))
        }
        let fixed = Campaign.outline(checkpoints: [21])
        let sequential = Campaign.outline(checkpoints: [8, 16, 21])
        for samples in 0...22 {
            #expect(
                fixed.canTakeOver(counts(6, samples)) == [4, 8, 12, 16, 20, 21].contains(samples))
            #expect(
                sequential.canTakeOver(counts(6, samples)) == [4, 8, 16, 21].contains(samples))
            #expect(!fixed.canTakeOver(counts(5, samples)))
        }
    }
}

/// The real ledger and the naive one, driven by the same events.
private struct LedgerPair {
    let inputs = 5
    private var real: SampleLedger
    var naive: NaiveLedger
    private var out: [(lease: Lease, worker: WorkerID)] = []
    private var journal: [JournalEntry] = []
    private var highest: UInt64 = 0
    private let workers = (1...4).map { Campaign.worker(UInt8($0)) }

    /// Whether few leases are answered and most of them given back.
    private let borrows: Bool
    private let outline: CampaignOutline
    private var takenOver: [TakenOver] = []
    private var rule: any StoppingRule = Campaign.Whim()

    init(openInputs: Int, borrows: Bool, looksAtPrefixes: Bool, budget: Int?) {
        self.borrows = borrows
        outline = Campaign.outline(
            inputs: 5, checkpoints: looksAtPrefixes ? [4, 8, 12, 16, 21] : [21], budget: budget)
        real = SampleLedger(outline: outline, maximumOpenInputs: openInputs)
        naive = NaiveLedger(outline)
    }

    /// What was counted of each input ends at some checkpoint up to the one that decides it, or, if
    /// there is one only, with some block.
    init(
        openInputs: Int, borrows: Bool, looksAtPrefixes: Bool, takingOver choices: inout Choices
    ) {
        self.init(
            openInputs: openInputs, borrows: borrows, looksAtPrefixes: looksAtPrefixes, budget: nil)
        for input in outline.inputs {
            let needed = Campaign.samplesToDecide(input.index, outline)
            let ends =
                looksAtPrefixes
                ? outline.checkpoints.filter { $0 <= needed } : [4, 8, 12, 16, 20, 21]
            let samples = ends[choices.below(ends.count)]
            takenOver.append(
                TakenOver(
                    selection: Campaign.counts(
                        input: input.index, phase: .selection, samples: outline.selectionSamples),
                    estimation: Campaign.counts(
                        input: input.index, phase: .estimation, samples: samples)))
            naive.takeOver(input.index, samples)
        }
        var history = CampaignHistory()
        history.takenOver = takenOver
        real = SampleLedger(outline: outline, maximumOpenInputs: openInputs, history: history)
    }

    var isFinished: Bool { real.isFinished }

    mutating func step(_ choices: inout Choices) throws {
        let worker = workers[choices.below(workers.count)]
        switch choices.below(20) {
        case 0..<6:
            guard let lease = real.lend(atMost: 1 + choices.below(4), to: worker) else { break }
            try naive.lend(lease, to: worker)
            note(lease, worker)
        case 6..<8:
            guard let lease = real.lendCopy(to: worker) else { break }
            try naive.copy(lease, to: worker)
            note(lease, worker)
        case 8:
            guard let (lease, _) = out.randomElement(&choices) else { break }
            real.giveBack(lease.id)
            naive.giveBack(lease.id)
        case 9:
            guard let (lease, holder) = out.randomElement(&choices) else { break }
            try naive.fail(lease, of: holder, real.fail(lease.id))
            guard choices.below(2) == 0,
                let again = real.lendAgain(lease.id, to: worker)
            else { break }
            try naive.lendAgain(again, to: worker)
            note(again, worker)
        case 10..<18:
            // In some campaigns much more is lent than is ever answered.
            guard !borrows || choices.below(8) == 0 else { break }
            guard let (lease, holder) = out.randomElement(&choices) else { break }
            try settle(lease, holder, &choices)
        case 18:
            let cancelled = try real.look(with: &rule)
            #expect(real.violatedInvariant() == nil)
            try naive.cancel(cancelled)
            repeat {
                try naive.check(real.takeSettledInput(), &journal)
                // With a budget all are taken at once, as the coordinator does.
            } while outline.budget != nil && real.takenInputs > 0 && !real.isFinished
        default: restart(&choices)
        }
        #expect(real.violatedInvariant() == nil)
        #expect(real.settledSamples == naive.settledSamples)
    }

    private mutating func note(_ lease: Lease, _ worker: WorkerID) {
        out.append((lease, worker))
        highest = max(highest, lease.id.number)
        guard let lent = real.lentRange(of: lease.id) else { return }
        journal.append(.lent(lent))
    }

    private mutating func settle(
        _ lease: Lease, _ holder: WorkerID, _ choices: inout Choices
    ) throws {
        var tally = Campaign.tally(lease)
        let isWrong = choices.below(10) == 0
        if isWrong { tally.counts.count(0) }
        let lent = real.lentRange(of: lease.id)
        let settlement = real.settle(tally, from: holder)
        try naive.settle(lease, settlement, isWrong: isWrong)
        guard case .counted = settlement, let lent else { return }
        journal.append(
            .settled(
                SettledRange(
                    lease: lent.lease, position: lent.position, range: lent.range,
                    counts: tally.counts, nanoseconds: 1, worker: Campaign.hello(1))))
    }

    /// A coordinator that is started again knows what the journal knows.
    private mutating func restart(_ choices: inout Choices) {
        guard choices.below(5) == 0 else { return }
        highest += 100
        var history = CampaignHistory(replaying: journal)
        history.takenOver = takenOver
        real = SampleLedger(
            outline: outline,
            maximumOpenInputs: real.maximumOpenInputs, firstLease: highest, history: history)
        naive.takeEverythingBack()
    }
}

/// What may be done with single blocks, and nothing about how.
private struct NaiveLedger {
    private enum State: Equatable {
        case owed
        case lent(Set<LeaseID>)
        case settled
    }

    private struct Block: Hashable {
        let input: UInt32
        let phase: SamplingPhase
        let number: Int
    }

    private struct Illegal: Error, CustomStringConvertible {
        let description: String
    }

    private let outline: CampaignOutline
    /// The leases of each block, oldest first, and the blocks on which a classifier has failed.
    private var lent: [Block: [LeaseID]] = [:]
    private var failed: [Block: Set<WorkerID>] = [:]
    private var states: [Block: State] = [:]
    private var holders: [LeaseID: WorkerID] = [:]
    private(set) var settledSamples = 0
    private(set) var decided = 0

    init(_ outline: CampaignOutline) {
        self.outline = outline
        for input in outline.inputs {
            for phase in SamplingPhase.allCases {
                for number in 0..<outline.blocks(in: phase) {
                    states[Block(input: input.index, phase: phase, number: number)] = .owed
                }
            }
        }
    }

    mutating func takeOver(_ input: UInt32, _ samples: Int) {
        settledSamples += outline.selectionSamples + samples
        for block in states.keys where block.input == input {
            let first = block.number * outline.blockSize
            if block.phase == .selection || first < samples { states[block] = .settled }
        }
    }

    private func blocks(of lease: Lease) -> [Block] {
        (lease.blocks.first..<lease.blocks.first + lease.blocks.count).map {
            Block(input: lease.input, phase: lease.blocks.phase, number: $0)
        }
    }

    mutating func lend(_ lease: Lease, to worker: WorkerID) throws {
        guard holders[lease.id] == nil else { throw Illegal(description: "\(lease.id) again") }
        holders[lease.id] = worker
        for block in blocks(of: lease) {
            guard states[block] == .owed else {
                throw Illegal(description: "\(block) is lent and not owed")
            }
            states[block] = .lent([lease.id])
            lent[block, default: []].append(lease.id)
        }
    }

    mutating func copy(_ lease: Lease, to worker: WorkerID) throws {
        guard blocks(of: lease).allSatisfy({ failed[$0] == nil }) else {
            throw Illegal(description: "\(lease.id) is a copy of what failed")
        }
        try addHolder(lease, worker)
    }

    private mutating func addHolder(_ lease: Lease, _ worker: WorkerID) throws {
        holders[lease.id] = worker
        for block in blocks(of: lease) {
            lent[block, default: []].append(lease.id)
            guard case .lent(let ids)? = states[block], ids.count == 1,
                ids.allSatisfy({ holders[$0] != worker })
            else { throw Illegal(description: "\(block) has no other holder to copy from") }
            states[block] = .lent(ids.union([lease.id]))
        }
    }

    mutating func giveBack(_ id: LeaseID) {
        for (block, state) in states {
            guard case .lent(let ids) = state, ids.contains(id) else { continue }
            let rest = ids.subtracting([id])
            states[block] = rest.isEmpty ? .owed : .lent(rest)
        }
    }

    /// A lease that somebody has fails and is owed again, unless somebody else has it too.
    mutating func fail(_ lease: Lease, of worker: WorkerID, _ answer: FailedRange?) throws {
        let blocks = blocks(of: lease)
        guard case .lent(let ids)? = states[blocks[0]], ids.contains(lease.id) else {
            guard answer == nil else { throw Illegal(description: "nobody has \(lease.id)") }
            return
        }
        giveBack(lease.id)
        for block in blocks { failed[block, default: []].insert(worker) }
        guard let answer, answer.isHeld == (ids.count == 2), answer.workers == failed[blocks[0]]
        else { throw Illegal(description: "\(lease.id) was failed by others") }
    }

    mutating func lendAgain(_ lease: Lease, to worker: WorkerID) throws {
        let blocks = blocks(of: lease)
        guard blocks.allSatisfy({ failed[$0] != nil }) else {
            throw Illegal(description: "\(lease.id) did not fail")
        }
        if states[blocks[0]] == .owed {
            try lend(lease, to: worker)
        } else {
            try addHolder(lease, worker)
        }
    }

    /// A tally comes too late only for an input that is decided, past the checkpoint that decides one,
    /// or when its blocks were lent many times since and somebody else has them.
    private func mayBeLate(_ lease: Lease) -> Bool {
        if outline.inputs.prefix(decided).contains(where: { $0.index == lease.input }) {
            return true
        }
        let needed = Campaign.samplesToDecide(lease.input, outline)
        if lease.blocks.phase == .estimation, lease.blocks.first * outline.blockSize >= needed {
            return true
        }
        return blocks(of: lease).allSatisfy { block in
            if case .lent(let ids)? = states[block], ids.contains(lease.id) { return false }
            let newest = SampleLedger.rememberedLeasesOfRange - 2
            return !lent[block, default: []].suffix(newest).contains(lease.id)
        }
    }

    /// Only what lies past the checkpoint that decides an input is cancelled.
    mutating func cancel(_ ids: [LeaseID]) throws {
        for (block, state) in states {
            guard case .lent(let holders) = state, !holders.isDisjoint(with: ids) else { continue }
            let needed = Campaign.samplesToDecide(block.input, outline)
            guard block.phase == .estimation, block.number * outline.blockSize >= needed else {
                throw Illegal(description: "\(block) is needed, and was cancelled")
            }
            states[block] = .owed
        }
    }

    mutating func takeEverythingBack() {
        failed = [:]
        for (block, state) in states {
            if case .lent = state { states[block] = .owed }
        }
    }

    mutating func settle(_ lease: Lease, _ settlement: Settlement, isWrong: Bool) throws {
        let blocks = blocks(of: lease)
        let settled = blocks.count { states[$0] == .settled }
        switch settlement {
        case .counted(let samples, _):
            guard settled == 0, !isWrong, samples == lease.samples else {
                throw Illegal(description: "\(lease.id) counts \(samples) samples")
            }
            for block in blocks {
                states[block] = .settled
                failed[block] = nil
            }
            settledSamples += samples
        case .repeated:
            guard settled == blocks.count, !isWrong else {
                throw Illegal(description: "\(lease.id) is no repetition")
            }
        case .late:
            guard mayBeLate(lease) else {
                throw Illegal(description: "\(lease.id) is forgotten too early")
            }
        case .refused:
            guard isWrong else { throw Illegal(description: "\(lease.id) was refused") }
        case .contradicts: throw Illegal(description: "nobody contradicts \(lease.id)")
        }
    }

    mutating func check(_ input: SettledInput?, _ journal: inout [JournalEntry]) throws {
        guard let input else { return }
        let needed = Campaign.samplesToDecide(input.index, outline)
        for (block, state) in states
        where block.input == input.index && state != .settled
            && (block.phase == .selection || block.number * outline.blockSize < needed)
        {
            throw Illegal(description: "\(block) was not settled when its input was decided")
        }
        let right = [
            Campaign.counts(
                input: input.index, phase: .selection, samples: outline.selectionSamples),
            Campaign.counts(input: input.index, phase: .estimation, samples: needed),
        ]
        guard input.selection == right[0], input.estimation == right[1],
            input.position == decided
        else { throw Illegal(description: "input \(input.index) has other counts or place") }
        decided += 1
        journal.append(.decided(input))
    }
}

extension Array {
    fileprivate func randomElement(_ choices: inout Choices) -> Element? {
        isEmpty ? nil : self[choices.below(count)]
    }
}
