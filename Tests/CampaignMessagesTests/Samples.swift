import CampaignScheduling
import Digests
import Foundation
import RandomizedSmoothing
import SmoothingNoise
import Testing

/// One envelope as Google's protobuf encodes it (`Vectors/vectors.py`).
struct WireVector: Sendable, CustomStringConvertible {
    let description: String
    let isInside: Bool
    let isFromWorker: Bool
    let bytes: [UInt8]

    static let all: [WireVector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Vectors/vectors.tsv")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            return WireVector(
                description: String(columns[2]), isInside: columns[0] == "inside",
                isFromWorker: columns[1] == "worker", bytes: bytes(hex: columns[3]))
        }
    }()

    private static func bytes(hex: Substring) -> [UInt8] {
        var digits = hex
        var bytes: [UInt8] = []
        while !digits.isEmpty {
            bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
            digits = digits.dropFirst(2)
        }
        return bytes
    }
}

/// The messages that `Vectors/vectors.py` encodes, by the same names.
enum Samples {
    static let ofWorker: [(name: String, message: WorkerMessage)] = [
        (
            "hello",
            .hello(
                Hello(
                    protocolVersion: 1, worker: worker(Array(0..<16)), name: "Zürich-7 ☃ 4711",
                    fingerprint: "onnxruntime 1.31.1 avx512 f32", sessions: 2))
        ),
        (
            "hello of the farthest version",
            .hello(
                Hello(
                    protocolVersion: Int(Int32.max),
                    worker: worker(Array(repeating: 255, count: 16)), name: "", fingerprint: "",
                    sessions: 1024))
        ),
        ("ready", .ready(Ready(campaign: digest(1), knownAnswer: knownAnswer, capacity: 0))),
        ("fetch", .fetch(PieceRequest(blob: digest(5), offset: 1 << 31, length: 1 << 20))),
        (
            "tally",
            .tally(
                Tally(
                    campaign: digest(1), lease: LeaseID(.max),
                    counts: ClassCounts([0, 127, 128, 16384, 1 << 40 - 16639]),
                    nanoseconds: 1 << 53))
        ),
        (
            "failure",
            .failure(
                LeaseFailure(
                    campaign: digest(1), lease: LeaseID(300), reason: "class 3 is NaN – stop"))
        ),
        ("worker heartbeat", .heartbeat(capacity: 4096)),
        (
            "worker heartbeat with leases",
            .heartbeat(capacity: 2, leases: [LeaseID(1), LeaseID(.max)])
        ),
        ("worker goodbye", .goodbye),
        ("status request", .statusRequest),
    ]

    static let ofCoordinator: [(name: String, message: CoordinatorMessage)] = [
        ("welcome", .welcome(plan)),
        ("welcome with everything", .welcome(fullPlan)),
        ("refusal", .refusal(Refusal(reason: "too old", mayRetry: false))),
        ("refusal for now", .refusal(Refusal(reason: "", mayRetry: true))),
        ("piece", .piece(Piece(blob: digest(5), offset: 1 << 31 - 3, bytes: [1, 2, 3]))),
        (
            "grant",
            .grant([
                Lease(
                    id: LeaseID(1), input: 0, image: digest(9),
                    blocks: BlockRange(phase: .selection, first: 0, count: 1), samples: 1),
                Lease(
                    id: LeaseID(.max), input: .max, image: digest(9),
                    blocks: BlockRange(phase: .estimation, first: 1 << 40, count: 1 << 40),
                    samples: 1 << 40),
            ])
        ),
        ("cancel", .cancel([LeaseID(1), LeaseID(.max)])),
        ("drain", .drain),
        ("heartbeat", .heartbeat),
        ("introduce yourself", .introduceYourself),
        ("goodbye", .goodbye),
        ("status", .status(json: "{\"state\":\"läuft\"}")),
    ]

    static let plan = CountingPlan(
        campaign: digest(1), model: digest(2), modelSize: 44_730_000, sigma: 0.25,
        stepsPerUnit: 255, noiseKey: key(3), blockSize: 32, inputShape: [3, 32, 32],
        coordinateWidth: 1, normalization: nil, outputName: nil, decisionThreshold: nil,
        classCount: 10, fingerprint: "onnxruntime 1.31.1 avx512 f32", knownAnswer: knownAnswer,
        heartbeatMilliseconds: 1000)

    private static let knownAnswer = KnownAnswer(noise: digest(6), scores: digest(4))

    /// Every optional field and the end of every range.
    static let fullPlan: CountingPlan = {
        var full = plan
        full.modelSize = 1 << 31
        full.sigma = .leastNonzeroMagnitude
        full.stepsPerUnit = 1 << 24
        full.blockSize = 4096
        full.inputShape = [1, 8192, 8192]
        full.coordinateWidth = 4
        full.normalization = try? Normalization(
            means: [-0.0, 1.5], standardDeviations: [.leastNonzeroMagnitude, 3.4e38],
            innerStride: 1 << 26)
        full.outputName = "Ausgänge"
        full.decisionThreshold = -0.0
        full.classCount = 100_000
        full.heartbeatMilliseconds = 3_600_000
        return full
    }()

    /// 32 bytes n, n + 1, ... modulo 256.
    static func digest(_ n: UInt8) -> Digest { made(Digest(bytes: sequence(n))) }

    static func key(_ n: UInt8) -> NoiseKey { made(NoiseKey(bytes: sequence(n))) }

    static func worker(_ bytes: [UInt8]) -> WorkerID { made(WorkerID(bytes: bytes)) }

    private static func sequence(_ n: UInt8) -> [UInt8] { (0..<32).map { n &+ $0 } }

    private static func made<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a sample has a wrong size") }
        return value
    }
}
