import CertificateRecords
import CoordinatorService
import Foundation
import MachineResources
import RandomizedSmoothing

/// A few inputs of a campaign counted on this machine, with a key of their own, in a folder that goes.
struct Pilot {
    private var options: CampaignOptions
    private let indices: [Int]

    /// What a pilot came to.
    struct Result {
        /// The counts of each input.
        let counts: [PilotCounts]
        /// How many samples a worker counted in a second.
        let samplesPerSecond: Double
    }

    /// The pilot of the campaign that these options make.
    init(of options: CampaignOptions, manifest: Manifest) {
        self.options = options
        indices = manifest.inputs.indices
        // It claims nothing: these only have to make a plan.
        self.options.alpha = 0.05
        self.options.familyWise = false
        self.options.holm = false
        self.options.fdr = nil
        self.options.rule = .cohen
        self.options.decideRadius = nil
        self.options.width = nil
        self.options.budget = nil
        self.options.earlyAbstain = false
        // Its draws must never be those of the campaign.
        self.options.details.key = nil
    }

    /// Counts so many inputs, evenly spread, or all when there are fewer.
    func run(inputs: Int, samples: Int) throws -> Result {
        let address = try LocalAddress()
        defer { address.remove() }
        let options = try options(inputs: inputs, samples: samples, in: address.folder)
        let folder = address.folder + "/pilot"
        let workers = min(1024, ProcessorShare.ofThisProcess().allowed)
        Console.say(
            "Pilot: \(min(inputs, indices.count)) inputs with \(samples) samples each, sigma "
                + "\(options.subject.sigma.values[0]), \(workers == 1 ? "1 worker" : "\(workers) workers")."
        )
        let outcome = try CampaignRun(
            options, writingTo: folder, listeningAt: address.endpoint
        ).count { try LocalFleet(workers: workers, endpoint: $0) }
        switch outcome.ending {
        case .finished: break
        case .interrupted:
            Console.say("Interrupted; nothing is kept.")
            throw ProgramExit(code: 130)
        case .stopped(let reason):
            Console.say("wardein: the pilot stopped: \(reason)")
            throw ProgramExit(code: 1)
        }
        return Result(
            counts: try counts(in: folder),
            samplesPerSecond: Double(outcome.samples) / max(1e-9, outcome.sessionSeconds))
    }

    private func options(
        inputs: Int, samples: Int, in folder: String
    ) throws -> CampaignOptions {
        var options = options
        options.samples = SampleCount(samples)
        let few = min(inputs, indices.count)
        let list = (0..<few).map { "\(indices[$0 * indices.count / few])\n" }.joined()
        let file = folder + "/indices"
        try Data(list.utf8).write(to: URL(filePath: file))
        options.details.first = nil
        options.details.every = nil
        options.details.indices = file
        return options
    }

    private func counts(in folder: String) throws -> [PilotCounts] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(filePath: folder + "/records.jsonl"))
            .split(separator: UInt8(ascii: "\n"))
            .map { line in
                let record = try decoder.decode(CountedRecord.self, from: Data(line))
                return PilotCounts(
                    selection: ClassCounts(record.selection.counts),
                    estimation: ClassCounts(record.estimation.counts))
            }
    }

    /// The counts in a line of `records.jsonl`.
    private struct CountedRecord: Decodable {
        struct Counts: Decodable {
            let counts: [Int]
        }

        let selection: Counts
        let estimation: Counts
    }
}
