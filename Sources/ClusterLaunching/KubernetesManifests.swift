import Digests
import Foundation

/// What a Kubernetes cluster is told of a campaign: the files of a folder for `kubectl apply -k`.
/// `deploy/kubernetes/base` holds them for an example.
///
/// The coordinator is a StatefulSet of one, so that there are never two, with a claim for the
/// campaign's folder. The workers are an indexed Job. What both run is in a ConfigMap, keys are in
/// Secrets that are made by hand.
public struct KubernetesManifests: Hashable, Sendable {
    /// What all things of the campaign are called, or begin with.
    public let name: String
    let allocation: KubernetesAllocation
    let command: PodCommand
    /// The files of the campaign that are to be copied there, by name.
    let digests: [String: Digest]
    let isKeyed: Bool

    /// The port at which workers reach the coordinator, and that of its status.
    static let campaignPort = 5555
    static let statusPort = 9464
    /// The user and group of `deploy/container/Containerfile`.
    static let user = 10001

    /// The manifests of a campaign, with the digests of the files that it reads.
    ///
    /// - Parameters:
    ///   - output: the folder of the campaign on this machine, after which things are named.
    ///   - allocation: what is asked of the cluster.
    ///   - command: what the coordinator is to do.
    ///   - isKeyed: whether workers prove who they are.
    /// - Throws: a sentence when a file cannot be read, or the volume is too small for the files.
    public init(
        campaignIn output: String, _ allocation: KubernetesAllocation, command: PodCommand,
        isKeyed: Bool
    ) throws {
        let measured = try command.files.mapValues { try WorkerFiles.measure(URL(filePath: $0)) }
        let size = measured.values.map(\.0).reduce(0, +)
        guard size < allocation.storage.bytes / 2 else {
            throw KubernetesError(
                "--storage is \(allocation.storage.text), but the files of the campaign are "
                    + "\(size >> 20) MiB: ask for twice that at least, for what is written")
        }
        try self.init(
            campaignIn: output, allocation, command: command, digests: measured.mapValues(\.1),
            isKeyed: isKeyed)
    }

    /// - Parameters:
    ///   - output: the folder of the campaign on this machine, after which things are named.
    ///   - allocation: what is asked of the cluster.
    ///   - command: what the coordinator is to do.
    ///   - digests: those of ``PodCommand/files``, by the same names.
    ///   - isKeyed: whether workers prove who they are.
    init(
        campaignIn output: String, _ allocation: KubernetesAllocation, command: PodCommand,
        digests: [String: Digest], isKeyed: Bool
    ) throws {
        name = try KubernetesName.of(campaignIn: output)
        self.allocation = allocation
        self.command = command
        self.digests = digests
        self.isKeyed = isKeyed
    }

    /// The text of each file, by its name.
    public var files: [(name: String, text: String)] {
        [
            ("kustomization.yaml", kustomization), ("configuration.yaml", configuration),
            ("coordinator.yaml", coordinator), ("workers.yaml", workers),
            ("network.yaml", network),
        ]
    }

    private var kustomization: String {
        """
        # A Wardein campaign: kubectl apply -k THIS-FOLDER
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: \(allocation.namespace)
        resources:
          - configuration.yaml
          - coordinator.yaml
          - workers.yaml
          - network.yaml

        """
    }
}

// MARK: - The coordinator

