import Foundation

/// The commands of Slurm, as processes.
enum SlurmCommand {
    /// Submits a script and returns the number of its job.
    static func submit(_ script: String) throws -> String {
        // `--parsable` prints the number, and behind a semicolon the cluster where there are several.
        let answer = try run("sbatch", ["--parsable", script])
        let number = answer.split(whereSeparator: { $0 == ";" || $0.isWhitespace }).last {
            $0.allSatisfy(\.isNumber)
        }
        guard let number else {
            throw SlurmError("sbatch did not say the number of the job, but: '\(answer)'")
        }
        return String(number)
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
        // Neither of them prints more than a pipe holds on the side that is read last.
        let printed = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = complaint.split(separator: "\n").joined(separator: "; ")
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
