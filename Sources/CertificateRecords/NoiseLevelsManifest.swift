public import Digests
public import RandomizedSmoothing

/// What binds the campaigns at several noise levels into one statement: written and sealed before the
/// first draw of any, so that which record is reported of an input was fixed beforehand.
public struct NoiseLevelsManifest: Hashable, Sendable {
    /// The version of the program.
    public let programVersion: String
    /// The noise levels and how they share alpha.
    public let split: AlphaSplit
    /// The inputs that share alpha as well; nil: each has its own.
    public let familyInputs: Int?
    /// The key of all noise streams, 64 hexadecimal digits.
    public let key: String
    /// The seals of the levels' own manifests, in their order.
    public let seals: [Digest]

    /// Binds campaigns that share alpha: one for each noise level, in the order of the split.
    public init(_ manifests: [(manifest: Manifest, seal: Digest)]) {
        guard let first = manifests.first?.manifest, let split = first.plan.split else {
            preconditionFailure("the levels of a split")
        }
        programVersion = first.programVersion
        self.split = split
        familyInputs = first.plan.error.family?.inputs
        key = first.noise.key
        seals = manifests.map(\.seal)
    }

    /// The folder of a noise level, within that of the whole.
    public static func folder(of sigma: Double) -> String {
        "sigma-" + JSON.number(sigma).line
    }

    /// The first value of the file, by which it is told from the manifest of a campaign.
    public static let format = "wardein manifest of several noise levels 1"

    /// What the seal is the digest of: the members of the manifest on one line.
    public var sealedLine: String { JSON.object(members).line }

    /// The file: the members, and the seal, which is the SHA-256 of ``sealedLine``.
    public func page(sealedWith seal: Digest) -> String {
        JSON.object(members + [JSON.Member(key: "seal", value: .string(seal.hex))]).page
    }

    private var members: [JSON.Member] {
        let object: JSON = [
            "format": .string(NoiseLevelsManifest.format),
            "program": .string("wardein \(programVersion)"),
            "alpha": .number(split.alpha),
            "familyInputs": familyInputs.map { .integer($0) } ?? .null,
            "alphaAtEachSigma": .number(split.share),
            "reported": "the record with the largest radius; of equal ones that of the first sigma",
            "key": .string(key),
            "campaigns": .array(
                zip(split.sigmas, seals).map { sigma, seal in
                    [
                        "sigma": .number(sigma),
                        "folder": .string(NoiseLevelsManifest.folder(of: sigma)),
                        "seal": .string(seal.hex),
                    ]
                }),
        ]
        guard case .object(let members) = object else { return [] }
        return members
    }
}
