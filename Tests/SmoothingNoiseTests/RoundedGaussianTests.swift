import Testing

@testable import SmoothingNoise

/// A weight by mpmath, in units of 2^-223.
struct Weight: Sendable {
    var sigma: Double
    var steps: Int
    var magnitude: Int
    var hex: String
}

/// A total variation distance by mpmath.
struct Distance: Sendable {
    var sigma: Double
    var steps: Int
    var largest: Int
    var exact: Double
}

@Suite struct AliasTableTests {
    /// What the columns give to each magnitude.
    private func masses(of table: AliasTable) -> [Mass] {
        let capacity = Mass.one(shiftedLeftBy: Mass.drawBits - table.columnBits)
        var masses = [Mass](repeating: .zero, count: table.columns.count)
        for (column, entry) in table.columns.enumerated() {
            let alias = Int(entry & (1 << UInt32(table.columnBits) - 1))
            let threshold = threshold(of: column, in: table)
            masses[column] = masses[column] + threshold
            masses[alias] = masses[alias] + (capacity - threshold)
        }
        return masses
    }

    /// The leading bits and the 256 after them, without those that are past the last of 223.
    private func threshold(of column: Int, in table: AliasTable) -> Mass {
        let unused = 8 * table.drawBytes + 32
        let words = table.refinements[4 * column..<4 * column + 4].map { UInt128($0) }
        let (top, bottom) = (words[0] << 64 | words[1], words[2] << 64 | words[3])
        #expect(bottom << (128 - unused) == 0)
        let leading = UInt128(table.columns[column] >> UInt32(table.columnBits))
        let high = leading << (128 - unused) | top >> unused
        let low = top << (128 - unused) | bottom >> unused
        let limbs = [low, low >> 32, low >> 64, low >> 96, high, high >> 32, high >> 64]
        return Mass(limbs: limbs.map { UInt32(truncatingIfNeeded: $0) }[...])
    }

    @Test(arguments: [
        (0.001, 255), (0.004, 255), (0.12, 255), (0.25, 255), (1, 255), (1.4, 255), (3.7, 1000),
    ])
    func `the columns give every magnitude its exact weight`(sigma: Double, steps: Int) throws {
        let gaussian = try RoundedGaussian(sigma: sigma, stepsPerUnit: steps)
        let largest = gaussian.support.upperBound
        let tails = Tails(sigma: sigma, stepsPerUnit: steps, last: largest)
        let masses = masses(of: gaussian.table)
        #expect(masses == masses.indices.map { tails.weight($0) })
        #expect(masses.reduce(.zero, +) == Mass.one(shiftedLeftBy: Mass.drawBits))
        #expect(masses.dropFirst(largest + 1).allSatisfy { $0 == .zero })
        #expect(masses.count < 2 * (largest + 1))
    }

    @Test(arguments: 1...6)
    func `any weights are kept`(columnBits: Int) {
        // Weights 3, 1, 5, 7, ... times a unit of odd size; the last takes what is left.
        let count = 1 << columnBits
        var weights = (0..<count).map { m in
            Mass(limbs: [1, 0, UInt32(m), 9, 0, 0, [3, 1, 5, 7, 0, 2][m % 6] << 16][...])
        }
        let sum = weights.dropLast().reduce(.zero, +)
        weights[count - 1] = Mass.one(shiftedLeftBy: Mass.drawBits) - sum
        let table = AliasTable(columnBits: columnBits) { weights[$0] }
        #expect(masses(of: table) == weights)
    }

    @Test func `of equal leading bits, the further bits decide, and full equality is the alias`() {
        let rest: [UInt64] = [5, 0, 7, .max]
        let table = AliasTable(
            columnBits: 1, columns: [77 << 1 | 1, 1], refinements: rest + [0, 0, 0, 0])
        for (further, magnitude): ([UInt64], Int) in [
            ([5, 0, 7, .max], 1), ([5, 0, 7, .max - 1], 0), ([4, .max, .max, .max], 0),
            ([5, 0, 6, .max], 0), ([5, 0, 8, 0], 1), ([5, 1, 0, 0], 1), ([6, 0, 0, 0], 1),
            ([0, 0, 0, 0], 0),
        ] {
            #expect(table.draw(77 << 1) { further } == magnitude)
        }
        #expect(
            table.draw(76 << 1) {
                Issue.record("not a tie"); return rest
            } == 0)
        #expect(
            table.draw(78 << 1) {
                Issue.record("not a tie"); return rest
            } == 1)
    }
}

