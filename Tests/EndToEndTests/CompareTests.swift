import Foundation
import Testing

/// `wardein compare`: campaigns and tables of other programs side by side, or why not.
@Suite struct CompareTests {
    /// A campaign of 30 digits, with more options than those of all others.
    private static func certify(
        _ name: String, _ more: [String] = [], model: String = "s025", in scratch: Scratch,
        samples: Int = 1000, inputs: Int = 30
    ) throws -> String {
        var options = Digits.options(
            inputs: inputs, samples: samples, output: scratch.path(name))
        options[1] = Program.demo("models/digits_mlp_\(model).onnx")
        let outcome = try Program.run(["certify", "--ledger", "none"] + options + more)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return scratch.path(name)
    }

    private struct Page: Decodable {
        struct Run: Decodable {
            struct Point: Decodable {
                let radius: Double
                let certified: Int
                let right: Int
                let wrong: Int
            }

            let sigma: Double?
            let curve: [Point]
        }

        struct Comparison: Decodable {
            struct Test: Decodable {
                let radius: Double
                let onlyFirst: Int
                let onlyThis: Int
                let p: Double
                let holm: Double
            }

            let tests: [Test]
        }

        let comparable: Bool
        let reasons: [String]
        let runs: [Run]
        let comparisons: [Comparison]
    }

    private static func page(_ arguments: [String]) throws -> Page {
        let outcome = try Program.run(["compare"] + arguments + ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode(Page.self, from: Data(outcome.output.utf8))
    }

    @Test func `two models are compared input by input, as their records say`() throws {
        let scratch = try Scratch()
        let first = try Self.certify("first", in: scratch)
        let second = try Self.certify("second", model: "s050", in: scratch)
        let page = try Self.page([first, second, "--radius", "0,0.2,0.4"])
        #expect(page.comparable && page.reasons.isEmpty)
        let records = try ["first", "second"].map {
            try Record.all(in: scratch.contents("\($0)/records.jsonl"))
        }
        for (run, records) in zip(page.runs, records) {
            for point in run.curve {
                let certified = records.filter {
                    $0.outcome == "certified" && $0.radius >= point.radius
                }
                #expect(point.certified == certified.count)
                #expect(point.right == certified.count { $0.class == $0.label })
                #expect(point.wrong == certified.count { $0.class != $0.label })
            }
        }
        for test in page.comparisons[0].tests {
            func holds(_ record: Record) -> Bool {
                record.outcome == "certified" && record.radius >= test.radius
                    && record.class == record.label
            }
            let pairs = zip(records[0], records[1])
            #expect(test.onlyFirst == pairs.count { holds($0) && !holds($1) })
            #expect(test.onlyThis == pairs.count { !holds($0) && holds($1) })
            #expect(test.p <= test.holm && test.holm <= 1)
        }
        let plot = scratch.path("curves.svg")
        let tables = try Program.run(["compare", first, second, first, "--plot", plot])
        #expect(tables.status == 0 && tables.output.contains("C against A"))
        for line in tables.output.split(separator: "\n") where !line.contains(scratch.path("")) {
            #expect(line.count <= 80, "\(line)")
        }
        let drawing = String(decoding: try scratch.contents("curves.svg"), as: UTF8.self)
        #expect(drawing.hasPrefix("<svg") && drawing.hasSuffix("</svg>\n"))
        let json = try Program.run(["compare", first, second, "--json"])
        #expect(try ComparePage.unnamedKeys(of: json.output) == [])
        let csv = try Program.run(["compare", first, second, "--csv", "--radius", "0.2"])
        let lines = csv.output.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("run,name,radius,inputs"))
    }

