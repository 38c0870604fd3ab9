public import Digests

/// `signature.json`: who vouches for the files of a run.
///
/// What is signed is the text of all members but the signature on one line, which names the digests of the
/// files. This is the value alone; signing and checking take a library, which pure modules do not have.
public struct RunSignature: Hashable, Sendable {
    /// The seal of the manifest.
    public let campaign: Digest
    /// The SHA-256 of each file that is signed, by its name.
    public let files: [File]
    /// The key to check it with: 64 hexadecimal digits.
    public let publicKey: String
    /// 128 hexadecimal digits.
    public let signature: String

    /// A file that is signed.
    public struct File: Hashable, Sendable {
        /// Its name in the folder.
        public let name: String
        /// Its SHA-256.
        public let digest: Digest

        /// Names a file's contents.
        public init(name: String, digest: Digest) {
            self.name = name
            self.digest = digest
        }
    }

    /// The format that this release writes and reads.
    public static let format = "wardein signature 1"
    private static let algorithm = "Ed25519"

    /// Signs files.
    ///
    /// - Parameter sign: makes 128 hexadecimal digits of the text that is to be signed.
    public init(
        campaign: Digest, files: [File], publicKey: String, sign: (_ text: String) -> String
    ) {
        self.campaign = campaign
        self.files = files
        self.publicKey = publicKey
        signature = sign(
            RunSignature.signedText(campaign: campaign, files: files, publicKey: publicKey).line)
    }

    /// Reads the file.
    ///
    /// - Throws: ``JSONSyntaxError`` or ``UnreadableMember``.
    public init(text: some Sequence<UInt8>) throws {
        let object = try ObjectReader(JSON(parsing: text))
        for (key, known) in [
            ("format", RunSignature.format), ("algorithm", RunSignature.algorithm),
        ] {
            let stated = try object.string(key)
            guard stated == known else {
                throw UnreadableMember(key, "is \"\(stated)\", but this release reads \"\(known)\"")
            }
        }
        campaign = try object.digest("campaign")
        let names = try object.object("files")
        files = try names.members.map { member throws(UnreadableMember) in
            File(name: member.key, digest: try names.digest(member.key))
        }
        publicKey = try object.string("publicKey")
        signature = try object.string("signature")
    }

    /// What is signed.
    public var signedText: String {
        RunSignature.signedText(campaign: campaign, files: files, publicKey: publicKey).line
    }

    /// The file.
    public var page: String {
        guard
            case .object(let members) = RunSignature.signedText(
                campaign: campaign, files: files, publicKey: publicKey)
        else { return "" }
        return JSON.object(
            members + [JSON.Member(key: "signature", value: .string(signature))]
        ).page
    }

    private static func signedText(campaign: Digest, files: [File], publicKey: String) -> JSON {
        [
            "format": .string(format),
            "algorithm": .string(algorithm),
            "campaign": .string(campaign.hex),
            "files": .object(
                files.map { JSON.Member(key: $0.name, value: .string($0.digest.hex)) }),
            "publicKey": .string(publicKey),
        ]
    }
}
