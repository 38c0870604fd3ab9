import Foundation
import Testing

/// `docs/files.md` names what stands in the files of a campaign.
@Suite struct FilesPageTests {
    @Test func `every key of a file is named in its section of the page`() throws {
        let scratch = try campaigns()
        let page = try String(
            contentsOf: Program.project.appending(path: "docs/files.md"), encoding: .utf8)
        for file in [
            "manifest.json", "records.jsonl", "provenance.json", "status.json", "signature.json",
        ] {
            var keys: Set<String> = []
            for campaign in ["finished", "stopped", "decided", "precise", "extended"]
            where scratch.exists("\(campaign)/\(file)") {
                for value in try values(in: scratch.contents("\(campaign)/\(file)")) {
                    DocumentedKeys.collect(from: value, into: &keys)
                }
            }
            #expect(keys.count > 5)
            let named = DocumentedKeys.codeWords(in: try DocumentedKeys.section(file, of: page))
            // The names of signed files are keys of two words.
            keys = Set(keys.flatMap { $0.split(separator: ".").map(String.init) })
            #expect(keys.subtracting(named).sorted() == [], "\(file)")
        }
    }

    @Test func `every key of the files of several noise levels is named in the page`() throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["certify"] + Digits.options(inputs: 3, samples: 500, output: scratch.path("run"))
                + ["--sigma", "0.25,0.5"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let page = try String(
            contentsOf: Program.project.appending(path: "docs/files.md"), encoding: .utf8)
        for (file, sections) in [
            ("run/manifest.json", ["Several noise levels"]),
            ("run/begun.json", ["Several noise levels"]),
            ("run/records.jsonl", ["records.jsonl", "Several noise levels"]),
            ("run/sigma-0.25/manifest.json", ["manifest.json"]),
        ] {
            var keys: Set<String> = []
            for value in try values(in: scratch.contents(file)) {
                DocumentedKeys.collect(from: value, into: &keys)
            }
            #expect(keys.count > 1)
            let named = try sections.flatMap {
                DocumentedKeys.codeWords(in: try DocumentedKeys.section($0, of: page))
            }
            #expect(keys.subtracting(named).sorted() == [], "\(file)")
        }
    }

    @Test func `every key of the files of merged runs is named in the page`() throws {
        let sites = try Sites.merged()
        let page = try String(
            contentsOf: Program.project.appending(path: "docs/files.md"), encoding: .utf8)
        for (file, sections) in [
            ("all/manifest.json", ["Merged runs", "manifest.json"]),
            ("all/provenance.json", ["provenance.json"]), ("all/status.json", ["status.json"]),
        ] {
            var keys: Set<String> = []
            for value in try values(in: sites.scratch.contents(file)) {
                DocumentedKeys.collect(from: value, into: &keys)
            }
            #expect(keys.count > 5)
            let named = try sections.flatMap {
                DocumentedKeys.codeWords(in: try DocumentedKeys.section($0, of: page))
            }
            #expect(keys.subtracting(named).sorted() == [], "\(file)")
        }
    }

    /// A folder with campaigns whose files have keys that the others' lack: why one was stopped, how a
    /// worker left, and by what rule inputs are stopped early.
    private func campaigns() throws -> Scratch {
        let scratch = try Scratch()
        let key = try Program.run(["keys", "signing", "--output", scratch.path("keys")])
        #expect(key.status == 0, "\(key.errors)")
        let finished = try Program.run(
            ["certify", "--sign", scratch.path("keys/signing.key")]
                + Digits.options(inputs: 3, samples: 500, output: scratch.path("finished")))
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

    /// The value of a page of JSON, or those of its lines.
    private func values(in data: Data) throws -> [Any] {
        if let page = try? JSONSerialization.jsonObject(with: data) { return [page] }
        return try data.split(separator: UInt8(ascii: "\n")).map {
            try JSONSerialization.jsonObject(with: Data($0))
        }
    }
}

/// The keys that a page of the documentation names, and those that JSON has.
enum DocumentedKeys {
    /// The text below the heading up to the next one.
    static func section(_ title: String, of page: String) throws -> Substring {
        let start = try #require(page.range(of: "\n## \(title)\n"))
        let rest = page[start.upperBound...]
        return rest.range(of: "\n#").map { rest[..<$0.lowerBound] } ?? rest
    }

    /// The words that stand between backquotes.
    static func codeWords(in text: Substring) -> Set<String> {
        let spans = text.split(separator: "`", omittingEmptySubsequences: false)
        let code = spans.indices.filter { $0 % 2 == 1 }.map { spans[$0] }
        return Set(code.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }.map(String.init))
    }

    static func collect(from value: Any, into keys: inout Set<String>) {
        if let members = value as? [String: Any] {
            keys.formUnion(members.keys)
            for member in members.values { collect(from: member, into: &keys) }
        } else if let elements = value as? [Any] {
            for element in elements { collect(from: element, into: &keys) }
        }
    }
}
