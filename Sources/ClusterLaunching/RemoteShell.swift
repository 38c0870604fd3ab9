import Foundation
import Synchronization

/// Commands on a host by OpenSSH's `ssh`, with whatever the user's configuration says of that host.
struct RemoteShell: Sendable {
    let host: Host
    /// A configuration file for `ssh` instead of the user's own.
    let configuration: String?
    /// The client, which is looked for on the path.
    var client = ["ssh"]

    init(host: Host, configuration: String?) {
        self.host = host
        self.configuration = configuration
    }

    /// What a command came to.
    struct Answer: Sendable {
        /// Its exit code; ``RemoteShell/noConnection`` also when there was no connection.
        let status: Int32
        let output: String
        let errors: String

        /// The last line that it wrote to standard error: the one in which `ssh` says what is wrong.
        var lastWords: String {
            let lines = errors.split { $0.isNewline }
            let last = lines.last { !$0.allSatisfy(\.isWhitespace) }
            return last.map { String($0.trimmingPrefix(while: \.isWhitespace)).fitForTerminal() }
                ?? "no reason was given"
        }
    }

    /// The exit code by which `ssh` says that there was no connection, or is none any more.
    static let noConnection: Int32 = 255

    /// Runs a script of the POSIX shell on the host to its end, with these files as its input.
    ///
    /// - Parameter seconds: after which time a host that hangs is given up; nil: never.
    func run(
        _ script: String, reading files: [URL] = [], within seconds: Int? = nil
    ) throws -> Answer {
        var shell = self
        if let seconds { shell.client = ["timeout", "--kill-after=5", "\(seconds)"] + client }
        let client = try shell.start(arguments() + [RemoteShell.command(script)])
        let (printing, complaining) = client.readers
        feed(files, to: client.input)
        let (printed, complaint) = (printing.text(), complaining.text())
        client.process.waitUntilExit()
        let isLate = seconds != nil && [124, 137].contains(client.process.exitCode)
        return Answer(
            status: isLate ? RemoteShell.noConnection : client.process.exitCode,
            output: printed,
            errors: isLate ? "it did not answer within \(seconds ?? 0) seconds" : complaint)
    }

    /// Starts a script that runs until it ends or its input is closed; what it and `ssh` say comes on
    /// one pipe.
    func start(_ script: String) throws -> Client {
        try start(arguments() + [RemoteShell.command(script)], mergingErrors: true)
    }

    /// A running `ssh` and our ends of its pipes.
    struct Client {
        let process: Process
        let input: FileHandle
        let output: FileHandle
        let errors: FileHandle

        /// Both pipes are read from now on.
        var readers: (output: PipeReader, errors: PipeReader) {
            (
                PipeReader(output, keeping: .first),
                PipeReader(errors, keeping: .last, limit: 1 << 16)
            )
        }
    }

    /// The name or address that `ssh` would connect to.
    func hostName() -> String? {
        guard let client = try? start(["-G"] + arguments()) else { return nil }
        let (printing, complaining) = client.readers
        let (printed, _) = (printing.text(), complaining.text())
        client.process.waitUntilExit()
        let line = printed.split { $0.isNewline }.first { $0.hasPrefix("hostname ") }
        return line.map { String($0.dropFirst("hostname ".count)) }
    }

    private func arguments() -> [String] {
        var arguments = [
            "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10",
            "-o", "ServerAliveCountMax=3", "-o", "ControlMaster=no",
            "-o", "ClearAllForwardings=yes",
        ]
        if let configuration { arguments += ["-F", configuration] }
        if let port = host.port { arguments += ["-p", "\(port)"] }
        return arguments + [host.destination]
    }

    /// The command that runs a script of the POSIX shell, whichever login shell `ssh` hands it to:
    /// csh, tcsh and fish read quotes, new lines, `\` and `!` otherwise than that shell does. So the
    /// script travels as base64, in words of letters, digits, `+`, `/` and `=` (but none of them
    /// begins with `=`, which means something to zsh) that are no longer than the 1024 bytes of csh.
    static func command(_ script: String) -> String {
        let encoded = Array(Data(script.utf8).base64EncodedString().utf8)
        let words = stride(from: 0, to: encoded.count, by: wordLength).map { start in
            String(decoding: encoded[start..<min(start + wordLength, encoded.count)], as: UTF8.self)
        }
        return #"exec sh -c 'eval "$(printf %s "$@" | base64 -d)"' sh "#
            + words.joined(separator: " ")
    }

    /// A multiple of four, so that padding stands at the end of a word.
    private static let wordLength = 960

    /// A word of the POSIX shell.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    /// While the pipes of one process are made no other one is started: it would inherit them, and
    /// whoever reads them to their end would wait for both.
    private static let starting = Mutex(())

    private func start(_ arguments: [String], mergingErrors: Bool = false) throws -> Client {
        try RemoteShell.starting.withLock { _ in
            let (input, output) = (Pipe.ofOneProcess(), Pipe.ofOneProcess())
            let errors = mergingErrors ? output : Pipe.ofOneProcess()
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = client + arguments
            process.standardInput = input
            process.standardOutput = output
            process.standardError = errors
            do {
                try process.run()
            } catch {
                throw HostError("ssh cannot be started: \(error.localizedDescription)")
            }
            return Client(
                process: process, input: input.fileHandleForWriting,
                output: output.fileHandleForReading, errors: errors.fileHandleForReading)
        }
    }

    private func feed(_ files: [URL], to input: FileHandle) {
        // When the other side stops reading, its exit code says why.
        for file in files {
            guard let reading = try? FileHandle(forReadingFrom: file) else { break }
            defer { try? reading.close() }
            while let piece = try? reading.read(upToCount: 1 << 20), !piece.isEmpty {
                guard (try? input.write(contentsOf: piece)) != nil else { break }
            }
        }
        try? input.close()
    }
}

extension Host {
    /// What a script of the POSIX shell comes to on the host, asked by `ssh`: its exit code (255 when
    /// there was no connection), and what it wrote.
    public func run(
        _ script: String, sshConfiguration: String?
    ) throws -> (status: Int32, output: String, errors: String) {
        let answer = try RemoteShell(host: self, configuration: sshConfiguration).run(
            script, within: 60)
        return (answer.status, answer.output, answer.errors)
    }
}

extension Pipe {
    /// A pipe that no process inherits but the one that is given it.
    fileprivate static func ofOneProcess() -> Pipe {
        let pipe = Pipe()
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        return pipe
    }
}

extension Process {
    /// The exit code of a process that has ended; as a shell has it when a signal ended it.
    var exitCode: Int32 {
        terminationReason == .uncaughtSignal ? 128 + terminationStatus : terminationStatus
    }
}
