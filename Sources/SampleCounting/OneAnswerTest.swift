internal import ClassifierRuntime
internal import ModelFiles
internal import SmoothingNoise

// One sample, one answer (law 9)
// ==============================
//
// Every bound rests on independent votes of one function: "A classifier's answer to a sample is a function
// of that sample alone: not of its neighbours in the batch, not of what was asked before, not of a random
// source of its own." A model that mixes the samples of its batch (BatchNormalization in training mode,
// dynamic quantisation, a mean or a softmax over the batch), draws random numbers or keeps state breaks
// that, and its counts look like any others: they repeat wherever they are counted again, since a block is
// drawn with the same neighbours each time. So it is tested, on the model that runs, before it counts.
//
// The test compares bits of scores. With B samples in a block, X and Y two different blocks of noisy samples
// and r the row of a sample:
//
// - *again*: X twice has the same scores;
// - *after others*: X has them after Y too;
// - *beside others*: for each binary digit of r, a block whose rows with that digit 0 are X's and the others
//   Y's has, row by row, the scores of X and Y. Two different rows differ in some digit, so each row is seen
//   with every other one replaced. Then every other row is replaced by zeros, by the largest and by the
//   smallest value that noise can make of an input, at which a dynamic range or a threshold looks;
// - *elsewhere*: X with its samples moved on by one row has the same scores, moved on by one row;
// - *again, often*: X has the same scores as long as there is time, and at most ``mostRepetitions`` times,
//   for what happens rarely or late.
//
// What it cannot see: a model that mixes only for contents that none of these blocks has, draws or changes
// its mind more rarely than it was asked, or knows the test. docs/verify.md says so.
//
// A block of one sample has no neighbours: there only repetition is tested, and a model that mixes its batch
// is a function of one sample.

/// Noisy samples of an image, drawn with the zero key, that no campaign counts.
public struct TestSamples: Sendable {
    /// The image, in steps of the grid.
    let origin: [Int32]
    /// Word 13 of the noise stream.
    let input: UInt32

    /// Samples of this image.
    ///
    /// - Parameter input: tells the noise of one image from that of another.
    public init(of image: [Int32], input: UInt32) {
        origin = image
        self.input = input
    }

    /// The samples of the known-answer block: noise alone.
    static func known(size: Int) -> TestSamples {
        TestSamples(of: Array(repeating: 0, count: size), input: 0)
    }

    /// Samples of an image whose coordinates are spread over all that inputs have.
    static func spread(size: Int, upTo largest: Int32) -> TestSamples {
        let values = (0..<size).map { coordinate in
            // The fractional parts of multiples of the golden ratio fill the unit interval evenly.
            let fraction = UInt32(truncatingIfNeeded: coordinate) &* 2_654_435_769
            return Int32(truncatingIfNeeded: Int64(fraction) * (Int64(largest) + 1) >> 32)
        }
        return TestSamples(of: values, input: 1)
    }
}

/// That a classifier's answer is no function of one sample, and where it was seen.
public struct OneAnswerFlaw: Error, Hashable, CustomStringConvertible {
    /// The part of the test that failed.
    public let part: Part
    /// The row of the sample in its block, from 0.
    public let row: Int
    /// The first of its scores that changed.
    public let score: Int
    /// What that score was.
    public let before: Float
    /// What it became.
    public let after: Float
    /// How many samples the model classifies together at least.
    public let smallestBatch: Int

    /// What was done when a score changed.
    public enum Part: Hashable, Sendable {
        /// The same block was classified again, for the so-manieth time.
        case again(time: Int)
        /// The same block was classified again after so many blocks had been counted.
        case later(blocks: Int)
        /// The same block was classified again after other blocks.
        case afterOthers
        /// Other samples stood in the other rows.
        case besideOthers(Neighbours)
        /// The samples stood in other rows.
        case elsewhere
    }

    /// What the other rows held.
    public enum Neighbours: String, Hashable, Sendable, CaseIterable {
        /// Noisy samples of another image.
        case others = "other noisy samples"
        /// Zeros.
        case zeros
        /// The largest value that noise can make of an input, everywhere.
        case largest = "samples of the largest values"
        /// The smallest one.
        case smallest = "samples of the smallest values"
    }

    /// Whether the model would be a function of one sample if it classified each alone.
    public var isOfNeighbours: Bool {
        switch part {
        case .again, .later, .afterOthers: false
        case .besideOthers, .elsewhere: true
        }
    }

