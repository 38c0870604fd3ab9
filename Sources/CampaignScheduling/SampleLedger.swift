public import RandomizedSmoothing
import SmoothingNoise

/// Which sample indices are owed, lent and settled.
///
/// Law 2: every sample index that a certificate rests on was counted once. A range of blocks is
/// cut off once, keeps its limits for ever, and is settled by the first whole tally for it,
/// whichever lease that answers. A later tally for the same range is compared with the first.
///
/// Law 4: the estimation of an input may end at any of the outline's checkpoints. Blocks past the next
/// one are lent only when nothing else could be lent; what was counted past the one at which an input
/// was decided belongs to no record.
///
/// With a budget, inputs are counted in rounds: in each, an input is counted up to a goal unless it is
/// decided before, and rests there. When all are decided or rest, the rule sets the next goals; when it
/// sets none, they are decided with what they have. So goals are a function of counts, which are those of
/// every other run. All inputs are open until then.
///
/// Memory is bounded by the inputs in flight: an input is opened when its first block is lent, and
/// forgotten when it and all those before it are decided. Opening waits while
/// ``maximumOpenInputs`` are open. Nothing new is cut off while a range is owed again, and a range
/// remembers at most ``rememberedLeasesOfRange`` leases; so there are never more ranges than were
/// settled or held at the same time, however often somebody borrows and gives back.
public struct SampleLedger: Sendable {
    /// What is to be counted.
    public let outline: CampaignOutline
    /// The most inputs that are open at the same time.
    public let maximumOpenInputs: Int

    /// The inputs from `firstOpen` on that were opened and are not forgotten yet, in order.
    private var open: [OpenInput] = []
    /// The position in the campaign of the first of them.
    private var firstOpen = 0
    /// The positions of open inputs with released blocks that were never lent, in order.
    private var uncut: [Int] = []
    /// The positions of open inputs that have reached a checkpoint and were not looked at.
    private var due: [Int] = []
    /// Ranges that were lent and given back, lent again before anything new, oldest first.
    private var returned: ArraySlice<OwedRange> = []
    /// The leases of open inputs, also those that were given back: their tally may still come.
    private var leases: [LeaseID: Entry] = [:]
    private var nextLease: UInt64
    /// Leases in the order of lending, among them all whose range nobody else holds.
    private var soleHolders: ArraySlice<LeaseID> = []

    /// How many blocks were never lent or were given back, and may be needed.
    public private(set) var owedBlocks: Int
    /// How many blocks somebody holds.
    public private(set) var lentBlocks = 0
    /// How many blocks are settled, or not needed since their input was decided without them.
    public private(set) var closedBlocks = 0
    /// How many samples are settled.
    public private(set) var settledSamples = 0
    /// How many samples were settled, or lent and not settled, when their input was decided without
    /// them.
    public private(set) var needlessSamples = 0
    private var decidedOpenInputs = 0
    private var restingInputs = 0
    /// How many blocks of open inputs are owed, and wait for a look at a checkpoint before them.
    private var withheldBlocks = 0
    /// The same of inputs that were not opened yet.
    private var withheldUnopened = 0
    /// What another run has counted of each input; empty: there is none.
    private let takenOver: [TakenOver]

    /// A ledger that goes on where a history ends; without one everything is owed. Leases are
    /// numbered from `firstLease` on.
    public init(
        outline: CampaignOutline, maximumOpenInputs: Int? = nil, firstLease: UInt64 = 1,
        history: CampaignHistory = CampaignHistory()
    ) {
        self.outline = outline
        nextLease = firstLease
        self.maximumOpenInputs =
            outline.budget == nil
            ? max(1, maximumOpenInputs ?? SampleLedger.openInputs(outline)) : outline.inputs.count
        owedBlocks = outline.totalBlocks
        takenOver = history.takenOver
        precondition(takenOver.isEmpty || takenOver.count == outline.inputs.count)
        restore(history)
    }

