public import ArgumentParser
public import CertificateRecords
public import CertificationReports
import Foundation
import ReportWriting

/// Writes a report on a campaign, by which a practitioner can judge it.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "After a campaign: a report by which to judge it.",
        discussion: """
            Writes report.html (one file, without scripts or anything from elsewhere), report.md and \
            report.csv. First comes the scorecard at the radius that matters to you: how many inputs \
            are covered, how many of the certificates are wrong, how many inputs abstained, by how much \
            that may err, what it cost, and what it does not say.

            An input is drawn, and changed for --context, if the file of inputs is where it was when \
            the campaign began, or is given; its digest must be the campaign's.

            With --audience public the files have coverage and coarse tiers alone, since radii of \
            single inputs help whoever wants to attack them.
            """)

    @Argument(help: "The folder of the campaign.")
    var folder: String

    @Option(
        name: [.short, .long],
        help: "Where to write (default: the folder of the campaign, or public in it).")
    var output: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How far inputs may be changed where the classifier is used, in L2.",
            discussion: "In the units of sigma. The scorecard is made for this radius."))
    var threatRadius: DecimalNumber?

    @Option(help: "The file of inputs, if it is not where it was.")
    var inputs: String?

    @Option(help: "The array of an .npz file that holds the inputs.")
    var inputsMember: String?

    @Option(
        parsing: .unconditional,
        help: "What a worker costs an hour, in any currency, for the price."
    )
    var pricePerHour: Double?

    @Flag(
        help: ArgumentHelp(
            "Measure everyday changes of these inputs, to compare radii with.",
            discussion: "Brightness, contrast, a shift, a rotation, JPEG, the nearest other class.")
    )
    var context = false

    @Option(help: "Who reads the report: operator (everything) or public (coverage and tiers).")
    var audience = CampaignReport.Audience.operator

    func run() throws {
        if let price = pricePerHour, !(price >= 0 && price <= 1e9) {
            throw ValidationError(
                "--price-per-hour is \(price), but it must lie between 0 and 1000000000.")
        }
        if let threatRadius, threatRadius.isZero {
            throw ValidationError("--threat-radius is 0, but it must be above that.")
        }
        var request = ReportRequest(run: folder)
        request.threatRadius = threatRadius
        request.pricePerHour = pricePerHour
        request.audience = audience
        request.wantsContext = context
        request.inputs = inputs
        request.inputsMember = inputsMember
        let writer = try ReportWriter(request)
        let target = output ?? (audience == .operator ? folder : "\(folder)/public")
        try writer.write(to: target)
        if let remark = writer.remark, audience == .operator { Console.say(remark) }
        for name in ReportWriter.fileNames { print("\(target)/\(name)") }
    }
}

extension DecimalNumber: ExpressibleByArgument {
    /// A decimal number from 0, such as 0.5.
    public init?(argument: String) { self.init(argument) }
}

extension CampaignReport.Audience: ExpressibleByArgument {}
