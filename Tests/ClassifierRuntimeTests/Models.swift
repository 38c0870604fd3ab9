import ClassifierRuntime
import Foundation

/// The folder `Tests`, found from this file.
let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

func bytes(of model: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: tests.appending(path: "\(model).onnx")))
}

/// A classifier of a model in `Tests/Fixtures/models`, or of any other path under `Tests`.
func classifier(
    _ model: String, batchSize: Int = 8, outputName: String? = nil, decisionThreshold: Float? = nil
) throws -> OnnxClassifier {
    try OnnxClassifier(
        model: bytes(of: model.contains("/") ? model : "Fixtures/models/\(model)"),
        runtime: OnnxRuntime.load(), batchSize: batchSize, outputName: outputName,
        decisionThreshold: decisionThreshold)
}

/// Value i is the top byte of (i + 1) · 2654435761 mod 2³², over 255: as in the script
/// `Vectors/expected_logits.py`.
func scatteredPixels(_ count: Int, skipping first: Int = 0) -> [Float] {
    (first..<(first + count)).map { Float((UInt32($0 + 1) &* 2_654_435_761) >> 24) / 255 }
}

extension BaseClassifier {
    /// The logits of these samples, row by row.
    func rows(of samples: [Float]) throws -> [[Float]] {
        _ = batch.update(fromContentsOf: samples)
        let logits = try Array(logits())
        let width = decision.logitCount
        return (0..<batchSize).map { Array(logits[($0 * width)..<(($0 + 1) * width)]) }
    }
}

/// The bits of floats, by which they are compared where nothing may differ.
func bits(_ rows: [[Float]]) -> [[UInt32]] {
    rows.map { $0.map(\.bitPattern) }
}
