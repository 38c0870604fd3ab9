import ConfidenceBounds
import Foundation

/// The bounds of Clopper and Pearson for triples `k n alpha`, one a line of standard input, to be compared
/// with another program's (`Tests/Reference/check_bounds.py`): four doubles a line, as the 16 hexadecimal
/// digits of their bits. They are the lower bound, what it leaves to 1, the upper bound and what that leaves.
struct BoundsOfTriples {
    func run() throws {
        while let line = readLine() {
            let fields = line.split(separator: " ")
            guard fields.count == 3, let successes = Int(fields[0]), let trials = Int(fields[1]),
                let alpha = Double(fields[2])
            else {
                print("not 'k n alpha': \(line)")
                exit(2)
            }
            let lower = try ClopperPearson.lowerBound(
                successes: successes, trials: trials, failureProbability: alpha)
            let upper = try ClopperPearson.upperBound(
                successes: successes, trials: trials, failureProbability: alpha)
            let numbers = [
                lower.value.value, lower.complement.value, upper.value.value,
                upper.complement.value,
            ]
            print(numbers.map { String($0.bitPattern, radix: 16) }.joined(separator: " "))
        }
    }
}
