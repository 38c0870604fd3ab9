import CampaignMessages
import CampaignScheduling
import ClassifierRuntime
import Digests
import Foundation
import Glibc
import RandomizedSmoothing
import Sodium
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

    @Test(.disabled(if: Program.isSanitized, "a sanitizer takes memory of its own"))
    func `peers that ask and never read take little memory, and a worker is served meanwhile`()
        throws
    {
        let scratch = try Scratch()
        let model = Program.demo("models/fmnist_cnn_s050.onnx")
        let coordinator = try Coordinator(
            [
                "--model", model, "--sigma", "0.5", "--samples", "200", "--first", "1",
                "--inputs", Program.demo("data/fmnist500-images-idx3-ubyte.gz"),
                "--output", scratch.path("run"),
            ], listeningAt: "ipc://" + scratch.path("socket"))
        let before = try peakMemory(of: coordinator.process)
        let fingerprint = try OnnxRuntime.load().fingerprint.description
        let digest = SHA256.digest(of: try [UInt8](Data(contentsOf: URL(filePath: model))))
        let piece = PieceRequest(blob: digest, offset: 0, length: 256 << 10)
        let peers = try (0..<60).map { number in
            let peer = try Peer(.dealer) {
                $0.sendHighWaterMark = 2000
                $0.receiveHighWaterMark = 1
                $0.linger = .zero
                // See CoordinatorService: their connections end while they do not read.
                $0.heartbeatInterval = .zero
            }
            try peer.socket.connect(coordinator.endpoint)
            let hello = try hello(worker: UInt8(number), fingerprint: fingerprint)
            try peer.send(WireFormat.encode(.hello(hello)))
            for _ in 0..<500 { try peer.send(WireFormat.encode(.fetch(piece))) }
            return peer
        }
        try waitUntil("they were sent what they do not read") {
            ((try? peakMemory(of: coordinator.process)) ?? 0) > before + 60 << 19
        }
        let worker = try coordinator.worker(sessions: 1)
        var peak = before
        while coordinator.process.isRunning, worker.isRunning {
            peak = max(peak, (try? peakMemory(of: coordinator.process)) ?? 0)
            usleep(10_000)
        }
        #expect(coordinator.process.wait().status == 0)
        #expect(worker.wait().status == 0)
        // docs/workers.md: at most 2 MiB and some short messages for a connection.
        #expect(peak - before < 60 * (5 << 19), "\((peak - before) >> 20) MiB for 60 peers")
        withExtendedLifetime(peers) {}
    }

    @Test func `a campaign whose standard error nobody reads is finished`() throws {
        let scratch = try Scratch()
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        try #require(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
        let filling = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, filling, filling.count) > 0 {}
        try #require(fcntl(descriptor, F_SETFL, 0) == 0)
        let address = "ipc://" + scratch.path("socket")
        let coordinator = try Running(
            ["coordinate", "--listen", address]
                + Digits.options(inputs: 6, output: scratch.path("run")),
            errorsTo: pipe.fileHandleForWriting)
        let worker = try Running(["work", "--connect", address, "--sessions", "1"])
        let outcome = coordinator.wait()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("certified accuracy"), "\(outcome.output)")
        #expect(worker.wait().status == 0)
        withExtendedLifetime(pipe) {}
    }

    @Test func `a stranger that is refused again and again does not write the log full`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            Digits.options(inputs: 6, output: scratch.path("run")))
        let peer = try Peer(.dealer) { $0.sendHighWaterMark = 3000 }
        try peer.socket.connect(coordinator.endpoint)
        let count = 2000
        for _ in 0..<count { try peer.send(WireFormat.encode(.hello(try hello(version: 99)))) }
        try waitUntil("the refusals are counted") {
            let lines = coordinator.process.errors
            let shown = lines.components(separatedBy: "worker test was refused").count - 1
            let held = lines.matches(of: /(\d+) more workers were refused, or/).compactMap {
                Int($0.1)
            }
            return shown < 100 && shown + held.reduce(0, +) == count
        }
        let worker = try coordinator.worker(sessions: 1)
        #expect(coordinator.process.wait().status == 0)
        #expect(worker.wait().status == 0)
    }

    /// In libzmq 4.3.4 a ping on a connection that broke while it was held up ends the process.
    @Test func `connections that break in the middle of a flood with pings end nothing`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            Digits.options(inputs: 6, output: scratch.path("run")))
        let port = try #require(
            coordinator.endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        for _ in 0..<2 {
            let strangers = try (0..<30).map { _ in try Flood(to: port) }
            for stranger in strangers { stranger.send(pingsAndMessages: 1000) }
            for stranger in strangers { stranger.reset() }
        }
        let worker = try coordinator.worker(sessions: 1)
        #expect(
            coordinator.process.wait().status == 0, "\(coordinator.process.errors.suffix(2000))")
        #expect(worker.wait().status == 0)
        let page = String(decoding: try scratch.contents("run/provenance.json"), as: UTF8.self)
        #expect(page.contains("a connection was cut: it sent more than"))
    }

    @Test func `a connection that introduces worker after worker is refused and may come again`()
        throws
    {
        let scratch = try Scratch()
        let coordinator = try Coordinator(Digits.options(output: scratch.path("run")))
        let peer = try Peer(.dealer)
        try peer.socket.connect(coordinator.endpoint)
        for number in 1...17 {
            let hello = try hello(worker: UInt8(number), fingerprint: "none")
            try peer.send(WireFormat.encode(.hello(hello)))
        }
        let refusal = try peer.receive { frames -> Refusal? in
            guard
                case .refusal(let refusal)? = try? WireFormat.decodeCoordinatorMessage(frames),
                refusal.reason.contains("has introduced 16 workers")
            else { return nil }
            return refusal
        }
        #expect(refusal?.mayRetry == true)
    }

    private func hello(
        version: Int = protocolVersion, worker: UInt8 = 3, fingerprint: String = "none"
    ) throws -> Hello {
        let id = try #require(WorkerID(bytes: [UInt8](repeating: worker, count: 16)))
        return Hello(
            protocolVersion: version, worker: id, name: "test", fingerprint: fingerprint,
            sessions: 1)
    }

    /// The most memory that the process has had resident so far, in bytes.
    private func peakMemory(of process: Running) throws -> Int {
        let path = "/proc/\(process.identifier)/status"
        let status = try String(contentsOfFile: path, encoding: .utf8)
        let kilobytes = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/)?.1)
        return try #require(Int(kilobytes)) << 10
    }
}

