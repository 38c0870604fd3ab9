import ArgumentParser
import CampaignKeys
import CoordinatorService

/// The options that say who may count: for everything that listens.
struct AdmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the coordinator's keys: only the workers allowed there may count.",
            discussion: "wardein keys new makes it. Without it, only this machine can be listened "
                + "to: 127.0.0.1 or ipc://."))
    var keys: String?

    @Flag(help: "Let in whoever reaches the address, with no encryption.")
    var insecurePlaintext = false

    /// Who may count, once the keys are read.
    func admission() throws -> Admission {
        guard let keys else { return insecurePlaintext ? .insecurePlaintext : .thisMachine }
        guard !insecurePlaintext else {
            throw ValidationError("Use only one of --keys and --insecure-plaintext.")
        }
        return .keys(try KeyFolder(at: keys))
    }
}

extension Admission {
    /// What is said of it at each start, beside the address; nil: nothing.
    var warning: String? {
        switch self {
        case .thisMachine, .keys: nil
        case .insecurePlaintext:
            "INSECURE: nothing is encrypted, and whoever reaches this address may read the model "
                + "and the inputs and count."
        }
    }

    /// What is missing before workers can be started by hand; nil: nothing.
    var advice: String? {
        guard case .keys(let folder) = self, (try? folder.allowedWorkers())?.isEmpty == true else {
            return nil
        }
        return "No worker is allowed yet: wardein keys new NAME --keys \(folder.path)"
    }

    /// The option that a worker needs, after a space; empty: none.
    var workerOption: String {
        if case .keys = self { " --keys NAME.key" } else { "" }
    }
}
