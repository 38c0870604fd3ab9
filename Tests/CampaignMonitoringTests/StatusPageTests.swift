import CampaignMonitoring
import CertificateRecords
import Foundation
import Testing

/// The live page, and the same for programs.
@Suite struct StatusPageTests {
    private let well = Health(isGood: true, sentence: "All is well.")

    private func page(_ snapshots: [CampaignSnapshot], health: Health? = nil) throws -> String {
        let board = StatusBoard()
        for snapshot in snapshots { board.post(snapshot) }
        return try StatusPage(
            of: board.current, time: "2026-01-02T03:04:05Z", health: health ?? well
        ).html
    }

    private func certified(_ correct: Int, of records: Int, inputs: Int) -> CampaignSnapshot {
        var campaign = CampaignSnapshot(folder: "run", seal: "5e")
        (campaign.inputs, campaign.inputsDecided) = (inputs, records)
        campaign.outcomes.records = records
        campaign.outcomes.certified = records
        campaign.outcomes.labelled = records
        campaign.outcomes.radii = [.init(radius: 0, certified: records, correct: correct)]
        return campaign
    }

    @Test func `names that others chose are text, never elements`() throws {
        let name = "<script>alert(1)</script>\"'&"
        var campaign = CampaignSnapshot(folder: name, seal: "5e", claim: name, endpoint: name)
        campaign.workers = [WorkerSnapshot(name: name, sessions: 1, departure: name)]
        (campaign.recent, campaign.reason) = ([name], name)
        let page = try page([campaign])
        #expect(!page.contains("<script>alert"))
        #expect(page.components(separatedBy: "<script>").count == 2)
        #expect(page.components(separatedBy: "&lt;script&gt;alert(1)").count > 6)
    }

    /// 44.39 % and 97.48 % are the ends of Clopper and Pearson's interval of 8 in 10 at 95 % (SciPy's
    /// `binomtest(8, 10).proportion_ci()`).
    @Test func `shares of the first inputs have a band and say that they are no random sample`()
        throws
    {
        let page = try page([certified(8, of: 10, inputs: 50)])
        #expect(page.contains("95 % band 44.3 to 97.5 %"))
        #expect(page.contains("the first 10 of 50 inputs in campaign order, not a random sample"))
        let whole = try self.page([certified(8, of: 10, inputs: 10)])
        #expect(whole.contains("These are all inputs") && !whole.contains("not a random sample"))
    }

    @Test func `a queue without a running campaign says so, and workers side by side add up`()
        throws
    {
        let board = StatusBoard()
        let headline = {
            try StatusPage(of: board.current, time: "2026-01-02T03:04:05Z", health: self.well).html
        }
        #expect(try headline().contains(">Preparing<"))
        board.turn()
        #expect(try headline().contains(">Waiting for a campaign<"))
        for folder in ["a", "b"] {
            var campaign = CampaignSnapshot(folder: folder, seal: folder)
            (campaign.state, campaign.workersReady) = (.running, 2)
            board.post(campaign)
        }
        #expect(try headline().contains(">Running<"))
        #expect(try headline().contains("4 workers, 2 campaigns"))
        for folder in ["a", "b"] {
            var campaign = CampaignSnapshot(folder: folder, seal: folder)
            campaign.state = .finished
            board.post(campaign)
        }
        board.turn()
        #expect(try headline().contains(">Waiting for a campaign<"))
        #expect(try headline().contains("The campaign in b has ended."))
    }

    @Test func `what is decided together at the end is not shown before`() throws {
        var campaign = CampaignSnapshot(folder: "run", seal: "5e")
        (campaign.inputs, campaign.inputsDecided) = (50, 10)
        let page = try page([campaign])
        #expect(page.contains("is decided when all are counted"))
        #expect(!page.contains("so far</span>"))
    }

    @Test func `a thread that does not turn is said at the top`() throws {
        let page = try page(
            [certified(8, of: 10, inputs: 50)],
            health: Health(isGood: false, sentence: "It has not come by."))
        #expect(page.contains("<h1 id=\"state\">Does not turn</h1>"))
        #expect(page.contains("It has not come by."))
    }

    @Test func `several campaigns have a section each, the last one first`() throws {
        let names = ["a", "b", "c"].map { CampaignSnapshot(folder: "run-\($0)", seal: $0) }
        let headings = try page(names).matches(of: />run-(.)<\/h2>/).map { String($0.output.1) }
        #expect(headings == ["c", "b", "a"])
    }

    @Test func `the script finds a place for every text that it is given`() throws {
        let board = StatusBoard()
        board.post(certified(8, of: 10, inputs: 50))
        let page = try StatusPage(of: board.current, time: "", health: well)
        guard case .object(let members) = page.value else {
            Issue.record("no object")
            return
        }
        var places = 0
        for member in members {
            guard case .object(let texts) = member.value else { continue }
            for text in texts {
                places += 1
                #expect(page.html.contains(" id=\"\(text.key)\""), "\(text.key)")
            }
        }
        #expect(places > 20)
    }
}
