import CertificateRecords
import CertificationReports
import ConfidenceBounds
import Digests
import Foundation
import RandomizedSmoothing
import Testing

/// Law 5: "No bound, radius or printed digit is ever rounded in the direction that claims more."
@Suite struct ReportRoundingTests {
    /// All parts of all wholes up to 60, in whole numbers alone.
    @Test func `a share is printed below or above what it is, and by less than a tenth`() throws {
        for whole in 1...60 {
            for part in 0...whole {
                let share = Share(part, of: whole)
                let (low, high) = (try tenths(share.percentDown), try tenths(share.percentUp))
                #expect(low * whole <= 1000 * part && 1000 * part < (low + 1) * whole)
                #expect(high * whole >= 1000 * part && 1000 * part > (high - 1) * whole)
            }
        }
        #expect(Share(0, of: 0).percentDown == "-" && Share(0, of: 0).percentUp == "-")
    }

    @Test func `an interval is printed outwards`() {
        let interval = ProportionInterval(
            lower: LowerBound(proved: 0.1239), upper: UpperBound(proved: 0.4561))
        #expect(interval.percent == "12.3 to 45.7 %")
    }

    /// l^2 d <= R^2 in integers of 10^-12, and the next but one digit is too large.
    @Test(arguments: [1, 2, 3, 64, 784, 3072, 150_528])
    func `a radius in L-infinity is R over the root of d, rounded down`(dimension: Int) throws {
        for digits in ["0.000000000001", "0.007200000000", "0.5", "1.334970064245", "12.25"] {
            let inclusion = NormInclusion(radius: try decimal(digits), dimension: dimension)
            let radius = try picounits(digits)
            let inMaximum = try picounits(inclusion.lInfinity.decimal(places: 12))
            #expect(inMaximum * inMaximum * UInt128(dimension) <= radius * radius)
            let next = inMaximum + 2
            #expect(next * next * UInt128(dimension) > radius * radius)
            #expect(inclusion.l1.description == digits)
        }
    }

    private func tenths(_ percent: String) throws -> Int {
        let digits = percent.split(separator: " ")[0].replacing(".", with: "")
        return try #require(Int(digits))
    }

    private func picounits(_ digits: String) throws -> UInt128 {
        let parts = digits.split(separator: ".")
        let fraction = parts[1] + String(repeating: "0", count: 12 - parts[1].count)
        return try #require(UInt128(parts[0] + fraction))
    }
}

@Suite struct ScorecardTests {
    @Test func `every input is in one part, whatever the radius`() throws {
        let inputs = try ReportFixture.twenty().inputs
        for radius in ["0", "0.1", "0.25", "0.5", "0.75", "1", "3"] {
            let card = Scorecard(inputs, at: try decimal(radius))
            #expect(card.covered + card.smaller + card.abstained == 20)
            #expect(card.right + card.wrong == card.covered)
            let table = ClassTable(inputs, at: try decimal(radius))
            #expect(table.lines.reduce(0) { $0 + $1.inputs } == 20)
            #expect(table.lines.reduce(0) { $0 + $1.covered } == card.covered)
            #expect(table.lines.reduce(0) { $0 + $1.named } == card.covered)
            #expect(table.lines.reduce(0) { $0 + $1.right } == card.right)
        }
    }

    /// A certificate of radius R covers a threat of R, and not one that is larger in the last digit.
    @Test func `a radius covers itself and nothing above`() throws {
        let inputs = try ReportFixture.twenty().inputs
        for input in inputs where input.outcome == .certified {
            #expect(input.isCertified(at: input.radius))
            #expect(!input.isCertified(at: try decimal(input.radius.description + "1")))
        }
    }

    @Test func `of a class table the lowest accuracy is first`() throws {
        let table = ClassTable(try ReportFixture.twenty().inputs, at: try decimal("0.25"))
        let shares = table.lines.filter { $0.inputs > 0 }.map {
            Double($0.right) / Double($0.inputs)
        }
        #expect(shares == shares.sorted() && shares.count == 2)
    }