extension KubernetesManifests {
    private var coordinator: String {
        """
        # The coordinator: never more than one, with a claim that outlives it.
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: \(name)-coordinator
          labels:
        \(labels(of: "coordinator", indent: 4))
        spec:
          replicas: 1
          serviceName: \(name)
          selector:
            matchLabels:
        \(labels(of: "coordinator", indent: 6))
          template:
            metadata:
              labels:
        \(labels(of: "coordinator", indent: 8))
            spec:
        \(podSettings)
              # Nothing is lost when it ends at once: what is settled is on the volume.
              terminationGracePeriodSeconds: 10
              initContainers:
                - name: inputs
                  image: \(allocation.image)
                  command: [bash, /wardein/await-inputs.sh]
        \(containerSettings)
                  resources:
                    requests: {cpu: 100m, memory: 128Mi}
                    limits: {memory: 128Mi}
                  volumeMounts:
                    - {name: campaign, mountPath: /campaign}
                    - {name: configuration, mountPath: /wardein, readOnly: true}
              containers:
                - name: coordinator
                  image: \(allocation.image)
                  command: [bash, /wardein/coordinate.sh]
                  args:
        \(arguments)
                  ports:
                    - {name: campaign, containerPort: \(Self.campaignPort)}
                    - {name: status, containerPort: \(Self.statusPort)}
                  # It has half an hour to read its files; then it is alive, and ready while it lets
                  # workers in.
                  startupProbe:
                    exec: {command: [bash, /wardein/alive.sh]}
                    periodSeconds: 5
                    timeoutSeconds: 10
                    failureThreshold: 360
                  livenessProbe:
                    exec: {command: [bash, /wardein/alive.sh]}
                    periodSeconds: 20
                    timeoutSeconds: 10
                    failureThreshold: 6
                  readinessProbe:
                    httpGet: {path: /readyz, port: status}
                    periodSeconds: 5
                    timeoutSeconds: 5
        \(containerSettings)
                  resources:
                    requests: {cpu: 500m, memory: \(allocation.coordinatorMemory.text)}
                    limits: {memory: \(allocation.coordinatorMemory.text)}
                  volumeMounts:
                    - {name: campaign, mountPath: /campaign}
                    - {name: configuration, mountPath: /wardein, readOnly: true}
                    - {name: private, mountPath: /run/wardein}\
        \(isKeyed ? "\n            - {name: keys, mountPath: /secrets, readOnly: true}" : "")
              volumes:
                - name: configuration
                  configMap: {name: \(name)}
                - name: private
                  emptyDir: {medium: Memory, sizeLimit: 1Mi}\(secret("\(name)-coordinator"))
          volumeClaimTemplates:
            - metadata:
                name: campaign
                labels:
        \(labels(of: "coordinator", indent: 10))
              spec:
                accessModes: [ReadWriteOnce]\
        \(allocation.storageClass.map { "\n        storageClassName: \($0)" } ?? "")
                resources:
                  requests: {storage: \(allocation.storage.text)}
        ---
        # The name by which Kubernetes knows the Pod of the StatefulSet.
        apiVersion: v1
        kind: Service
        metadata:
          name: \(name)
          labels:
        \(labels(of: "coordinator", indent: 4))
        spec:
          clusterIP: None
          selector:
        \(labels(of: "coordinator", indent: 4))
          ports:
            - {name: campaign, port: \(Self.campaignPort), targetPort: campaign}
        ---
        # Where workers find it, once it is ready.
        apiVersion: v1
        kind: Service
        metadata:
          name: \(name)-coordinator
          labels:
        \(labels(of: "coordinator", indent: 4))
        spec:
          selector:
        \(labels(of: "coordinator", indent: 4))
          ports:
            - {name: campaign, port: \(Self.campaignPort), targetPort: campaign}
            - {name: status, port: \(Self.statusPort), targetPort: status}

        """
    }

    /// An option and its value after the other, a line each.
    private var arguments: String {
        let ours =
            [
                "--listen", "tcp://*:\(Self.campaignPort)", "--status-listen",
                "0.0.0.0:\(Self.statusPort)",
            ] + (isKeyed ? ["--keys", "/run/wardein/keys"] : [])
        return (ours + command.arguments).map { "            - \(YAML.string($0))" }
            .joined(separator: "\n")
    }
}

// MARK: - The workers

