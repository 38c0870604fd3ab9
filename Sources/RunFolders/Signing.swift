public import CertificateRecords
public import Digests
import Foundation
public import Sodium

extension RunFolder {
    /// The files that a signature names: what can be checked by itself and compared with another copy. Who
    /// counted what and how long it took may be kept back, and is not signed.
    private static let signed = [File.manifest, .records, .certificates]

    /// Signs manifest, records and table as they are now, in `signature.json`.
    ///
    /// - Throws: ``RunFolderError``: it is signed already, a file cannot be read, …
    public func sign(with key: SigningKey) throws {
        guard !has(.signature) else { throw RunFolderError.signed(path) }
        let files = try RunFolder.signed.filter(has).map {
            RunSignature.File(name: $0.rawValue, digest: try digest(of: $0))
        }
        let signature = RunSignature(
            campaign: try manifest().seal, files: files, publicKey: key.publicKey.hex
        ) { text in
            key.signature(of: Array(text.utf8)).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        do {
            try Data(signature.page.utf8).write(
                to: URL(filePath: path(of: .signature)), options: .atomic)
        } catch {
            throw RunFolderError.unwritable(path(of: .signature))
        }
    }

    /// The signature; nil where there is none.
    ///
    /// - Throws: ``RunFolderError``, which names the file and the place.
    public func signature() throws -> RunSignature? {
        guard has(.signature) else { return nil }
        return try reading(.signature) { try RunSignature(text: bytes(of: .signature)) }
    }

    /// The SHA-256 of a file, which is read in pieces.
    public func digest(of file: File) throws -> Digest {
        guard let handle = FileHandle(forReadingAtPath: path(of: file)) else {
            throw RunFolderError.unreadable(path(of: file), RunFolderError.reason(path(of: file)))
        }
        var hash = SHA256()
        do {
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                hash.update([UInt8](piece))
            }
        } catch {
            throw RunFolderError.unreadable(path(of: file), "\(error)")
        }
        return hash.finalize()
    }
}

extension RunSignature {
    /// Whether the holder of its own public key signed it.
    public var isGenuine: Bool {
        guard let key = SigningPublicKey(hex: publicKey.utf8), let bytes = signatureBytes else {
            return false
        }
        return key.accepts(bytes, of: Array(signedText.utf8))
    }

    private var signatureBytes: [UInt8]? {
        let digits = signature.compactMap(\.hexDigitValue)
        guard digits.count == signature.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
