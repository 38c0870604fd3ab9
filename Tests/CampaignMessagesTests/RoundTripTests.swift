import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise
import Testing

@testable import CampaignMessages

@Suite struct RoundTripTests {
    @Test(arguments: Samples.ofWorker.map(\.message))
    func `a worker's message comes back as it went`(message: WorkerMessage) throws {
        #expect(try WireFormat.decodeWorkerMessage(WireFormat.encode(message)) == message)
    }

    @Test(arguments: Samples.ofCoordinator.map(\.message))
    func `a coordinator's message comes back as it went`(message: CoordinatorMessage) throws {
        #expect(try WireFormat.decodeCoordinatorMessage(WireFormat.encode(message)) == message)
    }

    @Test func `the sign of a negative zero survives`() throws {
        let frames = WireFormat.encode(.welcome(Samples.fullPlan))
        guard case .welcome(let plan) = try WireFormat.decodeCoordinatorMessage(frames) else {
            Issue.record("not a welcome")
            return
        }
        #expect(plan.decisionThreshold?.sign == .minus)
        #expect(plan.normalization?.means[0].sign == .minus)
    }

    @Test func `the largest tally fits in an envelope`() throws {
        // Counts that need the most bytes: as many of five bytes as 2^40 samples allow.
        var counts = Array(repeating: 1 << 21, count: 100_000)
        let fiveBytes = (1 << 40 - counts.count << 21) / (1 << 28 - 1 << 21)
        for index in 0..<fiveBytes { counts[index] = 1 << 28 }
        try check(counts, takes: 400_000..<WireLimits.envelopeBytes)
        // And a single count of six bytes.
        try check([1 << 40] + Array(repeating: 0, count: 99_999), takes: 100_000..<101_000)
    }

    private func check(_ counts: [Int], takes bytes: Range<Int>) throws {
        let message = WorkerMessage.tally(
            Tally(
                campaign: Samples.digest(1), lease: LeaseID(.max), counts: ClassCounts(counts),
                nanoseconds: 1 << 53))
        let frames = WireFormat.encode(message)
        #expect(bytes.contains(frames[0].count))
        #expect(try WireFormat.decodeWorkerMessage(frames) == message)
    }

    @Test func `the largest grant, cancellation and piece fit`() throws {
        let lease = Lease(
            id: LeaseID(.max), input: .max, image: Samples.digest(1),
            blocks: BlockRange(phase: .estimation, first: 1 << 40, count: 1 << 40),
            samples: 1 << 40)
        let messages: [CoordinatorMessage] = [
            .grant(Array(repeating: lease, count: 4096)),
            .cancel(Array(repeating: LeaseID(.max), count: 4096)),
            .piece(
                Piece(
                    blob: Samples.digest(1), offset: 0,
                    bytes: Array(repeating: 7, count: 1 << 20))),
        ]
        for message in messages {
            let frames = WireFormat.encode(message)
            #expect(frames[0].count <= WireLimits.envelopeBytes)
            #expect(try WireFormat.decodeCoordinatorMessage(frames) == message)
        }
    }

    @Test func `one element more than allowed is refused`() {
        let lease = Lease(
            id: LeaseID(1), input: 1, image: Samples.digest(1),
            blocks: BlockRange(phase: .selection, first: 0, count: 1), samples: 1)
        let messages: [CoordinatorMessage] = [
            .grant(Array(repeating: lease, count: 4097)),
            .cancel(Array(repeating: LeaseID(1), count: 4097)),
            .piece(
                Piece(
                    blob: Samples.digest(1), offset: 0,
                    bytes: Array(repeating: 7, count: 1 << 20 + 1))),
            .piece(Piece(blob: Samples.digest(1), offset: 1 << 31, bytes: [0])),
        ]
        for message in messages {
            #expect(throws: MalformedMessage.self) {
                try WireFormat.decodeCoordinatorMessage(WireFormat.encode(message))
            }
        }
        let tally = Tally(
            campaign: Samples.digest(1), lease: LeaseID(1),
            counts: ClassCounts(classes: 100_001), nanoseconds: 0)
        #expect(throws: MalformedMessage.self) {
            try WireFormat.decodeWorkerMessage(WireFormat.encode(.tally(tally)))
        }
    }

    @Test(arguments: [
        (String(repeating: "x", count: 1200), String(repeating: "x", count: 1000)),
        (String(repeating: "é", count: 600), String(repeating: "é", count: 500)),
        ("x" + String(repeating: "é", count: 600), "x" + String(repeating: "é", count: 499)),
        ("line 1\nline 2\u{1B}[2J\0", "line 1 line 2 [2J "),
    ])
    func `a sentence for people is cut and cleaned, never refused`(
        said: String, heard: String
    ) throws {
        let frames = WireFormat.encode(.refusal(Refusal(reason: said, mayRetry: true)))
        #expect(
            try WireFormat.decodeCoordinatorMessage(frames)
                == .refusal(Refusal(reason: heard, mayRetry: true)))
    }

    @Test func `numbers outside the bounds are encoded without a crash and refused`() {
        for number in [Int.min, -1, 1 << 32 + 5, Int.max] {
            let frames = [
                WireFormat.encode(.heartbeat(capacity: number)),
                WireFormat.encode(
                    .fetch(PieceRequest(blob: Samples.digest(1), offset: number, length: number))),
                WireFormat.encode(
                    .tally(
                        Tally(
                            campaign: Samples.digest(1), lease: LeaseID(1),
                            counts: ClassCounts([number, 1 << 40]), nanoseconds: 0))),
            ]
            for frames in frames {
                #expect(throws: MalformedMessage.self) {
                    try WireFormat.decodeWorkerMessage(frames)
                }
            }
        }
    }
}
