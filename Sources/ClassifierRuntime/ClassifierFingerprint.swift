/// What may change the bits of a classifier's logits, beside the model and the sample.
///
/// Two workers with one fingerprint are expected to compute the same function; a digest of their
/// logits on a known block, kept elsewhere, confirms it. Across instruction sets or optimisation
/// levels the last bits differ, and now and then a label with them.
public struct ClassifierFingerprint: Codable, Hashable, Sendable, CustomStringConvertible {
    /// The inference engine, for example `onnxruntime`.
    public var engine: String
    /// The engine's own version, for example `1.31.1`.
    public var version: String
    /// The processor's widest instruction set that the engine uses, for example `avx2`.
    public var instructionSet: String
    /// The number format of the arithmetic, for example `float32`.
    public var precision: String
    /// The engine's graph optimisation level, for example `all`.
    public var optimizationLevel: String

    /// A fingerprint of these parts.
    public init(
        engine: String, version: String, instructionSet: String, precision: String,
        optimizationLevel: String
    ) {
        self.engine = engine
        self.version = version
        self.instructionSet = instructionSet
        self.precision = precision
        self.optimizationLevel = optimizationLevel
    }

    /// One line, for example `onnxruntime 1.31.1, avx2, float32, optimisation all`.
    public var description: String {
        "\(engine) \(version), \(instructionSet), \(precision), optimisation \(optimizationLevel)"
    }
}