    /// So many that a large fleet is never idle while one lost lease is counted again, and their
    /// counts fill no more than 64 MiB.
    private static func openInputs(_ outline: CampaignOutline) -> Int {
        min(max(16, (64 << 20) / (1024 + 32 * outline.classCount)), 8192)
    }

    /// How many blocks can be lent without going past a checkpoint that was not looked at.
    public var lendableBlocks: Int {
        owedBlocks - withheldBlocks - withheldUnopened
    }

    /// The most leases that a range remembers. Of more, the oldest that is not lent any more is
    /// forgotten: its tally would come late.
    public static let rememberedLeasesOfRange = 8

    /// How many leases are known: a tally for any of them would be compared or counted.
    public var rememberedLeases: Int { leases.count }

    /// Whether every input was settled and taken by ``takeSettledInput()``.
    public var isFinished: Bool { firstOpen == outline.inputs.count }

    /// How many inputs are decided, taken or not.
    public var decidedInputs: Int { firstOpen + decidedOpenInputs }

    /// How many inputs, counted from the first of the campaign, are settled and taken.
    public var takenInputs: Int { firstOpen }

    /// Lends at most so many blocks of one phase of one input; nil when nothing can be lent now.
    public mutating func lend(atMost blocks: Int, to borrower: WorkerID) -> Lease? {
        guard
            let (position, range) = takeReturned(atMost: max(1, blocks))
                ?? cut(atMost: max(1, blocks))
        else {
            return nil
        }
        owedBlocks -= range.count
        lentBlocks += range.count
        return register(range, of: position, borrower: borrower)
    }

    /// Lends a second copy of the range that is out the longest, when nothing else can be lent: the
    /// first whole tally counts, so one slow or stuck worker holds nobody up. Nobody gets a copy of
    /// what it holds itself, no range has more than two holders, and one on which a classifier
    /// failed is copied by ``lendAgain(_:to:)`` alone.
    public mutating func lendCopy(to borrower: WorkerID) -> Lease? {
        var own: [LeaseID] = []
        defer { soleHolders.insert(contentsOf: own, at: soleHolders.startIndex) }
        while let id = soleHolders.popFirst() {
            guard let entry = leases[id], mayBeCopied(entry) else { continue }
            guard entry.borrower != borrower else {
                own.append(id)
                continue
            }
            return register(entry.range, of: entry.position, borrower: borrower)
        }
        return nil
    }

    private func mayBeCopied(_ entry: Entry) -> Bool {
        let input = open[entry.position - firstOpen]
        return entry.isLent && holders(of: entry.range, in: input) == 1
            && input.failures(on: entry.range) == nil
    }

    /// Lends the range of a lease, on which a classifier has failed, if it is owed, or a copy of it,
    /// if it has one holder and that is somebody else.
    public mutating func lendAgain(_ id: LeaseID, to borrower: WorkerID) -> Lease? {
        guard let entry = leases[id] else { return nil }
        let input = open[entry.position - firstOpen]
        guard input.failures(on: entry.range) != nil else { return nil }
        let holders = input.leases(of: entry.range).filter { leases[$0]?.isLent == true }
        if holders.isEmpty {
            guard forgetReturned(entry) else { return nil }
            lentBlocks += entry.range.count
        } else {
            guard holders.count == 1, leases[holders[0]]?.borrower != borrower else { return nil }
        }
        return register(entry.range, of: entry.position, borrower: borrower)
    }

    private mutating func register(
        _ range: BlockRange, of position: Int, borrower: WorkerID
    ) -> Lease {
        let id = LeaseID(nextLease)
        nextLease &+= 1
        let input = outline.inputs[position]
        leases[id] = Entry(position: position, range: range, borrower: borrower, isLent: true)
        open[position - firstOpen].add(id, for: range)
        let lent = open[position - firstOpen].leases(of: range).filter {
            leases[$0]?.isLent == true
        }
        forgetOldLeases(of: range, at: position, unless: lent.contains)
        soleHolders.append(id)
        if soleHolders.count > 1024 + 2 * leases.count {
            var seen: Set<LeaseID> = []
            soleHolders.removeAll { leases[$0]?.isLent != true || !seen.insert($0).inserted }
        }
        return Lease(
            id: id, input: input.index, image: input.image, blocks: range,
            samples: outline.samples(in: range))
    }

