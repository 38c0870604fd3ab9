import ArgumentParser
import CampaignKeys
import CertificateVerification
import Foundation
import MachineResources
import RunFolders
import Sodium

/// Signs a run that is finished.
struct Sign: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sign a finished run, so that others can see that it is the one you vouch for.",
        discussion: """
            Checks the run as wardein verify does, and signs manifest.json, records.jsonl and \
            certificates.tsv if all of it holds. wardein keys signing makes the key. With certify \
            --sign a run is signed as soon as it is finished.
            """)

    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"))
    var path: String

    @Option(help: "The file of the key: signing.key.")
    var key: String

    func run() throws {
        let key = try SigningKeyFiles.signingKey(at: key)
        let folder = try RunFolder(at: path)
        guard !folder.has(.signature) else { throw RunFolderError.signed(path) }
        let report = try Verify.report(on: folder) { folder in
            var verification = RunVerification(of: folder, release: Wardein.version, seed: 0)
            verification.threads = ProcessorShare.ofThisProcess().allowed
            return verification
        }
        guard report.exitCode == 0 else {
            Console.flush()
            print(report.table)
            Console.say("wardein: nothing was signed")
            throw ProgramExit(code: report.exitCode)
        }
        try folder.sign(with: key)
        print("\(folder.path(of: .signature)) holds the signature of \(key.publicKey.hex).")
    }
}
