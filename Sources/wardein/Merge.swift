import AlphaLedger
import ArgumentParser
import CertificateRecords
import CertificateVerification
import CoordinatorService
import Foundation
import MachineResources
import RunFolders
import RunMerging

/// Joins runs at separate sites into one.
struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Join runs of one plan on disjoint inputs, certified at separate sites, into one.",
        discussion: """
            Takes finished runs of one model, noise level and plan (rule, samples, alpha, when sampling \
            ends), on inputs of one data set of which no two runs have the same. Each is checked as \
            wardein verify does, and copied into parts/1, parts/2, … of the new folder:

              wardein merge site-a/run site-b/run --output all

            With one noise key (certify --key) the result is that of one campaign over all inputs, byte for \
            byte; with keys of their own the runs stand in it as they are. wardein verify, report, compare, \
            distinguish, sign and status take it like any run, and it can be merged with more.

            If they are no such runs it says what differs and ends with exit code 3, with 2 if a folder \
            cannot be used, and with the code of wardein verify if a run does not hold.
            """)

    @Argument(help: ArgumentHelp("The folders of the runs.", valueName: "run"))
    var runs: [String]

    @Option(name: [.short, .long], help: "The folder of the merged run, which is made.")
    var output: String

    @Option(
        help: ArgumentHelp(
            "The ledger of runs; none: no ledger.",
            discussion:
                "The default is \(AlphaLedger.fileName) beside the output folder. The runs are "
                + "entered, and refused where another run sampled their inputs too."))
    var ledger: String?

    func run() throws {
        let display = StepDisplay()
        let shelf = CertifierShelf()
        var merger = RunMerger(runs, into: output) { folder in
            var verification = RunVerification(of: folder, release: Wardein.version, seed: 0)
            verification.threads = ProcessorShare.ofThisProcess().allowed
            verification.shelf = shelf
            return verification
        }
        if ledger != "none" { merger.ledger = ledger ?? CampaignLedger.path(beside: output) }
        merger.command = Array(CommandLine.arguments.dropFirst())
        merger.progress = { display.show("records checked", $0, of: $1) }
        let outcome: RunMerger.Outcome
        do {
            defer { display.clear() }
            outcome = try merger.merge()
        } catch let refusal as MergeRefusal {
            Console.say(
                "wardein: these runs are not merged:\n"
                    + refusal.reasons.map { "- \($0)." }.joined(separator: "\n"))
            throw ProgramExit(code: 3)
        } catch let error as MergeError {
            Console.say("wardein: \(error)")
            throw ProgramExit(code: Merge.exitCode(of: error))
        }
        Console.flush()
        say(outcome)
    }

    private static func exitCode(of error: MergeError) -> Int32 {
        switch error {
        case .doesNotHold(_, let fault): fault.kind.rawValue
        case .unfinished: Fault.Kind.unfinished.rawValue
        default: 2
        }
    }

    private func say(_ outcome: RunMerger.Outcome) {
        let (run, count) = (outcome.run, outcome.run.indices.count)
        print("\(output) holds \(count) inputs of \(run.parts.count) runs, each of which holds:")
        let width = outcome.origins.map(\.count).max() ?? 0
        for (place, part) in run.parts.enumerated() {
            let origin = outcome.origins[place]
            print(
                "  \(MergedManifest.folder(ofPart: place))  \(origin)"
                    + String(repeating: " ", count: width - origin.count)
                    + "  \(part.manifest.inputs.indices.count) inputs: "
                    + "\(IndexRanges(part.manifest.inputs.indices))")
        }
        print(Merge.kind(of: run))
        print("\(count - run.abstentions) inputs have a claim, and \(run.abstentions) abstained.")
        print(Merge.coverage(run.indices))
        if let twins = run.twins.first { print(Merge.sentence(on: twins, of: run.twins.count)) }
        for path in outcome.lostSignatures {
            print(
                "\(path) was signed as a whole: that signature is of no part, and is not taken over."
            )
        }
    }

    private static func kind(of run: MergedRun) -> String {
        guard !run.isOneCampaign else {
            return
                "All drew from one key, and have become one campaign: its records, byte for byte."
        }
        let keys = Set(run.parts.map(\.manifest.noise.key)).count
        return keys == 1
            ? "All drew from one key. Each record names the campaign of its part."
            : "They drew from \(keys) keys. Each record names the campaign of its part."
    }

    /// How much of the data set there is, as far as a run knows: it names indices, and no end.
    private static func coverage(_ indices: [Int]) -> String {
        let extent = (indices.last ?? 0) + 1
        guard indices.count < extent else {
            return "They are the first \(extent) of the data set, without a gap."
        }
        let there = Set(indices)
        let missing = (0..<extent).filter { !there.contains($0) }
        return "Of the first \(extent) of the data set they are \(indices.count); missing: "
            + "\(IndexRanges(missing))."
    }

    private static func sentence(on twins: MergedRun.Twins, of count: Int) -> String {
        "Equal inputs are in several parts, as if the data set had them twice: \(count), of which the first "
            + "is \(twins.index), again as \(twins.other)"
            + (twins.haveOneLabel ? "" : " with another label")
            + ". Did all sites have it in the same order?"
    }
}
