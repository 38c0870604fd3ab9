import Digests

/// What runs in the containers.
extension KubernetesManifests {
    /// The ConfigMap that both mount at `/wardein`.
    var configuration: String {
        """
        # What the containers run, and the digests of the files that the campaign reads.
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: \(name)
          labels:
        \(labels(indent: 4))
        data:
          await-inputs.sh: |
        \(indented(awaitInputs))
          coordinate.sh: |
        \(indented(coordinate))
          alive.sh: |
        \(indented(alive))
          work.sh: |
        \(indented(work))
          inputs.sha256: |
        \(indented(digests.sorted { $0.key < $1.key }
            .map { "\($0.value.hex)  \($0.key)" }.joined(separator: "\n")))

        """
    }

    var awaitInputs: String {
        """
        # Waits until the files that the campaign reads have been copied here, whole.
        set -eu
        mkdir -p \(PodCommand.inputs)
        cd \(PodCommand.inputs)
        echo "Waiting for \(digests.keys.sorted().joined(separator: ", ")) in $PWD."
        until sha256sum --check --status /wardein/inputs.sha256 2>/dev/null; do sleep 2; done
        echo "They are there."
        """
    }

    var coordinate: String {
        """
        # Begins the campaign, or goes on with it, and stays when it is finished, so that its files
        # can be fetched.
        set -euo pipefail
        trap 'exit 0' TERM
        umask 077\(copyOfKeys)
        if [[ -e \(PodCommand.output)/manifest.json || -e \(PodCommand.output)/begun.json ]]; then
            set -- "$@" --resume
        fi
        wardein coordinate "$@" &
        coordinator=$!
        # When this Pod is to go, the coordinator ends without a goodbye, which would send the workers
        # home: they wait for the next one, which goes on from the last settled lease.
        trap 'kill -KILL "$coordinator"' TERM
        wait "$coordinator"
        trap 'exit 0' TERM
        echo "Its files are in \(PodCommand.output), and wait to be fetched."
        touch /run/wardein/finished
        sleep infinity &
        wait
        """
    }

    /// Secrets belong to root, and keys have to belong to who uses them.
    private var copyOfKeys: String {
        isKeyed
            ? """

            mkdir -p /run/wardein/keys
            cp /secrets/* /run/wardein/keys/
            """ : ""
    }

    var alive: String {
        """
        # Whether the coordinator is alive. One that is finished need not be.
        set -euo pipefail
        [[ -e /run/wardein/finished ]] && exit
        exec 3<>/dev/tcp/127.0.0.1/\(Self.statusPort)
        printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n' >&3
        read -r -t 5 answer <&3
        [[ $answer == *' 200 '* ]]
        """
    }

    var work: String {
        """
        # Counts for the coordinator. In the place of this shell, so that it is told when to leave.
        set -eu
        umask 077\(isKeyed ? "\ncp /secrets/worker.key /run/wardein/" : "")
        exec wardein work --connect tcp://\(name)-coordinator:\(Self.campaignPort)\
        \(isKeyed ? " --keys /run/wardein/worker.key" : "")
        """
    }

    /// As the text of a key of the ConfigMap.
    private func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
            .joined(separator: "\n")
    }
}
