/// The options with which a campaign is coordinated in a Pod, and the files that are to be taken there.
public struct PodCommand: Hashable, Sendable {
    /// The options of `wardein coordinate`.
    public let arguments: [String]
    /// The files that they name, by what they are called in ``inputs``, where they are on this machine.
    public let files: [String: String]

    /// Where files that are only read lie in the Pod, and where the campaign's own are written.
    static let inputs = "/campaign/inputs"
    static let output = "/campaign/run"

    /// Turns the command line of `wardein cluster --kubernetes` into that of the coordinator.
    ///
    /// - Parameter arguments: those of a command line that was parsed already, so that each option is
    ///   known and has its value.
    /// - Throws: ``KubernetesError`` when two files have the same name, or an option makes no sense in
    ///   a Pod.
    public init(_ arguments: [String]) throws {
        var kept: [String] = []
        var files: [String: String] = [:]
        var rest = arguments.drop { $0 == "cluster" }
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let option = parts[0]
            if option == "--kubernetes" { continue }
            if let reason = PodCommand.refusals[option] { throw KubernetesError(reason) }
            let isDropped = PodCommand.dropped.contains(option)
            guard isDropped || PodCommand.namingFiles.contains(option) || option == "--ledger"
            else {
                kept.append(argument)
                continue
            }
            let value = parts.count == 2 ? parts[1] : rest.popFirst() ?? ""
            if isDropped { continue }
            guard option != "--ledger" else {
                guard value == "none" else { throw KubernetesError(PodCommand.ledgerRefusal) }
                kept += [option, value]
                continue
            }
            let name = String(value.split(separator: "/").last ?? "")
            guard files[name, default: value] == value else {
                throw KubernetesError(
                    "\(value) and \(files[name, default: ""]) have the same name, and lie in one "
                        + "folder in the cluster: rename one of them")
            }
            try PodCommand.check(name: name, of: value)
            files[name] = value
            kept += [option, "\(PodCommand.inputs)/\(name)"]
        }
        self.arguments = kept + ["--output", PodCommand.output]
        self.files = files
    }

    /// The name stands in a list of checksums, a line each, and in commands that are to be copied.
    private static func check(name: String, of path: String) throws {
        guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._+-]*/) != nil else {
            throw KubernetesError(
                "the name of '\(path)' must be of letters of English, digits and ._+- to be copied "
                    + "into the cluster: rename it")
        }
    }

    private static let namingFiles = ["--model", "--inputs", "--labels", "--indices"]
    /// What the manifests say instead.
    private static let dropped = [
        "--image", "--namespace", "--workers", "--worker-cpus", "--worker-memory",
        "--coordinator-memory", "--storage", "--storage-class", "--keys", "--output", "-o",
    ]
    private static let ledgerRefusal =
        "--ledger names a file on this machine, which is not in the cluster: leave it out, or say none"
    private static let refusals = [
        "--listen":
            "--listen has no place in a cluster: workers find the coordinator by its name there",
        "--resume":
            "--resume is not needed: a coordinator in a cluster goes on where it was by itself",
        "--sign":
            "--sign would take your key into the cluster: fetch the run and sign it here with "
            + "wardein sign",
        "--extend":
            "--extend goes on with a run on this machine, which is not in the cluster: extend it with "
            + "wardein certify or wardein coordinate",
        "--status-listen":
            "--status-listen is not needed: a coordinator in a cluster shows its status at port "
            + "\(KubernetesManifests.statusPort)",
    ]
}
