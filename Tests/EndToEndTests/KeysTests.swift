import CampaignKeys
import CampaignMessages
import CampaignScheduling
import Foundation
import Sodium
import Testing
import ZeroMQ

/// Law 8 in keyed mode: no byte of an unauthenticated peer reaches a decoder, none can pass for
/// another, and each that is not let in learns why in a sentence.
@Suite(.serialized) struct KeysTests {
    // MARK: Who is not let in

    @Test func `strangers are refused with a sentence each, and no byte of theirs is decoded`()
        throws
    {
        let campaign = try KeyedCampaign()
        for stranger in try campaign.strangers() {
            let outcome = try campaign.work(stranger.options).wait()
            #expect(outcome.status == 3, "\(stranger.what): \(outcome.errors)")
            #expect(outcome.errors.contains(stranger.says), "\(stranger.what): \(outcome.errors)")
        }
        campaign.coordinator.process.signal(SIGINT)
        #expect(campaign.coordinator.process.wait().status == 130)
        let provenance = try campaign.provenance()
        #expect(provenance.messagesDecoded == 0)
        #expect(provenance.malformedMessages == 0)
        #expect(provenance.strangersRefused == 2)
        #expect(provenance.workers.isEmpty)
        #expect(provenance.admission == "keys")
    }

    @Test func `a campaign goes on among strangers and a revoked worker, with the same records`()
        throws
    {
        let campaign = try KeyedCampaign()
        let bob = try campaign.work(["--keys", campaign.key("bob").path])
        try waitUntil("bob has joined") {
            campaign.coordinator.process.errors.contains("worker bob:")
        }
        bob.signal(SIGSTOP)
        try campaign.folder.revoke("bob")
        try waitUntil("bob is dropped") {
            campaign.coordinator.process.errors.contains("the key of bob was revoked")
        }
        bob.signal(SIGCONT)
        let dropped = bob.wait()
        #expect(dropped.status == 3)
        #expect(dropped.errors.contains("revoked"), "\(dropped.errors)")
        for stranger in try campaign.strangers() {
            #expect(try campaign.work(stranger.options).wait().status == 3)
        }
        let again = try campaign.work(["--keys", campaign.path("keys/bob.key")]).wait()
        #expect(again.status == 3)
        #expect(again.errors.contains("the key was revoked"), "\(again.errors)")

        let alice = try campaign.work(["--keys", campaign.key("alice").path])
        #expect(campaign.coordinator.process.wait().status == 0)
        #expect(alice.wait().status == 0)
        #expect(try campaign.records() == LongCampaign.undisturbed.get())
        let provenance = try campaign.provenance()
        #expect(provenance.workers.map(\.key) == ["bob", "alice"])
        #expect(provenance.workers[0].departure == "was sent away: its key was revoked")
        #expect(provenance.workers.allSatisfy { $0.name.hasPrefix(($0.key ?? "") + ":") })
        #expect(provenance.strangersRefused >= 3)
        #expect(provenance.malformedMessages == 0)
    }

