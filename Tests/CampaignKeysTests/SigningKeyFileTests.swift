import CampaignKeys
import Foundation
import Sodium
import Testing

/// The files of a key that signs: its secret stays with its owner, and no other key is taken for it.
@Suite struct SigningKeyFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "wardein-signing-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func `both files are made once, the secret for its owner alone`() throws {
        try withFolder { folder in
            let made = try SigningKeyFiles.make(in: folder)
            let (secret, open) = ("\(folder)/signing.key", "\(folder)/signing.pub")
            #expect(try SigningKeyFiles.signingKey(at: secret).publicKey == made)
            #expect(try SigningKeyFiles.publicKey(at: open) == made)
            #expect(try SigningKeyFiles.publicKey(at: secret) == made)
            let mode = try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            let key = try SigningKeyFiles.signingKey(at: secret)
            let text = try String(contentsOfFile: open, encoding: .utf8)
            #expect(!text.contains(String(decoding: key.secret.hexDigits(), as: UTF8.self)))
            #expect(throws: KeyError.exists(open)) { try SigningKeyFiles.make(in: folder) }
        }
    }

    @Test func `what is no key that signs is refused with a sentence`() throws {
        try withFolder { folder in
            _ = try SigningKeyFiles.make(in: folder)
            let (secret, open) = ("\(folder)/signing.key", "\(folder)/signing.pub")
            #expect(throws: KeyError.missingLine(open, "signing-secret")) {
                try SigningKeyFiles.signingKey(at: open)
            }
            #expect(throws: KeyError.noSigningFile(folder + "/no")) {
                try SigningKeyFiles.signingKey(at: folder + "/no")
            }
            chmod(secret, 0o640)
            #expect(throws: KeyError.mode(secret, 0o640)) {
                try SigningKeyFiles.signingKey(at: secret)
            }
            // A worker's key is of another kind: Curve25519.
            _ = try KeyFolder.make(at: folder)
            let worker = try KeyFolder(at: folder).makeWorkerKey(named: "alice")
            #expect(throws: KeyError.missingLine(worker.path, "signing-secret")) {
                try SigningKeyFiles.signingKey(at: worker.path)
            }
            #expect(throws: KeyError.missingLine(worker.path, "signing-public")) {
                try SigningKeyFiles.publicKey(at: worker.path)
            }
        }
    }
}
