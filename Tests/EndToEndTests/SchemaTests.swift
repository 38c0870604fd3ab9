import Foundation
import Testing

/// The published schemas are of the files that are written.
@Suite(.enabled(if: Reference.isThere, "scripts/setup --with-python makes it"))
struct SchemaTests {
    /// `jsonschema` validates; the script also tries damaged files, which must not be valid.
    @Test func `the files of campaigns of every kind are valid by an independent validator`() throws
    {
        let scratch = try Scratch()
        let indices = try scratch.write("7\n3\n4\n".utf8, to: "indices")
        let key = try Program.run(["keys", "signing", "--output", scratch.path("keys")])
        #expect(key.status == 0, "\(key.errors)")
        let kinds: [(name: String, options: [String])] = [
            (
                "fixed",
                [
                    "certify", "--mean", "0.1", "--std", "0.5", "--sign",
                    scratch.path("keys/signing.key"),
                ]
            ),
            ("family", ["certify", "--decide-radius", "0.1", "--family-wise"]),
            (
                "precise",
                ["certify", "--width", "0.1", "--decide-radius", "0.1", "--rule", "cohen"]
            ),
            ("holm", ["certify", "--decide-radius", "0.1", "--holm"]),
            ("share", ["certify", "--decide-radius", "0.1", "--fdr", "0.1", "--ledger", "none"]),
            ("budget", ["certify", "--decide-radius", "0.3", "--budget", "700"]),
            ("hopeless", ["certify", "--early-abstain"]),
            ("predicted", ["predict"]), ("compared", ["predict", "--fixed"]),
        ]
        for kind in kinds {
            let outcome = try Program.run(
                kind.options + (kind.options.contains("--ledger") ? [] : ["--sum-alpha"])
                    + Digits.options(inputs: 3, samples: 500, output: scratch.path(kind.name)))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let unlabelled = try Program.run([
            "certify", "--model", Program.demo("models/digits_mlp_s025.onnx"), "--inputs",
            Program.demo("data/digits450_images.npy"), "--grid", "1/50", "--sigma", "0.25",
            "--samples", "500", "--indices", indices, "--output", scratch.path("unlabelled"),
            "--sum-alpha",
        ])
        #expect(unlabelled.status == 0, "\(unlabelled.errors)")
        let sites = try Sites()
        try sites.run("a", [0, 2], key: nil)
        try sites.run("b", [1], key: nil)
        try sites.merge(["a", "b"], into: "merged")
        try FileManager.default.moveItem(
            atPath: sites.path("merged"), toPath: scratch.path("merged"))
        let names = kinds.map(\.name) + ["unlabelled", "merged"]
        let report = try Reference.run("validate_schemas.py", names.map(scratch.path))
        // A manifest, a provenance and three records each, and one signature.
        #expect(report.hasPrefix("\(5 * names.count + 1) valid"), "\(report)")
    }
}