    private mutating func forgetOldLeases(
        of range: BlockRange, at position: Int, unless isWanted: (LeaseID) -> Bool
    ) {
        let known = open[position - firstOpen].leases(of: range)
        let surplus = known.count - SampleLedger.rememberedLeasesOfRange
        guard surplus > 0 else { return }
        let old = known.filter { !isWanted($0) }.prefix(surplus)
        for id in old { leases[id] = nil }
        open[position - firstOpen].forget(Set(old), of: range)
    }

    /// What a journal must know of a lease before it can know that the lease is settled; nil when
    /// that was asked before.
    public mutating func takeUnjournalled(_ id: LeaseID) -> LentRange? {
        guard leases[id]?.isJournalled == false else { return nil }
        leases[id]?.isJournalled = true
        return lentRange(of: id)
    }

    /// Takes a lease back: its range is owed again, unless it is settled or lent to somebody else.
    /// A tally for the lease that comes all the same may still count.
    public mutating func giveBack(_ id: LeaseID) {
        guard var entry = leases[id], entry.isLent else { return }
        entry.isLent = false
        leases[id] = entry
        let input = open[entry.position - firstOpen]
        guard input.settled(entry.range) == nil else { return }
        guard holders(of: entry.range, in: input) == 0 else {
            soleHolders += input.leases(of: entry.range).filter { leases[$0]?.isLent == true }
            return
        }
        returned.append(
            OwedRange(position: entry.position, range: entry.range, wasLent: true))
        owedBlocks += entry.range.count
        lentBlocks -= entry.range.count
    }

    /// Takes back a lease on which the classifier failed, and says who has failed on its range so
    /// far; nil when it is not lent.
    public mutating func fail(_ id: LeaseID) -> FailedRange? {
        guard let entry = leases[id], entry.isLent else { return nil }
        giveBack(id)
        let slot = entry.position - firstOpen
        return FailedRange(
            workers: open[slot].fail(entry.range, by: entry.borrower),
            isHeld: holders(of: entry.range, in: open[slot]) > 0)
    }

    /// Settles the range of a lease by its tally, if that is whole and the first one.
    public mutating func settle(_ tally: Tally, from worker: WorkerID) -> Settlement {
        guard tally.campaign == outline.campaign else {
            return .refused("it belongs to campaign \(tally.campaign)")
        }
        guard let entry = leases[tally.lease] else { return .late }
        guard entry.borrower == worker else {
            return .refused("\(tally.lease) was lent to another worker")
        }
        let samples = outline.samples(in: entry.range)
        guard tally.counts.isPlausible(classes: outline.classCount, samples: samples) else {
            return .refused(
                "\(tally.lease) holds \(samples) samples of \(outline.classCount) classes, "
                    + "and its counts are not so many of so many")
        }
        let slot = entry.position - firstOpen
        if let first = open[slot].settled(entry.range) {
            return first.counts == tally.counts.hashValue
                ? .repeated
                : .contradicts(
                    input: outline.inputs[entry.position].index, range: entry.range,
                    first: first.worker)
        }
        guard !open[slot].isNeedless(entry.range, outline) else { return .late }
        if holders(of: entry.range, in: open[slot]) > 0 {
            lentBlocks -= entry.range.count
        } else {
            forgetReturned(entry)
        }
        open[slot].settle(
            entry.range, tally.counts, nanoseconds: tally.nanoseconds, by: worker)
        if open[slot].hasReachedCheckpoint { due.append(entry.position) }
        settledSamples += samples
        closedBlocks += entry.range.count
        let copies = open[slot].leases(of: entry.range).filter { id in
            id != tally.lease && leases[id]?.isLent == true
        }
        for id in copies + [tally.lease] { leases[id]?.isLent = false }
        return .counted(samples: samples, copies: copies)
    }

