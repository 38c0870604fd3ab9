import Foundation
import Testing

/// ONNX Runtime does what it is asked to, and nothing else.
@Suite struct EngineTests {
    /// Microsoft's builds write a device number and a list of events into the cache folder, to be sent.
    @Test func `the engine keeps no account of its use`() throws {
        let scratch = try Scratch()
        let home = scratch.path("home")
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment
        environment["HOME"] = home
        environment["XDG_CACHE_HOME"] = nil
        environment["ORT_DISABLE_TELEMETRY"] = nil
        let outcome = try Program.run(
            ["certify"] + Digits.options(inputs: 2, samples: 500, output: scratch.path("run")),
            environment: environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: home) == [])
    }
}
