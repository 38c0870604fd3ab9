import Foundation
import Testing

/// `cluster --kubernetes` writes what `kubectl apply -k` takes. `scripts/try-podman` runs it in containers,
/// `scripts/try-kubernetes` in a cluster.
@Suite struct KubernetesTests {
    private static func cluster(_ scratch: Scratch, _ more: [String]) -> [String] {
        ["cluster", "--kubernetes"] + more
            + Digits.options(inputs: 3, samples: 500, output: scratch.path("run"))
    }

    @Test(.enabled(if: Reference.isThere, "scripts/setup --with-python makes it"))
    func `manifests are valid by Kubernetes' own schemas, in deploy and of campaigns`() throws {
        let scratch = try Scratch()
        #expect(
            try Program.run(["keys", "new", "workers", "--keys", scratch.path("keys")]).status == 0)
        let keyed = try Program.run(
            Self.cluster(
                scratch,
                [
                    "--workers", "7", "--keys", scratch.path("keys"), "--namespace", "vision",
                    "--image", "registry:5000/wardein@sha256:\(String(repeating: "0", count: 64))",
                    "--worker-cpus", "4", "--storage", "2Gi", "--storage-class", "fast.local",
                ]))
        #expect(keyed.status == 0, "\(keyed.errors)")
        for words in ["-n vision create secret", "apply -k", "wardein-run-coordinator-0"] {
            #expect(keyed.output.contains(words), "\(keyed.output)")
        }
        let plain = try Program.run(
            ["cluster", "--kubernetes", "--workers=1", "--insecure-plaintext"]
                + Digits.options(inputs: 3, samples: 500, output: scratch.path("plain"), key: nil)
                + ["--sigma", "0.25,0.5"])
        #expect(plain.status == 0, "\(plain.errors)")
        let deploy = Program.project.appending(path: "deploy/kubernetes")
        let overlays = deploy.appending(path: "overlays").path
        let folders =
            [deploy.appending(path: "base").path]
            + (try FileManager.default.contentsOfDirectory(atPath: overlays).sorted()
                .map { "\(overlays)/\($0)" })
            + ["run", "plain"].map { scratch.path("\($0)/kubernetes") }
        let report = try Reference.run("validate_kubernetes.py", folders)
        // A ConfigMap, a StatefulSet, two Services, a Job, a budget and two network policies each.
        #expect(report.hasPrefix("\(8 * folders.count) valid"), "\(report)")
        #expect(!scratch.exists("wardein-ledger.sqlite") && !scratch.exists("run/manifest.json"))
    }

    /// What is wrong, and what must be said.
    private static let mistakes: [(options: [String], says: [String])] = [
        ([], ["--workers N"]),
        (["--workers", "2"], ["--keys"]),
        (["--workers", "2", "--keys", "none"], ["none", "wardein keys new"]),
        (["--workers", "0", "--insecure-plaintext"], ["--workers is 0"]),
        (["--workers", "2", "--insecure-plaintext", "--storage", "5GB"], ["5GB", "--storage"]),
        (["--workers", "2", "--insecure-plaintext", "--slurm"], ["--kubernetes, one of them"]),
        (
            ["--workers", "2", "--insecure-plaintext", "--array", "3"],
            ["--array", "--slurm alone"]
        ),
        (["--workers", "2", "--insecure-plaintext", "--alpha", "2"], ["alpha"]),
        (["--workers", "2", "--insecure-plaintext", "--resume"], ["--resume"]),
    ]

    @Test(arguments: mistakes)
    func `a mistake is answered with one sentence, and nothing is written`(
        options: [String], says: [String]
    ) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(Self.cluster(scratch, options))
        #expect(outcome.status == 2)
        for words in says { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
        #expect(!scratch.exists("run"))
    }

    @Test func `what was sampled here before is not sampled again in a cluster that does not know`()
        throws
    {
        let scratch = try Scratch()
        let first = try Program.run(
            ["certify"]
                + Digits.options(inputs: 3, samples: 500, output: scratch.path("first"), key: nil))
        #expect(first.status == 0, "\(first.errors)")
        let options = ["--workers", "2", "--insecure-plaintext"]
        let refused = try Program.run(Self.cluster(scratch, options))
        #expect(refused.status == 2 && refused.errors.contains("second"), "\(refused.errors)")
        let summed = try Program.run(Self.cluster(scratch, options + ["--sum-alpha"]))
        #expect(summed.status == 2 && summed.errors.contains("ledger"), "\(summed.errors)")
        #expect(!scratch.exists("run"))
        let unknown = try Program.run(Self.cluster(scratch, options + ["--ledger", "none"]))
        #expect(unknown.status == 0, "\(unknown.errors)")
    }
}
