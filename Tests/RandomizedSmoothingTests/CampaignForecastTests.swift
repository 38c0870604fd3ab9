import ConfidenceBounds
import Foundation
import RandomizedSmoothing
import Testing

/// What a pilot lets expect. `Vectors/forecast.py` computes all of it with SciPy, apart from the program.
@Suite struct CampaignForecastTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Vectors")

    private static func rows(_ name: String) throws -> [[Substring]] {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t") }
    }

    /// Class 0 is the selected one.
    private static func pilot() throws -> [PilotCounts] {
        try rows("forecast-pilot.tsv").map { row in
            let counts = row.compactMap { Int($0) }
            return PilotCounts(
                selection: ClassCounts([1] + counts.dropFirst().map { _ in 0 }),
                estimation: ClassCounts(counts))
        }
    }

    private static func plan(
        _ rule: CertificationRule = .runnerUp, samples: Int, sigma: Double = 1,
        alpha: Double = 0.001, stopping: Stopping = .atTheCap
    ) throws -> CertificationPlan {
        try CertificationPlan(
            sigma: sigma, selectionSamples: 100, estimationSamples: samples, rule: rule,
            alpha: alpha, dimension: 4, noiseDistance: 0, stopping: stopping, blockSize: 50)
    }

    @Test func `a forecast is what SciPy makes of the same pilot`() throws {
        let pilot = try Self.pilot()
        let rows = try Self.rows("forecast.tsv")
        #expect(rows.count == 20)
        for row in rows {
            let rule = try #require(CertificationRule(rawValue: String(row[0])))
            let numbers = row.dropFirst().compactMap { Double($0) }
            try #require(numbers.count == 11)
            let forecast = try CampaignForecast(
                of: Self.plan(
                    rule, samples: Int(numbers[0]), sigma: numbers[1], alpha: numbers[2]),
                from: pilot, inputs: Int(numbers[3]))
            let ceiling = try #require(forecast.ceiling)
            let (radius, share) = (forecast.meanRadius, forecast.certifiedShare)
            let found = [
                ceiling.value, radius.expected, radius.low, radius.high,
                share.expected, share.low, share.high,
            ]
            for (value, expected) in zip(found, numbers.dropFirst(4)) {
                #expect(abs(value - expected) <= 1e-8, "\(row)")
            }
            #expect(forecast.samplesPerInput == 100 + numbers[0])
        }
    }

    /// R / sigma at alpha = .001 (Cohen et al., one-sided): norm.ppf(.001 ** (1 / n)).
    @Test(arguments: [
        (1000, "2.463"), (10_000, "3.199"), (100_000, "3.811"), (1_000_000, "4.347"),
    ])
    func `a ceiling is the radius of unanimous counts`(samples: Int, ceiling: String) throws {
        let forecast = try CampaignForecast(
            of: Self.plan(.cohen, samples: samples), from: Self.pilot(), inputs: 100)
        let value = try #require(forecast.ceiling).value
        #expect(String(format: "%.3f", value) == ceiling)
    }

    @Test func `a band holds what is expected, and no mean exceeds the ceiling`() throws {
        for samples in [1000, 100_000] {
            for rule in CertificationRule.allCases {
                let forecast = try CampaignForecast(
                    of: Self.plan(rule, samples: samples), from: Self.pilot(), inputs: 50)
                for mean in [forecast.meanRadius, forecast.certifiedShare] {
                    #expect(mean.low < mean.expected && mean.expected < mean.high)
                }
                #expect(forecast.meanRadius.high <= forecast.ceiling?.value ?? 0)
            }
        }
    }

    /// One input: 990 of 1000. Its path of expected counts is followed here, and the program's own rule
    /// is asked at each checkpoint.
    @Test func `a decision at a radius is forecast at the checkpoint that takes it`() throws {
        let plan = try Self.plan(samples: 100_000, stopping: .whenDecided(radius: 1))
        let counts = PilotCounts(
            selection: ClassCounts([100, 0]), estimation: ClassCounts([990, 10]))
        let forecast = try CampaignForecast(of: plan, from: [counts], inputs: 10)
        // SciPy: beta.ppf(0.5, 990, 11).
        let probability = 0.9893350429
        var certifier = try SequentialCertifier(plan)
        let stop = try plan.checkpoints.first { samples in
            let leading = Int((Double(samples) * probability).rounded())
            return try certifier.isDecided(
                selection: counts.selection, estimation: ClassCounts([leading, samples - leading]))
        }
        #expect(forecast.samplesPerInput == Double(100 + (try #require(stop))))
        #expect(try #require(stop) < 1000)
        #expect(forecast.certifiedShare.expected == 1)
        #expect(abs(forecast.meanRadius.expected - 1) < 1e-12)
    }

    @Test func `a rate and a number of workers make a wall time`() throws {
        let forecast = try CampaignForecast(
            of: Self.plan(samples: 1000), from: Self.pilot(), inputs: 500)
        #expect(forecast.totalSamples == 550_000)
        #expect(forecast.seconds(workers: 4, samplesPerSecondEach: 1000) == 137.5)
    }
}
