import Foundation
import Sodium
import Testing

@testable import CampaignKeys

/// "Key pairs in files of mode 0600, others refused with the command that mends it."
@Suite struct KeyFolderTests {
    private let scratch = Scratch()
    private var path: String { scratch.path("keys") }

    @Test func `a worker's key file holds what the worker and the folder agree on`() throws {
        let folder = try KeyFolder.make(at: path)
        let alice = try folder.makeWorkerKey(named: "alice")
        #expect(alice.name == "alice")
        #expect(alice.path == path + "/alice.key")
        #expect(alice.coordinator == folder.coordinator.publicKey)
        #expect(
            try folder.allowedWorkers() == [
                AllowedWorker(name: "alice", key: alice.keys.publicKey)
            ])
        let again = try WorkerKey(at: alice.path)
        #expect(again.keys.secretKey.copiedBytes() == alice.keys.secretKey.copiedBytes())
        #expect(KeyPair(secretKey: again.keys.secretKey).publicKey == alice.keys.publicKey)
    }

    @Test func `every file is private from the start, and the folder too`() throws {
        let folder = try KeyFolder.make(at: path)
        _ = try folder.makeWorkerKey(named: "alice")
        #expect(try mode(path) == 0o700)
        let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(files == ["alice.key", "allowed", "coordinator.key"])
        for file in files { #expect(try mode(path + "/" + file) == 0o600) }
    }

    @Test func `a folder that is made again keeps its keys`() throws {
        let first = try KeyFolder.make(at: path)
        _ = try first.makeWorkerKey(named: "alice")
        let second = try KeyFolder.make(at: path)
        #expect(second.coordinator.publicKey == first.coordinator.publicKey)
        #expect(try second.allowedWorkers().map(\.name) == ["alice"])
    }

    @Test func `no file is ever overwritten`() throws {
        let folder = try KeyFolder.make(at: path)
        let alice = try folder.makeWorkerKey(named: "alice")
        #expect(throws: KeyError.nameTaken("alice")) {
            try folder.makeWorkerKey(named: "alice")
        }
        try folder.revoke("alice")
        #expect(throws: KeyError.exists(alice.path)) { try folder.makeWorkerKey(named: "alice") }
        #expect(try folder.allowedWorkers().isEmpty)
        #expect(try WorkerKey(at: alice.path).keys.publicKey == alice.keys.publicKey)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o777])
    func `a file that others may read or write is refused with the command that mends it`(
        mode: Int
    ) throws {
        let folder = try KeyFolder.make(at: path)
        let alice = try folder.makeWorkerKey(named: "alice")
        for file in ["alice.key", "coordinator.key", "allowed"].map({ path + "/" + $0 }) {
            try #require(chmod(file, mode_t(mode)) == 0)
            let error = #expect(throws: KeyError.self) {
                _ = try WorkerKey(at: alice.path)
                _ = try KeyFolder(at: path)
            }
            #expect(error == .mode(file, UInt32(mode)))
            #expect("\(try #require(error))".hasSuffix("chmod 600 \(file)"))
            try #require(chmod(file, 0o600) == 0)
        }
        _ = try WorkerKey(at: alice.path)
        _ = try KeyFolder(at: path)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a file to another user"))
    func `a file of another user is refused with the command that mends it`() throws {
        let alice = try KeyFolder.make(at: path).makeWorkerKey(named: "alice")
        try #require(chown(alice.path, 12345, 12345) == 0)
        let error = #expect(throws: KeyError.self) { try WorkerKey(at: alice.path) }
        #expect("\(try #require(error))".hasSuffix("sudo chown 0 \(alice.path)"))
    }

    @Test func `a folder that others may write to is refused`() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o777])
        try #require(chmod(path, 0o777) == 0)
        #expect(throws: KeyError.folderMode(path, 0o777)) { try KeyFolder.make(at: path) }
    }

    @Test(arguments: ["", ".hidden", "a b", "a/b", "../x", "a:b", "coordinator", "né", "-n"])
    func `what would be no file name, or ambiguous, is no name`(name: String) throws {
        let folder = try KeyFolder.make(at: path)
        #expect(throws: KeyError.name(name)) { try folder.makeWorkerKey(named: name) }
        #expect(throws: KeyError.name(name)) {
            try folder.allow(name, KeyPair.random().publicKey)
        }
    }

    @Test func `a name has one key and a key one name, and to allow both again changes nothing`()
        throws
    {
        let folder = try KeyFolder.make(at: path)
        let key = KeyPair.random().publicKey
        try folder.allow("alice", key)
        let stamp = folder.allowedStamp
        try folder.allow("alice", key)
        #expect(folder.allowedStamp == stamp)
        #expect(throws: KeyError.keyTaken("alice")) { try folder.allow("bob", key) }
        #expect(throws: KeyError.nameTaken("alice")) {
            try folder.allow("alice", KeyPair.random().publicKey)
        }
        #expect(throws: KeyError.notAllowed("bob", path)) { try folder.revoke("bob") }
        try folder.revoke("alice")
        #expect(folder.allowedStamp != stamp)
        #expect(try folder.allowedWorkers().isEmpty)
    }

    @Test func `changes by many at once are all kept`() async throws {
        let folder = try KeyFolder.make(at: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { try folder.allow("w\(number)", KeyPair.random().publicKey) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try folder.allowedWorkers().map(\.name)) == Set((0..<20).map { "w\($0)" }))
    }

    @Test func `a line that makes no sense is named`() throws {
        let folder = try KeyFolder.make(at: path)
        try folder.allow("alice", KeyPair.random().publicKey)
        let file = path + "/allowed"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for line in ["bob", "bob 12ab", "b/b \(KeyPair.random().publicKey)"] {
            try Data((text + "\n" + line + "\n").utf8).write(to: URL(filePath: file))
            #expect(throws: KeyError.line(file, 4)) { try folder.allowedWorkers() }
        }
        try Data((text + "\n  # a comment\n").utf8).write(to: URL(filePath: file))
        #expect(try folder.allowedWorkers().count == 1)
    }

    @Test func `a damaged or foreign key file is refused`() throws {
        let folder = try KeyFolder.make(at: path)
        let alice = try folder.makeWorkerKey(named: "alice")
        #expect(throws: KeyError.missingLine(path + "/coordinator.key", "name")) {
            try WorkerKey(at: path + "/coordinator.key")
        }
        #expect(throws: KeyError.noFile(path + "/bob.key")) {
            try WorkerKey(at: path + "/bob.key")
        }
        #expect(throws: KeyError.noKeyFile(path)) { try WorkerKey(at: path) }
        let text = try String(contentsOfFile: alice.path, encoding: .utf8)
        for word in ["public", "secret", "coordinator"] {
            let damaged = text.replacing("\n\(word) ", with: "\n\(word) 0")
            try Data(damaged.utf8).write(to: URL(filePath: alice.path))
            #expect(throws: KeyError.value(alice.path, word)) { try WorkerKey(at: alice.path) }
        }
        #expect(throws: KeyError.noFolder(scratch.path("none"))) {
            try KeyFolder(at: scratch.path("none"))
        }
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }
}

/// A folder that goes with the test.
private final class Scratch {
    private let url = URL(filePath: NSTemporaryDirectory()).appending(
        path: "wardein-keys-\(UUID().uuidString)")

    init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}
