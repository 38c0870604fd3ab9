import Foundation
import Testing

/// `wardein doctor` looks, and changes nothing.
@Suite struct DoctorTests {
    @Test func `an output that a campaign would refuse fails in the same words`() throws {
        let scratch = try Scratch()
        let campaign =
            ["certify"] + Digits.options(inputs: 1, samples: 500, output: scratch.path("run"))
        #expect(try Program.run(campaign).status == 0)
        let refused = try Program.run(campaign)
        let doctor = try Program.run(["doctor", "--output", scratch.path("run")])
        #expect(refused.status == 2 && doctor.status == 1)
        let words = try #require(refused.errors.split(separator: "wardein: ", maxSplits: 1).last)
        #expect(doctor.output.contains(words.dropLast()), "\(doctor.output)")
        let other = try Program.run(["doctor", "--output", scratch.path("other")])
        #expect(other.status == 0, "\(other.output)")
        #expect(!scratch.exists("other"))
    }

    @Test(arguments: [["--partition", "gpu"], ["--ssh-config", "file"]])
    func `an option that would be ignored is refused`(options: [String]) throws {
        let outcome = try Program.run(["doctor"] + options)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(options[0]) && outcome.errors.contains("missing"))
    }
}