    @Test func `runs that are not comparable are refused with every reason`() throws {
        let scratch = try Scratch()
        let first = try Self.certify("first", in: scratch)
        let cases: [(String, [String], Int, Int, [String])] = [
            (
                "samples", [], 2000, 30,
                ["n, the number of estimation samples, is 1000 in A and 2000"]
            ),
            ("alpha", ["--alpha", "0.01"], 1000, 30, ["alpha is 0.001 in A and 0.01 in B"]),
            ("rule", ["--rule", "cohen"], 1000, 30, ["the rule is runner-up in A and cohen in B"]),
            (
                "decided", ["--decide-radius", "0.2"], 1000, 30,
                ["as soon as radius 0.2 was decided"]
            ),
            (
                "family", ["--family-wise"], 1000, 30,
                ["alpha is 0.001 in A", "plan.familyWise is null in A"]
            ),
            (
                "grid", ["--grid", "1/32"], 1000, 30,
                ["the grid, which changes a digest, is 1/16 and 1/32"]
            ),
            ("precise", ["--width", "0.1"], 1000, 30, ["within 0.1 of the radius at n"]),
            (
                "several", ["--alpha", "0.01", "--rule", "cohen"], 1000, 20,
                ["have 30 and 20, of which 20", "alpha is", "the rule is"]
            ),
        ]
        for (name, more, samples, inputs, reasons) in cases {
            let second = try Self.certify(
                name, more, in: scratch, samples: samples, inputs: inputs)
            let outcome = try Program.run(["compare", first, second])
            #expect(outcome.status == 3, "\(name)")
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("not comparable"))
            let said = outcome.errors.replacing("\n  ", with: " ")
            for reason in reasons { #expect(said.contains(reason), "\(name): \(outcome.errors)") }
            #expect(
                said.split(separator: "\n").count { $0.hasPrefix("- ") } == reasons.count, "\(said)"
            )
            let anyway = try Program.run(["compare", first, second, "--anyway"])
            #expect(anyway.status == 0)
            #expect(anyway.output.hasPrefix("These runs are not comparable:\n- "))
            #expect(anyway.output.contains("B against A"))
        }
    }

    @Test func `other inputs with the same indices are refused by their digests`() throws {
        let scratch = try Scratch()
        let first = try Self.certify("first", in: scratch)
        var images = try Data(contentsOf: URL(filePath: Program.demo("data/digits450_images.npy")))
        images[images.count - 450 * 64 * 4 + 4 * 20 + 3] ^= 0x3F  // a coordinate of the first digit
        let changed = try scratch.write(images, to: "changed.npy")
        var options = Digits.options(samples: 1000, output: scratch.path("second"))
        options[3] = changed
        let made = try Program.run(["certify"] + options)
        #expect(made.status == 0, "\(made.errors)")
        let outcome = try Program.run(["compare", first, scratch.path("second")])
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("although the indices are the same"), "\(outcome.errors)")
    }

    @Test func `the same inputs in another order are comparable, by their indices`() throws {
        let scratch = try Scratch()
        let lists = try [[3, 1, 4], [4, 3, 1]].map { indices in
            try scratch.write(
                indices.map { "\($0)\n" }.joined().utf8, to: "\(indices[0])")
        }
        var paths: [String] = []
        for (place, list) in lists.enumerated() {
            let options = Digits.options(samples: 500, output: scratch.path("run\(place)"))
            let first = try #require(options.firstIndex(of: "--first"))
            let outcome = try Program.run(
                ["certify"] + options[..<first] + options[(first + 2)...] + ["--indices", list])
            #expect(outcome.status == 0, "\(outcome.errors)")
            paths.append(scratch.path("run\(place)"))
        }
        let outcome = try Program.run(["compare"] + paths)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let said = outcome.output.replacing("\n", with: " ")
        #expect(said.contains("only indices and labels are"), "\(outcome.output)")
    }

    @Test func `an unfinished campaign and records of another are told`() throws {
        let scratch = try Scratch()
        let first = try Self.certify("first", in: scratch)
        let second = try Self.certify("second", model: "s050", in: scratch)
        let records = try String(decoding: scratch.contents("first/records.jsonl"), as: UTF8.self)
        let lines = records.split(separator: "\n")
        let shortened = lines.dropLast().joined(separator: "\n") + "\n"
        _ = try scratch.write(shortened.utf8, to: "first/records.jsonl")
        let unfinished = try Program.run(["compare", first, second])
        #expect(unfinished.status == 3)
        #expect(unfinished.errors.contains("A is not finished: it has 29 of its 30 inputs"))
        _ = try scratch.write(records.utf8, to: "second/records.jsonl")
        let swapped = try Program.run(["compare", second])
        #expect(swapped.status == 2)
        #expect(swapped.errors.contains("of another campaign"), "\(swapped.errors)")
    }

    /// Our own table is one in the field's format: compared with the campaign that wrote it, nothing
    /// differs but the digits, which are the same.
    @Test func `our own table is read back, and equals its campaign under its claims`() throws {
        let scratch = try Scratch()
        let first = try Self.certify("first", in: scratch)
        let table = first + "/certificates.tsv"
        #expect(try Program.run(["compare", first, table]).status == 3)
        let claims = [
            "--assume-samples", "1000", "--assume-alpha", "0.001", "--assume-sigma", "0.25",
            "--assume-rule", "runner-up",
        ]
        let page = try Self.page([first, table] + claims)
        #expect(page.comparable)
        #expect(page.comparisons[0].tests.allSatisfy { $0.onlyFirst == 0 && $0.onlyThis == 0 })
        #expect(page.comparisons[0].tests.allSatisfy { $0.p == 1 })
        let alone = try Program.run(["compare", table] + claims)
        #expect(alone.status == 0 && alone.output.contains("All of its radii are possible"))
        #expect(alone.output.contains("cannot show its n0, n, alpha, sigma or rule"))
    }

    @Test(arguments: [
        "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t3\t3\t1.25\t1\t0:02:31.238689\n",
        "idx \t label\tpredict\tradius\tcorrect\ttime\r\n0\t 3\t3 \t-0.2 \t0\t15.4\r\n",
        "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\ttensor([3])\t3\t1.2500\t1\t15.4",
        "idx\tlabel\tpredict\tcorrect\ttime\n0\t3\t3\t1\t0:00:01\n",
        "idx\tlabel\tpredict\tradius\tproved\tcorrect\tlevels_needed\testimated_pr\ttime\n"
            + "0\t3\t3\t0.5\t1\t1\t2\t0.99\t0:00:01\n",
        "idx\tlabel\tpredict\tpA\tsamplesize\tradius\tcorrect\ttime_forward\n"
            + "0\t3\t3\t0.990\t1000\t0.582\t1\t15.400\n===Certification Summary(a)===\nACR: 1\n",
    ])
    func `a table of any known dialect is described`(text: String) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(["compare", scratch.write(text.utf8, to: "table.tsv")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("1 inputs") && outcome.output.contains("cannot show"))
    }

    @Test(arguments: [
        ("idx\tlabel\tpredict\tradius\tcorrect\ttime\n", "a header and no line below it"),
        ("", "it is empty"),
        ("\n", "line 1: the file is empty"),
        ("0\t3\t3\t1.25\t1\t15.4\n", "line 1: the header is"),
        (
            "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t3\t3\t1.25\t1\t1\n1\t2\t3\t1.25\t1\t1\n",
            "line 3: 'correct' is 1, which is how many classes were right up to this line"
        ),
        (
            "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t3\t3\t1.25?\t1\t1\n",
            "line 2: 'radius' is '1.25?'"
        ),
    ])
    func `what is not understood is answered with file, line and value`(
        text: String, says: String
    ) throws {
        let scratch = try Scratch()
        let path = try scratch.write(text.utf8, to: "table.tsv")
        let outcome = try Program.run(["compare", path])
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(says) && outcome.errors.contains(path), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test func `radii that contradict what is claimed are a finding and a reason`() throws {
        let scratch = try Scratch()
        let text =
            "idx\tlabel\tpredict\tradius\tcorrect\ttime\n0\t3\t3\t1.96\t1\t1\n1\t3\t3\t0.9\t1\t1\n"
        let path = try scratch.write(text.utf8, to: "table.tsv")
        let claim = ["--assume-samples", "100000", "--assume-sigma", "0.5", "--assume-alpha"]
        let found = try Program.run(["compare", path] + claim + ["0.001"])
        #expect(found.status == 3)
        let said = found.output.replacing("\n  ", with: " ")
        #expect(said.contains("1 of its 2 radii are impossible"), "\(said)")
        #expect(said.contains("line 2 (index 0) has 1.96"))
        #expect(said.contains("at alpha = 0.01 all are possible"))
        #expect(try Program.run(["compare", path] + claim + ["0.01"]).status == 0)
        #expect(try Program.run(["compare", path, path] + claim + ["0.001"]).status == 3)
        #expect(try Program.run(["compare", path, path] + claim + ["0.01"]).status == 0)
    }

    @Test(arguments: [
        (["/no/such/run"], "there is no /no/such/run"),
        ([], "Missing expected argument"),
        (["a", "b", "c", "d", "e", "f", "g"], "There are 7 runs"),
        (["a", "--radius", "0.5;1"], "0.5;1"),
        (["a", "--radius", "-1"], "-1"),
        (["a", "--assume-alpha", "2"], "--assume-alpha is 2.0"),
        (["a", "--assume-samples", "0"], "--assume-samples is 0"),
        (["a", "--assume-sigma", "0"], "--assume-sigma is 0.0"),
        (["a", "--assume-sigma", "1,2"], "--assume-sigma has 2 numbers for 0 tables"),
        (["a", "--replicates", "10"], "--replicates is 10"),
        (["a", "--json", "--csv"], "exclude each other"),
        (["a", "--plot", "/no/such/folder/p.svg"], "/no/such/folder"),
    ])
    func `a mistake is answered with a sentence`(mistake: [String], says: String) throws {
        let outcome = try Program.run(["compare"] + mistake)
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(says), "\(outcome.errors)")
    }
}

