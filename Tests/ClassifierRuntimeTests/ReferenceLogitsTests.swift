import ClassifierRuntime
import Foundation
import Testing

/// Against ONNX Runtime's own Python package: `Vectors/expected_logits.py`.
@Suite struct ReferenceLogitsTests {
    struct Reference: Decodable {
        var processor: String
        var version: String
        var logits: [String: [String]]

        func rows(_ model: String) throws -> [[Float]] {
            try #require(logits[model]).map { row in
                try row.split(separator: " ").map {
                    Float(bitPattern: try #require(UInt32($0, radix: 16)))
                }
            }
        }
    }

    static let vectors = tests.appending(path: "ClassifierRuntimeTests/Vectors")
    static let python = tests.appending(path: "../.wardein/python/bin/python")
    static let models = [
        "Demo/models/digits_mlp_s025", "Demo/models/fmnist_cnn_s050",
        "Demo/models/fmnist_resnet_s050", "Fixtures/models/cnn_28", "Fixtures/models/linear_cifar",
        "Fixtures/models/resnet20_random",
    ]

    @Test(arguments: models)
    func `logits are those of the Python package, bit for bit on a processor it was run on`(
        model: String
    ) throws {
        let data = try Data(contentsOf: Self.vectors.appending(path: "expected_logits.json"))
        let references = try JSONDecoder().decode([Reference].self, from: data)
        let rows = try logits(model)
        let version = try OnnxRuntime.load().version
        let here = try processor()
        if let same = references.first(where: { $0.processor == here && $0.version == version }) {
            #expect(bits(rows) == bits(try same.rows(model)))
        }
        for reference in references {
            for (row, expected) in zip(rows, try reference.rows(model)) {
                for (logit, other) in zip(row, expected) {
                    #expect(abs(logit - other) <= 1e-4 * max(1, abs(other)))
                }
            }
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python.path)))
    func `logits are those of the Python package run here, bit for bit`() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = Self.python
        process.arguments = [Self.vectors.appending(path: "expected_logits.py").path, "--print"]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let reference = try JSONDecoder().decode(Reference.self, from: data)
        #expect(try OnnxRuntime.load().version == reference.version)
        for model in Self.models {
            #expect(bits(try logits(model)) == bits(try reference.rows(model)), "\(model)")
        }
    }

    private func logits(_ model: String) throws -> [[Float]] {
        let classifier = try classifier(model, batchSize: 8)
        return try classifier.rows(of: scatteredPixels(8 * classifier.sampleSize))
    }

    /// Vendor, family, model and stepping, as `/proc/cpuinfo` first says them.
    private func processor() throws -> String {
        let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if parts.count == 2, fields[parts[0]] == nil { fields[parts[0]] = parts[1] }
        }
        let wanted = ["vendor_id", "cpu family", "model", "stepping"]
        return wanted.map { fields[$0] ?? "?" }.joined(separator: " ")
    }
}
