import Foundation
import Testing

@testable import ClusterLaunching

/// Against a stand-in for `ssh` that runs every command on this machine, in a home for each host.
@Suite struct HostInstallationTests {
    /// A folder of hosts and of the files that are copied there.
    private final class Scene {
        let folder = URL(filePath: NSTemporaryDirectory())
            .appending(path: "wardein-test-\(UUID().uuidString)")

        init() throws {
            try FileManager.default.createDirectory(
                at: folder.appending(path: "hosts/a"), withIntermediateDirectories: true)
            try write("#!/bin/sh\necho wardein\n", to: "program")
            try write(String(repeating: "library", count: 100_000), to: "library")
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        func write(_ text: String, to name: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }

        /// Installs on the host and returns what was said meanwhile.
        func install(on host: String = "a") throws -> [String] {
            var said: [String] = []
            try HostInstallation(shell: shell(host), files: files()).run { said.append($0) }
            return said
        }

        func files() throws -> WorkerFiles {
            try WorkerFiles([
                "wardein": folder.appending(path: "program"),
                "libonnxruntime.so": folder.appending(path: "library"),
            ])
        }

        /// What lies in the folder of these files on the host.
        func installed(_ name: String) throws -> URL {
            try cache.appending(path: files().name).appending(path: name)
        }

        var cache: URL { folder.appending(path: "hosts/a/.cache/wardein") }

        func shell(_ host: String) throws -> RemoteShell {
            var shell = RemoteShell(host: try Host(host, options: []), configuration: nil)
            let standIn = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Fixtures/hosts/ssh")
            shell.client = [
                "env", "WARDEIN_FAKE_HOSTS=\(folder.appending(path: "hosts").path)", standIn.path,
            ]
            return shell
        }
    }

    @Test func `files are copied once, whole, and nobody else may read them`() throws {
        let scene = try Scene()
        #expect(try scene.install() == ["copying the program (1 MB) to ~/.cache/wardein"])
        for (name, source) in [("wardein", "program"), ("libonnxruntime.so", "library")] {
            let copy = try scene.installed(name)
            #expect(
                try Data(contentsOf: copy) == Data(contentsOf: scene.folder.appending(path: source))
            )
            let attributes = try FileManager.default.attributesOfItem(atPath: copy.path)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0)
        }
        #expect(try scene.install() == [])
    }

    @Test func `a file that was damaged or removed on the host is copied again`() throws {
        let scene = try Scene()
        _ = try scene.install()
        try Data("damaged".utf8).write(to: scene.installed("libonnxruntime.so"))
        #expect(try scene.install().count == 1)
        try FileManager.default.removeItem(at: scene.installed("wardein"))
        #expect(try scene.install().count == 1)
        #expect(try scene.install().isEmpty)
    }

    @Test func `two versions lie side by side`() throws {
        let scene = try Scene()
        _ = try scene.install()
        let first = try scene.installed("wardein")
        try scene.write("#!/bin/sh\necho wardein 2\n", to: "program")
        #expect(try scene.install().count == 1)
        #expect(FileManager.default.fileExists(atPath: first.path))
        #expect(try scene.installed("wardein") != first)
    }

    @Test func `no half of a copy stays on the host`() throws {
        let scene = try Scene()
        let files = try scene.files()
        // It shrinks after it was measured: less arrives than was said.
        try scene.write("less", to: "library")
        let installation = HostInstallation(shell: try scene.shell("a"), files: files)
        let failure = #expect(throws: HostInstallation.Failure.self) {
            try installation.run { _ in }
        }
        #expect(
            failure?.ending
                == .unfit("the program cannot be copied: the files did not arrive whole"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.cache.path).isEmpty)
    }

    @Test func `a program that does not start there is reported in the loader's words`() throws {
        let scene = try Scene()
        try scene.write(
            """
            #!/bin/sh
            echo "wardein: error while loading shared libraries: libzmq.so.5: no such file" >&2
            exit 127
            """, to: "program")
        let failure = #expect(throws: HostInstallation.Failure.self) { try scene.install() }
        let words = failure?.ending.description ?? ""
        #expect(words.contains("error while loading shared libraries: libzmq.so.5"))
        #expect(failure?.ending.mayRetry == false)
    }

    @Test func `a host that does not answer is reported in the words of ssh, and may come back`()
        throws
    {
        let scene = try Scene()
        let failure = #expect(throws: HostInstallation.Failure.self) {
            try scene.install(on: "nowhere")
        }
        #expect(
            failure?.ending
                == .disconnected("ssh: connect to host nowhere port 22: Connection refused"))
        #expect(failure?.ending.mayRetry == true)
    }

    @Test func `missing libraries are named as Debian packages them`() {
        #expect(
            SystemLibrary.packages(of: [
                "libzmq.so.5", "libsqlite3.so.0", "libprotobuf-c.so.1", "libflint-arb.so.2",
                "libsodium.so.23", "libz.so.1", "libz.so.1", "odd.so",
            ]) == [
                "libflint-arb2", "libprotobuf-c1", "libsodium23", "libsqlite3-0", "libzmq5",
                "odd.so", "zlib1g",
            ])
    }
}
