import CertificateRecords
import ConfidenceBounds

/// The curves at evenly spaced radii: what is drawn.
struct CurveSamples {
    /// The radii, from 0 on.
    let radii: [Double]
    /// The share of inputs with a certificate.
    let coverage: Curve
    /// The share of inputs with a right certificate.
    let accuracy: Curve?
    /// The share of certificates that are right; nil where there is none.
    let precision: Curve?

    /// A curve with its bands, one entry a radius; an entry is nil where there is nothing to divide by.
    struct Curve {
        var values: [Double?] = []
        var pointwise: [ClosedRange<Double>?] = []
        var simultaneous: [ClosedRange<Double>?] = []
    }

    /// How many steps the axis of radii is cut into.
    static let steps = 120

    init(
        _ inputs: [ReportedInput], curves: RadiusCurves, upTo largest: Double, knowsLabels: Bool
    ) throws {
        let certified = inputs.filter { $0.outcome == .certified }
        let all = SortedRadii(certified)
        let right = SortedRadii(certified.filter { $0.isRight == true })
        let whole = inputs.count
        radii = (0...CurveSamples.steps).map {
            largest * Double($0) / Double(CurveSamples.steps)
        }
        var table = IntervalTable()
        var (coverage, accuracy, precision) = (Curve(), Curve(), Curve())
        for radius in radii {
            let (covered, correct) = (all.count(from: radius), right.count(from: radius))
            try coverage.add(
                Share(covered, of: whole), &table, curves.wholeBand.interval(around: covered))
            guard knowsLabels else { continue }
            try accuracy.add(
                Share(correct, of: whole), &table, curves.wholeBand.interval(around: correct))
            try precision.add(
                Share(correct, of: covered), &table,
                ProportionInterval(
                    ratioOf: curves.halfBand.interval(around: correct),
                    toItselfAnd: curves.halfBand.interval(around: covered - correct)))
        }
        self.coverage = coverage
        self.accuracy = knowsLabels ? accuracy : nil
        self.precision = knowsLabels ? precision : nil
    }
}

extension CurveSamples.Curve {
    fileprivate mutating func add(
        _ share: Share, _ table: inout IntervalTable, _ band: ProportionInterval
    ) throws {
        guard share.whole > 0 else {
            values.append(nil)
            pointwise.append(nil)
            simultaneous.append(nil)
            return
        }
        values.append(Double(share.part) / Double(share.whole))
        pointwise.append(try table.interval(share).range)
        simultaneous.append(band.range)
    }
}

extension ProportionInterval {
    fileprivate var range: ClosedRange<Double> { lower.value...max(lower.value, upper.value) }
}

/// Intervals by their counts: neighbouring radii often have the same.
private struct IntervalTable {
    private var intervals: [Share: ProportionInterval] = [:]

    mutating func interval(_ share: Share) throws -> ProportionInterval {
        if let interval = intervals[share] { return interval }
        let interval = try share.interval ?? .everything
        intervals[share] = interval
        return interval
    }
}

/// Counts radii from a given one on.
private struct SortedRadii {
    private let radii: [Double]

    init(_ inputs: [ReportedInput]) { radii = inputs.map(\.radius.nearest).sorted() }

    func count(from radius: Double) -> Int {
        var (below, above) = (0, radii.count)
        while below < above {
            let middle = (below + above) / 2
            if radii[middle] < radius { below = middle + 1 } else { above = middle }
        }
        return radii.count - below
    }
}