    /// Looks at every input that has reached a checkpoint: the only place where the end of an input's
    /// estimation depends on counts, and these are of a contiguous prefix (law 4).
    ///
    /// - Parameter rule: says whether an input needs more samples; not asked at the last checkpoint.
    /// - Returns: the leases that nobody needs any more.
    public mutating func look(with rule: inout any StoppingRule) throws -> [LeaseID] {
        var needless: [LeaseID] = []
        repeat {
            while let position = due.popLast() {
                needless += try look(at: position, with: &rule)
            }
        } while try openTakenOver() || beginRound(with: &rule)
        return needless
    }

    private mutating func look(
        at position: Int, with rule: inout any StoppingRule
    ) throws -> [LeaseID] {
        let slot = position - firstOpen
        while open[slot].hasReachedCheckpoint {
            open[slot].passCheckpoint()
            let isLast = open[slot].passed == outline.checkpoints.count
            if try isLast
                || rule.isDecided(
                    selection: open[slot].selection, estimation: open[slot].estimation)
            {
                return decide(position)
            }
            if open[slot].rests {
                restingInputs += 1
            } else if open[slot].segmentsAhead == 0 {
                release(position)
            }
        }
        return []
    }

    /// Sets the goals of the next round, when all inputs are decided or rest; without any, ends the
    /// estimation of those that rest. False: there is no round to begin.
    private mutating func beginRound(with rule: inout any StoppingRule) throws -> Bool {
        guard let budget = outline.budget, restingInputs > 0,
            decidedInputs + restingInputs == outline.inputs.count
        else { return false }
        let resting = open.indices.filter { open[$0].rests }
        let left = budget - spentSamples
        let goals = try rule.goals(
            of: resting.map {
                RestingInput(selection: open[$0].selection, estimation: open[$0].estimation)
            }, samplesLeft: left)
        let more = zip(resting, goals)
            .map { slot, goal in (slot, limit: outline.checkpoints.count { $0 <= goal }) }
            .filter { open[$0].passed < $1 }
        restingInputs = more.isEmpty ? 0 : resting.count - more.count
        for (slot, limit) in more {
            open[slot].raiseLimit(to: limit)
            if open[slot].hasReachedCheckpoint { due.append(firstOpen + slot) }
            if open[slot].segmentsAhead == 0 { release(firstOpen + slot) }
        }
        guard more.isEmpty else { return true }
        // Nothing of them is out: they rest.
        for slot in resting { _ = decide(firstOpen + slot) }
        return false
    }

    /// How many samples records would rest on if no input was counted any further.
    private var spentSamples: Int {
        open.reduce(outline.inputs.count * outline.selectionSamples) { $0 + $1.estimation.samples }
    }

    /// Opens an input that another run has counted up to a checkpoint, since it may need a look and no
    /// more samples; but only while few are there to be lent.
    private mutating func openTakenOver() -> Bool {
        guard !takenOver.isEmpty, uncut.count < 64 else { return false }
        return openNextInput()
    }

    /// Ends the estimation of an input; returns the leases of it that are out.
    private mutating func decide(_ position: Int) -> [LeaseID] {
        let slot = position - firstOpen
        let past = outline.blocks(in: .estimation) - outline.checkpointEnds[open[slot].passed - 1]
        withheldBlocks -= outline.blocks(in: .estimation) - open[slot].releasedEnd
        let vain = open[slot].decide(outline)
        decidedOpenInputs += 1
        needlessSamples += vain.samples
        var out: [LeaseID] = []
        var heldBlocks = 0
        for range in open[slot].lentRanges(in: .estimation)
        where open[slot].isNeedless(range, outline) {
            let held = open[slot].leases(of: range).filter { leases[$0]?.isLent == true }
            guard !held.isEmpty else { continue }
            for id in held { leases[id]?.isLent = false }
            out += held
            heldBlocks += range.count
            needlessSamples += outline.samples(in: range)
        }
        let decided = open[slot]
        returned.removeAll {
            $0.position == position && decided.isNeedless($0.range, outline)
        }
        if let place = uncut.firstIndex(of: position) { uncut.remove(at: place) }
        lentBlocks -= heldBlocks
        owedBlocks -= past - vain.blocks - heldBlocks
        closedBlocks += past - vain.blocks
        return out
    }

