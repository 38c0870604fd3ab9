import Digests
import Foundation
import Testing

@testable import ClusterLaunching

/// `deploy/kubernetes/base` holds the manifests of an example; `WARDEIN_REGENERATE=1 swift test --filter
/// KubernetesManifestsTests` writes them again.
@Suite struct KubernetesManifestsTests {
    private static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func example(isKeyed: Bool = true) throws -> KubernetesManifests {
        let demo = project.appending(path: "Tests/Demo").path
        return try KubernetesManifests(
            campaignIn: "campaigns/demo",
            KubernetesAllocation(
                image: "wardein:0.2.0", workers: 3, memory: KubernetesSize(gibibytes: 1),
                coordinatorMemory: KubernetesSize(gibibytes: 1),
                storage: KubernetesSize(gibibytes: 1)),
            command: PodCommand([
                "cluster", "--kubernetes", "--workers", "3", "--model",
                "\(demo)/models/fmnist_cnn_s050.onnx", "--inputs",
                "\(demo)/data/fmnist500-images-idx3-ubyte.gz", "--labels",
                "\(demo)/data/fmnist500-labels-idx1-ubyte.gz", "--sigma", "0.5", "--samples",
                "10000", "--keys", "keys", "--output", "campaigns/demo",
            ]), isKeyed: isKeyed)
    }

    @Test func `the base in deploy is what is written for the demo`() throws {
        let folder = Self.project.appending(path: "deploy/kubernetes/base")
        let manifests = try Self.example()
        for (name, text) in manifests.files {
            let file = folder.appending(path: name)
            if ProcessInfo.processInfo.environment["WARDEIN_REGENERATE"] != nil {
                try Data(text.utf8).write(to: file)
            }
            #expect(try String(contentsOf: file, encoding: .utf8) == text)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                == manifests.files.map(\.name).sorted())
    }

    @Test func `without keys nothing of them is asked for`() throws {
        let text = try Self.example(isKeyed: false).files.map(\.text).joined()
        #expect(!text.contains("ecret") && !text.contains("--keys"))
        let steps = try Self.example(isKeyed: false).steps(output: "demo", keys: nil)
        #expect(!steps.contains("secret"))
    }

    @Test func `a volume that is too small for the files is refused`() throws {
        let allocation = try KubernetesAllocation(
            image: "wardein", workers: 1, memory: KubernetesSize(gibibytes: 1),
            coordinatorMemory: KubernetesSize(gibibytes: 1),
            storage: #require(KubernetesSize("1Mi")))
        let large = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(count: 600_000).write(to: large)
        defer { try? FileManager.default.removeItem(at: large) }
        let error = #expect(throws: KubernetesError.self) {
            try KubernetesManifests(
                campaignIn: "run", allocation,
                command: PodCommand(["cluster", "--model", large.path]), isKeyed: false)
        }
        #expect(error?.description.contains("--storage is 1Mi") == true)
    }

    @Test(arguments: [
        ("run1", "wardein-run1"), ("/data/Run_1.5/", "wardein-run-1-5"), ("a/--x--", "wardein-x"),
        ("é/größe", "wardein-gr-e"),
        (String(repeating: "a", count: 29) + "-b", "wardein-" + String(repeating: "a", count: 29)),
    ])
    func `things are named after the campaign's folder`(output: String, name: String) throws {
        #expect(try KubernetesName.of(campaignIn: output) == name)
        #expect(KubernetesName.isLabel("\(name)-coordinator-0123456789"))
    }

    @Test(arguments: ["/", "...", "run/ß"])
    func `a folder without a letter or digit names nothing`(output: String) {
        #expect(throws: KubernetesError.self) { try KubernetesName.of(campaignIn: output) }
    }

    /// Foundation reads JSON, of whose strings those of YAML in quotes are more.
    @Test(arguments: [
        "tcp://*:5555", "yes", "", " ", "0.5", "a: b", "#", "it's", "\"", "\\", "a\nb\u{7}",
        "\u{85}\u{2028}", "- x", "null", "{}", "größe",
    ])
    func `text that YAML could take for something else is quoted`(text: String) throws {
        let quoted = YAML.string(text)
        #expect(try JSONDecoder().decode(String.self, from: Data(quoted.utf8)) == text)
    }

    @Test(arguments: ["--model", "/campaign/inputs/a.onnx", "run1", "a-b_c.d"])
    func `plain words stand as they are`(text: String) {
        #expect(YAML.string(text) == text)
    }
}

@Suite struct KubernetesAllocationTests {
    @Test(arguments: [
        (image: "Wardein Image", namespace: "a", workers: 1, cores: 1, says: "--image"),
        (image: "wardein", namespace: "A_b", workers: 1, cores: 1, says: "--namespace is 'A_b'"),
        (image: "wardein", namespace: "a", workers: 0, cores: 1, says: "--workers is 0"),
        (image: "wardein", namespace: "a", workers: 1, cores: 0, says: "--worker-cpus is 0"),
    ])
    func `what a cluster cannot take is refused with the option and its value`(
        image: String, namespace: String, workers: Int, cores: Int, says: String
    ) {
        let error = #expect(throws: KubernetesError.self) {
            try KubernetesAllocation(
                image: image, namespace: namespace, workers: workers, cores: cores,
                memory: KubernetesSize(gibibytes: 1),
                coordinatorMemory: KubernetesSize(gibibytes: 1),
                storage: KubernetesSize(gibibytes: 1))
        }
        #expect(error?.description.contains(says) == true)
    }

