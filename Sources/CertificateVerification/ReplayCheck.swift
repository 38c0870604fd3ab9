import CertificateRecords
import RandomizedSmoothing

/// Compares what was counted again with what the records say.
struct ReplayCheck {
    let manifest: Manifest
    /// Whether every count has to be the same: the engine is of the manifest's fingerprint.
    let isExact: Bool
    private var certifier: SequentialCertifier
    /// How many records have other counts, but by no more samples than were near a tie.
    private(set) var nearTies = 0

    init(_ rebuilt: RebuiltManifest, isExact: Bool, largestGridDistance: GridDistance) throws {
        manifest = rebuilt.manifest
        self.isExact = isExact
        certifier = try SequentialCertifier(
            manifest.plan, classes: manifest.model.classCount,
            largestGridDistance: largestGridDistance)
    }

    /// What is wrong with a record by what was counted again.
    mutating func faults(_ recount: Replay.Recount) throws -> [Fault] {
        let record = recount.record
        let place = "records.jsonl, line \(record.line) (input \(record.index))"
        var faults: [Fault] = []
        var differs = false
        for (phase, stated, counted) in [
            ("selection", record.selection, recount.selection),
            ("estimation", record.estimation, recount.estimation.last ?? recount.selection),
        ] where stated.values != counted.counts {
            differs = true
            guard isExact || !isNear(stated.values, counted) else { continue }
            faults.append(
                Fault(
                    kind: .replay, place: place,
                    reason: "counted again, its \(phase) samples are \(counted.counts), and the "
                        + "record says \(stated.values)"
                        + (isExact ? "" : ", more than near-ties allow")))
        }
        if differs, faults.isEmpty { nearTies += 1 }
        if !differs, let earlier = try earlierStop(recount) {
            faults.append(
                Fault(
                    kind: .replay, place: place,
                    reason:
                        "its estimation had to end after \(earlier) samples, and the record goes "
                        + "on to \(record.estimation.samples)"))
        }
        return faults
    }

    private func isNear(_ stated: [Int], _ counted: Replay.Tally) -> Bool {
        stated.indices.allSatisfy {
            abs(stated[$0] - counted.counts[$0]) <= counted.nearTies[$0]
        }
    }

    /// The checkpoint before the record's end at which the rule had stopped already (law 4).
    private mutating func earlierStop(_ recount: Replay.Recount) throws -> Int? {
        for prefix in recount.estimation.dropLast() {
            let counts = ClassCounts(prefix.counts)
            if try certifier.isDecided(selection: recount.record.selection, estimation: counts) {
                return counts.samples
            }
        }
        return nil
    }

    /// The fewest of so many records that, had they other counts, a replay of so many would have found one
    /// of with probability 0.99: it misses m of N with the probability that k drawn without replacement
    /// hold none of them, the product of (N - m - i) / (N - i) for i < k.
    static func fewestFound(replayed: Int, of records: Int) -> Int {
        func misses(_ false_: Int) -> Double {
            (0..<replayed).reduce(1) { product, drawn in
                product * Double(max(0, records - false_ - drawn)) / Double(records - drawn)
            }
        }
        var (few, enough) = (0, records)
        while enough - few > 1 {
            let middle = (few + enough) / 2
            if misses(middle) <= 0.01 - 1e-9 { enough = middle } else { few = middle }
        }
        return enough
    }
}

/// Chooses what is counted again: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), from a seed that
/// nobody knew when the records were made.
struct ReplayChoice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
