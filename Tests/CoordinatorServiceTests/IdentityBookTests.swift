import CampaignScheduling
import Testing

@testable import CoordinatorService

/// Law 8: no key and no connection can use up what others need.
@Suite struct IdentityBookTests {
    private var book = IdentityBook()

    @Test mutating func `workers that are gone and settled nothing never use up a key`() throws {
        for number in 0..<3 * IdentityBook.perKey {
            let refusal = book.enter(
                try worker(number), as: entry("alice"), at: .seconds(number)
            ) { _ in standing(isLetIn: false, hasSettled: false) }
            #expect(refusal == nil)
        }
        #expect(book[try worker(0)] == nil)
        #expect(book[try worker(3 * IdentityBook.perKey - 1)]?.name == "alice")
    }

    @Test mutating func `a key that is used up leaves the others what they need`() throws {
        let here = standing(isLetIn: true, hasSettled: false)
        for number in 0..<IdentityBook.perKey {
            #expect(
                book.enter(try worker(number), as: entry("alice"), at: .zero) { _ in here } == nil)
        }
        let next = try worker(IdentityBook.perKey)
        let refusal = try #require(
            book.enter(next, as: entry("alice"), at: .seconds(1)) { _ in here })
        #expect(refusal.mayRetry)
        #expect(refusal.reason.contains("10000 workers came with the key of alice"))
        #expect(book.enter(next, as: entry("bob"), at: .seconds(1)) { _ in here } == nil)
        // Who is known already may come again.
        #expect(
            book.enter(try worker(3), as: entry("alice"), at: .seconds(1)) { _ in here } == nil)
    }

    @Test mutating func `one more may come once another has left, and what has counted is kept`()
        throws
    {
        let gone = try worker(7)
        for number in 0..<IdentityBook.perKey {
            _ = book.enter(try worker(number), as: entry("alice"), at: .zero) { _ in
                standing(isLetIn: true, hasSettled: false)
            }
        }
        let next = try worker(IdentityBook.perKey)
        let refusal = book.enter(next, as: entry("alice"), at: .seconds(2)) {
            standing(isLetIn: false, hasSettled: $0 != gone)
        }
        #expect(refusal == nil)
        #expect(book[gone] == nil)
        #expect(book[try worker(8)] != nil)
    }

    @Test mutating func `a key whose workers have all counted is refused for good`() throws {
        let counted = standing(isLetIn: false, hasSettled: true)
        for number in 0..<IdentityBook.perKey {
            _ = book.enter(try worker(number), as: entry("alice"), at: .zero) { _ in counted }
        }
        let refusal = book.enter(
            try worker(IdentityBook.perKey), as: entry("alice"), at: .seconds(1)
        ) { _ in counted }
        #expect(refusal?.mayRetry == false)
        #expect(refusal?.reason.contains("use another key") == true)
    }

    @Test mutating func `a connection introduces sixteen workers and no more`() throws {
        let peer = PeerID([2])
        for number in 1...IdentityBook.perConnection {
            // However often each says who it is.
            for _ in 1...3 { #expect(book.introduce(try worker(number), over: peer) == nil) }
        }
        let refusal = book.introduce(try worker(17), over: peer)
        #expect(refusal?.mayRetry == true)
        #expect(book.introduce(try worker(16), over: peer) == nil)
        #expect(book.introduce(try worker(17), over: PeerID([3])) == nil)
    }
}

private func worker(_ number: Int) throws -> WorkerID {
    let digits = (0..<16).map { UInt8(truncatingIfNeeded: $0 < 8 ? number >> (8 * $0) : 0) }
    return try #require(WorkerID(bytes: digits))
}

private func entry(_ key: String) -> IdentityBook.Entry {
    IdentityBook.Entry(user: key, name: key, peer: PeerID([1]))
}

private func standing(isLetIn: Bool, hasSettled: Bool) -> IdentityBook.Standing {
    IdentityBook.Standing(isLetIn: isLetIn, hasSettled: hasSettled)
}