    @Test func `sizes are those of Kubernetes`() {
        #expect(KubernetesSize("500Mi")?.bytes == 500 << 20)
        #expect(KubernetesSize("2Ti")?.bytes == 2 << 40)
        for text in ["", "2", "2G", "0Gi", "-1Gi", "1.5Gi", "2gi", "1Gi "] {
            #expect(KubernetesSize(text) == nil, "\(text)")
        }
    }
}

@Suite struct PodCommandTests {
    @Test func `files are named as they lie in the Pod, and the rest is as it was given`() throws {
        let command = try PodCommand([
            "cluster", "--kubernetes", "--workers", "3", "--image=x/y:1", "--model", "m/a.onnx",
            "--inputs=/data/x.npy", "--indices", "/data/x.npy", "--sigma", "0.25,0.5", "--key=5e",
            "--early-abstain", "--ledger=none", "-o", "run", "--keys", "keys",
        ])
        #expect(
            command.arguments == [
                "--model", "/campaign/inputs/a.onnx", "--inputs", "/campaign/inputs/x.npy",
                "--indices", "/campaign/inputs/x.npy", "--sigma", "0.25,0.5", "--key=5e",
                "--early-abstain", "--ledger", "none", "--output", "/campaign/run",
            ])
        #expect(command.files == ["a.onnx": "m/a.onnx", "x.npy": "/data/x.npy"])
    }

    @Test(arguments: [
        (["--model", "a/x", "--inputs", "b/x"], "b/x and a/x have the same name"),
        (["--model", "a/it's.onnx"], "a/it's.onnx"), (["--extend", "run0"], "--extend"),
        (["--sign=key"], "wardein sign"), (["--listen", "tcp://*:1"], "--listen"),
        (["--resume"], "--resume"), (["--ledger", "l"], "--ledger"),
        (["--status-listen", "1"], "9464"),
    ])
    func `what makes no sense in a Pod is refused`(arguments: [String], says: String) {
        let error = #expect(throws: KubernetesError.self) {
            try PodCommand(["cluster", "--kubernetes"] + arguments)
        }
        #expect(error?.description.contains(says) == true)
    }
}

/// What the scripts in the containers do, with a program that is played by a script.
@Suite struct PodScriptTests {
    @Test func `bash and shellcheck have nothing to say`() throws {
        let play = try PodPlay(program: "exit 0")
        for script in ["await-inputs.sh", "coordinate.sh", "alive.sh", "work.sh"] {
            let file = play.folder + "/wardein/" + script
            #expect(try Shell.run("/bin/bash", ["-n", file]).output == "")
            let shellcheck = "/usr/bin/shellcheck"
            guard FileManager.default.isExecutableFile(atPath: shellcheck) else { continue }
            #expect(try Shell.run(shellcheck, ["--shell=bash", file]).output == "")
        }
    }

    @Test func `a coordinator begins with private copies of its keys`() throws {
        let play = try PodPlay(
            program: #"printf '%s\n' "$@"; stat -c %a "$PLAY"/private/keys/*; exit 2"#)
        let outcome = try play.run("coordinate.sh", ["--sigma", "0.5 1"])
        #expect(outcome.status == 2)
        #expect(
            outcome.output.split(separator: "\n") == [
                "coordinate", "--sigma", "0.5 1", "600", "600",
            ])
    }

    @Test(arguments: ["manifest.json", "begun.json"])
    func `a coordinator goes on with what was begun`(file: String) throws {
        let play = try PodPlay(program: #"printf '%s\n' "$@"; exit 1"#)
        try play.write("", to: "campaign/run/\(file)")
        let outcome = try play.run("coordinate.sh", ["--sigma", "0.5"])
        #expect(outcome.status == 1)
        #expect(
            outcome.output.split(separator: "\n") == ["coordinate", "--sigma", "0.5", "--resume"])
    }

