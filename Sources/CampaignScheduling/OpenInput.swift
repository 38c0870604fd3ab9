import RandomizedSmoothing
import SmoothingNoise

/// An input some of whose blocks were lent: what was counted of it, how far it may be counted, and
/// every lease of it.
///
/// Law 4: counts are looked at as those of a contiguous prefix of the estimation samples, and at
/// checkpoints only. The blocks between two checkpoints are a *segment*. A segment is *released* when
/// it may be lent: the first one at once, the next one when a look has not decided the input, or
/// earlier, when workers would be idle. What arrives of later segments waits in their own counts.
struct OpenInput: Sendable {
    /// The counts of the selection samples that are settled.
    private(set) var selection: ClassCounts
    /// The counts of the estimation samples up to the checkpoint that was looked at last.
    private(set) var estimation: ClassCounts
    /// How many checkpoints were looked at.
    private(set) var passed = 0
    /// How many checkpoints it may pass: all of them, or those of the present round.
    private var limit: Int
    /// Whether no more samples are needed.
    private(set) var isDecided = false
    /// The estimation blocks from this one on may not be lent yet.
    private(set) var releasedEnd = 0
    /// The time that workers spent on what is settled.
    private(set) var nanoseconds = 0
    private var unsettledSelection: Int
    /// The released segments that were not looked at, the first of which begins where `passed` ends.
    private var segments: [Segment] = []
    /// The first block of each phase that was never lent.
    private var nextBlock: [Int] = [0, 0]
    /// The leases of each range, oldest first.
    private var leasesByRange: [BlockRange: [LeaseID]] = [:]
    private var settledRanges: [BlockRange: FirstTally] = [:]
    /// Who has failed on each range that is not settled.
    private var failures: [BlockRange: Set<WorkerID>] = [:]
    /// How many blocks and samples another run has counted.
    private(set) var takenOver = (blocks: 0, samples: 0)

    /// An input of which the selection and the first segment are released.
    init(_ outline: CampaignOutline) {
        selection = ClassCounts(classes: outline.classCount)
        estimation = ClassCounts(classes: outline.classCount)
        unsettledSelection = outline.blocks(in: .selection)
        limit = outline.budget == nil ? outline.checkpoints.count : 1
        release(outline)
    }

    /// An input that another run has counted as far as ``CampaignOutline/canTakeOver(_:)`` allows. The
    /// checkpoints before that end were looked at there, and decided nothing.
    init(_ outline: CampaignOutline, takingOver counts: TakenOver) {
        let blocks = outline.blocks(before: counts)
        let checkpoint = outline.checkpointEnds.firstIndex { $0 >= blocks } ?? 0
        let end = outline.checkpointEnds[checkpoint]
        selection = counts.selection
        estimation = ClassCounts(classes: outline.classCount)
        unsettledSelection = 0
        limit = outline.checkpoints.count
        passed = checkpoint
        segments = [Segment(end: end, unsettled: end - blocks, counts: counts.estimation)]
        releasedEnd = end
        nextBlock = [outline.blocks(in: .selection), blocks]
        takenOver = (
            outline.blocks(in: .selection) + blocks,
            counts.selectionSamples + counts.estimationSamples
        )
    }

    /// What settled a range. The hash of the counts: with many classes the counts themselves would
    /// fill the memory.
    struct FirstTally: Sendable {
        let counts: Int
        let worker: WorkerID
    }

    private struct Segment: Sendable {
        /// The block after its last one.
        let end: Int
        var unsettled: Int
        var counts: ClassCounts
    }
}

extension CampaignOutline {
    /// How many estimation blocks another run has counted.
    func blocks(before counts: TakenOver) -> Int {
        (counts.estimationSamples + blockSize - 1) / blockSize
    }

    /// How many blocks of an input cannot be lent when it is opened, since a look comes first.
    func withheldBlocks(after counts: TakenOver?) -> Int {
        let blocks = counts.map(blocks(before:)) ?? 0
        let end = checkpointEnds.first { $0 >= blocks } ?? 0
        return self.blocks(in: .estimation) - end
    }
}

// Releasing and cutting
// ---------------------

extension OpenInput {
    /// How many released segments wait for a look.
    var segmentsAhead: Int { segments.count }

    /// How many released blocks lie past the checkpoint that is looked at next.
    var blocksAhead: Int { segments.first.map { releasedEnd - $0.end } ?? 0 }

    /// Whether there are segments that may be released and are not.
    var hasMore: Bool { !isDecided && passed + segments.count < limit }

    /// Releases the next segment; returns how many blocks it has.
    @discardableResult
    mutating func release(_ outline: CampaignOutline) -> Int {
        let place = passed + segments.count
        let end = outline.checkpointEnds[place]
        let blocks = end - releasedEnd
        segments.append(
            Segment(
                end: end, unsettled: blocks, counts: ClassCounts(classes: outline.classCount)))
        releasedEnd = end
        return blocks
    }

    /// How many released blocks were never lent.
    func uncutBlocks(_ outline: CampaignOutline) -> Int {
        guard !isDecided else { return 0 }
        return outline.blocks(in: .selection) - nextBlock[0] + max(0, releasedEnd - nextBlock[1])
    }

