/// Why a journal cannot be used, in a sentence.
public enum JournalError: Error, Hashable, Sendable {
    /// There is a file where a journal was to be made.
    case exists(String)
    /// The request does not fit into a journal.
    case requestTooLong(bytes: Int)
    /// The file cannot be read or written; the system's reason.
    case unusable(String, String)
    /// The file is something else, and what.
    case foreign(String, String)
    /// The file was written by a later release, with this version of the schema.
    case newerSchema(String, version: Int)
    /// Another process has it.
    case inUse(String)
    /// Something in it is not as it was written, and what of it is; nil: not known.
    case damaged(String, String, saved: SavedRows?)
    /// An entry is about an input that is decided already, or decides one too early.
    case misplaced(String, decided: Int)
}

/// What of a damaged journal is whole.
public struct SavedRows: Hashable, Sendable {
    /// How many inputs, counted from the first of the campaign.
    public var decidedInputs: Int
    /// How many ranges of later inputs that were lent.
    public var lentRanges: Int
    /// How many of them that are settled.
    public var settledRanges: Int
}

extension JournalError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        switch self {
        case .exists(let path):
            "\(path) exists already, and a journal is never overwritten; name another folder, or "
                + "resume the campaign that is in this one"
        case .requestTooLong(let bytes):
            "the request takes \(bytes) bytes, and a journal holds at most "
                + "\(CampaignJournal.maximumRequestBytes); name fewer inputs, or a file of them"
        case .unusable(let path, let reason):
            "the journal \(path) cannot be used: \(reason)"
        case .foreign(let path, let what):
            "\(path) is not the journal of a campaign: \(what)"
        case .newerSchema(let path, let version):
            "the journal \(path) has schema version \(version), and this release of wardein knows "
                + "those up to \(JournalSchema.version); use the release that wrote it"
        case .inUse(let path):
            "another coordinator has this campaign open (\(path)); wait until it has ended"
        case .damaged(let path, let fault, let saved):
            "the journal \(path) is damaged: \(fault); " + JournalError.remedy(saved)
        case .misplaced(let entry, let decided):
            "\(entry) cannot be journalled: the inputs before position \(decided) are decided, "
                + "and that one is next"
        }
    }

    private static func remedy(_ saved: SavedRows?) -> String {
        guard let saved else { return "restore it from a copy, or start the campaign anew" }
        return
            "\(saved) can be saved: `wardein resume --salvage` goes on with them, and the rest is "
            + "counted again"
    }
}

extension SavedRows: CustomStringConvertible {
    /// "12 decided inputs and 7 later ranges, 3 of them settled".
    public var description: String {
        "\(decidedInputs) decided inputs and \(lentRanges) later ranges "
            + "(\(settledRanges) of them settled)"
    }
}
