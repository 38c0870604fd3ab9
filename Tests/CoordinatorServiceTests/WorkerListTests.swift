import CampaignMonitoring
import CampaignScheduling
import Testing

@testable import CoordinatorService

/// Who is listed to those who look on.
@Suite struct WorkerListTests {
    private func account(_ number: Int, name: String, hasLeft: Bool) throws -> WorkerAccount {
        let bytes = (0..<WorkerID.byteCount).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        let hello = Hello(
            protocolVersion: protocolVersion, worker: try #require(WorkerID(bytes: bytes)),
            name: name, fingerprint: "engine", sessions: 2)
        var account = WorkerAccount(hello: hello, joined: .seconds(number))
        if hasLeft { (account.left, account.departure) = (.seconds(number), .goodbye) }
        account.lateTallies = 1
        return account
    }

    @Test func `of many workers those that are there come first, and the others are counted`()
        throws
    {
        let accounts = try (0..<300).map {
            try account($0, name: "h\($0)", hasLeft: $0 < 250)
        }
        let (listed, others) = WorkerList(accounts).parts(listing: 200)
        #expect(listed.count == 200 && others?.count == 100)
        #expect(listed.prefix(50).map(\.name) == (250..<300).map { "h\($0)" })
        #expect(listed.prefix(50).allSatisfy { $0.departure == nil })
        #expect(listed.dropFirst(50).first?.name == "h0")
        #expect(WorkerList(accounts).parts(listing: 300).others == nil)
    }

    /// Two series of one name would make a collector refuse all of them.
    @Test func `workers of one name are one, which is there while one of them is`() throws {
        let accounts = [
            try account(0, name: "h", hasLeft: true), try account(1, name: "h", hasLeft: false),
            try account(2, name: "h", hasLeft: false), try account(3, name: "h", hasLeft: true),
        ]
        let (listed, _) = WorkerList(accounts).parts(listing: 200)
        #expect(listed.count == 1)
        #expect(listed.first?.departure == nil && listed.first?.sessions == 4)
        #expect(listed.first?.faults.late == 4)
    }
}
