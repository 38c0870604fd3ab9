import Foundation

/// The commands of Slurm, as processes.
enum SlurmCommand {
    /// Submits a script and returns the number of its job.
    static func submit(_ script: String) throws -> String {
        // `--parsable` prints the number, and behind a semicolon the cluster where there are several.
        let answer = try run("sbatch", ["--parsable", script])
        let words = answer.split(whereSeparator: { $0 == ";" || $0.isWhitespace }).map(String.init)
        guard let number = words.last(where: isJobNumber) else {
            throw SlurmError(
                "sbatch did not say the number of the job, but: '\(answer.fitForTerminal(upTo: 200))'"
            )
        }
        return number
    }

    /// Whether the text is the number of a job and nothing else.
    static func isJobNumber(_ text: String) -> Bool {
        (1...18).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Runs a command to its end and returns what it printed.
    ///
    /// - Throws: ``SlurmError`` with what it said, when it failed or is not there.
    static func run(_ name: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = try find(name)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw SlurmError("cannot start \(name): \(error.localizedDescription)")
        }
        let printing = PipeReader(output.fileHandleForReading, keeping: .first)
        let complaining = PipeReader(errors.fileHandleForReading, keeping: .last, limit: 1 << 16)
        let (printed, complaint) = (printing.text(), complaining.text())
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = complaint.split { $0.isNewline }.suffix(5).map {
                String($0).fitForTerminal(upTo: 1024)
            }.joined(separator: "; ")
            throw SlurmError(
                "\(name) failed with status \(process.terminationStatus): \(words)")
        }
        return printed.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func find(_ name: String) throws -> URL {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        for folder in path.split(separator: ":") {
            let file = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: file) { return URL(filePath: file) }
        }
        throw SlurmError(
            "\(name) is not on the PATH: start this on a machine of the cluster where Slurm's "
                + "commands are, for example a login node")
    }

    /// Without what Slurm says to the job in which this may run: its workers are no part of that job.
    private static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("SLURM_") || name == "SLURM_CONF"
        }
    }
}
