import Foundation
import Testing

/// Bounds against an independent program; `scripts/bench triples` checks 10,000 triples, n up to 10^7.
@Suite(.enabled(if: Reference.isThere, "scripts/setup --with-python makes it"))
struct BoundsTests {
    @Test func `bounds of random counts are the last doubles on their sides`() throws {
        let program = Bundle.main.bundleURL.appending(path: "Benchmarks").path
        let report = try Reference.run("check_bounds.py", [program, "150", "2e4", "1"])
        #expect(report.hasPrefix("300 bounds of 150 triples"), "\(report)")
    }
}
