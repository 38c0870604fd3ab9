public import Digests
public import RandomizedSmoothing
public import SmoothingNoise

/// What a worker says to the coordinator.
public enum WorkerMessage: Hashable, Sendable {
    /// The first words of a worker, and its answer to ``CoordinatorMessage/introduceYourself``.
    case hello(Hello)
    /// The worker holds the model, ran the known-answer block and is able to count.
    case ready(Ready)
    /// Asks for a piece of a model or of an input.
    case fetch(PieceRequest)
    /// The class counts of a whole lease.
    case tally(Tally)
    /// The classifier failed on a lease: no count came of it.
    case failure(LeaseFailure)
    /// Sent at least once every heartbeat interval; says how many leases the worker wants to hold,
    /// and which it does.
    case heartbeat(capacity: Int, leases: [LeaseID] = [])
    /// The worker leaves and gives back whatever it holds.
    case goodbye
    /// Somebody, a worker or not, wants to know how far the campaign is.
    case statusRequest
}

/// What the coordinator says to a worker.
public enum CoordinatorMessage: Hashable, Sendable {
    /// The worker may take part; this is what it is to count.
    case welcome(CountingPlan)
    /// The worker may not take part, and why: one sentence for a person.
    case refusal(Refusal)
    /// A piece of a model or of an input.
    case piece(Piece)
    /// Leases that the worker is to count, in this order.
    case grant([Lease])
    /// Leases whose counts are no longer wanted.
    case cancel([LeaseID])
    /// Finish what is being counted, hand it in, take nothing new, leave.
    case drain
    /// Sent at least once every heartbeat interval.
    case heartbeat
    /// The coordinator does not know this peer: say hello (again).
    case introduceYourself
    /// The campaign is over: nothing more is wanted.
    case goodbye
    /// How far the campaign is: the object of `status.json` on one line.
    case status(json: String)
}

/// The introduction of a worker.
public struct Hello: Hashable, Sendable {
    /// The version of the wire protocol that the worker speaks.
    public var protocolVersion: Int
    /// Drawn at random when the worker starts; the same over all its connections.
    public var worker: WorkerID
    /// For people: host name and process number, at most 255 bytes.
    public var name: String
    /// The engine, its version, instruction set, precision and optimisation level: one line.
    public var fingerprint: String
    /// How many blocks it can classify at the same time.
    public var sessions: Int

    /// Assembles the introduction from its parts.
    public init(
        protocolVersion: Int, worker: WorkerID, name: String, fingerprint: String, sessions: Int
    ) {
        self.protocolVersion = protocolVersion
        self.worker = worker
        self.name = name
        self.fingerprint = fingerprint
        self.sessions = sessions
    }
}

/// Says that a worker is able to count, with the evidence that it counts like the others.
public struct Ready: Hashable, Sendable {
    /// The campaign that it is ready for.
    public var campaign: Digest
    /// What it made of the known-answer block (``CountingPlan/knownAnswer``).
    public var knownAnswer: KnownAnswer
    /// How many leases it wants to hold.
    public var capacity: Int

    /// Assembles the statement from its parts.
    public init(campaign: Digest, knownAnswer: KnownAnswer, capacity: Int) {
        self.campaign = campaign
        self.knownAnswer = knownAnswer
        self.capacity = capacity
    }
}

/// Asks for `length` bytes of a blob (a model or an encoded input) from `offset` on.
public struct PieceRequest: Hashable, Sendable {
    /// The digest of the whole blob.
    public var blob: Digest
    /// Where the piece begins, in bytes.
    public var offset: Int
    /// At most how many bytes are wanted; the coordinator sends fewer at the end of the blob.
    public var length: Int

    /// Assembles the request from its parts.
    public init(blob: Digest, offset: Int, length: Int) {
        self.blob = blob
        self.offset = offset
        self.length = length
    }
}

/// A piece of a blob.
public struct Piece: Hashable, Sendable {
    /// The digest of the whole blob.
    public var blob: Digest
    /// Where the piece begins, in bytes.
    public var offset: Int
    /// The bytes; they travel as a ZeroMQ frame of their own.
    public var bytes: [UInt8]