    private mutating func release(_ position: Int) {
        withheldBlocks -= open[position - firstOpen].release(outline)
        noteUncut(position)
    }

    private mutating func noteUncut(_ position: Int) {
        var (low, high) = (0, uncut.count)
        while low < high {
            let middle = (low + high) / 2
            if uncut[middle] < position { low = middle + 1 } else { high = middle }
        }
        if low == uncut.count || uncut[low] != position { uncut.insert(position, at: low) }
    }

    /// The range that a lease is for; nil when it is not known (any more).
    public func lentRange(of id: LeaseID) -> LentRange? {
        leases[id].map {
            LentRange(
                lease: id, position: $0.position, range: $0.range, borrower: $0.borrower)
        }
    }

    /// Takes the next input in campaign order if it is decided, and forgets it.
    public mutating func takeSettledInput() -> SettledInput? {
        guard let input = open.first, input.isDecided else { return nil }
        if outline.budget != nil, decidedInputs < outline.inputs.count { return nil }
        open.removeFirst()
        input.forEachLease { leases[$0] = nil }
        decidedOpenInputs -= 1
        defer { firstOpen += 1 }
        return SettledInput(
            position: firstOpen, index: outline.inputs[firstOpen].index,
            selection: input.selection, estimation: input.estimation,
            nanoseconds: input.nanoseconds)
    }

    /// The oldest range that is owed again. One that was lent keeps its limits; one that never was is
    /// cut to size.
    private mutating func takeReturned(
        atMost blocks: Int
    ) -> (position: Int, range: BlockRange)? {
        guard let oldest = returned.first else { return nil }
        guard !oldest.wasLent, oldest.range.count > blocks else {
            returned = returned.dropFirst()
            return (oldest.position, oldest.range)
        }
        var (range, rest) = (oldest.range, oldest.range)
        range.count = blocks
        rest.first += blocks
        rest.count -= blocks
        returned[returned.startIndex] = OwedRange(
            position: oldest.position, range: rest, wasLent: false)
        return (oldest.position, range)
    }

    /// A range that was settled by a tally that came after its lease was given back, or is lent out
    /// of turn, is owed no more. False: it was not owed.
    @discardableResult
    private mutating func forgetReturned(_ entry: Entry) -> Bool {
        let owed = OwedRange(position: entry.position, range: entry.range, wasLent: true)
        guard let place = returned.firstIndex(of: owed) else { return false }
        returned.remove(at: place)
        owedBlocks -= entry.range.count
        return true
    }

    /// Blocks that were never lent: of the first open input that has some, else of an input that is
    /// opened now, else of one that has not been looked at as far as that.
    private mutating func cut(atMost blocks: Int) -> (position: Int, range: BlockRange)? {
        if uncut.isEmpty { openNextInput() }
        if uncut.isEmpty { releaseAhead() }
        guard let position = uncut.first else { return nil }
        let slot = position - firstOpen
        guard let range = open[slot].cut(atMost: blocks, outline) else { return nil }
        if open[slot].uncutBlocks(outline) == 0 { uncut.removeFirst() }
        return (position, range)
    }

    /// False: all are open, or as many as may be.
    @discardableResult
    private mutating func openNextInput() -> Bool {
        let position = firstOpen + open.count
        guard position < outline.inputs.count, open.count < maximumOpenInputs else { return false }
        openInput()
        if open[open.count - 1].hasReachedCheckpoint {
            due.append(position)
        } else {
            noteUncut(position)
        }
        return true
    }

