public import Digests
public import RandomizedSmoothing
public import SmoothingNoise

/// What a campaign has to count: its inputs and how many samples of each.
public struct CampaignOutline: Sendable {
    /// The seal of the manifest.
    public let campaign: Digest
    /// The inputs in the order in which records are written.
    public let inputs: [InputReference]
    /// How many classes the counts have.
    public let classCount: Int
    /// How many samples are classified together.
    public let blockSize: Int
    /// How many samples select the class of each input (n0).
    public let selectionSamples: Int
    /// After how many estimation samples an input may be decided: ascending, all but the last whole
    /// blocks. The last one is the cap (n).
    public let checkpoints: [Int]
    /// The blocks before which the checkpoints lie.
    public let checkpointEnds: [Int]
    /// The most samples that all records together may rest on; nil: as many as the checkpoints allow.
    /// With a budget inputs are counted in rounds (``SampleLedger``), and all are decided at the end.
    public let budget: Int?

    /// Assembles the outline of a campaign that counts so many samples of every input.
    public init(
        campaign: Digest, inputs: [InputReference], classCount: Int, blockSize: Int,
        selectionSamples: Int, estimationSamples: Int
    ) {
        self.init(
            campaign: campaign, inputs: inputs, classCount: classCount, blockSize: blockSize,
            selectionSamples: selectionSamples, checkpoints: [estimationSamples])
    }

    /// Assembles the outline of a campaign that may stop at these checkpoints; at least one. A budget
    /// holds at least the selection samples and the first checkpoint of every input.
    public init(
        campaign: Digest, inputs: [InputReference], classCount: Int, blockSize: Int,
        selectionSamples: Int, checkpoints: [Int], budget: Int? = nil
    ) {
        precondition(!checkpoints.isEmpty && checkpoints == checkpoints.sorted())
        precondition(checkpoints.dropLast().allSatisfy { $0 % blockSize == 0 })
        self.campaign = campaign
        self.inputs = inputs
        self.classCount = classCount
        self.blockSize = blockSize
        self.selectionSamples = selectionSamples
        self.checkpoints = checkpoints
        checkpointEnds = checkpoints.map { ($0 + blockSize - 1) / blockSize }
        self.budget = budget
    }

    /// The most samples that bound the probability of an input (n).
    public var estimationSamples: Int { checkpoints[checkpoints.count - 1] }

    /// The first block after the segment between two checkpoints in which this estimation block lies.
    func segmentEnd(of block: Int) -> Int {
        var (low, high) = (0, checkpointEnds.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if checkpointEnds[middle] > block { high = middle } else { low = middle + 1 }
        }
        return checkpointEnds[low]
    }

    /// Whether a campaign can go on where another one with the same key ended with an input: all its
    /// selection samples are counted, and so many estimation samples, which end with a block at a
    /// checkpoint, or before the first one. (What was counted between two checkpoints is not known at
    /// the one between them.)
    public func canTakeOver(_ counts: TakenOver) -> Bool {
        let samples = counts.estimationSamples
        return counts.selectionSamples == selectionSamples && samples > 0
            && (checkpoints.contains(samples)
                || samples < checkpoints[0] && samples % blockSize == 0)
    }

    /// How many samples of an input belong to the phase.
    public func samples(in phase: SamplingPhase) -> Int {
        switch phase {
        case .selection: selectionSamples
        case .estimation: estimationSamples
        }
    }

    /// How many blocks hold the samples of the phase; the last one may be partly uncounted.
    public func blocks(in phase: SamplingPhase) -> Int {
        (samples(in: phase) + blockSize - 1) / blockSize
    }

    /// How many samples of the range are counted.
    public func samples(in range: BlockRange) -> Int {
        let end = min((range.first + range.count) * blockSize, samples(in: range.phase))
        return end - range.first * blockSize
    }

    /// How many blocks an input has, in both phases together.
    public var blocksPerInput: Int { blocks(in: .selection) + blocks(in: .estimation) }

    /// How many blocks the whole campaign has.
    public var totalBlocks: Int { inputs.count * blocksPerInput }

    /// How many samples the whole campaign counts at the most.
    public var totalSamples: Int {
        let all = inputs.count * (selectionSamples + estimationSamples)
        return min(budget ?? all, all)
    }
}

/// One input of a campaign.
public struct InputReference: Hashable, Sendable {
    /// Its index in the data set, which selects its noise streams.
    public let index: UInt32
    /// The digest of its encoded coordinates.
    public let image: Digest

    /// Assembles the reference from its parts.
    public init(index: UInt32, image: Digest) {
        self.index = index
        self.image = image
    }
}

/// The counts of an input that is decided.
public struct SettledInput: Hashable, Sendable {
    /// Its place in the campaign, from 0.
    public let position: Int
    /// Its index in the data set.
    public let index: UInt32
    /// The counts that choose the class.
    public let selection: ClassCounts
    /// The counts that bound its probability.
    public let estimation: ClassCounts
    /// The time that workers spent on what was counted, in nanoseconds of single sessions.
    public let nanoseconds: Int

    /// Assembles the counts from their parts.
    public init(
        position: Int, index: UInt32, selection: ClassCounts, estimation: ClassCounts,
        nanoseconds: Int
    ) {
        self.position = position
        self.index = index
        self.selection = selection
        self.estimation = estimation
        self.nanoseconds = nanoseconds
    }
}
