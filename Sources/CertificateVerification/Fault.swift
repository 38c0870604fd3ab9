/// Something that is not as it has to be, named so that a person finds it.
public struct Fault: Hashable, Sendable {
    /// What kind of failure it is.
    public let kind: Kind
    /// The file and the line, or the files, that it was seen in.
    public let place: String
    /// What is wrong, as a sentence without the full stop.
    public let reason: String

    /// A kind of failure; its number is the exit code. When there are several, the first of this list
    /// counts.
    public enum Kind: Int32, CaseIterable, Sendable {
        /// The manifest is not what its seal is of.
        case seal = 10
        /// A value of the manifest does not follow from its plan.
        case plan = 11
        /// A record is missing, repeated, unreadable, out of order or of another campaign.
        case records = 12
        /// A record does not follow from its counts.
        case arithmetic = 13
        /// `certificates.tsv` or `provenance.json` says something else than the records.
        case files = 14
        /// The model, the inputs or the labels are others.
        case evidence = 15
        /// The noise, drawn and classified again, gives other counts.
        case replay = 16
        /// The signature is missing, is another's or is of other files.
        case signature = 17
        /// The campaign was not finished; what there is of it may be in order.
        case unfinished = 18
    }

    /// Place and reason.
    public var description: String { "\(place): \(reason)" }
}
