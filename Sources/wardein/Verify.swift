public import ArgumentParser
import CampaignKeys
import CertificateRecords
public import CertificateVerification
import ClassifierRuntime
import DataSets
import Foundation
import MachineResources
import RunFolders
import Sodium

/// Checks a run by its records alone, and counts again what it is asked to.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a run by its records: every bound, radius, digest and word of it.",
        discussion: """
            Trusts nothing but the records: computes the seal, what follows from the plan, and every \
            bound and radius from the counts, and compares digit by digit. With the model and the \
            inputs, --replay draws the noise of some inputs again, classifies it again and compares \
            the counts:

              wardein verify run1
              wardein verify run1 --replay 1%

            It ends with a table of what was checked and what was not. Of a run at several noise levels \
            each is checked, and that each record is the best one by the rule; of a merged run each part \
            is, and that the whole is what they become.

            Exit codes: 0 all that was checked holds, 1 the engine failed, 2 the command or a file \
            cannot be used; else what does not hold, the first of: 10 the seal, 11 the plan, 12 the \
            set of records, 13 what follows from counts, 14 certificates.tsv or provenance.json, \
            15 the model, inputs or labels, 16 the counts, 17 the signature, 18 the run is not \
            finished.
            """)

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"))
    var path: String

    @Option(help: "The model file, to be compared with the manifest's.")
    var model: String?

    @Option(help: "The inputs, to be compared with those of the records.")
    var inputs: String?

    @Option(help: "The labels, to be compared with those of the records.")
    var labels: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Draw and classify again, and compare the counts: of all inputs, 5% of them, or 20.",
            discussion: "Which ones, chance decides. Without --model and --inputs: the files that "
                + "provenance.json names, if they are still the same.",
            valueName: "all|P%|K"))
    var replay: ReplayExtent?

    @Option(
        parsing: .unconditional,
        help: "Choose the inputs to replay as the run of this seed did (default: a new one).")
    var seed: UInt64?

    @Option(help: "The array of an .npz file that holds the inputs.")
    var inputsMember: String?

    @Option(help: "The array of an .npz file that holds the labels.")
    var labelsMember: String?

    @Option(help: "Moves the channel axis of the inputs, as in the run: hwc-to-chw or chw-to-hwc.")
    var transpose: AxisMove?

    @Option(
        help: ArgumentHelp(
            "The key by which the run has to be signed: signing.pub, or its 64 digits.",
            valueName: "file|digits"))
    var publicKey: String?

    @Flag(help: "Print the table as JSON, for scripts.")
    var json = false

    func run() throws {
        let folder = try RunFolder(at: path)
        let display = StepDisplay()
        let each = try template(display)
        let report: VerificationReport
        do {
            defer { display.clear() }
            report =
                if let levels = try folder.noiseLevels() {
                    try NoiseLevelsVerification(
                        of: folder, levels, release: Wardein.version, each: each
                    ).run()
                } else {
                    try Verify.report(on: folder, each: each)
                }
        } catch let failure as ClassifierFailure {
            Console.say("wardein: \(failure)")
            throw ProgramExit(code: 1)
        }
        Console.flush()
        print(json ? report.json.page : report.table + "\n", terminator: "")
        try conclude(report)
    }

    /// Checks a run at one noise level: a campaign, or what several were merged into.
    static func report(
        on folder: RunFolder, each: @escaping (RunFolder) -> RunVerification
    ) throws -> VerificationReport {
        let parts = try folder.partSeals()
        guard parts.isEmpty else {
            return try MergedRunVerification(
                of: folder, parts, publicKey: each(folder).publicKey, each: each
            ).run()
        }
        return try each(folder).run()
    }

    /// How the run in a folder is verified: of several noise levels each in the same way.
    private func template(_ display: StepDisplay) throws -> (RunFolder) -> RunVerification {
        let publicKey = try publicKey.map { text in
            try SigningPublicKey(hex: text.utf8) ?? SigningKeyFiles.publicKey(at: text)
        }
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        let shelf = CertifierShelf()
        return { folder in
            var verification = RunVerification(of: folder, release: Wardein.version, seed: seed)
            verification.evidence = evidence(of: folder)
            verification.replay = replay
            verification.shelf = shelf
            verification.publicKey = publicKey
            verification.threads = ProcessorShare.ofThisProcess().allowed
            verification.progress = { display.show($0, $1, of: $2) }
            return verification
        }
    }

    private func conclude(_ report: VerificationReport) throws {
        guard report.exitCode == 0 else { throw ProgramExit(code: report.exitCode) }
        if let unmet = report.unmet { throw unmet }
    }

    /// The files that were given; to count again, also those that the run says it was about.
    private func evidence(of folder: RunFolder) -> Evidence {
        var evidence = replay == nil ? Evidence() : RunOrigin(of: folder).evidence
        if let model { evidence.model = .init(path: model) }
        if let inputs { evidence.inputs = .init(path: inputs, member: inputsMember) }
        if let labels { evidence.labels = .init(path: labels, member: labelsMember) }
        if let transpose { evidence.axisMove = transpose }
        return evidence
    }

    func validate() throws {
        guard inputs != nil || (inputsMember == nil && transpose == nil) else {
            throw ValidationError("--inputs-member and --transpose go with --inputs.")
        }
        guard labels != nil || labelsMember == nil else {
            throw ValidationError("--labels-member goes with --labels.")
        }
        guard seed == nil || replay != nil else {
            throw ValidationError("--seed goes with --replay.")
        }
    }
}

/// Where a run's model and inputs were, by its own account: only a guess.
private struct RunOrigin {
    let evidence: Evidence

    init(of folder: RunFolder) {
        evidence = RunOrigin.guess(of: folder)
    }

    private static func guess(of folder: RunFolder) -> Evidence {
        var evidence = Evidence()
        guard let provenance = try? folder.provenance(), let file = try? ObjectReader(provenance),
            let files = try? file.object("files"), let command = try? file.strings("command")
        else { return evidence }
        let began = try? Wardein.parseAsRoot(command)
        let options = (began as? any CampaignCommand)?.arguments.details
        func guess(_ role: String, _ member: String?) -> Evidence.DataFile? {
            guard let path = try? files.string(role), RunOrigin.isFile(path) else { return nil }
            return .init(path: path, member: member, isGuess: true)
        }
        evidence.model = guess("model", nil)
        evidence.inputs = guess("inputs", options?.inputsMember)
        evidence.axisMove = options?.transpose
        return evidence
    }

    /// A stranger's run may name a pipe or a device.
    private static func isFile(_ path: String) -> Bool {
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        return attributes?[.type] as? FileAttributeType == .typeRegular
    }
}

/// A command that runs a campaign.
protocol CampaignCommand {
    /// What it is to do.
    var arguments: any CampaignArguments { get }
}

extension Certify: CampaignCommand {
    var arguments: any CampaignArguments { campaign }
}
extension Predict: CampaignCommand {
    var arguments: any CampaignArguments { campaign }
}
extension Coordinate: CampaignCommand {
    var arguments: any CampaignArguments { campaign }
}
extension Cluster: CampaignCommand {
    var arguments: any CampaignArguments { campaign }
}

extension ReplayExtent: ExpressibleByArgument {
    /// `all`, a share such as `1%`, or a number of inputs.
    public init?(argument: String) {
        if argument == "all" {
            self = .all
        } else if argument.hasSuffix("%"), let percent = Double(argument.dropLast()), percent > 0,
            percent <= 100
        {
            self = .share(percent / 100)
        } else if let count = Int(argument), count > 0 {
            self = .inputs(count)
        } else {
            return nil
        }
    }
}
