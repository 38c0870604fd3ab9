import ArgumentParser
import Foundation

/// The command line: parsing and wiring only.
@main
struct Wardein: ParsableCommand {
    /// The version of the program.
    static let version = "0.2.0"

    static let configuration = CommandConfiguration(
        commandName: "wardein",
        abstract: "Certifies classifiers by randomized smoothing, on one machine or many.",
        discussion: """
            A campaign draws noisy copies of each input, counts what the classifier answers, and \
            writes for each input the radius within which the smoothed classifier's answer cannot \
            change, or an abstention. What it proves is that the answer is stable, not that it is \
            right.

              wardein certify --model m.onnx --inputs x.npy --sigma 0.5 --output run1

            does it all on this machine. For several machines, run `wardein coordinate` on one and \
            `wardein work` on all; workers may come and go at any time.

            Exit codes: 0 done, 1 stopped by trouble (everything so far is kept), 2 the command or \
            its files are wrong, 3 this worker was refused, or these runs are not comparable or do not merge, 75 this \
            worker could not take part now, 130 interrupted; wardein verify has codes of its own.
            """,
        version: "wardein \(version)",
        subcommands: [
            Certify.self, Predict.self, Plan.self, Resume.self, Status.self, Report.self,
            Verify.self, Sign.self, Merge.self, Compare.self, Distinguish.self, Ledger.self,
            Coordinate.self, Work.self, Cluster.self, Submit.self, List.self, Cancel.self,
            Keys.self, Doctor.self, Simulate.self, CoordinateQueue.self,
        ])

    static func main() {
        // Whoever reads what is printed may go away; the campaign goes on.
        signal(SIGPIPE, SIG_IGN)
        LogFormat.current = LogFormat(askedBy: CommandLine.arguments)
        do {
            var command = try Wardein.parseAsRoot(commandLine)
            try command.run()
            Console.flush()
        } catch let exit as ProgramExit {
            Console.flush()
            Foundation.exit(exit.code)
        } catch {
            end(with: error)
        }
    }

    /// The arguments, with `coordinate --queue` called by the name under which it is parsed: it takes no
    /// campaign's options.
    private static var commandLine: [String] {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isQueue = arguments.contains { $0 == "--queue" || $0.hasPrefix("--queue=") }
        guard arguments.first == "coordinate", isQueue else { return arguments }
        return [CoordinateQueue.name] + arguments.dropFirst()
    }

    private static func end(with error: any Error) -> Never {
        if Wardein.exitCode(for: error) == .success {
            print(Wardein.fullMessage(for: error))
            Foundation.exit(0)
        }
        let isOurs = !isFromParsing(error)
        Console.say(
            isOurs ? "\(error)" : Wardein.fullMessage(for: error), as: .error, level: .error,
            after: isOurs ? "wardein: " : "")
        Console.flush()
        Foundation.exit(2)
    }

    private static func isFromParsing(_ error: any Error) -> Bool {
        error is CleanExit || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}

/// Ends the program with this exit code; whatever there was to say has been said.
struct ProgramExit: Error {
    let code: Int32
}
