import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise
import Testing

@testable import WorkerService

/// A worker takes no more than it may and stays no longer than it should.
@Suite struct LimitTests {
    private let zeros: Digest

    init() throws { zeros = try #require(Digest(bytes: [UInt8](repeating: 0, count: 32))) }

    private var knownAnswer: KnownAnswer { KnownAnswer(noise: zeros, scores: zeros) }

    private func plan(modelSize: Int) -> CountingPlan {
        CountingPlan(
            campaign: zeros, model: zeros, modelSize: modelSize, sigma: 1, stepsPerUnit: 255,
            noiseKey: .zero, blockSize: 50, inputShape: [1, 8, 8], coordinateWidth: 1,
            normalization: nil, outputName: nil, decisionThreshold: nil, classCount: 10,
            fingerprint: "none", knownAnswer: knownAnswer, heartbeatMilliseconds: 1000)
    }

    private func refusal(modelSize: Int, sessions: Int, memory: Int?) -> Refusal? {
        var limits = WorkerLimits()
        limits.memory = memory
        return limits.refusal(of: plan(modelSize: modelSize), sessions: sessions)
    }

    @Test func `a model that cannot fit is refused, and the sentence says what would fit`() {
        let model = 200 << 20
        #expect(refusal(modelSize: model, sessions: 4, memory: nil) == nil)
        #expect(refusal(modelSize: model, sessions: 4, memory: 4 << 30) == nil)
        let refusal = refusal(modelSize: model, sessions: 4, memory: 1200 << 20)
        #expect(refusal?.reason.contains("200 MiB") == true)
        #expect(refusal?.reason.contains("1.2 GiB: use --sessions 2, or --memory") == true)
        #expect(refusal?.mayRetry == false)
    }

    @Test func `the memory that a refusal names is enough`() throws {
        for sessions in [1, 3, 64] {
            let reason = try #require(
                refusal(modelSize: 50 << 20, sessions: sessions, memory: 100 << 20)?.reason)
            let named = try #require(reason.firstMatch(of: /--memory (\d+)M/)?.1)
            let memory = try #require(Int(named)) << 20
            #expect(refusal(modelSize: 50 << 20, sessions: sessions, memory: memory) == nil)
        }
    }

    @Test func `a worker is idle ten seconds after it last had anything to do`() throws {
        let lease = Lease(
            id: LeaseID(1), input: 0, image: zeros,
            blocks: BlockRange(phase: .selection, first: 0, count: 1), samples: 50)
        var watch = IdleWatch()
        // One that was not let in waits for its coordinator.
        #expect(!watch.isIdle(at: .seconds(800)))
        watch.notice(.prepared(campaign: zeros, knownAnswer: knownAnswer), at: .seconds(800))
        #expect(!watch.isIdle(at: .seconds(809)))
        #expect(watch.isIdle(at: .seconds(810)))
        watch.notice(.received(.grant([lease])), at: .seconds(805))
        watch.notice(.count(lease, image: []))
        #expect(!watch.isIdle(at: .seconds(900)))
        watch.notice(
            .counted(lease.id, ClassCounts([50]), nanoseconds: 1), at: .seconds(901))
        watch.notice(.received(.heartbeat), at: .seconds(908))
        #expect(!watch.isIdle(at: .seconds(910)))
        #expect(watch.isIdle(at: .seconds(911)))
    }
}
