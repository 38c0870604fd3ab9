import Foundation
import Testing

/// `deploy/systemd` holds units that systemd understands.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"),
        "systemd is not installed"))
struct SystemdTests {
    /// It finds a misspelt key, a value of the wrong kind and a command that is not there.
    @Test func `systemd-analyze verify has nothing to say`() throws {
        let units = try Units()
        #expect(try units.analyze(["verify"]).output == "")
        let misspelt = try Units { $0.replacing("ProtectHome=yes", with: "ProtectHouse=yes") }
        #expect(try misspelt.analyze(["verify"]).output.contains("ProtectHouse"))
    }

    /// On its scale from 0 to 10, of which it calls what is below 2 OK and from 7 on exposed.
    @Test(
        arguments: [
            "wardein-coordinator@.service", "wardein-queue@.service", "wardein-worker@.service",
        ])
    func `little is left open to a service`(unit: String) throws {
        let options = ["security", "--offline=true", "--no-pager", "--threshold=15"]
        let outcome = try Units().analyze(options, only: unit)
        #expect(outcome.status == 0, "\(outcome.output)")
        let open = try Units { $0.replacing("\nProtect", with: "\n#Protect") }
            .analyze(options, only: unit)
        #expect(open.status != 0)
    }

    /// A worker is not started again with what was refused or mistyped: README, "Exit codes".
    @Test func `exit codes of refusals end a unit`() throws {
        let worker = try Units.text(of: "wardein-worker@.service")
        #expect(worker.contains("\nRestartPreventExitStatus=2 3\n"))
        for unit in ["wardein-coordinator@.service", "wardein-queue@.service"] {
            #expect(try Units.text(of: unit).contains("\nRestartPreventExitStatus=2\n"))
        }
    }
}

/// Copies of the units that start the program which is tested.
private final class Units {
    private static let folder = Program.project.appending(path: "deploy/systemd")
    private let scratch: Scratch
    private let names: [String]

    init(changed change: (String) -> String = { $0 }) throws {
        scratch = try Scratch()
        names = try FileManager.default.contentsOfDirectory(atPath: Units.folder.path)
            .filter { $0.hasSuffix(".service") }.sorted()
        #expect(names.count == 3)
        for name in names {
            let text = try Units.text(of: name).replacing(
                "/opt/wardein/wardein", with: Program.path)
            _ = try scratch.write(change(text).utf8, to: name)
        }
    }

    static func text(of name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    func analyze(
        _ arguments: [String], only unit: String? = nil
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/systemd-analyze")
        process.arguments = arguments + names.filter { unit ?? $0 == $0 }.map(scratch.path)
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