    private mutating func openInput() {
        let input =
            takenOver.isEmpty
            ? OpenInput(outline)
            : OpenInput(outline, takingOver: takenOver[firstOpen + open.count])
        let withheld = outline.blocks(in: .estimation) - input.releasedEnd
        withheldBlocks += withheld
        withheldUnopened -= withheld
        open.append(input)
    }

    /// Releases a segment before the look that may make it needless, of the input that is farthest,
    /// since that is the most likely to need it; no second one of an input that has half as many
    /// blocks ahead of its last look as behind it; and none that may waste too much.
    private mutating func releaseAhead() {
        var best: Int?
        var ahead = 0
        for slot in open.indices where !open[slot].isDecided {
            ahead += open[slot].blocksAhead
            let passed = open[slot].passed
            guard open[slot].hasMore, passed > 0 else { continue }
            let behind = outline.checkpointEnds[passed - 1]
            guard open[slot].releasedEnd * 2 < behind * 3 || open[slot].segmentsAhead == 1
            else { continue }
            if best.map({ open[$0].passed < passed }) ?? true { best = slot }
        }
        guard let best else { return }
        let next = outline.segmentEnd(of: open[best].releasedEnd) - open[best].releasedEnd
        if mayCount(ahead: ahead + next) { release(firstOpen + best) }
    }

    /// Whether so many blocks may be counted ahead of looks: what was needless so far, and half of what
    /// is ahead, must be no more than a fortieth of all that is settled, or a handful of blocks. So no
    /// more than a twentieth is wasted, even if all inputs that are left stop at once.
    private func mayCount(ahead blocks: Int) -> Bool {
        needlessSamples + blocks * outline.blockSize / 2
            <= max(SampleLedger.handful * outline.blockSize, settledSamples / 40)
    }

    /// So many blocks keep the workers of a small campaign busy, and are nothing in a large one.
    private static let handful = 16

    private func holders(of range: BlockRange, in input: OpenInput) -> Int {
        input.leases(of: range).count { leases[$0]?.isLent == true }
    }
}

/// What became of a tally.
public enum Settlement: Hashable, Sendable {
    /// It counts. Other leases of the same range are settled with it.
    case counted(samples: Int, copies: [LeaseID])
    /// Its range was settled before, with the same counts.
    case repeated
    /// Its input was decided before, or the lease is not known.
    case late
    /// It cannot be the answer to the lease; the rest of a sentence says why.
    case refused(String)
    /// Its range was settled before by this worker, with other counts: the counts belong to no single
    /// classifier.
    case contradicts(input: UInt32, range: BlockRange, first: WorkerID)
}

/// A range on which a classifier has failed.
public struct FailedRange: Hashable, Sendable {
    /// On whose classifiers.
    public let workers: Set<WorkerID>
    /// Whether somebody else still holds it, and may count it.
    public let isHeld: Bool
}

extension SampleLedger {
    private struct Entry: Sendable {
        let position: Int
        let range: BlockRange
        let borrower: WorkerID
        var isLent: Bool
        var isJournalled = false
    }

    private struct OwedRange: Hashable, Sendable {
        let position: Int
        let range: BlockRange
        let wasLent: Bool
    }
}

// Going on after a restart
// ------------------------
// Ranges keep the limits with which they were lent, and their leases stay known, so what workers
// counted while nobody coordinated is still good. What lies between them was lent by a coordinator
// that did not journal it, or never lent; it is cut anew. Of a range that was lent too often only the
// newest leases stay known, and the one that settled it.

