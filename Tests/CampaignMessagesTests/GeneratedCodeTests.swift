import Foundation
import Testing

@Suite struct GeneratedCodeTests {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(.enabled(if: generatorIsInstalled(), "protoc-c 1.4.1 is not installed"))
    func `generated code is fresh`() throws {
        let target = FileManager.default.temporaryDirectory
            .appending(path: "generated-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: target) }
        let script = GeneratedCodeTests.root.appending(path: "scripts/generate-messages")
        #expect(try run(script, [target.path()]).status == 0)
        for file in ["campaign.pb-c.c", "include/campaign.pb-c.h"] {
            let committed = GeneratedCodeTests.root
                .appending(path: "Sources/CCampaignMessages").appending(path: file)
            #expect(
                try Data(contentsOf: target.appending(path: file)) == Data(contentsOf: committed),
                "\(file) differs: run scripts/generate-messages")
        }
    }
}

/// Another release writes other code from the same file.
private func generatorIsInstalled() -> Bool {
    let version = try? run(URL(filePath: "/usr/bin/env"), ["protoc-c", "--version"])
    return version?.output.contains("protobuf-c 1.4.1") == true
}

private func run(_ program: URL, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}
