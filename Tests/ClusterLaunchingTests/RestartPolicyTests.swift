import Testing

@testable import ClusterLaunching

@Suite struct RestartPolicyTests {
    private static let lost = WorkerEnding.disconnected("Broken pipe")

    private func pauses(
        after ending: WorkerEnding, times: Int, ranFor duration: Duration = .zero
    ) -> [Duration?] {
        var policy = RestartPolicy()
        return (0..<times).map { _ in
            switch policy.decide(after: ending, ranFor: duration) {
            case .again(let pause): pause
            case .never: nil
            }
        }
    }

    @Test func `a host without a connection is tried for ever, at last once a minute`() {
        #expect(
            pauses(after: RestartPolicyTests.lost, times: 9)
                == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })
    }

    @Test func `a worker that could not take part or died is started again, five times in a row`() {
        for ending in [WorkerEnding.tryAgain, .killed(signal: 9), .failed(status: 1)] {
            #expect(
                pauses(after: ending, times: 5)
                    == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), nil])
        }
    }

    @Test func `a worker that ran for a minute begins afresh`() {
        #expect(
            pauses(after: .killed(signal: 11), times: 20, ranFor: .seconds(60))
                == Array(repeating: .seconds(1), count: 20))
    }

    @Test(arguments: [
        WorkerEnding.refused, .left, .failed(status: 2), .unfit("wardein does not start"),
    ])
    func `what starting again cannot help is not started again`(ending: WorkerEnding) {
        #expect(pauses(after: ending, times: 1) == [nil])
    }

    private static let endings: [(Int32, WorkerEnding)] = [
        (0, .left), (2, .failed(status: 2)), (3, .refused), (75, .tryAgain),
        (127, .failed(status: 127)), (137, .killed(signal: 9)), (255, lost),
    ]

    @Test(arguments: endings)
    func `an exit code says how a worker ended`(status: Int32, ending: WorkerEnding) {
        #expect(WorkerEnding(status: status, lastWords: "Broken pipe") == ending)
    }
}
