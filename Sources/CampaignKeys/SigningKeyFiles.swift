import Glibc
public import Sodium

/// The two files of a key that signs runs: `signing.key`, which its owner keeps, and `signing.pub`, which
/// whoever checks needs. Such a key is Ed25519: the keys of workers and coordinators are of another kind,
/// and neither serves for the other.
public enum SigningKeyFiles {
    /// The name of the file that holds the secret.
    public static let secretName = "signing.key"
    /// The name of the file for others.
    public static let publicName = "signing.pub"

    /// Makes both files in a folder, and the folder.
    ///
    /// - Throws: one sentence: one of them is there already, the folder cannot be made, …
    public static func make(in folder: String) throws(KeyError) -> SigningPublicKey {
        try PrivateFile.makeFolder(folder)
        let (secret, open) = ("\(folder)/\(secretName)", "\(folder)/\(publicName)")
        if try PrivateFile.exists(open) { throw KeyError.exists(open) }
        let key = SigningKey.random()
        var contents = KeyFileContents(
            comment: "The secret key that signs runs: keep this file to yourself.", signing: key)
        defer { contents.erase() }
        try PrivateFile.create(secret, contents.bytes)
        let publicContents = KeyFileContents(
            comment: "The key that signatures are checked with: wardein verify RUN --public-key.",
            checkingWith: key.publicKey)
        try PrivateFile.create(open, publicContents.bytes)
        guard chmod(open, 0o644) == 0 else { throw KeyError.system("change", open, errno) }
        return key.publicKey
    }

    /// Reads the key that signs from a file that nobody else may read.
    public static func signingKey(at path: String) throws(KeyError) -> SigningKey {
        // Of the file for others, its mode is not what is wrong with it.
        _ = try publicKey(at: path, holding: .signingSecret)
        var contents = try KeyFileContents(readingFrom: path)
        defer { contents.erase() }
        return try contents.signingKey()
    }

    /// Reads the key that signatures are checked with; either file has it.
    public static func publicKey(at path: String) throws(KeyError) -> SigningPublicKey {
        try publicKey(at: path, holding: .signingPublic)
    }

    /// The public key in a file that also has another line.
    private static func publicKey(
        at path: String, holding word: KeyFileContents.Word
    ) throws(KeyError) -> SigningPublicKey {
        guard try PrivateFile.exists(path) else { throw KeyError.noSigningFile(path) }
        var contents = KeyFileContents(publicBytes: try PrivateFile.readOpen(path), of: path)
        defer { contents.erase() }
        try contents.check(for: word)
        return try contents.signingPublicKey()
    }
}
