import CampaignScheduling
import CertificateRecords
import Digests
import Foundation
import RandomizedSmoothing
public import SmoothingNoise
import Sodium

/// A finished run with whose samples another one goes on: the same model, noise and key, and more
/// samples.
public struct ExtendedRun: Sendable {
    /// The folder.
    public let path: String
    /// The key of its noise streams.
    public let noiseKey: NoiseKey
    /// The seal of its manifest.
    let seal: Digest
    /// The most estimation samples of its inputs (n), after those of the runs that it extends itself.
    public let caps: [Int]

    private let manifest: Data
    /// What it has counted of each input, by the input's index.
    private let counts: [Int: TakenOver]

    /// Reads a run's manifest and records. The manifest has to be as it was sealed, and every record has
    /// to belong to it and to add up.
    public init(at path: String) throws {
        let file = path + "/" + CampaignFolder.Name.manifest.rawValue
        guard let manifest = FileManager.default.contents(atPath: file) else {
            throw FolderError.empty(path)
        }
        guard !CampaignFolder.isMerged(path) else { throw ExtensionError.merged(path) }
        guard let stored = StoredManifest(manifest), let key = NoiseKey(hex: stored.noise.key),
            let seal = Digest(hex: stored.seal),
            SHA256.digest(of: SealedPage.line(of: manifest)) == seal
        else { throw ExtensionError.notSealed(file) }
        let records = path + "/" + CampaignFolder.Name.records.rawValue
        guard let lines = FileManager.default.contents(atPath: records) else {
            throw ExtensionError.record(records, line: 1, "it is missing")
        }
        self.path = path
        self.manifest = manifest
        self.seal = seal
        noiseKey = key
        caps = (stored.plan.stopping?.earlierCaps ?? []) + [stored.plan.estimationSamples]
        counts = try ExtendedRun.counts(in: lines, of: seal, path: records)
    }

    private static func counts(
        in file: Data, of seal: Digest, path: String
    ) throws -> [Int: TakenOver] {
        var counts: [Int: TakenOver] = [:]
        let lines = file.split(separator: UInt8(ascii: "\n"))
        for (number, line) in lines.enumerated() {
            guard let record = try? JSONDecoder().decode(StoredRecord.self, from: Data(line)) else {
                throw ExtensionError.record(path, line: number + 1, "it cannot be read")
            }
            guard record.campaign == seal.hex else {
                throw ExtensionError.record(path, line: number + 1, "it is of another campaign")
            }
            guard record.selection.isSum, record.estimation.isSum else {
                throw ExtensionError.record(
                    path, line: number + 1, "its counts are not its samples")
            }
            counts[record.index] = TakenOver(
                selection: ClassCounts(record.selection.counts),
                estimation: ClassCounts(record.estimation.counts))
        }
        return counts
    }

    /// Refuses a campaign that would not draw the same samples, and more of them.
    func check(_ campaign: PreparedCampaign) throws {
        let plan = campaign.manifest.plan
        let isFree = plan.stopping.certifiesEarly
        let current = Data(campaign.manifest.page(sealedWith: campaign.seal).utf8)
        let differences = ManifestDifference.clauses(stored: manifest, current: current) { key in
            ["noise.", "model.", "counting."].contains(where: key.hasPrefix)
                || ExtendedRun.unchanged.contains(key)
                || isFree && ExtendedRun.unchangedIfFree.contains(where: key.hasPrefix)
                || isFree && campaign.manifest.inputs.areRounded && key == "inputs.digest"
        }
        guard differences.isEmpty else { throw ExtensionError.differs(path, differences) }
        guard plan.stopping != .whenHopeless else { throw ExtensionError.stopsEarly(path) }
        let (cap, block) = (caps[caps.count - 1], campaign.manifest.counting.blockSize)
        guard plan.estimationSamples > cap else {
            throw PlanError.notMore(samples: plan.estimationSamples, than: cap)
        }
        guard cap % block == 0 else {
            throw PlanError.brokenBlock(samples: cap, blockSize: block)
        }
    }

