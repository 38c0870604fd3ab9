import ArgumentParser
import CertificateRecords
import CertificationReports
import Foundation

/// Says how well radius or abstention tells attacked inputs from clean ones.
struct Distinguish: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how well radius or abstention tells attacked inputs from clean ones.",
        discussion: """
            Takes a run on clean inputs and one or more on attacked versions of them, with the same \
            indices and labels, by the same model and plan: campaign folders, or tables of other \
            programs. Prints how many attacked inputs are certified with a wrong class and at which \
            radius, and how many a threshold on the radius would call attacked, with bands.

            Runs that differ in more than the inputs are refused with exit code 3; --anyway goes on.
            """)

    @Argument(help: "The run on clean inputs.")
    var clean: String

    @Argument(help: "One to five runs on attacked versions of these inputs.")
    var attacked: [String]

    @OptionGroup var claim: TableClaimOptions

    @Option(
        name: [.long, .customLong("radii")], parsing: .unconditional,
        help: "Count certificates at these radii, for example 0.5,1 (default: steps from 0).")
    var radius: RadiusList?

    @OptionGroup var bootstrap: BootstrapOptions

    @Flag(help: "Go on even if more than the inputs differs, below the reasons.")
    var anyway = false

    @Option(help: "Draw wrong certificates against the radius, and the ROC, into this SVG file.")
    var plot: String?

    @OptionGroup var form: OutputForm

    func run() throws {
        guard attacked.count <= 5 else {
            throw ValidationError(
                "There are \(attacked.count) attacked runs, but there is room for 5.")
        }
        try form.check()
        let drawing = try plot.map { try DrawingFile($0) }
        let bootstrap = try bootstrap.checked()
        let runs = try RunFiles([clean] + attacked, claim: claim).outcomes()
        try check(runs)
        let distinctions = try runs.dropFirst().map {
            try Distinction(clean: runs[0], attacked: $0, bootstrap: bootstrap)
        }
        let report = DistinctionReport(distinctions, radii: radius?.values)
        try drawing?.write(DistinctionPlot(distinctions).svg)
        print(form.json ? String(report.json.page.dropLast()) : form.csv ? report.csv : report.text)
    }

    /// Refuses runs that differ in more than the inputs.
    private func check(_ runs: [RunOutcomes]) throws {
        let unlike = AttackComparability(clean: runs[0], attacked: Array(runs.dropFirst()))
        guard unlike.haveInputsInCommon else {
            throw RunFileError("there is no input that all of these runs have")
        }
        guard let warning = unlike.warning else { return }
        Console.say("wardein: \(warning)")
        guard anyway else {
            Console.say("--anyway goes on in spite of that.")
            throw ProgramExit(code: 3)
        }
    }
}
