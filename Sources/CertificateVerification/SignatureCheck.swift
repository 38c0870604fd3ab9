import CertificateRecords
import Digests
import RunFolders
import Sodium

/// Whether the files of a run are those that somebody vouched for.
struct SignatureCheck {
    let folder: RunFolder
    /// The key by which the run has to be signed; nil: any, or none.
    let publicKey: SigningPublicKey?

    func check(seal: Digest, into report: inout VerificationReport) throws {
        let name = RunFolder.File.signature.rawValue
        func fail(_ reason: String) {
            report.hold(
                "signature", "", unless: [Fault(kind: .signature, place: name, reason: reason)])
        }
        let signature: RunSignature
        do {
            guard let file = try folder.signature() else {
                if publicKey != nil {
                    fail("it is missing: the run is not signed")
                } else {
                    report.skip("signature", "the run is not signed")
                }
                return
            }
            signature = file
        } catch {
            return fail("\(error)")
        }
        if let publicKey, signature.publicKey != publicKey.hex {
            return fail("it is by the key \(signature.publicKey), not by \(publicKey.hex)")
        }
        guard signature.isGenuine else {
            return fail("it was not made by the key \(signature.publicKey)")
        }
        if signature.campaign != seal {
            return fail("it is of the campaign \(signature.campaign), not \(seal)")
        }
        if let reason = try otherFile(signature) { return fail(reason) }
        report.hold("signature", "the files are those that were signed by \(signature.publicKey)")
        if publicKey == nil {
            report.skip("signer", "whose that key is: give the one that you know with --public-key")
        }
    }

    /// Which file is not the one that was signed; nil: none. A table that was kept back is none.
    private func otherFile(_ signature: RunSignature) throws -> String? {
        for file in [RunFolder.File.manifest, .records, .certificates] {
            let signed = signature.files.first { $0.name == file.rawValue }
            guard let signed else {
                if file != .certificates { return "it does not cover \(file.rawValue)" }
                continue
            }
            guard folder.has(file) else { continue }
            if try folder.digest(of: file) != signed.digest {
                return "\(file.rawValue) was changed since it was signed"
            }
        }
        return nil
    }
}
