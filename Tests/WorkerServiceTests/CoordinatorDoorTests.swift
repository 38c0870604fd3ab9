import CampaignKeys
import CampaignScheduling
import Testing
import ZeroMQ

@testable import WorkerService

/// What a worker makes of the handshakes that it sees: "a worker that is not let in learns in one
/// sentence why".
@Suite struct CoordinatorDoorTests {
    private func door() -> CoordinatorDoor {
        CoordinatorDoor(endpoint: "tcp://127.0.0.1:5555", key: nil)
    }

    /// Each attempt is broken off a tenth of a second after it began, one every 0.6 s.
    private func refusal(
        _ door: inout CoordinatorDoor, attempts: Int, lasting: Duration = .milliseconds(100)
    ) -> Refusal? {
        for attempt in 0..<attempts {
            let begun = Duration.milliseconds(600) * attempt
            if let refusal = door.refusal(after: .begun, at: begun) { return refusal }
            if let refusal = door.refusal(after: .brokenOff, at: begun + lasting) {
                return refusal
            }
        }
        return nil
    }

    @Test func `without a key, one that hangs up again and again is taken to want keys`() throws {
        var door = door()
        #expect(refusal(&door, attempts: 4) == nil)
        var other = self.door()
        let last = refusal(&other, attempts: 5)
        let found = try #require(last)
        #expect(!found.mayRetry && found.reason.contains("only workers with a key"))
    }

    @Test func `one that lets attempts run out is slow and is waited for`() {
        var door = door()
        #expect(refusal(&door, attempts: 20, lasting: .seconds(3)) == nil)
    }

    @Test func `one that let the worker in before may be another for a while`() throws {
        var door = door()
        _ = door.refusal(after: .begun, at: .zero)
        _ = door.refusal(after: .succeeded, at: .zero)
        let last = refusal(&door, attempts: 9)
        let found = try #require(last)
        #expect(found.mayRetry)
    }

    @Test func `an attempt that succeeds forgets those that were broken off`() {
        var door = door()
        #expect(refusal(&door, attempts: 4) == nil)
        _ = door.refusal(after: .succeeded, at: .seconds(3))
        #expect(refusal(&door, attempts: 4) == nil)
    }

    @Test func `a mismatch of mechanisms is told at once`() throws {
        var door = door()
        let last = door.refusal(after: .mechanismMismatch, at: .zero)
        let found = try #require(last)
        #expect(found.reason.contains("lets in only workers with a key"))
    }
}