extension KubernetesManifests {
    private var workers: String {
        """
        # The workers: each may start and end at any time, and needs nothing but its key.
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: \(name)-workers
          labels:
        \(labels(of: "worker", indent: 4))
        spec:
          completionMode: Indexed
          completions: \(allocation.workers)
          parallelism: \(allocation.workers)
          backoffLimitPerIndex: 20
          podFailurePolicy:
            rules:
              # Its node was taken away: it is started elsewhere.
              - action: Ignore
                onPodConditions: [{type: DisruptionTarget, status: "True"}]
              # 75: it could not take part now. It is started again.
              - action: Ignore
                onExitCodes: {containerName: worker, operator: In, values: [75]}
              # 3: it was refused, for example because its processor computes other scores than the
              # coordinator's, and would be again. The others go on.
              - action: FailIndex
                onExitCodes: {containerName: worker, operator: In, values: [3]}
              # 2: its command or its key is wrong, and so are those of the others.
              - action: FailJob
                onExitCodes: {containerName: worker, operator: In, values: [2]}
          template:
            metadata:
              labels:
        \(labels(of: "worker", indent: 8))
            spec:
              restartPolicy: Never
        \(podSettings)
              # When it is to go it hands in what it has begun.
              terminationGracePeriodSeconds: 60
              containers:
                - name: worker
                  image: \(allocation.image)
                  command: [bash, /wardein/work.sh]
        \(containerSettings)
                  # As many sessions as cores: whole ones, which no other container has.
                  resources:
                    requests: {cpu: "\(allocation.cores)", memory: \(allocation.memory.text)}
                    limits: {cpu: "\(allocation.cores)", memory: \(allocation.memory.text)}
                  volumeMounts:
                    - {name: configuration, mountPath: /wardein, readOnly: true}
                    - {name: private, mountPath: /run/wardein}\
        \(isKeyed ? "\n            - {name: key, mountPath: /secrets, readOnly: true}" : "")
              volumes:
                - name: configuration
                  configMap: {name: \(name)}
                - name: private
                  emptyDir: {medium: Memory, sizeLimit: 1Mi}\(secret("\(name)-worker", as: "key"))
        ---
        # Whoever empties nodes leaves half of the workers counting. (The coordinator needs no such
        # budget: it goes on wherever it is started again.)
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: \(name)-workers
          labels:
        \(labels(of: "worker", indent: 4))
        spec:
          minAvailable: \(allocation.workers / 2)
          unhealthyPodEvictionPolicy: AlwaysAllow
          selector:
            matchLabels:
        \(labels(of: "worker", indent: 6))

        """
    }
}

// MARK: - The network

extension KubernetesManifests {
    private var network: String {
        """
        # Workers reach the coordinator, a monitoring namespace its status; nothing else is let through.
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: \(name)-coordinator
          labels:
        \(labels(of: "coordinator", indent: 4))
        spec:
          podSelector:
            matchLabels:
        \(labels(of: "coordinator", indent: 6))
          policyTypes: [Ingress, Egress]
          ingress:
            - from:
                - podSelector:
                    matchLabels:
        \(labels(of: "worker", indent: 14))
              ports: [{protocol: TCP, port: \(Self.campaignPort)}]
            - from:
                - namespaceSelector:
                    matchLabels:
                      kubernetes.io/metadata.name: monitoring
              ports: [{protocol: TCP, port: \(Self.statusPort)}]
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: \(name)-workers
          labels:
        \(labels(of: "worker", indent: 4))
        spec:
          podSelector:
            matchLabels:
        \(labels(of: "worker", indent: 6))
          policyTypes: [Ingress, Egress]
          egress:
            - to:
                - podSelector:
                    matchLabels:
        \(labels(of: "coordinator", indent: 14))
              ports: [{protocol: TCP, port: \(Self.campaignPort)}]
            # Names are looked up.
            - ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]

        """
    }
}

// MARK: - What several have in common

extension KubernetesManifests {
    /// Of a Pod: nobody's account, no privilege, and the volume writable for the user.
    private var podSettings: String {
        """
              automountServiceAccountToken: false
              enableServiceLinks: false
              securityContext:
                runAsNonRoot: true
                runAsUser: \(Self.user)
                runAsGroup: \(Self.user)
                fsGroup: \(Self.user)
                fsGroupChangePolicy: OnRootMismatch
                seccompProfile: {type: RuntimeDefault}
        """
    }

    private var containerSettings: String {
        """
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: {drop: [ALL]}
        """
    }

    private func secret(_ name: String, as volume: String = "keys") -> String {
        isKeyed
            ? """

                    - name: \(volume)
                      secret: {secretName: \(name)}
            """ : ""
    }

    func labels(of component: String? = nil, indent: Int) -> String {
        let labels = [
            ("name", "wardein"), ("instance", name), ("component", component),
        ]
        return labels.compactMap { key, value in
            value.map { String(repeating: " ", count: indent) + "app.kubernetes.io/\(key): \($0)" }
        }.joined(separator: "\n")
    }
}
