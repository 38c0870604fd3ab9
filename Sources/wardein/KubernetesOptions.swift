public import ArgumentParser
public import ClusterLaunching

/// What `cluster --kubernetes` asks of a Kubernetes cluster.
struct KubernetesOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Write the manifests of the campaign for Kubernetes to OUTPUT/kubernetes.",
            discussion: "Nothing is begun: the commands that begin it are printed."))
    var kubernetes = false

    @Option(
        help: """
            The container image of this program, where the cluster finds it (default: \
            wardein:\(Wardein.version)).
            """)
    var image: String?

    @Option(help: "The namespace; it must be there.")
    var namespace: String?

    @Option(parsing: .unconditional, help: "How many workers.")
    var workers: Int?

    @Option(parsing: .unconditional, help: "How many cores each worker has (default: 1).")
    var workerCpus: Int?

    @Option(help: "The memory that each worker has (default: 2Gi).")
    var workerMemory: KubernetesSize?

    @Option(help: "The memory that the coordinator has (default: 2Gi).")
    var coordinatorMemory: KubernetesSize?

    @Option(help: "The size of the volume for the campaign's files (default: 10Gi).")
    var storage: KubernetesSize?

    @Option(help: "The kind of that volume (default: the cluster's own choice).")
    var storageClass: String?

    /// The first of these options that was given, but --kubernetes itself.
    var firstGiven: String? {
        let given = [
            ("--image", image != nil), ("--namespace", namespace != nil),
            ("--workers", workers != nil), ("--worker-cpus", workerCpus != nil),
            ("--worker-memory", workerMemory != nil),
            ("--coordinator-memory", coordinatorMemory != nil), ("--storage", storage != nil),
            ("--storage-class", storageClass != nil),
        ]
        return given.first(where: \.1)?.0
    }

    /// What these options ask for.
    func allocation() throws -> KubernetesAllocation {
        guard let workers else {
            throw ValidationError("--kubernetes needs --workers N: how many to start.")
        }
        return try KubernetesAllocation(
            image: image ?? "wardein:\(Wardein.version)", namespace: namespace ?? "default",
            workers: workers, cores: workerCpus ?? 1,
            memory: workerMemory ?? KubernetesOptions.memory,
            coordinatorMemory: coordinatorMemory ?? KubernetesOptions.memory,
            storage: storage ?? KubernetesSize(gibibytes: 10), storageClass: storageClass)
    }

    private static let memory = KubernetesSize(gibibytes: 2)
}

extension KubernetesSize: ExpressibleByArgument {
    /// A size such as `500Mi` or `2Gi`.
    public init?(argument: String) { self.init(argument) }
}
