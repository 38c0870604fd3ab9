import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing
import SmoothingNoise
import Sodium

/// A campaign folder like those that `wardein certify` writes, with counts that nobody counted: as many
/// records as are asked for, to measure what reads them. In shards, each in a folder of its own, every so many
/// inputs are one's.
///
/// Ten classes, n0 = 100 and n = 10,000. A record's class has a probability p with 1 - p log-uniform from
/// 0.00001 to 1, which gives radii of all sizes; what it leaves is shared by the others unevenly.
struct SyntheticRun {
    private let folder: String
    private let count: Int
    /// nil: the folder is that of one run.
    private let shards: Int?
    private var random = SplitMix64(state: 1)

    init(_ arguments: ArraySlice<String>) throws {
        let numbers = arguments.dropFirst().compactMap(Int.init).filter { $0 > 0 }
        guard let first = arguments.first, let count = numbers.first, numbers.count <= 2,
            arguments.count == 1 + numbers.count
        else {
            print("use: Benchmarks run FOLDER RECORDS [SHARDS]")
            exit(2)
        }
        folder = first
        self.count = count
        shards = numbers.count == 2 ? numbers[1] : nil
    }

    /// Writes the folder, or those of the shards.
    mutating func run() throws {
        guard let shards else { return try write(Array(0..<count), to: folder) }
        for shard in 0..<shards {
            try write(
                Array(stride(from: shard, to: count, by: shards)), to: "\(folder)/\(shard + 1)")
        }
    }

    private mutating func write(_ indices: [Int], to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        let inputs = indices.map { SHA256.digest(of: Array("input \($0)".utf8)) }
        let labels = indices.map { _ in Int(random.next() % 10) }
        let manifest = try manifest(indices, inputs, labels)
        let seal = SHA256.digest(of: Array(manifest.sealedLine.utf8))
        try write("manifest.json", manifest.page(sealedWith: seal))
        var certifier = try SequentialCertifier(manifest.plan, classes: 10)
        var records: [String] = []
        var table = [CertificateRecord.tabSeparatedHeader]
        for (place, index) in indices.enumerated() {
            let (selection, estimation) = counts(of: labels[place])
            let record = CertificateRecord(
                manifest: manifest, campaign: seal, index: index, input: inputs[place],
                label: labels[place], selection: selection, estimation: estimation,
                gridDistance: .zero,
                certification: try certifier.certify(selection: selection, estimation: estimation))
            records.append(record.line)
            table.append(record.tabSeparatedLine(nanoseconds: 1_000_000 * index))
        }
        try write("records.jsonl", records.joined(separator: "\n") + "\n")
        try write("certificates.tsv", table.joined(separator: "\n") + "\n")
        try write(
            "provenance.json",
            ([
                "format": "wardein provenance 1", "campaign": .string(seal.hex),
                "ending": "finished", "inputsDecided": .integer(indices.count),
            ] as JSON).page)
    }

    private mutating func counts(of label: Int) -> (ClassCounts, ClassCounts) {
        let doubt = pow(10, -5 * random.unit())
        let top = random.unit() < 0.9 ? label : (label + 1) % 10
        func share(_ samples: Int) -> ClassCounts {
            var counts = [Int](repeating: 0, count: 10)
            var left = Int((doubt * Double(samples)).rounded())
            counts[top] = samples - left
            for step in 1..<10 {
                let part = step == 9 ? left : left * 2 / 3
                counts[(top + step) % 10] = part
                left -= part
            }
            return ClassCounts(counts)
        }
        return (share(100), share(10_000))
    }

    private func manifest(
        _ indices: [Int], _ inputs: [Digest], _ labels: [Int]
    ) throws -> Manifest {
        let noise = try RoundedGaussian(sigma: 0.5, stepsPerUnit: 255)
        var (all, labelHash) = (SHA256(), SHA256())
        for (place, digest) in inputs.enumerated() {
            all.update(
                withUnsafeBytes(of: UInt32(indices[place]).littleEndian, Array.init)
                    + digest.bytes)
            labelHash.update(withUnsafeBytes(of: Int64(labels[place]).littleEndian, Array.init))
        }
        let none = SHA256.digest(of: [])
        return Manifest(
            programVersion: "0.1.0",
            plan: try CertificationPlan(
                sigma: 0.5, selectionSamples: 100, estimationSamples: 10_000, rule: .runnerUp,
                alpha: 0.001, dimension: 784, noiseDistance: noise.distanceFromIdeal),
            noise: Manifest.Noise(
                stepsPerUnit: 255, reach: noise.support.upperBound,
                distanceFromIdeal: noise.distanceFromIdeal, key: NoiseKey.zero.hex),
            model: Manifest.Model(
                digest: none, size: 0, inputShape: [1, 28, 28], outputName: nil,
                decisionThreshold: nil, classCount: 10, mean: nil, standardDeviation: nil),
            inputs: Manifest.Inputs(
                indices: indices, digest: all.finalize(), labels: labelHash.finalize(),
                coordinateWidth: 1, areRounded: false),
            counting: Manifest.Counting(
                blockSize: 50, fingerprint: "none",
                knownAnswer: KnownAnswer(noise: none, scores: none), selfTests: []))
    }
}

/// Steele, Lea and Flood, OOPSLA 2014.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
