import Digests
import RandomizedSmoothing

// What runs at separate sites are together
// ========================================
//
// A certificate is a statement about one input: from counts that were drawn by the plan of its campaign it
// is false with probability at most alpha. Neither other inputs nor other keys enter into it, so records of
// one plan stand beside each other as they are, whoever drew them. Two cases:
//
// - The runs drew from one key. Which noise an input gets is a function of key and index alone (law 1), so
//   they have counted what *one campaign* over all their inputs would have counted. They become that
//   campaign: its manifest, its seal, its records, byte for byte.
// - They drew from keys of their own. No campaign has several keys, so the manifest is one of another
//   format, which names the parts by their seals, and every record stays as it was written: it names the
//   manifest that was sealed before its first draw.
//
// The second way is also that of runs whose ledgers say different things, which one campaign's could not,
// and of plans whose decision about an input depends on how far the farthest input of *its* campaign lies
// from the grid.

/// What the manifests of runs of one plan on disjoint inputs become: that of the merged run.
public struct MergedManifest: Sendable {
    /// Whether it is the manifest of one campaign over all inputs.
    public let isOneCampaign: Bool

    private let members: [JSON.Member]

    /// The format of a manifest that names parts. Within a format keys may be added; none is removed, and
    /// none changes its meaning.
    public static let format = "wardein manifest of merged runs 1"

    /// A merged run has at most so many parts: all of them are open at once.
    public static let mostParts = 500

    /// The folder of a part, within that of the merged run.
    public static func folder(ofPart place: Int) -> String { "parts/\(place + 1)" }

    /// Assembles the manifest of all from theirs.
    ///
    /// - Parameters:
    ///   - parts: manifests of one plan (``MergeRefusal``), in the order of their first inputs.
    ///   - inputs: all their inputs in the order of their indices.
    public init(_ parts: [RecordedManifest], inputs: Manifest.Inputs) {
        isOneCampaign = MergedManifest.areOneCampaign(parts)
        guard let first = parts.first, case .object(let common) = first.json else {
            preconditionFailure("the manifest of a part")
        }
        let isOneCampaign = isOneCampaign
        let members = common.filter { $0.key != "seal" }.compactMap { member -> JSON.Member? in
            switch (member.key, isOneCampaign) {
            case ("inputs", _): JSON.Member(key: "inputs", value: inputs.member)
            case ("format", false):
                JSON.Member(key: "format", value: .string(MergedManifest.format))
            case ("noise", false):
                JSON.Member(key: "noise", value: MergedManifest.withoutKey(member.value))
            case ("earlierRuns", false): nil
            default: member
            }
        }
        self.members =
            isOneCampaign
            ? members
            : members + [JSON.Member(key: "parts", value: .array(parts.map(MergedManifest.member)))]
    }

    /// What the seal is the digest of: the members of the manifest on one line.
    public var sealedLine: String { JSON.object(members).line }

    /// The file: the members, and the seal, which is the SHA-256 of ``sealedLine``.
    public func page(sealedWith seal: String) -> String {
        JSON.object(members + [JSON.Member(key: "seal", value: .string(seal))]).page
    }

    private static func areOneCampaign(_ parts: [RecordedManifest]) -> Bool {
        let haveOneKey = Set(parts.map(\.noise.key)).count == 1
        let ledgersAgree =
            parts.allSatisfy { $0.earlier == .none } || parts.allSatisfy { $0.earlier == .unknown }
        let areAlone = !parts.contains { $0.inputs.areRounded && $0.plan.dependsOnFarthestInput }
        return haveOneKey && ledgersAgree && areAlone
    }

    private static func withoutKey(_ noise: JSON) -> JSON {
        guard case .object(let members) = noise else { return noise }
        return .object(members.filter { $0.key != "key" })
    }

    private static func member(_ part: RecordedManifest) -> JSON {
        let members = [
            JSON.Member(key: "campaign", value: .string(part.seal.hex)),
            JSON.Member(key: "key", value: .string(part.noise.key)),
            JSON.Member(key: "indices", value: JSON.indices(part.inputs.indices)),
        ]
        return .object(
            members
                + (part.earlier.member.map { [JSON.Member(key: "earlierRuns", value: $0)] } ?? []))
    }
}

extension RecordedManifest.Plan {
    /// Whether, of inputs off the grid, the decision about one depends on how far any is from it.
    public var dependsOnFarthestInput: Bool {
        if case .whenDecided = stopping { return true }
        return leastRadius != nil
    }
}