    /// Assembles the piece from its parts.
    public init(blob: Digest, offset: Int, bytes: [UInt8]) {
        self.blob = blob
        self.offset = offset
        self.bytes = bytes
    }
}

/// Why a worker may not take part.
public struct Refusal: Hashable, Sendable {
    /// One sentence for a person, with the offending value.
    public var reason: String
    /// Whether trying again later may help.
    public var mayRetry: Bool

    /// Assembles the refusal from its parts.
    public init(reason: String, mayRetry: Bool) {
        self.reason = reason
        self.mayRetry = mayRetry
    }
}

/// A range of blocks of one input, lent to one worker.
public struct Lease: Hashable, Sendable {
    /// Unique within a campaign.
    public var id: LeaseID
    /// The index of the input in the data set: it selects the noise stream.
    public var input: UInt32
    /// The digest of the encoded input.
    public var image: Digest
    /// Which samples, in whole blocks.
    public var blocks: BlockRange
    /// How many samples count, from the first of the range on: whole blocks, but for the last block
    /// of a phase, whose other samples are classified as neighbours and not counted.
    public var samples: Int

    /// Assembles the lease from its parts.
    public init(id: LeaseID, input: UInt32, image: Digest, blocks: BlockRange, samples: Int) {
        self.id = id
        self.input = input
        self.image = image
        self.blocks = blocks
        self.samples = samples
    }
}

/// The class counts of a whole lease.
public struct Tally: Hashable, Sendable {
    /// The campaign for which it was counted.
    public var campaign: Digest
    /// The lease that it answers.
    public var lease: LeaseID
    /// How often each class was the classifier's answer: one number a class.
    public var counts: ClassCounts
    /// How long the counting took, in nanoseconds of wall time of one session.
    public var nanoseconds: Int

    /// Assembles the tally from its parts.
    public init(campaign: Digest, lease: LeaseID, counts: ClassCounts, nanoseconds: Int) {
        self.campaign = campaign
        self.lease = lease
        self.counts = counts
        self.nanoseconds = nanoseconds
    }
}

/// Says that the classifier failed on a lease.
public struct LeaseFailure: Hashable, Sendable {
    /// The campaign for which it was tried.
    public var campaign: Digest
    /// The lease that it answers.
    public var lease: LeaseID
    /// What went wrong: one sentence, at most 1,000 bytes.
    public var reason: String

    /// Assembles the report from its parts.
    public init(campaign: Digest, lease: LeaseID, reason: String) {
        self.campaign = campaign
        self.lease = lease
        self.reason = reason
    }
}

/// The smallest run of sample indices that is classified together, several of them in a row, all of
/// one phase of one input. Block b holds the samples from b times the block size on.
public struct BlockRange: Hashable, Sendable {
    /// Selection or estimation.
    public var phase: SamplingPhase
    /// The first block.
    public var first: Int
    /// How many blocks, at least one.
    public var count: Int

    /// Assembles the range from its parts.
    public init(phase: SamplingPhase, first: Int, count: Int) {
        self.phase = phase
        self.first = first
        self.count = count
    }
}

/// The number of a lease, unique within a campaign.
public struct LeaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Counts from 1.
    public var number: UInt64

    /// The lease of this number.
    public init(_ number: UInt64) { self.number = number }

    /// Earlier leases come first.
    public static func < (a: LeaseID, b: LeaseID) -> Bool { a.number < b.number }

    /// "lease 12".
    public var description: String { "lease \(number)" }
}

/// The name that a worker gives itself: 16 random bytes.
public struct WorkerID: Hashable, Sendable {
    /// How many bytes an identity has.
    public static let byteCount = 16

    /// The identity, 16 bytes.
    public let bytes: [UInt8]

    /// An identity from its 16 bytes; nil for any other number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == WorkerID.byteCount else { return nil }
        self.bytes = Array(bytes)
    }
}
