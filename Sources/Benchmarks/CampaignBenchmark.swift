import ClassifierRuntime
import Foundation
import Synchronization

/// `wardein certify` with one worker for each core, over the bare inference engine with one session
/// for each core: the same model, batch, cores and minute, but no noise, scheduling or network.
struct CampaignBenchmark {
    private let program: String
    private let model: String
    private let inputs: String
    private let sigma: String
    private let samples: Int
    private let rounds: Int
    private let cores = ProcessInfo.processInfo.activeProcessorCount
    private static let batch = 50
    private static let inputsUsed = 8

    init(_ arguments: ArraySlice<String>) throws {
        let fields = Array(arguments)
        guard fields.count >= 5, let samples = Int(fields[4]) else {
            throw BenchmarkError(description: "campaign needs PROGRAM MODEL INPUTS SIGMA SAMPLES")
        }
        (program, model, inputs, sigma) = (fields[0], fields[1], fields[2], fields[3])
        self.samples = samples
        rounds = fields.count > 5 ? Int(fields[5]) ?? 3 : 3
    }

    func run() throws {
        print("\(URL(filePath: model).lastPathComponent), \(cores) cores, samples a second")
        var ratios: [Double] = []
        var shares: [Double] = []
        var before = try engineRate()
        for _ in 0..<rounds {
            let campaign = try campaign()
            let after = try engineRate()
            let ratio = campaign.rate / ((before + after) / 2)
            print(
                "  engine \(Int(before)), \(Int(after)); campaign \(Int(campaign.rate)); "
                    + "ratio \(text(ratio, places: 3)); "
                    + "coordinator \(text(100 * campaign.coordinatorShare, places: 2)) % of a core")
            ratios.append(ratio)
            shares.append(campaign.coordinatorShare)
            before = after
        }
        print(
            "  median ratio \(text(median(ratios), places: 3)), "
                + "coordinator \(text(100 * median(shares), places: 2)) % of a core")
    }

    /// The sum over threads, each with a session of its own, of samples a second.
    private func engineRate() throws -> Double {
        let runtime = try OnnxRuntime.load()
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: model)))
        let total = Mutex(0.0)
        let seconds = 5.0
        DispatchQueue.concurrentPerform(iterations: cores) { _ in
            guard
                let classifier = try? OnnxClassifier(
                    model: bytes, runtime: runtime, batchSize: Self.batch)
            else { return }
            for index in classifier.batch.indices {
                classifier.batch[index] = Float((UInt32(index) &* 2_654_435_761) >> 24) / 255
            }
            let begun = Date()
            var samples = 0
            while Date().timeIntervalSince(begun) < seconds {
                guard (try? classifier.logits()) != nil else { return }
                samples += Self.batch
            }
            let rate = Double(samples) / Date().timeIntervalSince(begun)
            total.withLock { $0 += rate }
        }
        return total.withLock(\.self)
    }

    /// A whole campaign: samples a second from when the last worker was ready, and the processor
    /// time of the coordinator, its start included, over the whole time.
    private func campaign() throws -> (rate: Double, coordinatorShare: Double) {
        let provenance = try CampaignProvenance(
            running: program,
            "--model", model, "--inputs", inputs, "--sigma", sigma, "--samples", "\(samples)",
            "--first", "\(Self.inputsUsed)", "--block", "\(Self.batch)")
        let joined = provenance.workers.map(\.joined).max() ?? 0
        return (
            Double(provenance.samplesSettled) / (provenance.seconds - joined),
            provenance.coordinatorProcessorSeconds / provenance.seconds
        )
    }

}

/// What the provenance file of a campaign says.
struct CampaignProvenance: Decodable {
    struct Worker: Decodable { let joined: Double }
    let seconds: Double
    let samplesSettled: Int
    let samplesNeedless: Int
    let coordinatorProcessorSeconds: Double
    let workers: [Worker]

    /// Runs `wardein certify` to its end, in a folder that goes.
    init(running program: String, _ options: String...) throws {
        let output = NSTemporaryDirectory() + "wardein-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["certify", "--ledger", "none", "--output", output] + options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError(description: "certify ended with \(process.terminationStatus)")
        }
        let file = try Data(contentsOf: URL(filePath: output + "/provenance.json"))
        self = try JSONDecoder().decode(CampaignProvenance.self, from: file)
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
}
