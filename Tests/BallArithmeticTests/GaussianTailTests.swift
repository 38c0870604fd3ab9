import BallArithmetic
import Testing

@Suite struct GaussianTailTests {
    @Test func `every entry is the exact tail, rounded down`() throws {
        let rows = try Vectors.rows("tails.tsv")
        for grid in Set(rows.map { $0[0] + " " + $0[1] }).sorted() {
            let rows = rows.filter { $0[0] + " " + $0[1] == grid }
            let sigma = try #require(Double(rows[0][0]))
            let steps = try #require(Int(rows[0][1]))
            let last = try #require(rows.compactMap { Int($0[2]) }.max())
            let tail = GaussianTail(sigma: sigma, stepsPerUnit: steps, last: last)
            #expect(tail.count == last + 1)
            for row in rows {
                let k = try #require(Int(row[2]))
                #expect(hexadecimal(tail, k) == row[3], "sigma \(sigma), entry \(k)")
            }
        }
    }

    @Test(arguments: [(1.0, 255), (3.0, 1024)])
    func `entries fall, and a longer table begins like a shorter one`(sigma: Double, steps: Int) {
        let (short, long) = (1000, 3000)
        let table = GaussianTail(sigma: sigma, stepsPerUnit: steps, last: long)
        let other = GaussianTail(sigma: sigma, stepsPerUnit: steps, last: short)
        #expect(table.limbs.starts(with: other.limbs))
        for k in 0..<long {
            #expect(limbs(table, k + 1).lexicographicallyPrecedes(limbs(table, k)))
        }
    }

    /// The limbs of an entry, most significant first.
    private func limbs(_ tail: GaussianTail, _ k: Int) -> [UInt32] {
        tail.limbs[k * GaussianTail.limbsPerEntry..<(k + 1) * GaussianTail.limbsPerEntry].reversed()
    }

    private func hexadecimal(_ tail: GaussianTail, _ k: Int) -> String {
        let digits = limbs(tail, k).map { limb in
            let text = String(limb, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
        return String(digits.drop { $0 == "0" }).isEmpty ? "0" : String(digits.drop { $0 == "0" })
    }
}
