import CampaignQueue
import Foundation
import Testing

@Suite struct QueuedCampaignTests {
    private func campaign(
        _ name: String, priority: Int = 0, at seconds: Double, ended: Bool = false
    ) -> QueuedCampaign {
        let time = Date(timeIntervalSince1970: seconds)
        return QueuedCampaign(
            name: name,
            submission: Submission(
                arguments: [], directory: "/", priority: priority, submitted: time),
            ending: ended ? .init(.finished, at: time) : nil)
    }

    @Test func `the most urgent campaign comes first, and of equals the one submitted first`() {
        let campaigns = [
            campaign("late", at: 3), campaign("urgent", priority: 2, at: 9),
            campaign("early", at: 1), campaign("patient", priority: -1, at: 0),
            campaign("b", at: 2), campaign("a", at: 2),
        ]
        #expect(
            campaigns.inOrder.map(\.name) == ["urgent", "early", "a", "b", "late", "patient"])
    }

    @Test func `only campaigns that have not ended are run, and no more than may run at once`() {
        let campaigns = [
            campaign("done", priority: 9, at: 0, ended: true), campaign("one", at: 1),
            campaign("two", at: 2), campaign("three", at: 3),
        ]
        #expect(campaigns.toRun(atOnce: 1).map(\.name) == ["one"])
        #expect(campaigns.toRun(atOnce: 2).map(\.name) == ["one", "two"])
        #expect(campaigns.toRun(atOnce: 9).map(\.name) == ["one", "two", "three"])
    }

    @Test func `only a campaign of higher priority takes the place of one that runs`() {
        let campaigns = [
            campaign("earlier", at: 1), campaign("runs", at: 2), campaign("later", at: 3),
        ]
        #expect(campaigns.toRun(atOnce: 1, whileRunning: ["runs"]).map(\.name) == ["runs"])
        let urgent = campaigns + [campaign("urgent", priority: 1, at: 4)]
        #expect(urgent.toRun(atOnce: 1, whileRunning: ["runs"]).map(\.name) == ["urgent"])
        #expect(urgent.toRun(atOnce: 2, whileRunning: ["runs"]).map(\.name) == ["urgent", "runs"])
    }
}