/// A socket of the test's own.
private final class Peer {
    var socket: Socket
    private let wakeup: Wakeup

    init(_ kind: Socket.Kind, _ change: (inout SocketOptions) -> Void = { _ in }) throws {
        wakeup = try Wakeup()
        var options = SocketOptions()
        options.linger = .seconds(1)
        change(&options)
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

/// A connection that speaks ZMTP 3.1 (RFC 37) by hand: what no library would send.
private final class Flood {
    private let descriptor: Int32

    /// Connects, and introduces itself as a DEALER without keys.
    init(to port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafeBytes(of: &address) {
            connect(
                descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t($0.count))
        }
        try #require(connected == 0)
        // Whoever is not read any more gives up.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let greeting =
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 1] + Array("NULL".utf8)
            + [UInt8](repeating: 0, count: 48)
        let ready =
            [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6]
            + Array("DEALER".utf8)
        write(greeting + [4, UInt8(ready.count)] + ready)
    }

    deinit { close(descriptor) }

    /// So many times twenty messages and a ping.
    func send(pingsAndMessages count: Int) {
        let message: [UInt8] = [0, 3] + Array("xyz".utf8)
        let ping = [4, 7, 4] + Array("PING".utf8) + [0, 0]
        let part = Array(repeating: message, count: 20).joined() + ping
        write(Array(Array(repeating: Array(part), count: count).joined()))
    }

    /// Breaks the connection at once.
    func reset() {
        var never = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &never, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func write(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
