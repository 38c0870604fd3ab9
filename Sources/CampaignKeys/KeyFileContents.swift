import Sodium

/// The text of a key file: a word and its value on each line, and comments. It holds a secret: erase
/// it when it is no longer needed.
///
/// ```
/// # The secret key of a worker: all that it needs. Keep this file private.
/// name alice
/// public 9f…
/// secret 5e…
/// coordinator 03…
/// ```
struct KeyFileContents {
    private(set) var bytes: [UInt8]
    private let path: String

    /// What a line begins with.
    enum Word: String {
        case name
        case publicKey = "public"
        case secretKey = "secret"
        case coordinator
        case signingPublic = "signing-public"
        case signingSecret = "signing-secret"
    }

    /// The contents of a new file.
    init(comment: String, name: String? = nil, keys: KeyPair, coordinator: PublicKey? = nil) {
        path = ""
        bytes = []
        // Enough for all, so that no copy of the secret is left behind.
        bytes.reserveCapacity(4096)
        bytes += "# \(comment)\n".utf8
        if let name { bytes += "\(Word.name.rawValue) \(name)\n".utf8 }
        bytes += "\(Word.publicKey.rawValue) \(keys.publicKey.hex)\n".utf8
        bytes += "\(Word.secretKey.rawValue) ".utf8
        var digits = keys.secretKey.hexDigits()
        bytes += digits
        SecretKey.erase(&digits)
        bytes += "\n".utf8
        if let coordinator {
            bytes += "\(Word.coordinator.rawValue) \(coordinator.hex)\n".utf8
        }
    }

    /// The contents of a new file of a key that signs.
    init(comment: String, signing key: SigningKey) {
        path = ""
        bytes = []
        bytes.reserveCapacity(4096)
        bytes += "# \(comment)\n".utf8
        bytes += "\(Word.signingPublic.rawValue) \(key.publicKey.hex)\n".utf8
        bytes += "\(Word.signingSecret.rawValue) ".utf8
        var digits = key.secret.hexDigits()
        bytes += digits
        SecretKey.erase(&digits)
        bytes += "\n".utf8
    }

    /// The contents of a new file that signatures are checked with.
    init(comment: String, checkingWith key: SigningPublicKey) {
        path = ""
        bytes = Array("# \(comment)\n\(Word.signingPublic.rawValue) \(key.hex)\n".utf8)
    }

    /// The contents of a file, whoever may read it.
    init(publicBytes bytes: [UInt8], of path: String) {
        self.path = path
        self.bytes = bytes
    }

    /// The contents of a file that nobody else may read.
    init(readingFrom path: String) throws(KeyError) {
        self.path = path
        bytes = try PrivateFile.read(path)
    }

    mutating func erase() { SecretKey.erase(&bytes) }

    /// The secret key and the public one that stands beside it and must be its own.
    func keyPair() throws(KeyError) -> KeyPair {
        guard let secretKey = SecretKey(hex: try value(of: .secretKey)) else {
            throw KeyError.value(path, Word.secretKey.rawValue)
        }
        let keys = KeyPair(secretKey: secretKey)
        guard PublicKey(hex: try value(of: .publicKey)) == keys.publicKey else {
            throw KeyError.value(path, Word.publicKey.rawValue)
        }
        return keys
    }

    /// The key that signs, and the public one that stands beside it and must be its own.
    func signingKey() throws(KeyError) -> SigningKey {
        guard let secret = SecretKey(hex: try value(of: .signingSecret)) else {
            throw KeyError.value(path, Word.signingSecret.rawValue)
        }
        let key = SigningKey(secret: secret)
        guard try signingPublicKey() == key.publicKey else {
            throw KeyError.value(path, Word.signingPublic.rawValue)
        }
        return key
    }

    func signingPublicKey() throws(KeyError) -> SigningPublicKey {
        guard let key = SigningPublicKey(hex: try value(of: .signingPublic)) else {
            throw KeyError.value(path, Word.signingPublic.rawValue)
        }
        return key
    }

    func name() throws(KeyError) -> String {
        let name = String(decoding: try value(of: .name), as: UTF8.self)
        guard KeyFolder.isName(name) else { throw KeyError.value(path, Word.name.rawValue) }
        return name
    }

    func coordinator() throws(KeyError) -> PublicKey {
        guard let key = PublicKey(hex: try value(of: .coordinator)) else {
            throw KeyError.value(path, Word.coordinator.rawValue)
        }
        return key
    }

    /// Refuses a file that lacks a line.
    func check(for word: Word) throws(KeyError) { _ = try value(of: word) }

    private func value(of word: Word) throws(KeyError) -> ArraySlice<UInt8> {
        let start = Array("\(word.rawValue) ".utf8)
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: start) {
            return line.dropFirst(start.count)
        }
        throw KeyError.missingLine(path, word.rawValue)
    }
}