extension SampleLedger {
    private mutating func restore(_ history: CampaignHistory) {
        firstOpen = min(max(0, history.decidedInputs), outline.inputs.count)
        closedBlocks = firstOpen * outline.blocksPerInput
        closedBlocks += takenOver.dropFirst(firstOpen).reduce(0) { $0 + blocks(of: $1) }
        owedBlocks -= closedBlocks
        withheldUnopened =
            takenOver.isEmpty
            ? (outline.inputs.count - firstOpen) * outline.withheldBlocks(after: nil)
            : takenOver.dropFirst(firstOpen).reduce(0) { $0 + outline.withheldBlocks(after: $1) }
        for lent in history.lent where isPossible(lent.position, lent.range) {
            while firstOpen + open.count <= lent.position { openInput() }
            let slot = lent.position - firstOpen
            while lent.range.phase == .estimation,
                open[slot].releasedEnd < lent.range.first + lent.range.count
            {
                withheldBlocks -= open[slot].release(outline)
            }
            open[slot].add(lent.lease, for: lent.range)
            leases[lent.lease] = Entry(
                position: lent.position, range: lent.range, borrower: lent.borrower,
                isLent: false, isJournalled: true)
        }
        let settled = Set(history.settled.map(\.lease))
        for slot in open.indices {
            for range in SamplingPhase.allCases.flatMap(open[slot].lentRanges) {
                forgetOldLeases(of: range, at: firstOpen + slot, unless: settled.contains)
            }
        }
        for settled in history.settled { restore(settled) }
        for slot in open.indices { oweWhatIsLeft(of: slot) }
        settledSamples = history.contributions.reduce(0) { $0 + $1.samples }
        settledSamples += takenOver.reduce(0) { $0 + $1.selectionSamples + $1.estimationSamples }
    }

    private func blocks(of counts: TakenOver) -> Int {
        outline.blocks(in: .selection) + outline.blocks(before: counts)
    }

    private mutating func restore(_ settled: SettledRange) {
        guard let entry = leases[settled.lease], entry.position == settled.position,
            entry.range == settled.range
        else { return }
        let samples = outline.samples(in: entry.range)
        let slot = entry.position - firstOpen
        guard settled.counts.isPlausible(classes: outline.classCount, samples: samples),
            open[slot].settled(entry.range) == nil
        else { return }
        open[slot].settle(
            entry.range, settled.counts, nanoseconds: settled.nanoseconds,
            by: settled.worker.worker)
        closedBlocks += entry.range.count
        owedBlocks -= entry.range.count
    }

    private mutating func oweWhatIsLeft(of slot: Int) {
        let position = firstOpen + slot
        for phase in SamplingPhase.allCases {
            var next = takenOver.isEmpty ? 0 : takenBlocks(of: position, in: phase)
            for range in open[slot].lentRanges(in: phase) {
                oweGap(from: next, to: range.first, phase, position)
                if open[slot].settled(range) == nil {
                    returned.append(OwedRange(position: position, range: range, wasLent: true))
                }
                next = range.first + range.count
            }
            open[slot].skip(to: next, in: phase)
        }
        if open[slot].uncutBlocks(outline) > 0 { noteUncut(position) }
        if open[slot].hasReachedCheckpoint { due.append(position) }
    }

    private func takenBlocks(of position: Int, in phase: SamplingPhase) -> Int {
        phase == .selection
            ? outline.blocks(in: phase) : outline.blocks(before: takenOver[position])
    }

    /// A gap is cut at the checkpoints: what is lent lies within one segment.
    private mutating func oweGap(
        from first: Int, to end: Int, _ phase: SamplingPhase, _ position: Int
    ) {
        var first = first
        while first < end {
            let limit = phase == .selection ? end : outline.segmentEnd(of: first)
            let range = BlockRange(phase: phase, first: first, count: min(limit, end) - first)
            returned.append(OwedRange(position: position, range: range, wasLent: false))
            first += range.count
        }
    }

    private func isPossible(_ position: Int, _ range: BlockRange) -> Bool {
        position >= firstOpen && position < outline.inputs.count && range.count > 0
            && range.first >= 0 && range.count <= outline.blocks(in: range.phase) - range.first
            && (range.phase == .selection
                || range.count <= outline.segmentEnd(of: range.first) - range.first)
    }
}

// What must hold after every event
// --------------------------------

