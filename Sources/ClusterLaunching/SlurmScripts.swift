/// The scripts that Slurm runs for a campaign. `deploy/slurm` holds them for an example.
public struct SlurmScripts: Hashable, Sendable {
    let allocation: SlurmAllocation
    let program: String
    let output: String
    let keyFile: String?

    /// - Parameters:
    ///   - allocation: what is asked of Slurm.
    ///   - program: the absolute path of this program, where the nodes see it.
    ///   - output: the absolute path of the campaign's folder, where the nodes see it.
    ///   - keyFile: the absolute path of the key with which the workers are let in.
    /// - Throws: ``SlurmError`` when a path cannot stand in a script.
    public init(
        _ allocation: SlurmAllocation, program: String, output: String, keyFile: String? = nil
    ) throws {
        for path in [program, output, keyFile ?? ""] {
            if let character = path.first(where: { $0.isNewline || "%\"\\".contains($0) }) {
                throw SlurmError(
                    "Slurm has a meaning of its own for \(character.debugDescription), so it must "
                        + "not be in the path \(path); rename that or use another folder")
            }
        }
        self.allocation = allocation
        self.program = program
        self.output = output
        self.keyFile = keyFile
    }

    /// The array of workers.
    public var workers: String {
        let limit = allocation.limit.map { "%\($0)" } ?? ""
        let key = keyFile.map { "key=\(quoted($0))\n" } ?? ""
        let keyOption = keyFile.map { _ in " --keys \"$key\"" } ?? ""
        return """
            #!/bin/bash
            # Workers of a Wardein campaign. Each task of this array is one worker: it may start and
            # end at any time, and needs no file but the program. To add some to those that run:
            #     sbatch --array=1-4 workers.sbatch
            #SBATCH --job-name=wardein-workers
            #SBATCH --array=1-\(allocation.workers)\(limit)
            #SBATCH --ntasks=1
            #SBATCH --cpus-per-task=\(allocation.cores)
            \(commonLines(log: "worker-%A_%a.log", warning: 60))
            set -euo pipefail

            program=\(quoted(program))
            folder=\(quoted(output + "/slurm"))
            \(key)
            # The coordinator's address is there while it listens. A shared file system may show it late.
            for ((tries = 0; tries < 12; tries++)); do
                [[ -s $folder/address ]] && break
                sleep 5
            done
            if [[ ! -s $folder/address ]]; then
                echo "No coordinator listens: $folder/address is not there. Nothing to do."
                exit 0
            fi

            "$program" work --connect "$(<"$folder/address")" \\
                --sessions "$SLURM_CPUS_PER_TASK"\(keyOption) &
            \(childWatch("worker", does: "hands in what it has begun and leaves"))
            # 3: it was refused, and would be again. 75: it may be let in later. The task is named by the
            # array's number: one of the tasks has that as its own, which Slurm takes for the array.
            if [[ $status == 3 ]]; then again=; fi
            if [[ $status == 75 ]] && ((${SLURM_RESTART_COUNT:-0} < 20)); then again=yes; fi
            if [[ $again ]]; then
                exec scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
            fi
            exit "$status"

            """
    }

    /// The coordinator as a job of its own, which submits the workers.
    ///
    /// - Parameters:
    ///   - arguments: those with which the program coordinates and submits the workers.
    ///   - directory: the folder that relative paths start from.
    func coordinator(arguments: [String], directory: String) -> String {
        """
        #!/bin/bash
        # The coordinator of a Wardein campaign. It submits the workers (workers.sbatch), cancels what
        # is left of them at the end, and goes on where it was when Slurm starts it again.
        #SBATCH --job-name=wardein-coordinator
        #SBATCH --ntasks=1
        #SBATCH --cpus-per-task=1
        \(commonLines(log: "coordinator-%j.log", warning: 120))
        set -euo pipefail

        program=\(quoted(program))
        output=\(quoted(output))
        command=(
        \(lines(of: arguments))
        )

        cd \(quoted(directory))
        if [[ -e $output/manifest.json ]]; then command=(resume "$output"); fi
        "$program" "${command[@]}" &
        \(childWatch("coordinator", does: "cancels the workers and ends, with everything kept"))
        # 130: it was interrupted, and can go on.
        if [[ $again && $status == 130 ]]; then exec scontrol requeue "$SLURM_JOB_ID"; fi
        exit "$status"

        """
    }

    private func commonLines(log: String, warning seconds: Int) -> String {
        let given = [
            allocation.partition.map { "--partition=\($0)" },
            allocation.account.map { "--account=\($0)" },
            allocation.timeLimit.map { "--time=\($0.text)" },
        ].compactMap { $0.map { "#SBATCH \($0)" } }
        let ours = [
            "#SBATCH --output=\"\(output)/slurm/\(log)\"",
            "#SBATCH --open-mode=append",
            "#SBATCH --requeue",
            "#SBATCH --signal=B:USR1@\(seconds)",
        ]
        return (given + ours + allocation.furtherLines).joined(separator: "\n")
    }

    /// Waits for the child that was started last, and passes on the signals that end it.
    private func childWatch(_ child: String, does: String) -> String {
        """
        \(child)=$!

        # scancel sends TERM, and --signal above sends USR1 before the time is up, after which the
        # \(child) is queued again. Either way it \(does).
        again='' signalled=''
        trap 'signalled=yes; kill -TERM "$\(child)" || true' TERM
        trap 'signalled=yes again=yes; kill -TERM "$\(child)" || true' USR1
        status=0
        wait "$\(child)" || status=$?
        while [[ $signalled ]]; do # A signal cuts waiting short.
            signalled='' status=0
            wait "$\(child)" || status=$?
        done

        """
    }

    /// An option and its value a line.
    private func lines(of arguments: [String]) -> String {
        var lines: [String] = []
        for argument in arguments {
            if argument.hasPrefix("-") || lines.isEmpty {
                lines.append("    " + quoted(argument))
            } else {
                lines[lines.count - 1] += " " + quoted(argument)
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// The text as one word of a shell.
func quoted(_ text: String) -> String {
    let isPlain =
        !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-+=:,@".utf8.contains(byte)
            }
        }
    return isPlain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
}
