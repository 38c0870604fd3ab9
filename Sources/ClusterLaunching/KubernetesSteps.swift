import Foundation

extension KubernetesManifests {
    /// Writes the manifests into the folder `kubernetes` in that of the campaign.
    ///
    /// - Returns: the folder.
    public func write(into output: String) throws -> String {
        let folder = URL(filePath: output).appending(path: "kubernetes")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for file in files {
                try Data(file.text.utf8).write(
                    to: folder.appending(path: file.name), options: .atomic)
            }
        } catch {
            throw KubernetesError("cannot write to \(folder.path): \(error.localizedDescription)")
        }
        return output + (output.hasSuffix("/") ? "" : "/") + "kubernetes"
    }

    /// What is to be done next, to be copied line by line.
    ///
    /// - Parameters:
    ///   - output: the folder of the campaign on this machine.
    ///   - keys: that of the coordinator's keys; nil: there are none.
    public func steps(output: String, keys: String?) -> String {
        let kubectl = "kubectl -n \(allocation.namespace)"
        let pod = "\(name)-coordinator-0"
        let folder = quoted(output)
        let secrets = keys.map { keys in
            """
              # The keys, once:
              \(kubectl) create secret generic \(name)-coordinator \\
                  --from-file=\(quoted(keys + "/coordinator.key")) --from-file=\(quoted(keys + "/allowed"))
              \(kubectl) create secret generic \(name)-worker \\
                  --from-file=worker.key=\(quoted(keys + "/workers.key"))


            """
        }
        let copies = command.files.sorted { $0.key < $1.key }.map { name, path in
            "  \(kubectl) cp \(quoted(path)) \(pod):\(PodCommand.inputs)/\(name) -c inputs"
        }.joined(separator: "\n")
        return """
            \(secrets ?? "")  # Begin. The coordinator waits for its files, the workers for the coordinator:
              kubectl apply -k \(quoted(output + "/kubernetes"))
              until \(kubectl) exec \(pod) -c inputs -- true 2>/dev/null; do sleep 2; done
            \(copies)

              # Look on:
              \(kubectl) logs -f \(pod)
              \(kubectl) exec \(pod) -- wardein status \(PodCommand.output)

              # When it is finished, which the log says, fetch its files and check them:
              \(kubectl) cp \(pod):\(PodCommand.output) \(folder)
              wardein verify \(folder)

              # Clean up. The last line removes the campaign's files in the cluster for good:
              kubectl delete -k \(quoted(output + "/kubernetes"))
              \(secretsRemoval)\(kubectl) delete pvc campaign-\(pod)
            """
    }

    private var secretsRemoval: String {
        isKeyed
            ? "kubectl -n \(allocation.namespace) delete secret \(name)-coordinator \(name)-worker\n  "
            : ""
    }
}
