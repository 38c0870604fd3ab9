import ConfidenceBounds
import RandomizedSmoothing

/// The time that deciding an input takes: bounds, their proof and the radius, by the runner-up rule.
struct BoundsBenchmark {
    func run() throws {
        print("deciding an input, milliseconds (200 different counts; then the same again)")
        for samples in [10_000, 100_000, 10_000_000] {
            var certifier = Certifier(sigma: 0.5, rule: .runnerUp, netAlpha: 0.001)
            let counts = (0..<200).map { place in
                let first = samples / 2 + place * samples / 401
                return ClassCounts([first, (samples - first) / 2, (samples - first + 1) / 2])
            }
            let cold = try time(counts, &certifier)
            let cached = try time(counts, &certifier)
            print(
                "  n = \(samples): cold \(text(cold, places: 3)), "
                    + "cached \(text(cached, places: 3))")
        }
    }

    private func time(_ counts: [ClassCounts], _ certifier: inout Certifier) throws -> Double {
        let elapsed = try ContinuousClock().measure {
            for estimation in counts {
                _ = try certifier.certify(
                    selection: ClassCounts([1, 0, 0]), estimation: estimation)
            }
        }
        return elapsed / .milliseconds(counts.count)
    }
}
