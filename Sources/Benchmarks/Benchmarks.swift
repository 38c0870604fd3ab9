import Foundation

/// How near the program is to the limits of what it stands on. Every ratio is of two figures of one
/// run, measured in turns, since a machine's speed changes from minute to minute.
///
///     Benchmarks campaign PROGRAM MODEL INPUTS SIGMA SAMPLES [ROUNDS]
///     Benchmarks noise
///     Benchmarks bounds
///     Benchmarks journal
///     Benchmarks prefixes MODEL INPUTS SIGMA SAMPLES FIRST END
///     Benchmarks sequential COUNTS SIGMA
///     Benchmarks waste PROGRAM MODEL INPUTS SIGMA RADIUS...
///     Benchmarks triples
///     Benchmarks run FOLDER RECORDS
@main
struct Benchmarks {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "campaign": try CampaignBenchmark(arguments.dropFirst()).run()
        case "noise": try NoiseBenchmark().run()
        case "bounds": try BoundsBenchmark().run()
        case "journal": try JournalBenchmark().run()
        case "prefixes": try PrefixCounts(arguments.dropFirst()).run()
        case "triples": try BoundsOfTriples().run()
        case "run":
            var run = try SyntheticRun(arguments.dropFirst())
            try run.run()
        case "sequential": try SequentialBenchmark(arguments.dropFirst()).run()
        case "waste": try WasteBenchmark(arguments.dropFirst()).run()
        default:
            print(
                "use scripts/bench, or one of: campaign, noise, bounds, journal, sequential, waste")
            exit(2)
        }
    }
}

/// The value in the middle of a run's figures.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted[sorted.count / 2]
}

/// Three or four digits are all that such a figure has.
func text(_ value: Double, places: Int) -> String { String(format: "%.\(places)f", value) }
