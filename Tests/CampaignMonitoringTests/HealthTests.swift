import CampaignMonitoring
import Testing

/// What is said to who looks after a coordinator.
@Suite struct HealthTests {
    private let start = ContinuousClock.now

    private func board(_ state: CampaignSnapshot.State?, reason: String? = nil) -> StatusBoard {
        let board = StatusBoard()
        guard let state else { return board }
        var snapshot = CampaignSnapshot(folder: "run", seal: "5e")
        (snapshot.state, snapshot.reason) = (state, reason)
        board.post(snapshot, at: start)
        return board
    }

    @Test func `while a campaign is prepared the process lives and is not ready`() {
        let contents = board(nil).current
        #expect(Health.life(contents).isGood && !Health.readiness(contents).isGood)
    }

    @Test func `a thread that turns is well, one that does not come by for half a minute is not`() {
        let contents = board(.running).current
        #expect(Health.life(contents, at: start + .seconds(29)).isGood)
        #expect(Health.readiness(contents, at: start + .seconds(29)).isGood)
        let late = Health.life(contents, at: start + .seconds(31))
        #expect(!late.isGood && late.sentence.contains("31 seconds"))
        #expect(!Health.readiness(contents, at: start + .seconds(31)).isGood)
    }

    @Test func `while one of several campaigns runs workers are listened for`() {
        let board = board(.running)
        for (folder, state) in [
            ("second", CampaignSnapshot.State.running), ("third", .finished), ("fourth", .stopped),
        ] {
            var snapshot = CampaignSnapshot(folder: folder, seal: "5e")
            snapshot.state = state
            board.post(snapshot, at: start)
        }
        #expect(Health.readiness(board.current, at: start).isGood)
    }

    @Test func `of very many campaigns the oldest that ended are forgotten, never one that runs`() {
        let board = board(.running)
        for number in 0..<3 * StatusBoard.mostCampaigns {
            var snapshot = CampaignSnapshot(folder: "\(number)", seal: "5e")
            snapshot.state = .finished
            board.post(snapshot, at: start)
        }
        let folders = board.current.campaigns.map(\.snapshot.folder)
        #expect(folders.count == StatusBoard.mostCampaigns)
        #expect(folders.first == "run")
        #expect(folders.last == "\(3 * StatusBoard.mostCampaigns - 1)")
    }

    @Test func `a thread with nothing new to say turns all the same`() {
        let board = board(.finished)
        #expect(!Health.readiness(board.current, at: start).isGood)
        board.turn(at: start + .seconds(100))
        #expect(Health.readiness(board.current, at: start + .seconds(101)).isGood)
        #expect(!Health.life(board.current, at: start + .seconds(131)).isGood)
    }

    @Test func `a campaign that was stopped says why, and one that ended well is only not ready`() {
        let stopped = board(.stopped, reason: "no space left on device").current
        #expect(!Health.life(stopped, at: start).isGood)
        #expect(Health.life(stopped, at: start).sentence.contains("no space left on device"))
        let finished = board(.finished).current
        #expect(Health.life(finished, at: start + .seconds(60)).isGood)
        #expect(!Health.readiness(finished, at: start).isGood)
    }
}

/// How fast a campaign goes.
@Suite struct PaceTests {
    private func snapshot(_ seconds: Double, _ samples: Int, workers: Int = 1) -> CampaignSnapshot {
        var snapshot = CampaignSnapshot(folder: "run", seal: "5e")
        (snapshot.seconds, snapshot.samplesSettled, snapshot.workersReady) = (
            seconds, samples, workers
        )
        return snapshot
    }

    @Test func `it is that of the last minute, and begins with the first worker`() {
        var pace = Pace()
        for second in 0..<600 { pace.note(snapshot(Double(second), 0, workers: 0)) }
        #expect(pace.samplesPerSecond == nil)
        for second in 600...700 { pace.note(snapshot(Double(second), (second - 600) * 50)) }
        #expect(pace.samplesPerSecond == 50)
        for second in 701...800 { pace.note(snapshot(Double(second), 5000)) }
        #expect(pace.samplesPerSecond == 0)
    }
}
