/// The classifier *f* that is smoothed: a fixed batch of float32 samples in, logits out.
///
/// The batch never changes size, because some engines choose their arithmetic by it, and a
/// certificate speaks of one *f*. A classifier belongs to the thread that made it.
///
/// ```swift
/// fill(classifier.batch)                             // batchSize samples, one after the other
/// let classes = try classifier.classes(counted: 20)  // the other rows are padding
/// ```
public protocol BaseClassifier: AnyObject {
    /// Everything about this engine that may change a bit of a logit.
    var fingerprint: ClassifierFingerprint { get }

    /// The shape of one sample as the model has it, for example `[1, 28, 28]`.
    var sampleShape: [Int] { get }

    /// The number of samples classified together.
    var batchSize: Int { get }

    /// The fewest samples that the model can classify together: more than one where it fixes that.
    var smallestBatch: Int { get }

    /// How the logits of a sample become a class.
    var decision: DecisionRule { get }

    /// Room for the next batch: `batchSize` samples in row-major order, zeros at first. It stays
    /// at one address, aligned to 64 bytes, for the life of the classifier.
    var batch: UnsafeMutableBufferPointer<Float> { get }

    /// Runs the classifier on `batch`, which it leaves as it is.
    ///
    /// - Returns: `batchSize` rows of `decision.logitCount` logits, valid until the next run.
    func logits() throws(ClassifierFailure) -> UnsafeBufferPointer<Float>
}

extension BaseClassifier {
    /// The number of values in one sample.
    public var sampleSize: Int { sampleShape.reduce(1, *) }

    /// Runs the classifier on `batch` and decides the class of each of its first `counted` rows.
    ///
    /// - Parameters:
    ///   - counted: how many rows matter; NaN in a later row, which is padding, is no failure.
    ///   - decide: receives each class, in order of the rows.
    /// - Throws: `ClassifierFailure.notANumber` before any class is handed out.
    public func classify(
        counted: Int, _ decide: (_ row: Int, _ class: Int) -> Void
    ) throws(ClassifierFailure) {
        precondition((0...batchSize).contains(counted), "more rows counted than classified")
        let logits = try logits()
        let width = decision.logitCount
        if let nan = logits[..<(counted * width)].firstIndex(where: \.isNaN) {
            throw .notANumber(row: nan / width)
        }
        for row in 0..<counted {
            decide(row, decision.classIndex(of: logits[(row * width)..<((row + 1) * width)]))
        }
    }

    /// Like `classify(counted:_:)`, as an array.
    public func classes(counted: Int) throws(ClassifierFailure) -> [Int] {
        var classes: [Int] = []
        classes.reserveCapacity(counted)
        try classify(counted: counted) { classes.append($1) }
        return classes
    }
}

/// How the logits of one sample become a class. No logit may be NaN; infinities are in order.
public enum DecisionRule: Hashable, Sendable {
    /// The class of the largest logit; among equals, the lowest class. Equal infinities are equal.
    case largestLogit(classCount: Int)

    /// Two classes by one score: class 1 if the score is greater than this, else class 0.
    case threshold(Float)

    /// The number of logits that a sample has.
    public var logitCount: Int {
        switch self {
        case .largestLogit(let classCount): classCount
        case .threshold: 1
        }
    }

    /// The number of classes.
    public var classCount: Int {
        switch self {
        case .largestLogit(let classCount): classCount
        case .threshold: 2
        }
    }

    /// The class of a sample with these `logitCount` logits, none of them NaN.
    public func classIndex(of logits: Slice<UnsafeBufferPointer<Float>>) -> Int {
        switch self {
        case .threshold(let threshold):
            return logits[logits.startIndex] > threshold ? 1 : 0
        case .largestLogit:
            var largest = logits.startIndex
            for index in logits.indices where logits[index] > logits[largest] { largest = index }
            return largest - logits.startIndex
        }
    }
}
