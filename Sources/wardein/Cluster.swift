import ArgumentParser
import CampaignKeys
import CertificateRecords
import ClusterLaunching
import CoordinatorService
import Foundation

/// Coordinates a campaign and starts the workers on a cluster.
struct Cluster: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Certify a data set on a cluster.",
        discussion: """
            Takes the same options as certify and writes the same files, and starts the workers on \
            other machines.

            With --hosts it starts one on each host of a list by ssh, copies what they need, and \
            ends them with the campaign. With --slurm they are an array job, whose scripts are kept \
            in OUTPUT/slurm; this program and OUTPUT must then lie where all machines see them. With \
            --kubernetes the manifests of a coordinator and its workers are written to \
            OUTPUT/kubernetes, and the commands that begin the campaign are printed.
            """)

    @OptionGroup(title: "Hosts") var hosts: HostOptions

    @OptionGroup(title: "Slurm") var slurm: SlurmOptions

    @OptionGroup(title: "Kubernetes") var kubernetes: KubernetesOptions

    @Option(
        help: ArgumentHelp(
            "The address to listen at.",
            discussion: "Unless given, the one by which this machine reaches the others."))
    var listen: String?

    @OptionGroup var access: AdmissionOptions

    @OptionGroup var campaign: CampaignOptions

    @OptionGroup var files: OutputOptions

    @OptionGroup var lookingOn: LookingOnOptions

    func validate() throws {
        let places = [hosts.hosts != nil, slurm.slurm, kubernetes.kubernetes]
        guard places.count(where: \.self) == 1 else {
            throw ValidationError(
                "Say where to start the workers: --hosts FILE, --slurm or --kubernetes, one of them."
            )
        }
        if !slurm.slurm, let option = slurm.firstGiven {
            throw ValidationError("\(option) goes with --slurm alone.")
        }
        if !kubernetes.kubernetes, let option = kubernetes.firstGiven {
            throw ValidationError("\(option) goes with --kubernetes alone.")
        }
    }

    func run() throws {
        if kubernetes.kubernetes { return try writeManifests() }
        if slurm.coordinator == .job { return try submitCoordinator() }
        try begin()
    }

    private func runOnHosts(
        _ file: HostsFile, goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel?
    ) throws {
        let host = try file.addressOfThisMachine(sshConfiguration: hosts.sshConfig)
        try start(listeningAt: host, goingOnWith: unfinished, at: level) { address in
            try HostFleet(
                on: file, sshConfiguration: hosts.sshConfig, address: address,
                keys: access.folder())
        }
    }

    private func runOnSlurm(
        goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel?
    ) throws {
        let scripts = try scripts(output: level?.folder ?? unfinished?.path ?? files.output)
        let host =
            try SlurmLauncher.address(toward: slurm.partition) ?? ProcessInfo.processInfo.hostName
        try start(listeningAt: host, goingOnWith: unfinished, at: level) { address in
            let launcher = try SlurmLauncher(submitting: scripts, address: address)
            Console.say(
                """
                Workers: array job \(launcher.array) of Slurm, which reaches this coordinator at \
                \(address).
                """, as: .launcher)
            return launcher
        }
    }

    /// Runs the campaign at the host's address or as told, with the workers that are launched for the
    /// address by which they reach it.
    private func start(
        listeningAt host: String, goingOnWith unfinished: UnfinishedCampaign?,
        at level: NoiseLevel?, launching launch: @escaping (_ address: String) throws -> any Fleet
    ) throws {
        try CampaignRun(
            campaign, writingTo: files.output, goingOnWith: unfinished, at: level,
            enteringInto: files.campaignLedger(goingOnWith: unfinished),
            listeningAt: listen ?? "tcp://\(host):*", admitting: access.admission(),
            signingWith: files.signingKey()
        ).run { endpoint in
            try launch(
                endpoint.replacing("//0.0.0.0:", with: "//\(host):")
                    .replacing("//[::]:", with: "//\(host):"))
        }
    }

    private func submitCoordinator() throws {
        if !files.resume { try CoordinatorService.check(output: files.output) }
        _ = (try access.admission(), try files.signingKey())
        // What is wrong with the campaign is said now, not when the job has waited for its turn.
        try campaign.checkNoiseLevels()
        if files.resume {
            _ = try campaign.prepareAll(key: nil)
        } else {
            _ = try recognisedCampaigns()
        }
        let arguments = CommandLine.arguments.dropFirst() + ["--coordinator", "here"]
        let job = try SlurmLauncher.submitCoordinator(
            scripts(output: files.output), arguments: Array(arguments),
            directory: FileManager.default.currentDirectoryPath)
        let folder = files.output
        print(
            """
            Submitted the coordinator as job \(job); it submits the workers when it starts.

              squeue --job \(job)                  whether it runs yet
              wardein status \(folder)     how far it is
              scancel --signal=TERM --batch \(job) stops it, with everything kept
            """)
    }

    /// Those that are to be begun, one a noise level, as their manifests are to name other runs.
    private func recognisedCampaigns() throws -> [PreparedCampaign] {
        guard campaign.subject.sigma.values.count == 1 else {
            return try NoiseLevels(self, output: files.output).prepared(goingOnWith: nil)
                .map(\.campaign)
        }
        let ledger = try files.campaignLedger(goingOnWith: nil)
        return [
            try ledger.recognised(
                campaign.prepare(
                    at: campaign.subject.sigma.values[0], key: ledger.extended?.noiseKey,
                    extending: ledger.extended)
            ).campaign
        ]
    }

    /// Checks all that can be checked here, and writes what `kubectl apply` takes.
    private func writeManifests() throws {
        let allocation = try kubernetes.allocation()
        let command = try PodCommand(Array(CommandLine.arguments.dropFirst()))
        try CoordinatorService.check(output: files.output)
        try access.admission().check("tcp://*:5555")
        _ = try workersKeyFile(for: "the workers")
        try campaign.checkNoiseLevels()
        guard try recognisedCampaigns().allSatisfy(\.manifest.earlier.runs.isEmpty) else {
            throw ValidationError(
                "Some of these inputs were sampled before, and the ledger that says so is not in the "
                    + "cluster, so the records could not: run this one here, with wardein certify or "
                    + "wardein coordinate.")
        }
        let manifests = try KubernetesManifests(
            campaignIn: files.output, allocation, command: command, isKeyed: access.keys != nil)
        let folder = try manifests.write(into: files.output)
        print("The manifests are in \(folder); nothing is begun yet.\n")
        print(manifests.steps(output: files.output, keys: access.keys))
    }

    private func scripts(output: String) throws -> SlurmScripts {
        try SlurmScripts(
            slurm.allocation(), program: LocalFleet.program.path,
            output: URL(filePath: output).standardizedFileURL.path,
            keyFile: workersKeyFile(for: "the array"))
    }

    /// The key of all workers that are started together.
    private func workersKeyFile(for group: String) throws -> String? {
        guard let keys = access.keys else { return nil }
        let file = URL(filePath: keys).standardizedFileURL.path + "/workers.key"
        guard FileManager.default.fileExists(atPath: file) else {
            throw ValidationError(
                "There is no \(file), by which \(group) would be let in. Make it with: "
                    + "wardein keys new workers --keys \(keys)")
        }
        return file
    }
}

extension Cluster: CertifyingCommand {
    func run(goingOnWith unfinished: UnfinishedCampaign?, at level: NoiseLevel?) throws -> String? {
        if let file = hosts.hosts {
            try runOnHosts(HostsFile(at: file), goingOnWith: unfinished, at: level)
        } else {
            try runOnSlurm(goingOnWith: unfinished, at: level)
        }
        return nil
    }
}

extension AdmissionOptions {
    /// The folder of the keys; nil: there are none.
    func folder() throws -> KeyFolder? { try keys.map { try KeyFolder(at: $0) } }
}

extension KeyFolder {
    /// The key file of a worker in this folder: made, and the worker allowed, unless it is there.
    func keyFile(of name: String) throws -> URL {
        let file = URL(filePath: path).appending(path: "\(name).key")
        if !FileManager.default.fileExists(atPath: file.path) {
            _ = try makeWorkerKey(named: name)
        }
        return file
    }
}

extension SlurmLauncher: Fleet {
    func tend(_ progress: CampaignProgress) throws {
        try checkThatSomebodyComes(workers: progress.workers)
    }
}
