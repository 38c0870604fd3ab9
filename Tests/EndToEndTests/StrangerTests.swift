import CampaignMessages
import CampaignScheduling
import Digests
import Foundation
import RandomizedSmoothing
import Testing
import ZeroMQ

/// Law 8: no peer can crash, stall or silently bias a campaign; and one that is not let in learns
/// why in a sentence.
@Suite struct StrangerTests {
    @Test func `a worker of another protocol version is refused with both versions named`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(Digits.options(output: scratch.path("run")))
        let peer = try Peer(.dealer)
        try peer.socket.connect(coordinator.endpoint)
        try peer.send(WireFormat.encode(.hello(try hello(version: 99))))
        let answer = try peer.receive { try? WireFormat.decodeCoordinatorMessage($0) }
        guard case .refusal(let refusal) = answer else {
            Issue.record("not a refusal: \(String(describing: answer))")
            return
        }
        #expect(refusal.reason.contains("version 99"))
        #expect(refusal.reason.contains("version \(protocolVersion)"))
        #expect(!refusal.mayRetry)
    }

    @Test func `a worker that is refused says why and exits with 3`() throws {
        let peer = try Peer(.router)
        try peer.socket.bind("tcp://127.0.0.1:*")
        let worker = try Running(["work", "--connect", try peer.socket.lastEndpoint])
        let name = try #require(try peer.receive { $0.first })
        let refusal = Refusal(
            reason: "the worker speaks version 1 of the wire protocol", mayRetry: false)
        try peer.send([name] + WireFormat.encode(.refusal(refusal)))
        let outcome = worker.wait()
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains(refusal.reason))
    }

    @Test func `garbage and lies change nothing`() throws {
        let scratch = try Scratch()
        let quiet = try Program.run(
            ["certify", "--workers", "1"]
                + Digits.options(inputs: 6, output: scratch.path("quiet")))
        #expect(quiet.status == 0, "\(quiet.errors)")
        let coordinator = try Coordinator(
            Digits.options(inputs: 6, output: scratch.path("run")))
        let stranger = try Peer(.dealer)
        try stranger.socket.connect(coordinator.endpoint)
        for frame in [[], [0xFF], [UInt8](repeating: 0x0A, count: 5000)] {
            try stranger.send([frame])
        }
        try stranger.send(Array(repeating: [1, 2, 3], count: 300))
        let zeros = [UInt8](repeating: 0, count: 32)
        let digest = try #require(Digest(bytes: zeros))
        let lie = Tally(
            campaign: digest, lease: LeaseID(1), counts: ClassCounts([50]), nanoseconds: 1)
        for _ in 0..<50 { try stranger.send(WireFormat.encode(.tally(lie))) }
        let worker = try coordinator.worker(sessions: 1)
        #expect(coordinator.process.wait().status == 0)
        #expect(worker.wait().status == 0)
        #expect(
            try scratch.contents("run/records.jsonl") == scratch.contents("quiet/records.jsonl"))
    }

    private func hello(version: Int) throws -> Hello {
        let id = try #require(WorkerID(bytes: [UInt8](repeating: 3, count: 16)))
        return Hello(
            protocolVersion: version, worker: id, name: "test", fingerprint: "none", sessions: 1)
    }
}

/// A socket of the test's own.
private final class Peer {
    var socket: Socket
    private let wakeup: Wakeup

    init(_ kind: Socket.Kind) throws {
        wakeup = try Wakeup()
        var options = SocketOptions()
        options.linger = .seconds(1)
        socket = try Socket(kind, in: Context(), options: options)
    }

    func send(_ frames: [[UInt8]]) throws {
        #expect(try socket.send(frames) == .sent)
    }

    /// The first message that `read` makes something of, within ten seconds.
    func receive<Value>(_ read: ([[UInt8]]) -> Value?) throws -> Value? {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(10)
        while clock.now < deadline {
            _ = try Poller.wait(on: socket, wakeup: wakeup, timeout: deadline - clock.now)
            guard case .message(let frames) = try socket.receive() else { continue }
            if let value = read(frames) { return value }
        }
        return nil
    }
}
