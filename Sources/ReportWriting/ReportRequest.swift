public import CertificateRecords
public import CertificationReports

/// What a user asks a report for.
public struct ReportRequest: Sendable {
    /// The folder of the campaign.
    public var run: String
    /// The radius that the user is concerned with.
    public var threatRadius: DecimalNumber?
    /// What a worker costs an hour.
    public var pricePerHour: Double?
    /// Who reads the report.
    public var audience = CampaignReport.Audience.operator
    /// Whether everyday changes are to be measured.
    public var wantsContext = false
    /// The file of inputs; nil: the one that the campaign was begun with, if it is still there.
    public var inputs: String?
    /// The array of an archive that holds the inputs.
    public var inputsMember: String?

    /// A report on the campaign in a folder.
    public init(run: String) { self.run = run }
}

/// Why a report cannot be made: one sentence.
public enum ReportError: Error, CustomStringConvertible {
    /// No input is decided yet.
    case noRecords(String)
    /// A record names another campaign than the manifest.
    case foreignRecord(String, index: Int)
    /// The records are more than the manifest has inputs, or not in its order.
    case misplacedRecord(String, index: Int)
    /// The manifest names a shape that no input has.
    case shape(String, [Int])
    /// The inputs are not those of the campaign.
    case otherInputs(String)
    /// Everyday changes were asked for, and there are no inputs to change.
    case noInputs(String)
    /// A public report has tiers, which need an edge.
    case tiersNeedRadius
    /// The threat radius of a campaign that certifies none.
    case noRadii
    /// The file cannot be written, and why.
    case unwritable(String, String)

    /// The sentence.
    public var description: String {
        switch self {
        case .shape(let path, let shape):
            "\(path): its manifest names inputs of shape \(shape), which no input has; "
                + "wardein verify says what else is wrong"
        case .noRecords(let path): "\(path) is empty: no input is decided yet"
        case .foreignRecord(let path, let index):
            "\(path): the record of input \(index) names another campaign than manifest.json does"
        case .misplacedRecord(let path, let index):
            "\(path): the record of input \(index) is not where manifest.json has that input"
        case .otherInputs(let path):
            "\(path) does not hold the inputs of this campaign: their digest is another one; give the "
                + "file that it was begun with"
        case .noInputs(let reason):
            "--context changes the inputs of the campaign, which are not to be had (\(reason)); give "
                + "their file with --inputs"
        case .tiersNeedRadius:
            "a public report tells inputs with a certificate of the threat radius from those with a "
                + "smaller one: give the radius with --threat-radius"
        case .noRadii:
            "this campaign predicts classes and certifies no radius: leave --threat-radius away"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