    /// What was seen, what it means, and what to do.
    public var description: String { "\(finding) \(remedy)" }

    /// The same, with the node that does it where the graph of the model shows it.
    ///
    /// - Parameters:
    ///   - model: the bytes of the ONNX file.
    ///   - output: the output that holds the scores; nil: the only one.
    public func sentence(about model: [UInt8], output: String?) -> String {
        let suspects = (try? ModelGraph(bytes: model).suspects(of: output)) ?? []
        // Batch normalisation in training mode keeps state besides.
        let likely = suspects.filter { ($0.cause == .otherRows) == isOfNeighbours }
        let fitting = likely.isEmpty ? suspects : likely
        guard let suspect = fitting.first else { return description }
        let others = fitting.count == 1 ? "" : " (and \(fitting.count - 1) more like it)"
        let alone =
            smallestBatch == 1
            ? "" : "; its batch is fixed at \(smallestBatch), and --block 1 takes an open one"
        return "\(finding) Most likely \(suspect)\(others): \(suspect.remedy)\(alone)."
    }

    private var finding: String {
        "The model's answer to a sample is not a function of that sample alone: score \(score) of "
            + "sample \(row) of a known block was \(before), and \(after) \(occasion). \(meaning)"
    }

    private var occasion: String {
        switch part {
        case .again(let time):
            time == 2
                ? "when the same block was classified again"
                : "when the same block was classified for the \(time)th time"
        case .later(let blocks):
            "when the same block was classified again after \(blocks) blocks had been counted"
        case .afterOthers: "when the same block was classified again after another one"
        case .besideOthers(let neighbours):
            "when \(neighbours.rawValue) stood beside it in the batch"
        case .elsewhere: "when it stood in another row of the batch"
        }
    }

    private var meaning: String {
        let fault =
            switch part {
            case .again, .later, .afterOthers:
                "It draws at random or keeps state from one run to the next"
            case .besideOthers: "It mixes the samples of its batch"
            case .elsewhere: "Its answer depends on the place of a sample in the batch"
            }
        return "\(fault), so its votes are not independent votes of one classifier."
    }

    private var remedy: String {
        guard isOfNeighbours else {
            return "Export it in evaluation mode and without random operators."
        }
        let export =
            "Export it in evaluation mode, with static quantisation instead of dynamic"
        return smallestBatch == 1
            ? "\(export); or classify each sample alone, with --block 1."
            : "\(export); its batch is fixed at \(smallestBatch), so it cannot classify each sample alone."
    }
}

extension BlockCounter {
    /// The most times that one block is classified in ``testOneAnswer(width:images:patience:)``.
    public static let mostRepetitions = 256

    /// Tests that the classifier answers each sample by itself: on noise alone beside a spread image, and on
    /// the first of some images beside the last.
    ///
    /// - Parameters:
    ///   - width: how many bytes a coordinate of an encoded input has.
    ///   - images: inputs of the campaign, in steps of the grid; none: known blocks suffice.
    ///   - patience: for how long one block is classified again and again.
    /// - Throws: ``OneAnswerFlaw``, or ``ClassifierFailure``.
    /// - Complexity: 11 runs and one for each binary digit of the block size, without the repetitions; with
    ///   images about twice as many.
    public func testOneAnswer(
        width: Int, images: [[Int32]] = [], patience: Duration = .milliseconds(300)
    ) throws {
        let size = classifier.sampleSize
        let largest = EncodedInput.white(
            width: width, stepsPerUnit: sampler.distribution.stepsPerUnit)
        let known = TestSamples.known(size: size)
        let spread = TestSamples.spread(size: size, upTo: largest)
        let scores = try testOneAnswer(on: known, beside: spread)
        try testExtremes(known, scores.first, spread, scores.second, largest: largest)
        try testPlaces(known, scores.first)
        try testRepetition(known, scores.first, patience: patience)
        if let first = images.first, let last = images.last {
            try testOneAnswer(
                on: TestSamples(of: first, input: 2), beside: TestSamples(of: last, input: 3))
        }
    }

