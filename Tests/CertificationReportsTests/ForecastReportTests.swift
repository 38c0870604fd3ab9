import CertificateRecords
import CertificationReports
import Foundation
import RandomizedSmoothing
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What is printed and drawn of a forecast.
@Suite struct ForecastReportTests {
    private static let pilot = [[1000, 0], [1000, 0], [980, 20], [700, 300]].map {
        PilotCounts(selection: ClassCounts([100, 0]), estimation: ClassCounts($0))
    }

    private static func forecast(
        _ samples: Int, _ rule: CertificationRule, _ stopping: Stopping = .atTheCap
    ) throws -> CampaignForecast {
        let plan = try CertificationPlan(
            sigma: 0.5, selectionSamples: 100, estimationSamples: samples, rule: rule,
            alpha: 0.001, dimension: 4, noiseDistance: 0, stopping: stopping, blockSize: 50)
        return try CampaignForecast(of: plan, from: pilot, inputs: 100)
    }

    private static func report(
        workers: [Int] = [2, 8], price: Double? = 0.5, stopping: Stopping? = nil,
        asked: Int = 10_000
    ) throws -> ForecastReport {
        let lines = try [1000, 10_000, 100_000].map { samples in
            ForecastReport.Line(
                fixed: try forecast(samples, .runnerUp), otherRule: try forecast(samples, .cohen),
                early: try stopping.map { try forecast(samples, .runnerUp, $0) })
        }
        return ForecastReport(
            setting: ForecastReport.Setting(
                pilotInputs: 4, pilotSamples: 1000, unanimousInputs: 2, samplesPerSecond: 1000,
                workers: workers, pricePerHour: price),
            lines: lines, asked: asked)
    }

    @Test func `the tables fit into 80 columns, whatever they hold`() throws {
        for workers in [[1], [2, 8], [1, 1000, 100_000]] {
            for stopping in [nil, Stopping.whenDecided(radius: 0.5)] {
                let text = try Self.report(workers: workers, stopping: stopping).text
                for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
            }
        }
    }

    /// 100 inputs of 10,100 samples are 1,010,000: 505 s with two workers of 1,000 a second each, and
    /// 1,010 s of one worker at 0.50 an hour are 0.14.
    @Test func `samples, wall time and cost follow from the rate of a worker`() throws {
        let text = try Self.report().text
        #expect(text.contains(/\* 10000 +1010000 +8\.4 min +2\.1 min +0\.14\n/))
        // A small cost has two digits, and so has one that is a thousand times smaller.
        let cheap = try Self.report(price: 0.0005).text
        #expect(cheap.contains(/\* 10000 +1010000 +8\.4 min +2\.1 min +0\.00014\n/))
        #expect(text.contains("(by ") && text.contains("8.4 min with"))
        #expect(try !Self.report(price: nil).text.contains("cost"))
    }

    @Test func `the advice compares with ten times the samples, or says why not`() throws {
        let report = try Self.report()
        // R = 0.25 (z1 + z1), z1 = norm.isf(1 - 0.0005 ** (1/n)): 1.58545684 and 1.89387943 (SciPy).
        #expect(report.advice.replacing("\n", with: " ").contains("by 0.308 to 1.893,"))
        #expect(try Self.report(asked: 100_000).advice.contains("is refused"))
    }

    @Test func `JSON holds a forecast for each sample count and rule`() throws {
        let line = try Self.report(stopping: .whenDecided(radius: 0.5)).json.line
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let forecasts = try #require(object["forecasts"] as? [[String: Any]])
        #expect(forecasts.count == 9)
        #expect(forecasts[3]["totalSamples"] as? Double == 1_010_000)
        #expect(forecasts[3]["cost"] as? Double == 0.5 * 1010 / 3600)
        #expect(forecasts[5]["stopping"] as? String == "deciding at radius 0.5")
    }

    @Test func `a drawing is XML that refers to nothing outside itself`() throws {
        let reports = [try Self.report(), try Self.report(price: nil)]
        let svg = ForecastPlot(reports).svg
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse())
        #expect(!svg.contains("href") && !svg.contains("url("))
        #expect(svg.matches(of: /<circle/).count == 2 * (3 + 1))
    }

    /// The axis begins at 10^3 (x 80) and ends at 10^5 (x 730); 10^4 lies in the middle.
    @Test func `n lies on a logarithmic axis`() throws {
        let svg = ForecastPlot([try Self.report()]).svg
        let places = svg.matches(of: /<circle cx="([0-9.]+)"/).compactMap { Double($0.1) }
        #expect(places.suffix(3) == [80, 405, 730])
    }
}