    @Test func `another worker's name with a valid key is refused`() throws {
        let campaign = try KeyedCampaign()
        let alice = try String(contentsOfFile: campaign.key("alice").path, encoding: .utf8)
        let disguised = try campaign.write(
            alice.replacing("name alice", with: "name bob"), to: "disguised.key")
        let outcome = try campaign.work(["--keys", disguised]).wait()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("calls itself bob:"), "\(outcome.errors)")
        #expect(outcome.errors.contains("its key is allowed under the name alice"))
        #expect(campaign.coordinator.process.isRunning)
    }

    @Test func `a worker's identity with another key is refused`() throws {
        let campaign = try KeyedCampaign()
        let alice = try campaign.peer("alice")
        try alice.send(.hello(hello(named: "alice:test", version: protocolVersion)))
        _ = try alice.receive()
        let bob = try campaign.peer("bob")
        try bob.send(.hello(hello(named: "bob:test", version: protocolVersion)))
        guard case .refusal(let refusal)? = try bob.receive() else {
            Issue.record("bob was not refused")
            return
        }
        #expect(refusal.reason.contains("came with the key of alice"), "\(refusal.reason)")
        #expect(!refusal.mayRetry)
    }

    @Test func `another protocol version with a valid key is refused with both versions named`()
        throws
    {
        let campaign = try KeyedCampaign()
        let alice = try campaign.peer("alice")
        try alice.send(.hello(hello(named: "alice", version: protocolVersion + 98)))
        guard case .refusal(let refusal)? = try alice.receive() else {
            Issue.record("alice was not refused")
            return
        }
        #expect(refusal.reason.contains("version \(protocolVersion + 98)"), "\(refusal.reason)")
        #expect(refusal.reason.contains("version \(protocolVersion);"), "\(refusal.reason)")
    }

    @Test func `a revoked peer that stays is not read, and is cut off`() throws {
        let campaign = try KeyedCampaign()
        let alice = try campaign.peer("alice")
        try alice.send(.hello(hello(named: "alice:test", version: protocolVersion)))
        _ = try alice.receive()
        try campaign.folder.revoke("alice")
        guard case .refusal(let refusal)? = try alice.receive() else {
            Issue.record("alice was not told")
            return
        }
        #expect(refusal.reason == "the key of alice was revoked")
        #expect(!refusal.mayRetry)
        for _ in 0..<5 { try alice.send(.heartbeat(capacity: 1)) }
        #expect(try alice.denial() == .denied(status: 400))
        campaign.coordinator.process.signal(SIGINT)
        _ = campaign.coordinator.process.wait()
        let provenance = try campaign.provenance()
        #expect(provenance.messagesDecoded == 1)
        #expect(provenance.messagesDropped > 0)
        #expect(provenance.strangersRefused == 1)
    }

    // MARK: Who is

    @Test func `a key may serve many workers, and be allowed while the coordinator runs`() throws {
        let campaign = try KeyedCampaign()
        let other = try KeyFolder.make(at: campaign.path("elsewhere"))
        let carol = try other.makeWorkerKey(named: "carol")
        let file = try campaign.rekeyed(carol)
        let refused = try campaign.work(["--keys", file]).wait()
        #expect(refused.status == 3)
        let command = "wardein keys allow carol \(carol.keys.publicKey)"
        #expect(refused.errors.contains(command), "\(refused.errors)")
        try waitUntil("the coordinator names the stranger") {
            campaign.coordinator.process.errors.contains(
                "wardein keys allow NAME \(carol.keys.publicKey)")
        }
        let allowed = try Program.run([
            "keys", "allow", "carol", carol.keys.publicKey.hex, "--keys", campaign.folder.path,
        ])
        #expect(allowed.status == 0, "\(allowed.errors)")
        let stamp = campaign.folder.allowedStamp
        // What is allowed is looked at twice a second.
        var workers: [Running] = []
        try waitUntil("carol is let in") {
            workers = workers.filter(\.isRunning)
            while workers.count < 2, let worker = try? campaign.work(["--keys", file]) {
                workers.append(worker)
            }
            return campaign.coordinator.process.errors.contains("worker carol:")
        }
        #expect(campaign.coordinator.process.wait().status == 0)
        #expect(campaign.folder.allowedStamp == stamp)
        #expect(try campaign.records() == LongCampaign.undisturbed.get())
        #expect(try campaign.provenance().workers.allSatisfy { $0.key == "carol" })
    }

    @Test func `a list of allowed workers that makes no sense changes nothing until it is mended`()
        throws
    {
        let campaign = try KeyedCampaign()
        let list = campaign.path("keys/allowed")
        let text = try String(contentsOfFile: list, encoding: .utf8)
        _ = try campaign.write("alice\n", to: "keys/allowed")
        try waitUntil("it is said") {
            campaign.coordinator.process.errors.contains("line 1 of \(list)")
        }
        let alice = try campaign.peer("alice")
        try alice.send(.heartbeat(capacity: 1))
        #expect(try alice.receive() == .introduceYourself)
        _ = try campaign.write(
            text.split(separator: "\n").filter { !$0.hasPrefix("alice ") }
                .joined(separator: "\n"), to: "keys/allowed")
        guard case .refusal(let refusal)? = try alice.receive() else {
            Issue.record("alice was not told")
            return
        }
        #expect(refusal.reason == "the key of alice was revoked")
    }

    @Test func `a worker with a key goes on with a coordinator that was started again`() throws {
        let campaign = try KeyedCampaign()
        let alice = try campaign.work(["--keys", campaign.key("alice").path])
        try waitUntil("some inputs are decided") {
            ((try? campaign.records()) ?? Data()).count { $0 == 10 } > 5
        }
        campaign.coordinator.process.signal(SIGKILL)
        _ = campaign.coordinator.process.wait()
        let again = try Running(
            [
                "coordinate", "--listen", campaign.coordinator.endpoint, "--resume", "--keys",
                campaign.folder.path,
            ] + campaign.options)
        #expect(again.wait().status == 0, "\(again.errors)")
        #expect(alice.wait().status == 0, "\(alice.errors)")
        #expect(try campaign.records() == LongCampaign.undisturbed.get())
    }

    // MARK: Without keys

    @Test func `a worker with a key does not speak to a coordinator without`() throws {
        let scratch = try Scratch()
        let key = try KeyFolder.make(at: scratch.path("keys")).makeWorkerKey(named: "alice")
        let coordinator = try Coordinator(Digits.options(output: scratch.path("run")))
        let worker = try Running(["work", "--connect", coordinator.endpoint, "--keys", key.path])
        let outcome = worker.wait()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("uses no keys"), "\(outcome.errors)")
        #expect(outcome.errors.contains("leave --keys out"), "\(outcome.errors)")
    }

    @Test(arguments: ["tcp://*:*", "tcp://0.0.0.0:*", "tcp://[::]:*", "tcp://127.example.org:5555"])
    func `without keys nothing listens where others reach it`(address: String) throws {
        let scratch = try Scratch()
        let outcome = try Program.run(
            ["coordinate", "--listen", address] + Digits.options(output: scratch.path("run")))
        #expect(outcome.status == 2)
        for words in [address, "--keys", "--insecure-plaintext"] {
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
        #expect(!scratch.exists("run"))
    }

    @Test func `insecure plaintext is said at the start and recorded`() throws {
        let scratch = try Scratch()
        let coordinator = try Running(
            ["coordinate", "--listen", "tcp://0.0.0.0:*", "--insecure-plaintext"]
                + Digits.options(output: scratch.path("run")))
        try waitUntil("it is said") { coordinator.errors.contains("INSECURE") }
        let endpoint = try #require(
            coordinator.errors.components(separatedBy: "--connect ").last?
                .prefix { !$0.isWhitespace })
        let address = endpoint.replacing("THIS-HOST", with: "127.0.0.1")
        let worker = try Running(["work", "--connect", String(address)])
        #expect(coordinator.wait().status == 0)
        #expect(worker.wait().status == 0)
        let page = try scratch.contents("run/provenance.json")
        let provenance = try JSONDecoder().decode(KeyedProvenance.self, from: page)
        #expect(provenance.admission == "insecure plaintext")
        #expect(provenance.workers.map(\.key) == [nil])
    }

    // MARK: Secrets

    @Test func `no secret stands in a command line, a log or a file of the campaign`() throws {
        let campaign = try KeyedCampaign()
        let alice = try campaign.key("alice")
        let worker = try campaign.work(["--keys", alice.path])
        try waitUntil("alice has joined") {
            campaign.coordinator.process.errors.contains("worker alice:")
        }
        var seen: [Data] = []
        for process in [campaign.coordinator.process, worker] {
            for file in ["cmdline", "environ"] {
                let path = "/proc/\(process.identifier)/\(file)"
                seen.append((try? Data(contentsOf: URL(filePath: path))) ?? Data())
            }
        }
        #expect(seen.allSatisfy { !$0.isEmpty }, "both processes were looked at")
        let outcome = campaign.coordinator.process.wait()
        #expect(outcome.status == 0)
        seen += [Data(outcome.output.utf8), Data(outcome.errors.utf8)]
        let last = worker.wait()
        seen += [Data(last.output.utf8), Data(last.errors.utf8)]
        for file in try FileManager.default.contentsOfDirectory(atPath: campaign.path("run")) {
            seen.append(try campaign.contents("run/" + file))
        }
        for keys in [alice.keys, campaign.folder.coordinator] {
            let secret = Data(keys.secretKey.copiedBytes())
            let digits = Data(keys.secretKey.hexDigits())
            for data in seen {
                #expect(data.range(of: secret) == nil)
                #expect(data.range(of: digits) == nil)
            }
        }
    }

    @Test func `key files that others may read are refused with the command that mends it`() throws
    {
        let scratch = try Scratch()
        let folder = try KeyFolder.make(at: scratch.path("keys"))
        let alice = try folder.makeWorkerKey(named: "alice").path
        try #require(chmod(alice, 0o644) == 0)
        let worker = try Program.run(["work", "--connect", "tcp://127.0.0.1:1", "--keys", alice])
        #expect(worker.status == 2)
        #expect(worker.errors.contains("chmod 600 \(alice)"), "\(worker.errors)")

        let own = folder.path + "/coordinator.key"
        try #require(chmod(own, 0o640) == 0)
        let coordinator = try Program.run(
            ["coordinate", "--listen", "tcp://127.0.0.1:*", "--keys", folder.path]
                + Digits.options(output: scratch.path("run")))
        #expect(coordinator.status == 2)
        #expect(coordinator.errors.contains("chmod 600 \(own)"), "\(coordinator.errors)")
        #expect(!scratch.exists("run"))
    }

    @Test func `a key file where the coordinator's folder is needed is refused in one sentence`()
        throws
    {
        let scratch = try Scratch()
        let alice = try KeyFolder.make(at: scratch.path("keys")).makeWorkerKey(named: "alice").path
        for file in [alice, alice + "/"] {
            let outcome = try Program.run(
                ["coordinate", "--listen", "tcp://127.0.0.1:*", "--keys", file]
                    + Digits.options(output: scratch.path("run")))
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("\(file) is a file, but"), "\(outcome.errors)")
        }
        #expect(!scratch.exists("run"))
    }

    @Test func `keys are made, shown, revoked and allowed again by command`() throws {
        let scratch = try Scratch()
        let folder = ["--keys", scratch.path("keys")]
        #expect(try Program.run(["keys", "new"] + folder).status == 0)
        #expect(try Program.run(["keys", "new", "alice"] + folder).status == 0)
        let shown = try Program.run(["keys", "show"] + folder).output
        let line = try #require(shown.split(separator: "\n").last?.split(separator: " "))
        #expect(line.first == "alice")
        let file = try Program.run(["keys", "show", "--keys", scratch.path("keys/alice.key")])
        #expect(file.output == shown)
        #expect(try Program.run(["keys", "revoke", "alice"] + folder).status == 0)
        #expect(try Program.run(["keys", "show"] + folder).output != shown)
        let again = try Program.run(["keys", "allow", "alice", String(line[1])] + folder)
        #expect(again.status == 0)
        #expect(try Program.run(["keys", "show"] + folder).output == shown)
        for (mistake, says) in [
            (["new", "alice"], "allowed already"), (["new", "a/b"], "'a/b'"),
            (["revoke", "bob"], "bob is not allowed"), (["allow", "bob", "12ab"], "'12ab'"),
        ] {
            let outcome = try Program.run(["keys"] + mistake + folder)
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
        }
    }

    private func hello(named name: String, version: Int) throws -> Hello {
        let id = try #require(WorkerID(bytes: [UInt8](repeating: 3, count: 16)))
        return Hello(
            protocolVersion: version, worker: id, name: name, fingerprint: "none", sessions: 1)
    }
}