    /// Cuts off a range of blocks that were never lent, within one segment; nil when none is left.
    mutating func cut(atMost blocks: Int, _ outline: CampaignOutline) -> BlockRange? {
        guard !isDecided else { return nil }
        let selectionBlocks = outline.blocks(in: .selection)
        let phase = nextBlock[0] < selectionBlocks ? SamplingPhase.selection : .estimation
        let first = nextBlock[Int(phase.rawValue)]
        let end =
            phase == .selection
            ? selectionBlocks : segments.first(where: { $0.end > first })?.end ?? first
        guard first < end else { return nil }
        let range = BlockRange(phase: phase, first: first, count: min(blocks, end - first))
        nextBlock[Int(phase.rawValue)] += range.count
        return range
    }

    /// No block of the phase before this one is cut off any more: for ranges that a journal knows.
    mutating func skip(to block: Int, in phase: SamplingPhase) {
        nextBlock[Int(phase.rawValue)] = max(nextBlock[Int(phase.rawValue)], block)
    }
}

// Settling and looking
// --------------------

extension OpenInput {
    /// What settled the range.
    func settled(_ range: BlockRange) -> FirstTally? { settledRanges[range] }

    /// Whether no record needs the range: it lies past the checkpoint that decided the input.
    func isNeedless(_ range: BlockRange, _ outline: CampaignOutline) -> Bool {
        isDecided && range.phase == .estimation && range.first >= outline.checkpointEnds[passed - 1]
    }

    /// Counts a range, which lies within one released segment.
    mutating func settle(
        _ range: BlockRange, _ counts: ClassCounts, nanoseconds: Int, by worker: WorkerID
    ) {
        settledRanges[range] = FirstTally(counts: counts.hashValue, worker: worker)
        failures[range] = nil
        self.nanoseconds += nanoseconds
        switch range.phase {
        case .selection:
            selection += counts
            unsettledSelection -= range.count
        case .estimation:
            guard let place = segments.firstIndex(where: { $0.end > range.first }) else { return }
            segments[place].counts += counts
            segments[place].unsettled -= range.count
        }
    }

    /// Whether the counts of the next checkpoint are complete, and it may pass that.
    var hasReachedCheckpoint: Bool {
        !isDecided && passed < limit && unsettledSelection == 0 && segments.first?.unsettled == 0
    }

    /// Whether it is not decided at the last checkpoint that it may pass.
    var rests: Bool { !isDecided && passed == limit }

    /// Lets it pass so many checkpoints in all.
    mutating func raiseLimit(to checkpoints: Int) { limit = checkpoints }

    /// Moves on to the next checkpoint, whose counts are complete.
    mutating func passCheckpoint() {
        estimation += segments.removeFirst().counts
        passed += 1
    }

    /// Ends the estimation at the checkpoint that was looked at last. Returns how many blocks and
    /// samples past it were settled in vain.
    mutating func decide(_ outline: CampaignOutline) -> (blocks: Int, samples: Int) {
        isDecided = true
        var first = outline.checkpointEnds[passed - 1]
        var vain = (blocks: 0, samples: 0)
        for segment in segments {
            vain.blocks += segment.end - first - segment.unsettled
            vain.samples += segment.counts.samples
            first = segment.end
        }
        segments = []
        return vain
    }

    /// How many released blocks are not settled.
    var unsettledBlocks: Int {
        isDecided ? 0 : segments.reduce(unsettledSelection) { $0 + $1.unsettled }
    }

    /// How many estimation samples are settled, also past the checkpoint that was looked at last.
    var settledEstimation: Int { segments.reduce(estimation.samples) { $0 + $1.counts.samples } }
}

// Leases
// ------

extension OpenInput {
    /// The leases of the range, oldest first.
    func leases(of range: BlockRange) -> [LeaseID] { leasesByRange[range] ?? [] }

    /// Remembers a lease.
    mutating func add(_ id: LeaseID, for range: BlockRange) {
        leasesByRange[range, default: []].append(id)
    }

    /// Forgets leases.
    mutating func forget(_ ids: Set<LeaseID>, of range: BlockRange) {
        leasesByRange[range]?.removeAll(where: ids.contains)
    }

    /// In no order.
    func forEachLease(_ body: (LeaseID) -> Void) {
        for ids in leasesByRange.values { ids.forEach(body) }
    }

    /// Who has failed on a range that is not settled; nil: nobody.
    func failures(on range: BlockRange) -> Set<WorkerID>? { failures[range] }

    /// Notes a failure; returns all who failed on the range.
    mutating func fail(_ range: BlockRange, by worker: WorkerID) -> Set<WorkerID> {
        failures[range, default: []].insert(worker)
        return failures[range, default: []]
    }

    /// The ranges of a phase that were ever lent, in order.
    func lentRanges(in phase: SamplingPhase) -> [BlockRange] {
        leasesByRange.keys.filter { $0.phase == phase }.sorted { $0.first < $1.first }
    }
}