    @Test func `bands hold what was seen, and the simultaneous ones are wider at their middle`()
        throws
    {
        let fixture = try ReportFixture.twenty()
        let error = try FalseClaims(inputs: 20, alpha: 0.001, family: nil)
        let curves = try RadiusCurves(fixture.inputs, error: error)
        let point = try curves.point(at: try decimal("0.5"))
        let share = Double(point.card.right) / 20
        for band in [point.pointwise, point.simultaneous] {
            let accuracy = try #require(band.accuracy)
            #expect(accuracy.lower.value < share && share < accuracy.upper.value)
            let precision = try #require(band.precision)
            let seen = Double(point.card.right) / Double(point.card.covered)
            #expect(precision.lower.value < seen && seen <= precision.upper.value)
        }
        // No more than one of 20 is false, with probability 0.999 (binom.sf(1, 20, .001) < .001).
        #expect(error.most == 1)
        #expect(point.rightAndTrue.part == point.card.right - 1)
        let lower = try #require(point.pointwise.accuracy).lower.value
        #expect(point.populationRightAndTrue.value <= lower - 0.001)
        #expect(point.populationRightAndTrue.value > lower - 0.001001)
    }

    @Test func `a family's error is that of all certificates`() throws {
        let each = MultipleTesting.share(of: 0.001, among: 500)
        let family = try FalseClaims(inputs: 500, alpha: each, family: 0.001)
        #expect(family.most == 0 && family.anyFalse.value <= 0.001)
    }

    /// What alpha is the error of, the manifest says.
    @Test func `claims that are decided together have an error of all together`() throws {
        func error(_ method: BatchThresholdTest.Method) throws -> FalseClaims {
            var fixture = try ReportFixture(
                stopping: .whenDecided(radius: 0.1), batch: .init(method, inputs: 20))
            fixture.manifest.inputs.indices = Array(0..<20)
            return try FalseClaims(of: fixture.recordedManifest, inputs: 20)
        }
        let holm = try error(.holm)
        #expect(holm.anyFalse.value == 0.001 && holm.most == 0 && holm.expectedShare == nil)
        let share = try error(.eBenjaminiHochberg)
        #expect(share.expectedShare == 0.001 && share.anyFalse.value == 1 && share.most == 20)
    }

    /// "Records state the summed alpha of all runs."
    @Test func `the runs before add to the error`() throws {
        let digest = try #require(Digest(bytes: [UInt8](repeating: 3, count: 32)))
        let earlier = EarlierRuns([
            EarlierRun(campaign: digest, noise: .other, alpha: 0.004, indices: [0, 1])
        ])
        var fixture = try ReportFixture(earlier: earlier)
        fixture.manifest.inputs.indices = [0, 1, 2]
        let error = try FalseClaims(of: fixture.recordedManifest, inputs: 3)
        #expect(abs(error.alpha - 0.005) < 1e-15 && error.alpha >= 0.005)
    }
}

@Suite struct DistributionTests {
    @Test func `a histogram counts every value once`() {
        let values = (0...100).map { Double($0) / 100 }
        for bins in [1, 7, 10, 30] {
            let histogram = Histogram([values, values], upTo: 1, bins: bins)
            #expect(histogram.counts.map { $0.reduce(0, +) } == [101, 101])
            #expect(histogram.counts[0].count <= bins)
            #expect(Double(histogram.counts[0].count) * histogram.width >= 1)
        }
        let quarters = Histogram([[0, 0.24, 0.25, 0.99, 1]], upTo: 1, bins: 4)
        #expect(quarters.width == 0.25 && quarters.counts == [[2, 1, 0, 2]])
    }

    /// numpy.quantile(values, q, method="inverted_cdf") of the numbers 1 to m.
    @Test func `quartiles are numbers of the list`() throws {
        for (count, expected) in [
            (1, [1, 1, 1]), (2, [1, 1, 2]), (4, [1, 2, 3]), (7, [2, 4, 6]),
        ] {
            let quartiles = try #require(Quartiles((1...count).reversed().map(Double.init)))
            #expect(
                [quartiles.lower, quartiles.median, quartiles.upper] == expected.map(Double.init))
        }
        #expect(Quartiles([]) == nil)
    }
}
