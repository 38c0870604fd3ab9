import CampaignScheduling

/// Notices who sends more than can be meant (law 8), so that its connection can be cut. A value,
/// without a clock.
///
/// ZeroMQ could hold such a peer up, but must not: when a connection breaks that it holds up, the
/// next ping on it, the peer's own among what was sent before, ends the process (libzmq 4.3.4:
/// `Assertion failed: !_io_error`). So all that is sent is received, and who sends too much is cut.
struct FloodWatch {
    /// What one connection may send in a second.
    struct Allowance {
        /// Messages. A fleet settles 2,000 leases a second.
        static let messages = 20_000
        /// Bytes of messages.
        static let bytes = 128 << 20
        /// Messages that cannot be read. An honest worker sends none.
        static let malformed = 10
    }

    private struct Sent {
        var messages = 0
        var bytes = 0
        var malformed = 0
    }

    private var second = Duration.zero
    private var sent: [PeerID: Sent] = [:]
    /// The connections that were cut. Of what they sent before, something may still be to come.
    private var floods: Set<PeerID> = []

    /// After so many, the first ones have come to their end.
    private static let maximumFloods = 100_000

    /// Whether the connection was found to send too much.
    func isFlood(_ peer: PeerID) -> Bool { floods.contains(peer) }

    /// Notes a message of so many bytes.
    ///
    /// - Returns: why the connection is to be cut, if that shows now; the end of a sentence.
    mutating func note(_ bytes: Int, from peer: PeerID, at now: Duration) -> String? {
        begin(now)
        sent[peer, default: Sent()].messages += 1
        sent[peer, default: Sent()].bytes += bytes
        guard let total = sent[peer] else { return nil }
        if total.messages > Allowance.messages {
            return flood(peer, "more than \(Allowance.messages) messages in a second")
        }
        if total.bytes > Allowance.bytes {
            return flood(peer, "more than \(Allowance.bytes >> 20) MiB in a second")
        }
        return nil
    }

    /// Notes that a message could not be read.
    ///
    /// - Returns: as above.
    mutating func noteMalformed(from peer: PeerID, at now: Duration) -> String? {
        begin(now)
        sent[peer, default: Sent()].malformed += 1
        guard let total = sent[peer], total.malformed > Allowance.malformed else { return nil }
        return flood(
            peer, "more than \(Allowance.malformed) messages in a second that cannot be read")
    }

    private mutating func begin(_ now: Duration) {
        guard now - second >= .seconds(1) else { return }
        second = now
        sent = [:]
    }

    private mutating func flood(_ peer: PeerID, _ reason: String) -> String? {
        if floods.count >= FloodWatch.maximumFloods { floods = [] }
        return floods.insert(peer).inserted ? reason : nil
    }
}
