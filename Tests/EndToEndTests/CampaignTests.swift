import Foundation
import Testing

/// Whole campaigns with real processes and real models.
@Suite(.serialized) struct CampaignTests {
    private func certify(
        _ scratch: Scratch, model: String, _ more: [String] = [], samples: Int = 1000,
        inputs: String? = nil
    ) throws -> Program.Outcome {
        try Program.run(
            [
                "certify", "--model", model, "--inputs",
                inputs ?? Program.demo("data/digits450_images.npy"), "--first", "12",
                "--sigma", "0.25", "--samples", "\(samples)", "--output", scratch.path("run"),
                "--key", Digits.key,
            ] + (inputs == nil ? ["--grid", "1/16"] : []) + more)
    }

    private func records(_ scratch: Scratch) throws -> [Record] {
        try Record.all(in: scratch.contents("run/records.jsonl"))
    }

    @Test func `a constant classifier is certified everywhere at the ceiling`() throws {
        let scratch = try Scratch()
        let outcome = try certify(scratch, model: Program.fixture("constant3_8.onnx"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let records = try records(scratch)
        #expect(records.count == 12)
        #expect(records.allSatisfy { $0.outcome == "certified" && $0.class == 3 })
        // sigma Phi^-1((alpha/2)^(1/1000)), SciPy: norm.ppf(0.0005 ** 0.001) / 4
        #expect(records.allSatisfy { abs($0.radius - 0.6072281815026) < 1e-10 })
    }

    /// The classifier compares opposite corners, which are equal in these images. At each a fair
    /// coin is certified with probability at most alpha = 0.001, so one of the four with at most
    /// 0.004; the key is fixed.
    @Test(arguments: ["coin2_28.onnx", "coin10_28.onnx"])
    func `a coin flip abstains everywhere`(model: String) throws {
        let scratch = try Scratch()
        let indices = try scratch.write("7\n1\n18\n499\n".utf8, to: "indices.txt")
        let outcome = try Program.run([
            "certify", "--model", Program.fixture(model), "--indices", indices,
            "--inputs", Program.demo("data/fmnist500-images-idx3-ubyte.gz"), "--sigma", "0.5",
            "--samples", "2000", "--key", Digits.key, "--output", scratch.path("run"),
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let records = try records(scratch)
        #expect(records.map(\.index) == [7, 1, 18, 499])
        #expect(records.allSatisfy { $0.outcome == "abstained" && $0.radius == 0 })
        #expect(records.allSatisfy { $0.reason == "not separated" })
    }

    @Test func `records hold full counts that sum to the samples asked for`() throws {
        let scratch = try Scratch()
        let model = Program.demo("models/digits_mlp_s025.onnx")
        let labels = ["--labels", Program.demo("data/digits450_labels.npy")]
        #expect(try certify(scratch, model: model, labels + ["--N0", "64"]).status == 0)
        let records = try records(scratch)
        #expect(records.map(\.index) == Array(0..<12))
        for record in records {
            #expect(record.selection.samples == 64 && record.estimation.samples == 1000)
            #expect(record.selection.counts.reduce(0, +) == 64)
            #expect(record.estimation.counts.reduce(0, +) == 1000)
            #expect(record.estimation.counts.count == 10)
            #expect(record.label != nil && record.norm == "L2" && record.sigma == 0.25)
        }
    }

    @Test func `the table has the format that this field's scripts read`() throws {
        let scratch = try Scratch()
        let model = Program.demo("models/digits_mlp_s025.onnx")
        let labels = ["--labels", Program.demo("data/digits450_labels.npy")]
        #expect(try certify(scratch, model: model, labels).status == 0)
        let table = String(decoding: try scratch.contents("run/certificates.tsv"), as: UTF8.self)
        let lines = table.split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(lines[0] == ["idx", "label", "predict", "radius", "correct", "time"])
        for (line, record) in zip(lines.dropFirst(), try records(scratch)) {
            #expect(line.count == 6)
            #expect(Int(line[0]) == record.index)
            #expect(Int(line[2]) == (record.outcome == "certified" ? record.class : -1))
            #expect(Double(line[3]) == record.radius)
            #expect(line[4] == (record.class == record.label && record.radius > 0 ? "1" : "0"))
            #expect(String(line[5]).wholeMatch(of: /\d+:\d\d:\d\d\.\d{6}/) != nil)
        }
    }

    /// A batch axis fixed at 1 and NHWC hold the same classifier as their usual twins: only the
    /// way in differs, and both are small enough that the engine computes them alike.
    @Test(arguments: [
        ("linear_28.onnx", "linear_28_nhwc.onnx"), ("cnn_28.onnx", "cnn_28_batch4.onnx"),
    ])
    func `odd models give what their usual twins give`(usual: String, odd: String) throws {
        let images = Program.demo("data/fmnist500-images-idx3-ubyte.gz")
        var counts: [[[Int]]] = []
        for model in [usual, odd] {
            let scratch = try Scratch()
            let outcome = try certify(
                scratch, model: Program.fixture(model), ["--block", "40"], inputs: images)
            #expect(outcome.status == 0, "\(outcome.errors)")
            counts.append(try records(scratch).map(\.estimation.counts))
        }
        #expect(counts[0] == counts[1])
    }

    @Test func `a model with one score needs to be told where class 1 begins`() throws {
        let scratch = try Scratch()
        let model = Program.fixture("one_logit_8.onnx")
        let refused = try certify(scratch, model: model)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("--decision-threshold"))
        #expect(!scratch.exists("run"))
        let accepted = try certify(scratch, model: model, ["--decision-threshold", "0"])
        #expect(accepted.status == 0, "\(accepted.errors)")
        #expect(try records(scratch)[0].estimation.counts.count == 2)
    }

    @Test func `a model with several outputs needs to be told which holds the scores`() throws {
        let scratch = try Scratch()
        let model = Program.fixture("two_outputs_8.onnx")
        let refused = try certify(scratch, model: model)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("--output-name"))
        #expect(!scratch.exists("run"))
    }

    @Test func `float data off the grid is charged for its rounding`() throws {
        let scratch = try Scratch()
        // On a grid of thirds the digits are up to 1/6 a coordinate away from it.
        let outcome = try certify(
            scratch, model: Program.demo("models/digits_mlp_s025.onnx"), ["--grid", "1/3"],
            inputs: Program.demo("data/digits450_images.npy"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let records = try records(scratch)
        #expect(records.allSatisfy { $0.gridDistance > 0.1 && $0.gridDistance < 8.0 / 6 })
        let certified = records.filter { $0.outcome == "certified" }
        #expect(certified.allSatisfy { $0.radius + $0.gridDistance < 0.60722818151 })
        let offGrid = records.filter { $0.reason == "off grid" }
        #expect(offGrid.allSatisfy { $0.outcome == "abstained" && $0.radius == 0 })
        #expect(!offGrid.isEmpty)
    }

    @Test func `accuracy near chance is said, with the usual reasons`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run([
            "certify", "--model", Program.demo("models/fmnist_cnn_s000.onnx"),
            "--inputs", Program.demo("data/fmnist500-images-idx3-ubyte.gz"),
            "--labels", Program.demo("data/fmnist500-labels-idx1-ubyte.gz"),
            "--sigma", "0.5", "--samples", "200", "--first", "60", "--key", Digits.key,
            "--output", scratch.path("run"),
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("not trained with noise of this level"))
    }

    /// Law 6: trouble is not an answer.
    @Test func `scores that are not numbers stop the campaign with the input named`() throws {
        let scratch = try Scratch()
        let outcome = try certify(scratch, model: Program.fixture("nan_below_zero_8.onnx"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("the classifier failed on input "))
        #expect(try records(scratch).isEmpty)
        #expect(scratch.exists("run/provenance.json"))
    }

    /// Law 6, where there is but one worker and nobody who starts it again.
    @Test func `a lone worker whose classifier fails is tried in three fresh processes`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator([
            "--model", Program.fixture("nan_below_zero_8.onnx"),
            "--inputs", Program.demo("data/digits450_images.npy"), "--grid", "1/16",
            "--sigma", "0.25", "--samples", "500", "--first", "1",
            "--output", scratch.path("run"),
        ])
        let worker = try coordinator.worker(sessions: 1)
        let outcome = coordinator.process.wait()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("failed on input 0 in 3 processes"))
        let end = worker.wait()
        #expect(end.status == 0 || end.status == 75, "\(worker.errors)")
    }

    @Test func `an interrupt says how far it got and leaves no worker behind`() throws {
        let scratch = try Scratch()
        let running = try Running(
            ["certify", "--workers", "2"]
                + Digits.options(inputs: 450, samples: 100_000, output: scratch.path("run")))
        let records = scratch.url.appending(path: "run/records.jsonl")
        try waitUntil("an input is decided") {
            ((try? Data(contentsOf: records))?.count ?? 0) > 0
        }
        let workers = try children(of: running.identifier)
        #expect(workers.count == 2)
        running.signal(SIGINT)
        let outcome = running.wait()
        #expect(outcome.status == 130)
        #expect(outcome.errors.contains("of 450 inputs are decided"))
        #expect(workers.allSatisfy { kill($0, 0) != 0 })
        let data = try Data(contentsOf: records)
        #expect(data.last == UInt8(ascii: "\n"))
        #expect(try !Record.all(in: data).isEmpty)
        #expect(scratch.exists("run/provenance.json"))
    }

    @Test func `a coordinator that is killed leaves no worker behind`() throws {
        let scratch = try Scratch()
        let running = try Running(
            ["certify", "--workers", "2"]
                + Digits.options(inputs: 450, samples: 100_000, output: scratch.path("run")))
        try waitUntil("the workers run") {
            ((try? children(of: running.identifier)) ?? []).count == 2
        }
        let workers = try children(of: running.identifier)
        running.signal(SIGKILL)
        try waitUntil("the workers are gone") { workers.allSatisfy { !isAlive($0) } }
    }

    /// Whether the process runs; one that has ended and was not waited for does not.
    private func isAlive(_ process: Int32) -> Bool {
        let path = "/proc/\(process)/stat"
        guard let stat = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
        return !stat.contains(") Z ")
    }
}
