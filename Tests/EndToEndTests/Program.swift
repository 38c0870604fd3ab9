import Foundation
import Testing

/// The program as it ships, run as a process.
enum Program {
    /// `$WARDEIN`, which `scripts/test` sets to the release build, or else the build beside the
    /// tests.
    static let path =
        ProcessInfo.processInfo.environment["WARDEIN"]
        ?? Bundle.main.bundleURL.appending(path: "wardein").path

    /// Whether it is the release build; the one beside the tests is slow, and slower still with a
    /// sanitizer.
    static let isRelease = ProcessInfo.processInfo.environment["WARDEIN"] != nil

    /// The folder that holds `Package.swift`.
    static let project = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Whether `scripts/test --sanitize=…` runs the tests.
    static let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"]
        .contains { ProcessInfo.processInfo.environment[$0] != nil }

    static func demo(_ name: String) -> String {
        project.appending(path: "Tests/Demo/\(name)").path
    }

    static func fixture(_ name: String) -> String {
        project.appending(path: "Tests/Fixtures/models/\(name)").path
    }

    /// A model of `Tests/Fixtures/answers`: `dependent/NAME` or `healthy/NAME`.
    static func answers(_ name: String) -> String {
        project.appending(path: "Tests/Fixtures/answers/\(name).onnx").path
    }

    /// What a process came to.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs the program to its end; one that takes more than two minutes is killed.
    static func run(
        _ arguments: [String], environment: [String: String]? = nil
    ) throws -> Outcome {
        let running = try Running(arguments, environment: environment)
        return running.wait()
    }
}

/// A process of the program that runs.
final class Running {
    private let process = Process()
    private let files: (output: URL, errors: URL)

    /// Starts it; its standard error goes to a file unless told where.
    init(
        _ arguments: [String], environment: [String: String]? = nil,
        errorsTo errors: FileHandle? = nil
    ) throws {
        let folder = URL(filePath: NSTemporaryDirectory())
        let name = UUID().uuidString
        files = (folder.appending(path: name + ".out"), folder.appending(path: name + ".err"))
        try Data().write(to: files.output)
        try Data().write(to: files.errors)
        process.executableURL = URL(filePath: Program.path)
        process.arguments = arguments
        if let environment { process.environment = environment }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files.output)
        process.standardError = try errors ?? FileHandle(forWritingTo: files.errors)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: files.output)
        try? FileManager.default.removeItem(at: files.errors)
    }

    var identifier: Int32 { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    var errors: String { (try? String(contentsOf: files.errors, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func wait(atMost seconds: Double = 120) -> Program.Outcome {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while process.isRunning {
            if Date() > deadline {
                Issue.record("the program did not end in time; it said: \(errors)")
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            usleep(10_000)
        }
        let output = (try? String(contentsOf: files.output, encoding: .utf8)) ?? ""
        return Program.Outcome(
            status: process.terminationStatus, output: output, errors: errors)
    }
}

/// A folder that goes with the test.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = URL(filePath: NSTemporaryDirectory()).appending(
            path: "wardein-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of a file or folder in it.
    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and says where.
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }

    func contents(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

/// One line of `records.jsonl`, with the keys that scripts may rely on.
struct Record: Decodable {
    struct Counts: Decodable {
        let samples: Int
        let counts: [Int]
    }

    let index: Int
    let label: Int?
    let selection: Counts
    let estimation: Counts
    let rule: String
    let alpha: Double
    let sigma: Double
    let norm: String
    let outcome: String
    let `class`: Int
    let radius: Double
    let reason: String?
    let gridDistance: Double
    let evidence: Evidence?
    let furtherSamples: Int?

    /// Of a decision about all inputs together.
    struct Evidence: Decodable {
        let pValue: Double?
        let eValue: Double?
    }

    static func all(in file: Data) throws -> [Record] {
        let decoder = JSONDecoder()
        return try file.split(separator: UInt8(ascii: "\n")).map {
            try decoder.decode(Record.self, from: Data($0))
        }
    }
}

/// A campaign on the digits: quick, since a digit has 64 coordinates on a grid of sixteenths.
enum Digits {
    static let key = String(repeating: "5e", count: 32)

    static func options(
        inputs: Int = 30, samples: Int = 2000, output: String, key: String? = Digits.key
    ) -> [String] {
        [
            "--model", Program.demo("models/digits_mlp_s025.onnx"),
            "--inputs", Program.demo("data/digits450_images.npy"),
            "--labels", Program.demo("data/digits450_labels.npy"),
            "--grid", "1/16", "--sigma", "0.25", "--samples", "\(samples)",
            "--first", "\(inputs)", "--output", output,
        ] + (key.map { ["--key", $0] } ?? [])
    }
}

/// A campaign that takes long enough to be disturbed in the middle.
enum LongCampaign {
    static let inputs = 60

    static func options(_ scratch: Scratch) -> [String] {
        Digits.options(inputs: inputs, samples: 4000, output: scratch.path("run"))
    }

    /// The records when nothing disturbs it.
    static let undisturbed = Result {
        let scratch = try Scratch()
        let outcome = try Program.run(["certify"] + options(scratch))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try scratch.contents("run/records.jsonl")
    }
}
