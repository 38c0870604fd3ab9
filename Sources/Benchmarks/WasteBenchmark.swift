import Foundation

/// What deciding at a radius costs beside the samples that records rest on: those past a stop, and the
/// coordinator's time.
struct WasteBenchmark {
    private let program: String
    private let model: String
    private let inputs: String
    private let sigma: String
    private let radii: [String]
    private static let key = String(repeating: "0", count: 64)

    init(_ arguments: ArraySlice<String>) throws {
        let fields = Array(arguments)
        guard fields.count >= 5 else {
            throw BenchmarkError(description: "waste needs PROGRAM MODEL INPUTS SIGMA RADIUS...")
        }
        (program, model, inputs, sigma) = (fields[0], fields[1], fields[2], fields[3])
        radii = Array(fields[4...])
    }

    func run() throws {
        print("deciding at a radius, at most 100,000 samples of each input")
        print("  radius  workers     samples   past a stop   seconds   coordinator's   % of a core")
        for radius in radii {
            for workers in [2, 8] { try run(radius, workers: workers) }
        }
    }

    private func run(_ radius: String, workers: Int) throws {
        let found = try CampaignProvenance(
            running: program,
            "--model", model, "--inputs", inputs, "--sigma", sigma, "--decide-radius", radius,
            "--workers", "\(workers)", "--key", Self.key)
        let needless = Double(found.samplesNeedless) / Double(found.samplesSettled)
        let share = found.coordinatorProcessorSeconds / found.seconds
        let columns = [
            (radius, 8), ("\(workers)", 9), ("\(found.samplesSettled)", 12),
            (text(100 * needless, places: 2) + " %", 14), (text(found.seconds, places: 1), 10),
            (text(found.coordinatorProcessorSeconds, places: 2), 16),
            (text(100 * share, places: 1), 14),
        ]
        print(columns.map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }.joined())
    }
}