    /// What a plan has to have in common with the one that it extends, beside the noise, the model and how
    /// samples are counted.
    private static let unchanged: Set<String> = [
        "plan.selectionSamples", "plan.stopping", "plan.stopping.decideRadius",
        "plan.stopping.width",
    ]

    /// What else, if one alpha is to cover both. (For inputs off the grid, a decision at a radius is made
    /// for those that are farthest: then the inputs too.)
    private static let unchangedIfFree = [
        "plan.rule", "plan.alpha", "plan.netAlpha", "plan.family",
    ]

    /// What the campaign takes over, in its order.
    func takenOver(by campaign: PreparedCampaign) throws -> [TakenOver] {
        try check(campaign)
        let outline = campaign.outline
        return try outline.inputs.map { input in
            guard let found = counts[Int(input.index)] else {
                throw ExtensionError.noRecord(path, Int(input.index))
            }
            guard found.selection.values.count == outline.classCount,
                outline.canTakeOver(found)
            else {
                throw ExtensionError.record(
                    path + "/" + CampaignFolder.Name.records.rawValue, line: nil,
                    "the counts of input \(input.index) do not end where its plan may end")
            }
            return found
        }
    }

    /// What is needed of a line of `records.jsonl`.
    private struct StoredRecord: Decodable {
        struct Counts: Decodable {
            let samples: Int
            let counts: [Int]

            /// Whether the counts add up to the samples.
            var isSum: Bool {
                ClassCounts(counts).isPlausible(classes: counts.count, samples: samples)
            }
        }

        let index: Int
        let campaign: String
        let selection: Counts
        let estimation: Counts
    }
}

/// The page of a manifest, and the line of which its seal is the digest.
enum SealedPage {
    /// The page without the spaces and line breaks that stand outside its strings, and without the last
    /// member, which is the seal.
    static func line(of page: Data) -> [UInt8] {
        var line: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in page {
            if isInString {
                line.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\n") {
                line.append(byte)
                isInString = byte == UInt8(ascii: "\"")
            }
        }
        let seal = Array(#","seal":""#.utf8).count + 2 * Digest.byteCount + Array("\"}".utf8).count
        return Array(line.dropLast(seal)) + [UInt8(ascii: "}")]
    }
}

/// Why a run cannot be extended: one sentence.
enum ExtensionError: Error, CustomStringConvertible {
    case notSealed(String)
    case merged(String)
    case record(String, line: Int?, String)
    case noRecord(String, Int)
    case differs(String, [String])
    case stopsEarly(String)
    case notInLedger(String, String)
    case otherInput(String, Int)

    var description: String {
        switch self {
        case .notSealed(let file): "\(file) is not as it was sealed, so its run cannot be extended"
        case .merged(let path):
            "the run in \(path) was merged from others: extend each of them, where it was certified, and "
                + "merge what comes of it"
        case .record(let file, let line, let fault):
            "\(file)\(line.map { ", line \($0)" } ?? ""): \(fault); its run cannot be extended"
        case .noRecord(let path, let index):
            "the run in \(path) has no record of input \(index): extend the inputs that it has "
                + "(--first, --every, --indices), or finish it with `wardein resume \(path)`, "
                + "if it was interrupted"
        case .differs(let path, let clauses):
            "the run in \(path) can be extended with the same samples and more of them only: "
                + clauses.joined(separator: "; ")
        case .stopsEarly(let path):
            "the run in \(path) cannot be extended, since it stops early: use its --key with "
                + "--sum-alpha, which draws its samples again"
        case .notInLedger(let path, let ledger):
            "the run in \(path) is not in the ledger \(ledger), so that it cannot be extended: name "
                + "its own with --ledger"
        case .otherInput(let path, let index):
            "input \(index) is not the one that the run in \(path) had under this index"
        }
    }
}