extension SampleLedger {
    /// A sentence about sums that do not add up; nil when all do. Takes no time.
    var violatedSum: String? {
        let total = outline.totalBlocks
        guard owedBlocks >= 0, lentBlocks >= 0, closedBlocks >= 0,
            owedBlocks + lentBlocks + closedBlocks == total
        else {
            return "\(owedBlocks) blocks are owed, \(lentBlocks) lent and \(closedBlocks) closed "
                + "of \(total)"
        }
        if outline.budget != nil, firstOpen > 0, !isFinished {
            return "\(firstOpen) inputs are decided, and the others not"
        }
        return open.count <= maximumOpenInputs ? nil : "\(open.count) inputs are open"
    }

    /// A sentence about bookkeeping that does not add up; nil when all does. Looks at everything
    /// that is open.
    public func violatedInvariant() -> String? {
        if let problem = violatedSum { return problem }
        if let budget = outline.budget, !open.isEmpty, spentSamples > budget {
            return "\(spentSamples) samples are spent of a budget of \(budget)"
        }
        let unopened = outline.inputs.count - firstOpen - open.count
        let released = open.reduce(returned.reduce(0) { $0 + $1.range.count }) {
            $0 + $1.uncutBlocks(outline)
        }
        let withheld = open.filter { !$0.isDecided }
            .reduce(0) { $0 + outline.blocks(in: .estimation) - $1.releasedEnd }
        guard withheld == withheldBlocks else {
            return "\(withheld) blocks are withheld, not \(withheldBlocks)"
        }
        let taken = takenOver.dropFirst(firstOpen + open.count).reduce(0) { $0 + blocks(of: $1) }
        let owed = released + withheld + unopened * outline.blocksPerInput - taken
        guard owed == owedBlocks else { return "\(owed) blocks are owed, not \(owedBlocks)" }
        let uncut = open.indices.filter { open[$0].uncutBlocks(outline) > 0 }.map { firstOpen + $0 }
        guard uncut == self.uncut else { return "inputs \(uncut) can be cut, not \(self.uncut)" }
        for slot in open.indices {
            if let problem = violatedInvariant(of: slot) { return problem }
        }
        return nil
    }

    private func violatedInvariant(of slot: Int) -> String? {
        let (input, position) = (open[slot], firstOpen + slot)
        var unsettled =
            outline.blocks(in: .selection) + input.releasedEnd - input.takenOver.blocks
        for range in SamplingPhase.allCases.flatMap(input.lentRanges) {
            var place: String { "\(range.phase) blocks from \(range.first) of input \(position)" }
            let holders = holders(of: range, in: input)
            let owed = OwedRange(position: position, range: range, wasLent: true)
            let times = returned.count { $0 == owed }
            if input.settled(range) != nil || input.isNeedless(range, outline) {
                unsettled -= range.count
                guard holders + times == 0 else { return "settled \(place) are wanted" }
            } else {
                guard (holders > 0) != (times == 1) else {
                    return "\(place) have \(holders) holders and are owed \(times) times"
                }
                guard holders <= 2 else { return "\(place) have \(holders) holders" }
            }
            guard
                holders != 1 || input.failures(on: range) != nil
                    || input.leases(of: range).contains(where: soleHolders.contains)
            else { return "nobody would get a copy of \(place)" }
            guard input.leases(of: range).count <= SampleLedger.rememberedLeasesOfRange else {
                return "\(place) remember too many leases"
            }
        }
        guard input.isDecided || unsettled == input.unsettledBlocks else {
            return "\(unsettled) blocks of input \(position) are not settled"
        }
        let counted = input.selection.samples + input.settledEstimation
        let settled = SamplingPhase.allCases.flatMap(input.lentRanges)
            .filter { input.settled($0) != nil && !input.isNeedless($0, outline) }
            .reduce(input.takenOver.samples) { $0 + outline.samples(in: $1) }
        return counted == settled
            ? nil : "\(counted) samples of input \(position) were counted, not \(settled)"
    }
}
