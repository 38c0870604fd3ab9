import AlphaAccounting
import CampaignScheduling
import CertificateRecords
import Digests
import Testing

/// A retry, a widened n, a second sigma, a renamed copy of the model file: each is recognised for what
/// it is.
@Suite struct RunRecognitionTests {
    @Test func `a run on which there is no earlier one is the first`() {
        let recognition = recognise(run(), after: [])
        #expect(recognition.secondChances == 0 && recognition.others.isEmpty)
        #expect(recognition.earlier == .none)
    }

    @Test func `another key is a second chance, and alphas add up`() {
        let recognition = recognise(run(key: 2), after: [run(key: 1)])
        #expect(recognition.secondChances == 3)
        #expect(recognition.others.map(\.noise) == [.other])
        #expect(recognition.earlier.alpha(0.25, summedAt: 1) == 0.5)
    }

    @Test func `the same key and claim is a reproduction, which is charged once`() {
        let recognition = recognise(run(key: 1), after: [run(key: 1)])
        #expect(recognition.secondChances == 0 && recognition.isKnown(inputs: 3))
        #expect(recognition.earlier == .none)
    }

    @Test func `the same key and another claim looks again at the same noise`() {
        let recognition = recognise(run(key: 1, claim: 2), after: [run(key: 1, claim: 1)])
        #expect(recognition.secondChances == 3)
        #expect(recognition.others.map(\.noise) == [.same])
        #expect(recognition.earlier.looksAgain(at: 2))
    }

    @Test func `a second sigma is another mechanism, and no second chance`() {
        let recognition = recognise(run(key: 2), after: [run(key: 1, mechanism: 9)])
        #expect(recognition.secondChances == 0 && recognition.earlier == .none)
        #expect(recognition.otherMechanisms.count == 1)
    }

    @Test func `another model or another use of it is another classifier`() {
        let recognition = recognise(run(key: 2), after: [run(key: 1, classifier: 9)])
        #expect(recognition.secondChances == 0 && recognition.otherMechanisms.isEmpty)
    }

    @Test func `only the inputs that were sampled before get a second chance`() {
        let recognition = recognise(run(key: 2, inputs: 2..<5), after: [run(key: 1, inputs: 0..<3)])
        #expect(recognition.secondChances == 1)
        #expect(recognition.others.map(\.indices) == [[2]])
        #expect(recognition.earlier.alpha(0.25, summedAt: 2) == 0.5)
        #expect(recognition.earlier.alpha(0.25, summedAt: 3) == nil)
    }

    @Test func `the same key on other inputs has other streams`() {
        let recognition = recognise(run(key: 1, inputs: 3..<6), after: [run(key: 1, inputs: 0..<3)])
        #expect(recognition.secondChances == 0 && recognition.sharedInputs == 0)
    }

    /// The stream is that of the index: an input that has moved is drawn for anew.
    @Test func `the same image at another index has other noise, even with the same key`() {
        let moved = run(key: 1, inputs: 0..<3, movedBy: 10)
        let recognition = recognise(moved, after: [run(key: 1, inputs: 0..<3)])
        #expect(recognition.secondChances == 3)
        #expect(recognition.others.map(\.noise) == [.other])
        #expect(recognition.earlier.runs.map(\.indices) == [[10, 11, 12]])
    }

    /// Law 1: what came after a run changes nothing in its reproduction.
    @Test func `a reproduction is charged what its run was charged, and no later run`() {
        let story = [run(key: 1), run(key: 2), run(key: 3)]
        for place in story.indices {
            let first = recognise(story[place], after: Array(story[..<place]))
            let again = recognise(story[place], after: story)
            #expect(again.earlier == first.earlier && again.secondChances == 0)
        }
    }

    @Test func `a claim that was made by two runs is charged once`() {
        let story = [run(key: 1, inputs: 0..<2), run(key: 1, inputs: 1..<3)]
        let recognition = recognise(run(key: 2), after: story)
        #expect(recognition.others.map(\.indices) == [[0, 1, 2]])
        #expect(recognition.earlier.alpha(0.25, summedAt: 1) == 0.5)
    }

    /// The sum, one input at a time, by its definition.
    @Test(arguments: 1...200)
    func `each input is charged once for every other claim that came before its own`(seed: Int) {
        var random = Choices(UInt64(seed))
        var story: [Run] = []
        for _ in 0..<8 {
            let first = random.next(4)
            let next = run(
                key: random.next(2), claim: random.next(2), mechanism: random.next(4) / 3,
                inputs: first..<(first + 1 + random.next(3)), movedBy: random.next(4) / 3)
            let recognition = recognise(next, after: story)
            for input in next.inputs {
                let known = story.filter {
                    $0.entry.mechanism == next.entry.mechanism
                        && $0.inputs.contains { $0.image == input.image }
                }
                func isOwn(_ other: Run) -> Bool {
                    other.entry.isOneClaim(with: next.entry) && other.inputs.contains(input)
                }
                let before = known.prefix { !isOwn($0) }
                let claims = Set(
                    before.map { other in
                        let isSame =
                            other.entry.key == next.entry.key && other.inputs.contains(input)
                        return "\(other.entry.key) \(other.entry.claim.hex) \(isSame)"
                    })
                let expected = claims.isEmpty ? nil : 0.25 * Double(1 + claims.count)
                #expect(recognition.earlier.alpha(0.25, summedAt: Int(input.index)) == expected)
            }
            story.append(next)
        }
    }

    private struct Run {
        let entry: LedgerEntry
        let inputs: [InputReference]
    }

    private func recognise(_ run: Run, after story: [Run]) -> RunRecognition {
        var sets: [Digest: [InputReference]] = [:]
        for earlier in story { sets[earlier.entry.inputs] = earlier.inputs }
        return RunRecognition(
            of: run.entry, on: run.inputs, given: story.map(\.entry), members: { sets[$0] ?? [] })
    }

    private func run(
        key: Int = 1, claim: Int = 1, mechanism: Int = 0, classifier: Int = 0,
        inputs: Range<Int> = 0..<3, movedBy shift: Int = 0
    ) -> Run {
        let set = 64 * (64 * inputs.lowerBound + inputs.count) + shift
        let entry = LedgerEntry(
            campaign: digest(0), began: "", folder: "", model: digest(0),
            classifier: digest(classifier), mechanism: digest(mechanism), sigma: 0.5,
            key: "\(key)", claim: digest(claim), rule: "", stopping: "", selectionSamples: 1,
            estimationSamples: 1, blockSize: 1, alpha: 0.25, inputs: digest(set),
            inputCount: inputs.count)
        return Run(
            entry: entry,
            inputs: inputs.map {
                InputReference(index: UInt32($0 + shift), image: digest(1000 + $0))
            })
    }

    private func digest(_ number: Int) -> Digest {
        guard
            let digest = Digest(
                bytes: (0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * min($0, 7))) })
        else { preconditionFailure("a digest has 32 bytes") }
        return digest
    }
}

/// Choices that a seed repeats.
private struct Choices {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
    }
}