/// What scripts may rely on in `provenance.json`.
private struct KeyedProvenance: Decodable {
    struct Worker: Decodable {
        let name: String
        let key: String?
        let departure: String?
    }

    let admission: String
    let workers: [Worker]
    let malformedMessages: Int
    let strangersRefused: Int
    let messagesDropped: Int
    let messagesDecoded: Int
}

/// A coordinator that allows alice and bob.
private struct KeyedCampaign {
    let coordinator: Coordinator
    let folder: KeyFolder
    let options: [String]
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        folder = try KeyFolder.make(at: scratch.path("keys"))
        for name in ["alice", "bob"] { _ = try folder.makeWorkerKey(named: name) }
        options = LongCampaign.options(scratch)
        coordinator = try Coordinator(["--keys", folder.path] + options)
    }

    /// Somebody who may not count: how it comes, and what it must be told.
    struct Stranger {
        let what: String
        let options: [String]
        let says: String
    }

    func strangers() throws -> [Stranger] {
        let other = try KeyFolder.make(at: path("other-\(UUID().uuidString)"))
        let unknown = try rekeyed(other.makeWorkerKey(named: "mallory"))
        let wrong = try other.makeWorkerKey(named: "alice")
        let revoked = "old-\(UUID().uuidString)"
        let old = try folder.makeWorkerKey(named: revoked)
        try folder.revoke(revoked)
        // The coordinator looks twice a second whether the list was changed, a busy machine later.
        usleep(2_000_000)
        return [
            Stranger(
                what: "an unknown key", options: ["--keys", unknown],
                says: "does not allow the key in \(unknown)"),
            Stranger(
                what: "a revoked key", options: ["--keys", old.path], says: "the key was revoked"),
            Stranger(what: "no key", options: [], says: "lets in only workers with a key"),
            Stranger(
                what: "the key of another coordinator", options: ["--keys", wrong.path],
                says: "does not hold the coordinator's key in \(wrong.path)"),
        ]
    }

    /// The worker's key, made elsewhere, in a file that names this coordinator.
    func rekeyed(_ key: WorkerKey) throws -> String {
        let text = try String(contentsOfFile: key.path, encoding: .utf8)
        return try write(
            text.replacing(key.coordinator.hex, with: folder.coordinator.publicKey.hex),
            to: "\(UUID().uuidString).key")
    }

    func work(_ options: [String]) throws -> Running {
        try Running(["work", "--connect", coordinator.endpoint, "--sessions", "1"] + options)
    }

    func key(_ name: String) throws -> WorkerKey { try WorkerKey(at: path("keys/\(name).key")) }

    func peer(_ name: String) throws -> KeyedPeer {
        try KeyedPeer(key(name), connectingTo: coordinator.endpoint)
    }

    func path(_ name: String) -> String { scratch.path(name) }

    func contents(_ name: String) throws -> Data { try scratch.contents(name) }

    func write(_ text: String, to name: String) throws -> String {
        let path = try scratch.write(text.utf8, to: name)
        try #require(chmod(path, 0o600) == 0)
        return path
    }

    func records() throws -> Data { try scratch.contents("run/records.jsonl") }

    func provenance() throws -> KeyedProvenance {
        try JSONDecoder().decode(
            KeyedProvenance.self, from: scratch.contents("run/provenance.json"))
    }
}

