public import Digests
import RandomizedSmoothing

/// The manifest of several noise levels as it stands there: read, and nothing of it believed.
public struct RecordedNoiseLevels: Sendable {
    /// The whole, with all members in order: also those that this release does not know.
    public let json: JSON
    /// Name and version of the program that wrote it.
    public let program: String
    /// The noise levels in their order.
    public let levels: [Level]
    /// The seal that it claims.
    public let seal: Digest

    /// One noise level.
    public struct Level: Hashable, Sendable {
        /// The noise level.
        public let sigma: Double
        /// The seal that the manifest of its campaign is to have.
        public let seal: Digest

        /// The name of the folder of its campaign: that of its noise level, whatever the file says.
        public var folder: String { NoiseLevelsManifest.folder(of: sigma) }
    }

    /// Reads a manifest; nil when it is that of one campaign, or of something else.
    ///
    /// - Throws: which value is missing, or is none.
    public init?(_ json: JSON) throws(UnreadableMember) {
        let object = try ObjectReader(json)
        guard object["format"] == .string(NoiseLevelsManifest.format) else { return nil }
        self.json = json
        program = try object.string("program")
        guard case .array(let campaigns) = try object.value("campaigns"),
            1...AlphaSplit.mostLevels ~= campaigns.count
        else {
            throw UnreadableMember(
                "campaigns", "is no list of 1 to \(AlphaSplit.mostLevels) noise levels")
        }
        var levels: [Level] = []
        for (place, campaign) in campaigns.enumerated() {
            let level = try ObjectReader(campaign, at: "campaigns[\(place)]")
            levels.append(
                Level(sigma: try level.double("sigma"), seal: try level.digest("seal")))
        }
        self.levels = levels
        seal = try object.digest("seal")
    }

    /// What the seal has to be the SHA-256 of: the members but the seal, on one line.
    public var sealedLine: String {
        guard case .object(let members) = json else { return "" }
        return JSON.object(members.filter { $0.key != "seal" }).line
    }
}
