public import CampaignScheduling
public import CertificateRecords
public import Digests

// What is this run, given earlier ones?
// =====================================
//
// Runs of one classifier and one mechanism meet on an input when both sample the same image: by its
// digest, wherever it stands in which file. There
//
// - a run with the same key and the same claim, at the same index, is the *same claim*: its noise and
//   what is made of it are the same, so this run reproduces it, or goes on with bounds that hold at all
//   times. It is charged once;
// - a run with the same key and another claim *looks again* at the same noise;
// - any other run is a *second draw*. So is one with the same key at another index, whose stream is
//   another one.
//
// The latter two are second chances, and their alphas add up on that input (`EarlierRuns`). An input
// for which this very claim was made before is charged what it was charged then: with the runs before
// that one, and not with those that came later, so that a reproduction has the same bytes.

/// What a run is in the light of the earlier ones that a ledger knows.
public struct RunRecognition: Sendable {
    /// Earlier runs with the same key and claim on some of the inputs, oldest first.
    public let sameClaim: [LedgerEntry]
    /// Earlier claims about some of the inputs that are charged beside this one, oldest first.
    public let others: [Other]
    /// Earlier runs of the classifier on some of the inputs with other noise levels or grids.
    public let otherMechanisms: [LedgerEntry]
    /// How many inputs would get a second chance: other claims were made about them, and not this one.
    public let secondChances: Int
    /// How many inputs the run has in common with those of the same claim.
    public let sharedInputs: Int

    /// An earlier claim about some of the inputs.
    public struct Other: Sendable {
        /// The first run that made it.
        public let entry: LedgerEntry
        /// Whether its noise is that of this run.
        public let noise: EarlierRun.Noise
        /// The inputs, by their indices in this run.
        public let indices: [Int]
        /// How many of them would get a second chance.
        public let secondChances: Int
    }

    /// Looks for a run among earlier ones.
    ///
    /// - Parameters:
    ///   - run: the run that is to begin.
    ///   - inputs: what it samples.
    ///   - entries: earlier runs, oldest first.
    ///   - members: the inputs of an earlier run by their digest; what it throws is thrown on.
    /// - Complexity: a few steps for each input of each earlier run of the classifier, once for those
    ///   with the same inputs.
    public init(
        of run: LedgerEntry, on inputs: [InputReference], given entries: [LedgerEntry],
        members: (Digest) throws -> [InputReference]
    ) rethrows {
        var meetings = Meetings(of: inputs)
        var met: [(place: Int, entry: LedgerEntry, inputs: [Meeting])] = []
        var elsewhere: [LedgerEntry] = []
        for (place, entry) in entries.enumerated() where entry.classifier == run.classifier {
            let shared = try meetings.with(entry.inputs, members)
            guard !shared.isEmpty else { continue }
            if entry.mechanism == run.mechanism {
                met.append((place, entry, shared))
            } else {
                elsewhere.append(entry)
            }
        }
        var madeSince: [Int: Int] = [:]
        var sameClaim: [LedgerEntry] = []
        for (place, entry, shared) in met where entry.isOneClaim(with: run) {
            let same = shared.filter(\.isSameStream)
            for meeting in same where madeSince[meeting.position] == nil {
                madeSince[meeting.position] = place
            }
            if !same.isEmpty { sameClaim.append(entry) }
        }
        var claims: [Claim] = []
        var places: [Claim.Identity: Int] = [:]
        for (place, entry, shared) in met {
            for meeting in shared {
                let position = meeting.position
                if meeting.isSameStream, entry.isOneClaim(with: run) { continue }
                if let since = madeSince[position], place >= since { continue }
                let isSame = meeting.isSameStream && entry.key == run.key
                let identity = Claim.Identity(
                    key: entry.key, claim: entry.claim, isSameNoise: isSame)
                let number = places[identity] ?? claims.count
                if number == claims.count {
                    places[identity] = number
                    claims.append(Claim(entry: entry, noise: isSame ? .same : .other))
                }
                claims[number].positions.insert(position)
            }
        }
        self.sameClaim = sameClaim
        otherMechanisms = elsewhere
        sharedInputs = madeSince.count
        others = claims.map { claim in
            let positions = claim.positions.sorted()
            return Other(
                entry: claim.entry, noise: claim.noise,
                indices: positions.map { Int(inputs[$0].index) },
                secondChances: positions.count { madeSince[$0] == nil })
        }
        secondChances = claims.reduce(into: Set()) { $0.formUnion($1.positions) }
            .count { madeSince[$0] == nil }
    }

    /// Whether every input is one about which this very claim was made before.
    public func isKnown(inputs: Int) -> Bool { sharedInputs == inputs }

    /// What the manifest says of them.
    public var earlier: EarlierRuns {
        EarlierRuns(
            others.map {
                EarlierRun(
                    campaign: $0.entry.campaign, noise: $0.noise, alpha: $0.entry.alpha,
                    indices: $0.indices)
            })
    }
}

/// A claim about inputs of this run, and where it was made first.
private struct Claim {
    let entry: LedgerEntry
    let noise: EarlierRun.Noise
    var positions: Set<Int> = []

    struct Identity: Hashable {
        let key: String
        let claim: Digest
        let isSameNoise: Bool
    }
}

/// An input of this run that an earlier one has too.
private struct Meeting {
    /// Its place in this run.
    let position: Int
    /// Whether it has the same index there, and so the same streams under the same key.
    let isSameStream: Bool
}

/// Which inputs of this run are among those of another; each set of inputs is looked at once.
private struct Meetings {
    private let inputs: [InputReference]
    private let positions: [Digest: [Int]]
    private var known: [Digest: [Meeting]] = [:]

    init(of inputs: [InputReference]) {
        self.inputs = inputs
        positions = Dictionary(grouping: inputs.indices, by: { inputs[$0].image })
    }

    mutating func with(
        _ digest: Digest, _ members: (Digest) throws -> [InputReference]
    ) rethrows -> [Meeting] {
        if let meetings = known[digest] { return meetings }
        var meetings: [Meeting] = []
        for member in try members(digest) {
            for position in positions[member.image] ?? [] {
                meetings.append(
                    Meeting(
                        position: position, isSameStream: inputs[position].index == member.index))
            }
        }
        known[digest] = meetings
        return meetings
    }
}
