public import ArgumentParser
import CampaignMessages
public import CampaignSimulation
import Foundation
import Synchronization

/// Runs whole campaigns on a simulated network and clock, with everything that can go wrong.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try the coordinator and the workers on a simulated network full of faults.",
        discussion: """
            Each seed is one campaign of the real scheduling cores on a virtual network and clock: \
            messages are lost, doubled, reordered, damaged; workers and the coordinator are killed; \
            the disk is full. After every event the books must add up, and in the end the records \
            must be those of an undisturbed campaign. A failure names its seed and the command that \
            replays it.

            --faults names a file in the format of docs/simulation.md; without it, everything goes \
            wrong.
            """)

    @Option(help: "How many seeds to try.")
    var seeds = 1000

    @Option(help: "The first seed.")
    var firstSeed: UInt64 = 1

    @Option(help: "A file that says what goes wrong.")
    var faults: String?

    @Option(help: "How many workers.")
    var workers: Int?

    @Flag(help: "Print everything that happens with the first seed, and try no other.")
    var transcript = false

    @Flag(help: "Instead: 10,000 workers and five billion samples, and what that costs.")
    var scale = false

    @Option(
        help: ArgumentHelp(
            "Make a mistake on purpose, to see it noticed: "
                + PlantedBug.allCases.map(\.rawValue).joined(separator: ", ") + "."))
    var plant: PlantedBug?

    func run() throws {
        if let workers, !(1...100_000).contains(workers) || !scale && workers > 1000 {
            throw ValidationError(
                "--workers is \(workers), but it must lie between 1 and "
                    + "\(scale ? 100_000 : 1000).")
        }
        guard !scale else {
            guard faults == nil, plant == nil, !transcript else {
                throw ValidationError("--scale takes no --faults, --plant or --transcript.")
            }
            return try runScale()
        }
        guard (1...10_000_000).contains(seeds) else {
            throw ValidationError("--seeds is \(seeds), but it must lie between 1 and 10000000.")
        }
        let scenario = try scenario()
        guard !transcript else { return try printTranscript(scenario) }
        let results = try tryAll(scenario)
        print(results.table(scenario))
        guard let failure = results.failures.min(by: { $0.seed < $1.seed }) else { return }
        Console.say(
            "wardein: seed \(failure.seed): \(failure.sentence). Replay it with: "
                + "wardein simulate --first-seed \(failure.seed) --transcript"
                + (faults.map { " --faults \($0)" } ?? "")
                + (workers.map { " --workers \($0)" } ?? "")
                + (plant.map { " --plant \($0.rawValue)" } ?? ""))
        throw ProgramExit(code: 1)
    }

    private func runScale() throws {
        var size = ScaleSimulation.Size()
        if let workers { size.workers = workers }
        let clock = ContinuousClock()
        let begun = clock.now
        let outcome = ScaleSimulation.run(size, seed: firstSeed) { begun.duration(to: clock.now) }
        if let problem = outcome.problem {
            Console.say("wardein: \(problem)")
            throw ProgramExit(code: 1)
        }
        let overhead = 100 * (outcome.elapsed / outcome.ideal - 1)
        let each = outcome.coreTime / .microseconds(1) / Double(max(1, outcome.events))
        print(
            """
            \(size.workers) workers, \(size.inputs) inputs of \(size.estimation) samples, \
            \(outcome.losses) workers lost and replaced.
            The campaign ends after \(seconds(outcome.elapsed)) s; ideal are \
            \(seconds(outcome.ideal)) s: \(hundredths(overhead)) % more.
            \(outcome.leases) leases, \(outcome.events) events; the coordinator's core takes \
            \(hundredths(each)) µs an event, \
            \(hundredths(100 * (outcome.coreTime / outcome.elapsed))) % of a core.
            This process took \(peakMemory()) MiB at the most, the simulated workers included.
            """)
    }

    private func seconds(_ duration: Duration) -> String { hundredths(duration / .seconds(1)) }

    private func hundredths(_ value: Double) -> String {
        String(format: "%.2f", value)
    }

    private func peakMemory() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }

    private func scenario() throws -> Scenario {
        var scenario = Scenario.everything
        if let faults {
            guard let data = FileManager.default.contents(atPath: faults) else {
                throw ValidationError("--faults: cannot read \(faults).")
            }
            scenario = try Scenario(parsing: String(decoding: data, as: UTF8.self))
        }
        if let workers { scenario.workers = workers }
        return scenario
    }

    private func printTranscript(_ scenario: Scenario) throws {
        let outcome = Simulation.run(
            scenario, seed: firstSeed, bug: plant, wire: .real, writesTranscript: true)
        for line in outcome.transcript ?? [] { print(line) }
        if let violation = outcome.violation {
            Console.say("wardein: seed \(firstSeed): \(violation).")
            throw ProgramExit(code: 1)
        }
    }

    /// Tries the seeds on all cores; after a failure those that are under way are still finished.
    private func tryAll(_ scenario: Scenario) throws -> Results {
        let results = Mutex(Results())
        let next = Mutex(0)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        DispatchQueue.concurrentPerform(iterations: min(cores, seeds)) { _ in
            while true {
                let number = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard number < seeds, results.withLock({ $0.failures.isEmpty }) else { return }
                let outcome = Simulation.run(
                    scenario, seed: firstSeed &+ UInt64(number), bug: plant, wire: .real)
                results.withLock { $0.add(outcome) }
            }
        }
        return results.withLock(\.self)
    }

    private struct Results {
        var campaigns = 0
        var events = 0
        var elapsed = Duration.zero
        var faults: [Fault.Kind: Int] = [:]
        var failures: [(seed: UInt64, sentence: String)] = []

        mutating func add(_ outcome: SimulationOutcome) {
            campaigns += 1
            events += outcome.events
            elapsed += outcome.elapsed
            faults.merge(outcome.faults, uniquingKeysWith: +)
            if let violation = outcome.violation {
                failures.append((outcome.seed, "\(violation)"))
            }
        }

        func table(_ scenario: Scenario) -> String {
            let hours = Int(elapsed / .seconds(3600))
            var lines = [
                "\(campaigns) campaigns, \(events) events, \(hours) hours of simulated time;",
                "after each event the books added up"
                    + (failures.isEmpty ? ", and all records are right." : " but for the last."),
            ]
            for kind in Fault.Kind.allCases
            where scenario.faults.contains(where: { $0.kind == kind }) {
                let name = kind.rawValue.padding(toLength: 20, withPad: " ", startingAt: 0)
                lines.append("  \(name)\(faults[kind] ?? 0) times")
            }
            return lines.joined(separator: "\n")
        }
    }
}

extension PlantedBug: ExpressibleByArgument {}

extension WireCodec {
    /// The encoding that goes over the real network.
    static let real = WireCodec(
        encodeWorker: { WireFormat.encode($0) },
        decodeWorker: { try? WireFormat.decodeWorkerMessage($0) },
        encodeCoordinator: { WireFormat.encode($0) },
        decodeCoordinator: { try? WireFormat.decodeCoordinatorMessage($0) })
}