    /// SIGTERM would make it send the workers home.
    @Test func `a coordinator that is to go is not told so`() throws {
        let play = try PodPlay(
            program: """
                trap 'echo goodbye' TERM
                touch "$PLAY/begun"
                for ((i = 0; i < 100; i++)); do /bin/sleep 0.05; done
                """)
        let outcome = try play.run("coordinate.sh", signalWhen: "begun")
        #expect(outcome.status != 0 && !outcome.output.contains("goodbye"))
    }

    @Test func `a coordinator that is finished stays until it is to go, and is called alive`()
        throws
    {
        let play = try PodPlay(program: "exit 0")
        let outcome = try play.run("coordinate.sh", signalWhen: "private/finished")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("wait to be fetched"))
        #expect(try play.run("alive.sh").status == 0)
    }

    @Test func `a coordinator that does not answer is not alive`() throws {
        #expect(try PodPlay(program: "exit 0").run("alive.sh").status != 0)
    }

    @Test func `a worker is told the coordinator's name and its key, and its exit code counts`()
        throws
    {
        let play = try PodPlay(program: #"printf '%s\n' "$@"; stat -c %a "$5"; exit 75"#)
        let outcome = try play.run("work.sh")
        #expect(outcome.status == 75)
        #expect(
            outcome.output.split(separator: "\n") == [
                "work", "--connect", "tcp://wardein-demo-coordinator:5555", "--keys",
                "\(play.folder)/private/worker.key", "600",
            ])
    }

    @Test func `the campaign begins when all files are there, whole`() throws {
        let play = try PodPlay(program: "exit 0")
        let demo = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Demo")
        let files = [
            "models/fmnist_cnn_s050.onnx", "data/fmnist500-images-idx3-ubyte.gz",
            "data/fmnist500-labels-idx1-ubyte.gz",
        ]
        for file in files.dropLast() {
            let source = demo.appending(path: file)
            try play.write(
                Data(contentsOf: source), to: "campaign/inputs/\(source.lastPathComponent)")
        }
        let last = demo.appending(path: files[2])
        let whole = try Data(contentsOf: last)
        let place = "campaign/inputs/\(last.lastPathComponent)"
        try play.write(whole.dropLast(), to: place)
        // The script's pauses copy the rest and count: the first one nothing, the second one all.
        try play.write(whole, to: "rest")
        try play.command(
            "sleep",
            """
            echo pause >>"$PLAY/pauses"
            if [[ $(wc -l <"$PLAY/pauses") == 2 ]]; then cp "$PLAY/rest" "$PLAY/\(place)"; fi
            """)
        let outcome = try play.run("await-inputs.sh")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("They are there."))
        #expect(try play.contents("pauses") == "pause\npause\n")
    }
}

/// The scripts of a Pod in a folder that stands for its root.
private final class PodPlay {
    let folder = NSTemporaryDirectory() + "wardein-pod-\(UUID().uuidString)"

    init(program: String) throws {
        let manifests = try KubernetesManifestsTests.example()
        let checksums = manifests.digests.map { "\($0.value.hex)  \($0.key)\n" }.joined()
        for (name, text) in [
            ("await-inputs.sh", manifests.awaitInputs), ("coordinate.sh", manifests.coordinate),
            ("alive.sh", manifests.alive), ("work.sh", manifests.work),
            ("inputs.sha256", checksums),
        ] {
            let moved = text.replacing("/run/wardein", with: "\(folder)/private")
                .replacing("/campaign/", with: "\(folder)/campaign/")
                .replacing("/secrets/", with: "\(folder)/secrets/")
                .replacing("/wardein/inputs", with: "\(folder)/wardein/inputs")
            try write(moved + "\n", to: "wardein/" + name)
        }
        for name in ["coordinator.key", "worker.key"] { try write("x", to: "secrets/" + name) }
        try write("", to: "private/.made")
        try command("wardein", program)
        // Nothing that is left sleeping holds what the script's caller waits for.
        try command("sleep", "exec /bin/sleep 5 &>/dev/null")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

    func write(_ data: Data, to name: String) throws {
        let file = URL(filePath: folder + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func contents(_ name: String) throws -> String {
        try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    func command(_ name: String, _ body: String) throws {
        try write("#!/bin/bash\n\(body)\n", to: "bin/" + name)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder + "/bin/" + name)
    }

    /// Runs a script to its end; SIGTERM is sent once a file is there.
    func run(
        _ script: String, _ arguments: [String] = [], signalWhen file: String? = nil
    ) throws -> Shell.Outcome {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = folder + "/bin:/usr/bin:/bin"
        environment["PLAY"] = folder
        return try Shell.run(
            "/bin/bash", [folder + "/wardein/" + script] + arguments, environment: environment
        ) { [folder] process in
            guard let file else { return }
            while process.isRunning, !FileManager.default.fileExists(atPath: folder + "/" + file) {
                usleep(10_000)
            }
            kill(process.processIdentifier, SIGTERM)
        }
    }
}
