import Foundation
import Testing

/// `wardein plan`: a real pilot with real workers, and what follows from it.
@Suite struct PlanTests {
    /// The options of certify without an output; the sample counts small enough for a quick pilot.
    private static func plan(_ more: [String], samples: Int = 10_000) -> [String] {
        let options = Digits.options(inputs: 60, samples: samples, output: "")
        return ["plan"] + options.filter { $0 != "--output" && $0 != "" }
            + ["--pilot", "6", "--pilot-samples", "500"] + more
    }

    private struct Page: Decodable {
        struct Level: Decodable {
            struct Pilot: Decodable {
                let inputs: Int
                let samples: Int
                let samplesPerWorkerSecond: Double
                let usedInCampaign: Bool
            }

            struct Mean: Decodable {
                let expected: Double
                let low: Double
                let high: Double
            }

            struct Forecast: Decodable {
                let samples: Int
                let rule: String
                let stopping: String?
                let ceiling: Double
                let meanRadius: Mean
                let samplesPerInput: Double
                let totalSamples: Double
            }

            let sigma: Double
            let inputs: Int
            let pilot: Pilot
            let forecasts: [Forecast]
        }

        let noiseLevels: [Level]
    }

    private static func page(_ more: [String]) throws -> Page {
        let outcome = try Program.run(plan(more + ["--json"]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode(Page.self, from: Data(outcome.output.utf8))
    }

    @Test func `a plan is tables, a sentence of advice and a drawing, and leaves nothing else`()
        throws
    {
        let scratch = try Scratch()
        let outcome = try Program.run(
            Self.plan([
                "--workers", "2,8", "--price-per-hour", "0.5", "--plot", scratch.path("plan.svg"),
            ]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        for samples in ["1000", "\\* 10000", "100000", "1000000", "10000000"] {
            let lines = outcome.output.matches(
                of: try Regex("(?m)^ *\(samples) .*$"))
            #expect(lines.count == 2, "\(outcome.output)")
        }
        for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(outcome.output.contains("Ten times the samples, 100000 of each input"))
        #expect(outcome.output.contains("nothing of alpha is"))
        let drawing = String(decoding: try scratch.contents("plan.svg"), as: UTF8.self)
        #expect(drawing.hasPrefix("<svg") && drawing.hasSuffix("</svg>\n"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path("")) == ["plan.svg"])
    }

    @Test func `ceilings grow with the samples, and no mean radius exceeds them`() throws {
        let page = try Self.page(["--other-sigmas", "0.5"])
        #expect(page.noiseLevels.map(\.sigma) == [0.25, 0.5])
        for level in page.noiseLevels {
            #expect(level.inputs == 60 && level.pilot.inputs == 6 && level.pilot.samples == 500)
            #expect(level.pilot.samplesPerWorkerSecond > 0 && !level.pilot.usedInCampaign)
            for rule in ["runner-up", "cohen"] {
                let forecasts = level.forecasts.filter { $0.rule == rule }
                #expect(
                    forecasts.map(\.samples) == [1000, 10_000, 100_000, 1_000_000, 10_000_000])
                for (less, more) in zip(forecasts, forecasts.dropFirst()) {
                    #expect(less.ceiling < more.ceiling)
                    #expect(less.meanRadius.expected <= more.meanRadius.expected)
                }
                for forecast in forecasts {
                    #expect(forecast.meanRadius.low <= forecast.meanRadius.expected)
                    #expect(forecast.meanRadius.high <= forecast.ceiling)
                    #expect(forecast.totalSamples == Double(60 * (100 + forecast.samples)))
                }
            }
        }
        // R / sigma of unanimous counts at alpha = .001, Cohen's rule; the charge for the noise is far
        // below the last digit.
        let cohen = page.noiseLevels[1].forecasts.filter { $0.rule == "cohen" }
        let ceilings = cohen.prefix(4).map { String(format: "%.3f", $0.ceiling / 0.5) }
        #expect(ceilings == ["2.463", "3.199", "3.811", "4.347"])
    }

    @Test func `every key of the JSON is named in the page`() throws {
        let outcome = try Program.run(
            Self.plan([
                "--json", "--decide-radius", "0.25", "--workers", "1,2", "--price-per-hour", "1",
            ]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        var keys: Set<String> = []
        DocumentedKeys.collect(
            from: try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)), into: &keys)
        #expect(keys.count > 25)
        let page = try String(
            contentsOf: Program.project.appending(path: "docs/planning.md"), encoding: .utf8)
        let named = DocumentedKeys.codeWords(
            in: try DocumentedKeys.section("The JSON", of: page))
        #expect(keys.subtracting(named).sorted() == [])
    }

    @Test func `a decision at a radius is forecast to take fewer samples`() throws {
        let page = try Self.page(["--decide-radius", "0.25"])
        let early = page.noiseLevels[0].forecasts.filter { $0.stopping != nil }
        #expect(early.map(\.samples) == [1000, 10_000, 100_000, 1_000_000, 10_000_000])
        for forecast in early.dropFirst() {
            #expect(forecast.samplesPerInput < Double(forecast.samples))
        }
    }

    /// A campaign with the key that the plan was given counts other samples than the pilot did: two plans
    /// with one key have other pilots, but for a chance below 10^-9 that all counts agree.
    @Test func `a key is for the campaign, and not for the pilot`() throws {
        let options = ["--key", Digits.key, "--sigma", "1"]
        let pages = try (0..<2).map { _ in try Self.page(options) }
        let radii = pages.map { $0.noiseLevels[0].forecasts.map(\.meanRadius.expected) }
        #expect(radii[0] != radii[1])
    }

    @Test(arguments: [
        (["--pilot", "1"], "--pilot is 1"),
        (["--pilot-samples", "99"], "--pilot-samples is 99"),
        (["--price-per-hour", "-1"], "--price-per-hour is -1"),
        (["--price-per-hour", "nan"], "--price-per-hour is nan"),
        (["--workers", "0"], "--workers is 0"),
        (["--workers", "1,2,3,4"], "--workers has 4"),
        (["--workers", "two"], "two"),
        (["--other-sigmas", "0.5,-1"], "sigma is -1.0"),
        (["--other-sigmas", "0.5;1"], "0.5;1"),
        (["--plot", "/no/such/folder/plan.svg"], "/no/such/folder"),
        (["--samples", "10"], "smallest number that could certify is 11"),
        (["--output", "run"], "--output"),
    ])
    func `a mistake is answered before the pilot begins`(
        mistake: [String], says: String
    ) throws {
        let outcome = try Program.run(Self.plan(mistake))
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
        #expect(!outcome.errors.contains("Pilot:") && outcome.output.isEmpty)
    }
}
