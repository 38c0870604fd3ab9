import Foundation
import Testing

/// `docs/files.md` names what stands in the files of a campaign.
@Suite struct FilesPageTests {
    @Test func `every key of a file is named in its section of the page`() throws {
        let scratch = try campaigns()
        let page = try String(
            contentsOf: Program.project.appending(path: "docs/files.md"), encoding: .utf8)
        for file in ["manifest.json", "records.jsonl", "provenance.json", "status.json"] {
            var keys: Set<String> = []
            for campaign in ["finished", "stopped", "decided", "precise", "extended"] {
                for value in try values(in: scratch.contents("\(campaign)/\(file)")) {
                    collectKeys(of: value, into: &keys)
                }
            }
            #expect(keys.count > 5)
            let named = codeWords(in: try section(file, of: page))
            #expect(keys.subtracting(named).sorted() == [], "\(file)")
        }
    }

    /// A folder with campaigns whose files have keys that the others' lack: why one was stopped, how a
    /// worker left, and by what rule inputs are stopped early.
    private func campaigns() throws -> Scratch {
        let scratch = try Scratch()
        let finished = try Program.run(
            ["certify"] + Digits.options(inputs: 3, samples: 500, output: scratch.path("finished")))
        #expect(finished.status == 0, "\(finished.errors)")
        for (name, options) in [
            ("decided", ["--decide-radius", "0.2", "--family-wise"]),
            ("precise", ["--width", "0.1"]),
            (
                "extended",
                ["--width", "0.1", "--samples", "600", "--extend", scratch.path("precise")]
            ),
        ] {
            let outcome = try Program.run(
                ["certify", "--sum-alpha"]
                    + Digits.options(inputs: 3, samples: 500, output: scratch.path(name)) + options)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let stopped = try Program.run([
            "certify", "--model", Program.fixture("nan_8.onnx"), "--inputs",
            Program.demo("data/digits450_images.npy"), "--grid", "1/16", "--sigma", "0.25",
            "--samples", "500", "--indices", try scratch.write("0\n3\n4\n".utf8, to: "indices"),
            "--output", scratch.path("stopped"),
        ])
        #expect(stopped.status == 1, "\(stopped.errors)")
        return scratch
    }

    /// The text below the heading up to the next one.
    private func section(_ title: String, of page: String) throws -> Substring {
        let start = try #require(page.range(of: "\n## \(title)\n"))
        let rest = page[start.upperBound...]
        return rest.range(of: "\n#").map { rest[..<$0.lowerBound] } ?? rest
    }

    /// The words that stand between backquotes.
    private func codeWords(in text: Substring) -> Set<String> {
        let spans = text.split(separator: "`", omittingEmptySubsequences: false)
        let code = spans.indices.filter { $0 % 2 == 1 }.map { spans[$0] }
        return Set(code.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }.map(String.init))
    }

    /// The value of a page of JSON, or those of its lines.
    private func values(in data: Data) throws -> [Any] {
        if let page = try? JSONSerialization.jsonObject(with: data) { return [page] }
        return try data.split(separator: UInt8(ascii: "\n")).map {
            try JSONSerialization.jsonObject(with: Data($0))
        }
    }

    private func collectKeys(of value: Any, into keys: inout Set<String>) {
        if let members = value as? [String: Any] {
            keys.formUnion(members.keys)
            for member in members.values { collectKeys(of: member, into: &keys) }
        } else if let elements = value as? [Any] {
            for element in elements { collectKeys(of: element, into: &keys) }
        }
    }
}
