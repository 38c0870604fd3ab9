import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing

/// `wardein report` on a campaign of 50,000 inputs with 10,000 samples each, which is made up: time and
/// memory.
struct ReportBenchmark {
    private let program: String
    private static let inputs = 50_000
    private static let samples = 10_000
    private static let classes = 10

    init(_ arguments: ArraySlice<String>) throws {
        guard let program = arguments.first else {
            throw BenchmarkError(description: "report needs PROGRAM")
        }
        self.program = program
    }

    func run() throws {
        let folder = NSTemporaryDirectory() + "wardein-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try write(to: folder)
        let bytes = try FileManager.default.attributesOfItem(atPath: folder + "/records.jsonl")
        let megabytes = (bytes[.size] as? Int ?? 0) / 1_000_000
        let begun = Date()
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["report", folder, "--threat-radius", "0.5"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError(description: "report ended with \(process.terminationStatus)")
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        print(
            "\(Self.inputs) records of \(Self.samples) samples, \(megabytes) MB: report in "
                + "\(text(Date().timeIntervalSince(begun), places: 1)) s, "
                + "\(usage.ru_maxrss / 1024) MiB at most")
    }

    private func write(to folder: String) throws {
        let plan = try CertificationPlan(
            sigma: 0.5, selectionSamples: 100, estimationSamples: Self.samples, rule: .runnerUp,
            alpha: 0.001, dimension: 784, noiseDistance: 0)
        let digest = try Digest(bytes: [UInt8](repeating: 7, count: 32)).orThrow()
        let manifest = Manifest(
            programVersion: "0", plan: plan,
            noise: .init(
                stepsPerUnit: 255, reach: 1531, distanceFromIdeal: 0,
                key: String(repeating: "0", count: 64)),
            model: .init(
                digest: digest, size: 1, inputShape: [1, 28, 28], outputName: nil,
                decisionThreshold: nil, classCount: Self.classes, mean: nil,
                standardDeviation: nil),
            inputs: .init(
                indices: Array(0..<Self.inputs), digest: digest, labels: digest,
                coordinateWidth: 1, areRounded: false),
            counting: .init(
                blockSize: 50, fingerprint: "none",
                knownAnswer: KnownAnswer(noise: digest, scores: digest)))
        try Data(manifest.page(sealedWith: digest).utf8)
            .write(to: URL(filePath: folder + "/manifest.json"))
        try Data(try records(manifest, campaign: digest).utf8)
            .write(to: URL(filePath: folder + "/records.jsonl"))
    }

    /// Counts that are as far apart as on images: most of them nearly unanimous.
    private func records(_ manifest: Manifest, campaign: Digest) throws -> String {
        let plan = manifest.plan
        var certifier = Certifier(
            sigma: plan.sigma, rule: plan.rule, netAlpha: plan.error.netAlpha)
        var lines = ""
        for index in 0..<Self.inputs {
            let hash = (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
            let share = Double(hash >> 40) / Double(1 << 24)
            let others = Int(Double(Self.samples) * 0.6 * share * share * share * share)
            let selected = Int(hash % 10)
            var counts = [Int](repeating: others / 20, count: Self.classes)
            counts[(selected + 1) % Self.classes] += others - 9 * (others / 20)
            counts[selected] = 0
            counts[selected] = Self.samples - counts.reduce(0, +)
            let estimation = ClassCounts(counts)
            let selection = ClassCounts((0..<Self.classes).map { $0 == selected ? 100 : 0 })
            let record = CertificateRecord(
                manifest: manifest, campaign: campaign, index: index, input: campaign,
                label: hash >> 8 & 15 == 0 ? (selected + 1) % Self.classes : selected,
                selection: selection, estimation: estimation, gridDistance: .zero,
                certification: try certifier.certify(
                    selection: selection, estimation: estimation))
            lines += record.line + "\n"
        }
        return lines
    }
}

extension Optional {
    fileprivate func orThrow() throws -> Wrapped {
        guard let self else { throw BenchmarkError(description: "no digest") }
        return self
    }
}