@Suite struct RoundedGaussianTests {
    @Test(arguments: [(0.001, 255), (0.0078125, 255), (0.25, 255), (0.5, 65_536)])
    func `weights are those of mpmath to the last of 223 bits`(sigma: Double, steps: Int) {
        let last = Int(12 * sigma * Double(steps)) + 1
        let tails = Tails(sigma: sigma, stepsPerUnit: steps, last: last)
        let expected = weights.filter { $0.sigma == sigma && $0.steps == steps }
        #expect(expected.count >= 4)
        for weight in expected {
            let padded = String(repeating: "0", count: 56 - weight.hex.count) + weight.hex
            let limbs = (0..<7).map { limb in
                UInt32(padded.dropLast(8 * limb).suffix(8), radix: 16) ?? 0
            }
            #expect(tails.weight(weight.magnitude) == Mass(limbs: limbs[...]))
        }
    }

    @Test(arguments: distances)
    func `the stated distance is above the true one, and near it`(expected: Distance) throws {
        let gaussian = try RoundedGaussian(sigma: expected.sigma, stepsPerUnit: expected.steps)
        let flooring = Double(expected.largest + 1) * 0x1p-222
        #expect(gaussian.support == -expected.largest...expected.largest)
        #expect(gaussian.distanceFromIdeal >= expected.exact)
        #expect(gaussian.distanceFromIdeal <= expected.exact * (1 + 1e-14) + flooring)
    }

    @Test func `the distance of the largest campaign is far below any alpha`() throws {
        for (sigma, steps) in [(0.12, 255), (0.25, 255), (0.5, 255), (1.0, 255), (2.0, 1000)] {
            let gaussian = try RoundedGaussian(sigma: sigma, stepsPerUnit: steps)
            let distance = gaussian.distanceFromIdeal(
                samples: 1_000_000_000, coordinates: 150_528)
            #expect(Double(gaussian.support.upperBound) >= 12 * sigma * Double(steps))
            #expect(distance >= 1e9 * 150_528 * gaussian.distanceFromIdeal)
            #expect(distance * 50_000 < 1e-3 * 1e-9)
        }
    }

    @Test func `a distance is never more than certainty`() throws {
        let gaussian = try RoundedGaussian(sigma: 0.25, stepsPerUnit: 255)
        #expect(gaussian.distanceFromIdeal(samples: .max, coordinates: .max) == 1)
    }

    @Test func `noise far below one step is no noise, at no distance`() throws {
        for sigma in [1e-5, 1e-300, Double.leastNonzeroMagnitude] {
            let gaussian = try RoundedGaussian(sigma: sigma, stepsPerUnit: 255)
            #expect(gaussian.support == -1...1)
            #expect(gaussian.table.draw(0) { [0, 0, 0, 0] } == 0)
            #expect(gaussian.table.draw(0x7f_ffff) { [.max, .max, .max, .max] } == 0)
            #expect(gaussian.distanceFromIdeal == (2 * 0x1p-222).nextUp)
        }
    }

    @Test func `what no table can hold is refused, with a grid that works`() throws {
        for sigma in [0, -1, Double.nan, .infinity] {
            #expect(throws: SmoothingNoiseError.self) {
                try RoundedGaussian(sigma: sigma, stepsPerUnit: 255)
            }
        }
        for steps in [0, -255, 1 << 24 + 1, .max] {
            #expect(throws: SmoothingNoiseError.stepsPerUnitOutOfRange(steps)) {
                try RoundedGaussian(sigma: 1, stepsPerUnit: steps)
            }
        }
        #expect(
            throws: SmoothingNoiseError.gridTooFine(
                sigma: 1000, stepsPerUnit: 65_536, finest: 349)
        ) { try RoundedGaussian(sigma: 1000, stepsPerUnit: 65_536) }
        #expect(
            throws: SmoothingNoiseError.gridTooFine(sigma: 1e308, stepsPerUnit: 1, finest: 0)
        ) { try RoundedGaussian(sigma: 1e308, stepsPerUnit: 1) }
    }
}