    /// Tests that the classifier answers each sample by itself, on the noisy samples of two images.
    ///
    /// - Returns: the scores of both.
    /// - Throws: ``OneAnswerFlaw``, or ``ClassifierFailure``.
    @discardableResult
    public func testOneAnswer(
        on first: TestSamples, beside second: TestSamples
    ) throws -> (first: [Float], second: [Float]) {
        let rows = 0..<classifier.batchSize
        let ofFirst = try testScores { _ in .drawn(first) }
        try compare(testScores { _ in .drawn(first) }, with: ofFirst, .again(time: 2))
        let ofSecond = try testScores { _ in .drawn(second) }
        try compare(testScores { _ in .drawn(first) }, with: ofFirst, .afterOthers)
        for digit in 0..<Int.bitWidth where 1 << digit < rows.count {
            let isFirst = { (row: Int) in row >> digit & 1 == 0 }
            let mixed = try testScores { .drawn(isFirst($0) ? first : second) }
            let part = OneAnswerFlaw.Part.besideOthers(.others)
            try compare(mixed, with: ofFirst, part, where: isFirst)
            try compare(mixed, with: ofSecond, part, where: { !isFirst($0) })
        }
        return (ofFirst, ofSecond)
    }

    private func testExtremes(
        _ first: TestSamples, _ ofFirst: [Float], _ second: TestSamples, _ ofSecond: [Float],
        largest: Int32
    ) throws {
        guard classifier.batchSize > 1 else { return }
        let reach = Int32(sampler.distribution.support.upperBound)
        let fills: [(OneAnswerFlaw.Neighbours, Int32, TestSamples, [Float])] = [
            (.zeros, 0, second, ofSecond),
            (.largest, largest + reach, first, ofFirst),
            (.smallest, -reach, second, ofSecond),
        ]
        for (neighbours, value, kept, scores) in fills {
            for parity in 0...1 {
                let isKept = { (row: Int) in row & 1 == parity }
                let filled = try testScores { isKept($0) ? .drawn(kept) : .constant(value) }
                try compare(filled, with: scores, .besideOthers(neighbours), where: isKept)
            }
        }
    }

    private func testPlaces(_ samples: TestSamples, _ scores: [Float]) throws {
        let rows = classifier.batchSize
        guard rows > 1 else { return }
        let moved = try testScores(ofSample: { ($0 + 1) % rows }) { _ in .drawn(samples) }
        let width = classifier.decision.logitCount
        let back = (0..<rows).flatMap { row in
            let place = (row + rows - 1) % rows
            return moved[(place * width)..<((place + 1) * width)]
        }
        try compare(back, with: scores, .elsewhere)
    }

    private func testRepetition(
        _ samples: TestSamples, _ scores: [Float], patience: Duration
    ) throws {
        let clock = ContinuousClock()
        let end = clock.now + patience
        var time = 3
        while time < BlockCounter.mostRepetitions, clock.now < end {
            time += 1
            try compare(testScores { _ in .drawn(samples) }, with: scores, .again(time: time))
        }
    }

    /// What stands in a row of a test.
    private enum Row {
        case drawn(TestSamples)
        case constant(Int32)
    }

    /// The scores of a block with these rows.
    ///
    /// - Parameter sample: which of its image's samples stands in a row.
    private func testScores(
        ofSample sample: (Int) -> Int = { $0 }, _ contents: (_ row: Int) -> Row
    ) throws -> [Float] {
        let size = classifier.sampleSize
        let test = NoiseSampler(distribution: sampler.distribution, key: .zero)
        for row in 0..<classifier.batchSize {
            let values = UnsafeMutableBufferPointer(
                rebasing: classifier.batch[(row * size)..<((row + 1) * size)])
            switch contents(row) {
            case .drawn(let samples):
                try samples.origin.withUnsafeBufferPointer { pixels in
                    try test.writeNoisyCopies(
                        of: pixels, input: samples.input, phase: .selection,
                        firstSample: UInt64(sample(row)), count: 1, into: values)
                }
            case .constant(let steps):
                values.update(
                    repeating: Float(steps) / Float(sampler.distribution.stepsPerUnit))
            }
        }
        normalization?.apply(to: classifier.batch)
        return Array(try classifier.logits())
    }

    /// Compares bit by bit.
    func compare(
        _ scores: some RandomAccessCollection<Float>, with expected: [Float],
        _ part: OneAnswerFlaw.Part,
        where isMeant: (_ row: Int) -> Bool = { _ in true }
    ) throws {
        let width = classifier.decision.logitCount
        for (place, (after, before)) in zip(scores, expected).enumerated()
        where after.bitPattern != before.bitPattern && isMeant(place / width) {
            throw OneAnswerFlaw(
                part: part, row: place / width, score: place % width, before: before,
                after: after, smallestBatch: classifier.smallestBatch)
        }
    }
}
