import Foundation

/// Puts what a worker needs on a host, unless it is there already and whole.
struct HostInstallation: Sendable {
    let shell: RemoteShell
    let files: WorkerFiles

    /// What ended an installation.
    struct Failure: Error {
        let ending: WorkerEnding
    }

    /// Where the files lie on the host, as a word of its shell.
    var folder: String { "\"$HOME/.cache/wardein/\(files.name)\"" }

    /// Copies what is missing or differs, and tries the program.
    ///
    /// - Parameter say: called before what takes time.
    func run(say: (String) -> Void) throws {
        if try !inspect() {
            say("copying the program (\(files.size)) to ~/.cache/wardein")
            try copy()
        }
        try tryProgram()
    }

    /// Whether all files are there and whole.
    private func inspect() throws -> Bool {
        let answer = try shell.run(
            """
            \(whole)
            echo "wardein: system $(uname -sm)"
            whole \(folder) && echo "wardein: whole"
            true
            """)
        guard answer.status == 0 else { throw failure(answer) }
        let lines = HostInstallation.lines(of: answer)
        let system = lines.first { $0.hasPrefix("system ") }.map { $0.dropFirst(7) }
        guard let system, system == HostInstallation.system else {
            throw Failure(
                ending: .unfit(
                    "it runs \(system ?? "an unknown system"), and this program is for "
                        + "\(HostInstallation.system): build wardein there and start "
                        + "wardein work by hand"))
        }
        return lines.contains("whole")
    }

    /// Copies all files to a new folder beside the right one, which takes its place when all of them
    /// have arrived.
    private func copy() throws {
        let receipts = files.files.map { "head -c \($0.size) >\($0.name)" }
        let answer = try shell.run(
            """
            \(whole)
            set -e
            umask 077
            mkdir -p "$HOME/.cache/wardein"
            copy=$(mktemp -d "$HOME/.cache/wardein/copy-XXXXXX")
            trap 'rm -rf "$copy"' EXIT
            cd "$copy"
            \(receipts.joined(separator: "\n"))
            chmod 700 \(WorkerFiles.program)
            whole "$copy" || { echo "the files did not arrive whole" >&2; exit 1; }
            whole \(folder) || rm -rf \(folder)
            mv -T "$copy" \(folder) || whole \(folder)
            """, reading: files.files.map(\.source))
        guard answer.status == 0 else { throw failure(answer) }
    }

    /// Whether the program starts there, and if not, which libraries it misses.
    private func tryProgram() throws {
        let answer = try shell.run(
            """
            \(HostInstallation.program(in: folder)) --version >/dev/null && exit
            ldd \(folder)/\(WorkerFiles.program) 2>/dev/null |
                sed -n 's/^[[:space:]]*\\(.*\\) => not found.*/wardein: missing \\1/p'
            exit 1
            """)
        guard answer.status != 0 else { return }
        guard answer.status != RemoteShell.noConnection else { throw failure(answer) }
        let missing = HostInstallation.lines(of: answer).compactMap { line in
            line.hasPrefix("missing ") ? String(line.dropFirst(8)) : nil
        }
        let remedy =
            missing.isEmpty
            ? "" : "; install there: \(SystemLibrary.packages(of: missing).joined(separator: " "))"
        throw Failure(ending: .unfit("wardein does not start: \(answer.lastWords)\(remedy)"))
    }

    /// The program in this folder, with its libraries beside it.
    static func program(in folder: String) -> String {
        "SWIFT_BACKTRACE=enable=no \(folder)/\(WorkerFiles.program)"
    }

    /// A function of the shell: whether the folder holds all files, whole.
    private var whole: String {
        """
        whole() (
            cd "$1" 2>/dev/null && sha256sum -c >/dev/null 2>&1 <<'END'
        \(files.checksums)END
        )
        """
    }

    private func failure(_ answer: RemoteShell.Answer) -> Failure {
        Failure(
            ending: answer.status == RemoteShell.noConnection
                ? .disconnected(answer.lastWords)
                : .unfit("the program cannot be copied: \(answer.lastWords)"))
    }

    /// The lines for us among those that the host's login shell may print.
    private static func lines(of answer: RemoteShell.Answer) -> [String] {
        answer.output.split { $0.isNewline }.compactMap { line in
            line.hasPrefix("wardein: ") ? String(line.dropFirst(9)).fitForTerminal(upTo: 200) : nil
        }
    }

    #if arch(arm64)
        private static let system = "Linux aarch64"
    #else
        private static let system = "Linux x86_64"
    #endif
}

/// The shared libraries of the system that the program needs.
enum SystemLibrary {
    /// What Debian's packages with these libraries are called; any other library by its own name.
    static func packages(of libraries: [String]) -> [String] {
        Set(libraries.map { package(of: $0) }).sorted()
    }

    /// By Debian's custom: `libzmq.so.5` lies in `libzmq5`, `libgmp.so.10` in `libgmp10`; a name that
    /// ends with a digit gets a dash, `libsqlite3.so.0` lies in `libsqlite3-0`.
    private static func package(of library: String) -> String {
        if library == "libz.so.1" { return "zlib1g" }
        guard let match = library.wholeMatch(of: #/(lib.+)\.so\.(\d+)/#) else { return library }
        let dash = match.1.last?.isNumber == true ? "-" : ""
        return "\(match.1)\(dash)\(match.2)"
    }
}
