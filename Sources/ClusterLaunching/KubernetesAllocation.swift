/// What is asked of a Kubernetes cluster for a campaign.
public struct KubernetesAllocation: Hashable, Sendable {
    /// The container image that holds the program.
    public let image: String
    /// The namespace, which is there already.
    public let namespace: String
    /// How many workers.
    public let workers: Int
    /// How many cores each of them has.
    public let cores: Int
    /// The memory that each of them has.
    public let memory: KubernetesSize
    /// The memory that the coordinator has.
    public let coordinatorMemory: KubernetesSize
    /// The size of the volume for the campaign's folder.
    public let storage: KubernetesSize
    /// The kind of volume; nil: the cluster's default.
    public let storageClass: String?

    /// Checks each value.
    ///
    /// - Throws: ``KubernetesError`` with the option and its value.
    public init(
        image: String, namespace: String = "default", workers: Int, cores: Int = 1,
        memory: KubernetesSize, coordinatorMemory: KubernetesSize, storage: KubernetesSize,
        storageClass: String? = nil
    ) throws {
        guard image.wholeMatch(of: /[a-z0-9][A-Za-z0-9._\/:@-]*/) != nil else {
            throw KubernetesError(
                "--image is '\(image)', but it must name an image, for example "
                    + "registry.example.org/wardein:0.2.0")
        }
        guard KubernetesName.isLabel(namespace) else {
            throw KubernetesError(
                "--namespace is '\(namespace)', but it must be 1 to 63 small letters of English, "
                    + "digits and '-'")
        }
        guard (1...10_000).contains(workers) else {
            throw KubernetesError("--workers is \(workers), but it must lie between 1 and 10000")
        }
        guard (1...1024).contains(cores) else {
            throw KubernetesError("--worker-cpus is \(cores), but it must lie between 1 and 1024")
        }
        if let storageClass,
            !storageClass.split(separator: ".").allSatisfy(KubernetesName.isLabel)
                || storageClass.isEmpty
        {
            throw KubernetesError(
                "--storage-class is '\(storageClass)', but it must be a name that "
                    + "kubectl get storageclass lists")
        }
        self.image = image
        self.namespace = namespace
        self.workers = workers
        self.cores = cores
        self.memory = memory
        self.coordinatorMemory = coordinatorMemory
        self.storage = storage
        self.storageClass = storageClass
    }
}

/// A size in one of Kubernetes' forms: `500Mi`, `2Gi`, `1Ti`.
public struct KubernetesSize: Hashable, Sendable {
    /// As it was written.
    public let text: String
    /// How many bytes that is.
    public let bytes: Int

    /// So many GiB.
    public init(gibibytes: Int) {
        text = "\(gibibytes)Gi"
        bytes = gibibytes << 30
    }

    /// Nil when the text has none of the forms.
    public init?(_ text: String) {
        guard let parts = text.wholeMatch(of: /([1-9][0-9]{0,5})(Mi|Gi|Ti)/),
            let number = Int(parts.1)
        else { return nil }
        self.text = text
        bytes = number << ["Mi": 20, "Gi": 30, "Ti": 40][parts.2, default: 0]
    }
}

/// How things are called in a cluster.
enum KubernetesName {
    /// 1 to 63 small letters, digits and `-`, neither first nor last.
    static func isLabel(_ text: some StringProtocol) -> Bool {
        String(text).wholeMatch(of: /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/) != nil
    }

    /// What all things of the campaign in this folder begin with: `wardein-run1`.
    ///
    /// - Throws: ``KubernetesError`` when the folder's name leaves nothing that may stand in a name.
    static func of(campaignIn output: String) throws -> String {
        let folder = output.split(separator: "/").last.map(String.init) ?? ""
        let plain = folder.lowercased().map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        // Kubernetes makes labels, of 63 letters at the most, from longer names that begin with it.
        let words = String(plain).split(separator: "-").joined(separator: "-").prefix(30)
        let name = words.hasSuffix("-") ? words.dropLast() : words
        guard !name.isEmpty else {
            throw KubernetesError(
                "--output is '\(output)', and things in the cluster are named after the last part of "
                    + "that: it must hold a letter or digit of English")
        }
        return "wardein-\(name)"
    }
}

/// What an option for Kubernetes is refused with: one sentence.
public struct KubernetesError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}
