import ArgumentParser
import CertificateRecords
import CertificationReports
import Foundation
import RandomizedSmoothing
import RunFolders

/// Sets runs side by side, input by input, where they are comparable.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare runs input by input, also tables of other programs.",
        discussion: """
            Takes the folders of campaigns, and tables as this field's scripts write them (idx label \
            predict radius correct time, and its variants). Prints what each certifies at some radii, \
            how often that is right, and whether the difference to the first is more than chance.

            Runs of other inputs, n, alpha, rule or units are not comparable, nor is one that was \
            stopped early at a radius: then it says why and ends with exit code 3. --anyway prints the \
            tables below these reasons.

            A table shows nothing of how it was made: --assume-samples and its like say what you take it \
            to be. Radii that no counts can certify under these claims are found, and are a reason too. \
            One table alone is described and checked.
            """)

    @Argument(
        help: "Two to six campaign folders or tables; the first is what others are compared to.")
    var runs: [String]

    @OptionGroup var claim: TableClaimOptions

    @Option(
        name: [.long, .customLong("radii")], parsing: .unconditional,
        help: "Compare at these radii, for example 0.5,1 (default: steps from 0).")
    var radius: RadiusList?

    @OptionGroup var bootstrap: BootstrapOptions

    @Flag(help: "Print the tables even if the runs are not comparable, below the reasons.")
    var anyway = false

    @Option(help: "Draw certified accuracy and precision against the radius into this SVG file.")
    var plot: String?

    @OptionGroup var form: OutputForm

    func run() throws {
        guard runs.count <= RunComparison.mostRuns else {
            throw ValidationError(
                "There are \(runs.count) runs, but the tables have room for "
                    + "\(RunComparison.mostRuns).")
        }
        try form.check()
        let drawing = try plot.map { try DrawingFile($0) }
        let bootstrap = try bootstrap.checked()
        let outcomes = try RunFiles(runs, claim: claim).outcomes()
        let comparison = RunComparison(outcomes, radii: radius?.values, bootstrap: bootstrap)
        guard comparison.inputs > 0 else {
            throw RunFileError("there is no input that all of these runs have")
        }
        let report = ComparisonReport(comparison)
        let isRefused = !comparison.reasons.isEmpty && !anyway
        if isRefused, runs.count > 1, let warning = report.warning {
            Console.say("wardein: \(warning)\n--anyway prints the tables in spite of that.")
            throw ProgramExit(code: 3)
        }
        try drawing?.write(ComparisonPlot(comparison).svg)
        print(form.json ? String(report.json.page.dropLast()) : form.csv ? report.csv : report.text)
        if isRefused { throw ProgramExit(code: 3) }
    }
}

/// Radii separated by commas: up to fifty numbers of at least 0, in order and each once.
struct RadiusList: ExpressibleByArgument {
    let values: [Double]

    init?(argument: String) {
        guard let numbers = NumberList(argument: argument)?.values, numbers.count <= 50,
            numbers.allSatisfy({ $0 >= 0 && $0.isFinite })
        else { return nil }
        values = Set(numbers).sorted()
    }
}

/// What the owner of tables claims of them.
struct TableClaimOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Take it that tables rest on this many estimation samples of each input, n.")
    var assumeSamples: SampleCount?

    @Option(
        parsing: .unconditional, help: "Take it that each of their claims fails with this alpha.")
    var assumeAlpha: Double?

    @Option(
        parsing: .unconditional,
        help: "Take it that they have this noise level; or one for each table, such as 0.25,0.5.")
    var assumeSigma: NumberList?

    @Option(help: "Take it that this rule made their radii from counts: cohen or runner-up.")
    var assumeRule = CertificationRule.cohen

    /// The claim of each of so many tables.
    func claims(tables: Int) throws -> [TableClaim] {
        if let alpha = assumeAlpha, !(alpha >= ErrorBudget.smallestAlpha && alpha < 1) {
            throw ValidationError(
                "--assume-alpha is \(alpha), but it must lie between \(ErrorBudget.smallestAlpha) and "
                    + "1.")
        }
        if let samples = assumeSamples?.value,
            !(1...CertificationPlan.maximumSamples).contains(samples)
        {
            throw ValidationError(
                "--assume-samples is \(samples), but it must lie between 1 and "
                    + "\(CertificationPlan.maximumSamples).")
        }
        let sigmas = assumeSigma?.values ?? []
        if let wrong = sigmas.first(where: { !($0 > 0 && $0.isFinite) }) {
            throw ValidationError("--assume-sigma is \(wrong), but it must be a positive number.")
        }
        guard sigmas.count <= 1 || sigmas.count == tables else {
            throw ValidationError(
                "--assume-sigma has \(sigmas.count) numbers for \(tables) tables; give one for each, or "
                    + "one for all.")
        }
        return (0..<tables).map { place in
            TableClaim(
                sigma: sigmas.count > 1 ? sigmas[place] : sigmas.first,
                samples: assumeSamples?.value, alpha: assumeAlpha, rule: assumeRule)
        }
    }
}

/// How intervals of means and areas are drawn.
struct BootstrapOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "How many times the bootstrap draws the inputs.")
    var replicates = 10_000

    @Option(parsing: .unconditional, help: "The seed of these draws.")
    var seed: UInt64 = 1

    func checked() throws -> PairedBootstrap {
        guard (100...1_000_000).contains(replicates) else {
            throw ValidationError(
                "--replicates is \(replicates), but it must lie between 100 and 1000000.")
        }
        return PairedBootstrap(replicates: replicates, seed: seed)
    }
}

/// Tables for people, or what scripts read.
struct OutputForm: ParsableArguments {
    @Flag(help: "Print JSON instead of tables, for scripts.")
    var json = false

    @Flag(help: "Print CSV instead of tables.")
    var csv = false

    func check() throws {
        if json, csv { throw ValidationError("--json and --csv exclude each other.") }
    }
}

/// A file that is to hold a drawing.
struct DrawingFile {
    private let path: String

    /// Throws one sentence where it could not be written.
    init(_ path: String) throws {
        self.path = path
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw ValidationError("--plot \(path): cannot write into the folder \(folder).")
        }
    }

    func write(_ drawing: String) throws {
        do {
            try Data(drawing.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ValidationError("--plot: cannot write \(path): \(error.localizedDescription)")
        }
        Console.say("Plot: \(path)")
    }
}