/// `wardein distinguish`, on images that were attacked.
@Suite struct DistinguishTests {
    private static func certify(
        _ images: String, model: String = "s050", samples: Int = 200, in scratch: Scratch
    ) throws -> String {
        let path = scratch.path("\(images)-\(model)-\(samples)")
        let outcome = try Program.run([
            "certify", "--model", Program.demo("models/fmnist_cnn_\(model).onnx"),
            "--inputs", Program.demo("data/fmnist500-\(images)-idx3-ubyte.gz"),
            "--labels", Program.demo("data/fmnist500-labels-idx1-ubyte.gz"),
            "--sigma", "0.5", "--samples", "\(samples)", "--first", "20", "--key", Digits.key,
            "--output", path,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return path
    }

    private struct Page: Decodable {
        struct Attack: Decodable {
            struct Counts: Decodable {
                let certified: Int
                let wrong: Int
            }

            struct Line: Decodable {
                let radius: Double
                let clean: Counts
                let attacked: Counts
            }

            struct Point: Decodable {
                let threshold: Double?
                let falseAlarms: Int
                let detected: Int
            }

            let inputs: Int
            let area: Double
            let certificates: [Line]
            let curve: [Point]
        }

        let attacks: [Attack]
    }

    @Test func `attacked images are counted as their records say`() throws {
        let scratch = try Scratch()
        let clean = try Self.certify("images", in: scratch)
        let attacked = try Self.certify("attacked-l2-2-images", in: scratch)
        let plot = scratch.path("plot.svg")
        let outcome = try Program.run([
            "distinguish", clean, attacked, "--json", "--radius", "0,0.5", "--plot", plot,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let page = try JSONDecoder().decode(Page.self, from: Data(outcome.output.utf8))
        #expect(try ComparePage.unnamedKeys(of: outcome.output) == [])
        let attack = try #require(page.attacks.first)
        #expect(attack.inputs == 20)
        let records = try [clean, attacked].map {
            try Record.all(in: Data(contentsOf: URL(filePath: $0 + "/records.jsonl")))
        }
        for line in attack.certificates {
            for (counts, records) in zip([line.clean, line.attacked], records) {
                let certified = records.filter {
                    $0.outcome == "certified" && $0.radius >= line.radius
                }
                #expect(counts.certified == certified.count)
                #expect(counts.wrong == certified.count { $0.class != $0.label })
            }
        }
        var doubled = 0
        for clean in records[0] {
            for attacked in records[1] {
                doubled +=
                    attacked.radius < clean.radius ? 2 : attacked.radius == clean.radius ? 1 : 0
            }
        }
        #expect(attack.area == Double(doubled) / 800)
        let last = try #require(attack.curve.last)
        #expect(last.falseAlarms == 20 && last.detected == 20)
        // The point of it all: an attack that turns classes, and certificates all the same.
        #expect(attack.certificates[0].attacked.wrong > attack.certificates[0].clean.wrong)

        let tables = try Program.run(["distinguish", clean, attacked])
        #expect(tables.status == 0 && tables.output.contains("are certified with a wrong class"))
        for word in ["secure", "safe", "guaranteed"] {
            let pattern = try Regex("(?i)\\b\(word)\\b")
            #expect(tables.output.firstMatch(of: pattern) == nil)
        }
        let drawing = String(decoding: try scratch.contents("plot.svg"), as: UTF8.self)
        #expect(drawing.hasPrefix("<svg") && drawing.hasSuffix("</svg>\n"))
        let csv = try Program.run(["distinguish", clean, attacked, "--csv"])
        #expect(csv.output.hasPrefix("attacked,threshold,inputs,false_alarms,detected\n"))
    }

    /// What a certificate says is not touched by the attack: within the radius around the clean image
    /// the answer is the same, and the attacked one is at most 1.004 away (Tests/Demo/README.md). Each
    /// of at most 20 certificates is false with probability at most 0.001, and so is what an attacked
    /// image's own certificate says; so by chance this fails with probability at most 0.04, once and for
    /// all, since the key is fixed.
    @Test func `no certificate is broken by an attack that stays within its radius`() throws {
        let scratch = try Scratch()
        let paths = try ["images", "attacked-l2-1-images"].map {
            try Self.certify($0, samples: 600, in: scratch)
        }
        let records = try paths.map {
            try Record.all(in: Data(contentsOf: URL(filePath: $0 + "/records.jsonl")))
        }
        let far = zip(records[0], records[1]).filter { $0.0.radius > 1.004 }
        #expect(!far.isEmpty)
        for (clean, attacked) in far where attacked.outcome == "certified" {
            #expect(attacked.class == clean.class, "\(clean.index)")
        }
    }

    @Test func `the same inputs and another model are refused`() throws {
        let scratch = try Scratch()
        let clean = try Self.certify("images", in: scratch)
        let same = try Program.run(["distinguish", clean, clean])
        #expect(same.status == 3 && same.output.isEmpty)
        #expect(same.errors.contains("B is of the same inputs as A"))
        let attacked = try Self.certify("attacked-l2-1-images", model: "s100", in: scratch)
        let other = try Program.run(["distinguish", clean, attacked])
        #expect(other.status == 3)
        #expect(other.errors.contains("the model is"), "\(other.errors)")
        #expect(try Program.run(["distinguish", clean, attacked, "--anyway"]).status == 0)
    }
}

/// `docs/compare.md`, which names what scripts may read.
private enum ComparePage {
    /// The keys of printed JSON that it does not name between backquotes.
    static func unnamedKeys(of json: String) throws -> [String] {
        let page = try String(
            contentsOf: Program.project.appending(path: "docs/compare.md"), encoding: .utf8)
        let spans = page.split(separator: "`", omittingEmptySubsequences: false)
        let words = spans.indices.filter { $0 % 2 == 1 }
            .flatMap { spans[$0].split { !$0.isLetter && !$0.isNumber }.map(String.init) }
        let printed = Set(json.matches(of: /"(\w+)":/).map { String($0.1) })
        #expect(printed.count > 15)
        return printed.subtracting(words).sorted()
    }
}