/// A peer with a key that says what it likes.
private final class KeyedPeer {
    private var socket: Socket
    private let wakeup: Wakeup

    init(_ key: WorkerKey, connectingTo endpoint: String) throws {
        wakeup = try Wakeup()
        socket = try Socket(
            .dealer, in: Context(), options: SocketOptions(),
            curve: .client(
                publicKey: key.keys.publicKey.bytes, secretKey: key.keys.secretKey.copiedBytes(),
                serverKey: key.coordinator.bytes))
        try socket.watchHandshakes()
        try socket.connect(endpoint)
    }

    func send(_ message: WorkerMessage) throws {
        #expect(try socket.send(WireFormat.encode(message)) == .sent)
    }

    /// The next message but heartbeats, within ten seconds.
    func receive() throws -> CoordinatorMessage? {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            _ = try Poller.wait(on: socket, wakeup: wakeup, timeout: .milliseconds(10))
            guard case .message(let frames) = try socket.receive() else { continue }
            let message = try WireFormat.decodeCoordinatorMessage(frames)
            if message != .heartbeat { return message }
        }
        return nil
    }

    /// What became of the first attempt to connect that failed, within ten seconds.
    func denial() throws -> Handshake? {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let handshake = try socket.nextHandshake()
            if let handshake, handshake != .begun, handshake != .succeeded { return handshake }
            _ = try Poller.wait(on: socket, wakeup: wakeup, timeout: .milliseconds(10))
        }
        return nil
    }
}
