import CampaignScheduling
import ZeroMQ

/// What is on its way to each peer, so that one that asks and asks and does not read cannot fill the
/// memory (law 8).
///
/// A piece is looked up and handed to ZeroMQ only when ZeroMQ keeps little for that peer; until then
/// nothing but its request waits here. So ZeroMQ keeps, beside short messages up to the high-water
/// mark, at most ``peerBytes`` for a connection; and pieces of at most ``allBytes`` for all
/// connections together, or one piece for each of them where that is more.
struct Outbox {
    /// The most bytes of pieces that are on their way to one peer: four long ones, which is what a
    /// worker asks for at a time.
    static let pieceBytes = 1 << 20
    /// The most bytes of pieces and other long messages that are on their way to one peer.
    static let peerBytes = 2 << 20
    /// When so much is on its way to all peers, each gets its next piece when it has read the last.
    static let allBytes = 256 << 20
    /// The most requests of a peer that wait; those that come then are dropped.
    static let requests = 32

    private let all = Backlog()
    private var lines: [PeerID: Line] = [:]

    private struct Line {
        let backlog: Backlog
        var requests: [PieceRequest] = []
    }

    /// The peers whose requests wait.
    var waiting: [PeerID] { lines.filter { !$1.requests.isEmpty }.map(\.key) }

    /// Has a request wait for its turn.
    mutating func add(_ request: PieceRequest, of peer: PeerID) {
        var line = lines[peer] ?? Line(backlog: Backlog(partOf: all))
        guard line.requests.count < Outbox.requests else { return }
        line.requests.append(request)
        lines[peer] = line
    }

    /// Takes the next request of the peer that may be answered now.
    mutating func takeRequest(of peer: PeerID) -> PieceRequest? {
        guard let line = lines[peer], let request = line.requests.first else { return nil }
        let length = min(request.length, BlobStore.longestPiece)
        let kept = line.backlog.bytes
        guard
            kept == 0
                || kept + length <= Outbox.pieceBytes && all.bytes + length <= Outbox.allBytes
        else { return nil }
        lines[peer]?.requests.removeFirst()
        return request
    }

    /// What counts a message of so many bytes to the peer while it is on its way; nil when too much
    /// is already.
    mutating func backlog(of peer: PeerID, forMore bytes: Int) -> Backlog? {
        let line = lines[peer] ?? Line(backlog: Backlog(partOf: all))
        guard line.backlog.bytes + bytes <= Outbox.peerBytes else { return nil }
        lines[peer] = line
        return line.backlog
    }

    /// Drops the requests of a peer that is gone.
    mutating func forget(_ peer: PeerID) { lines[peer]?.requests = [] }

    /// Forgets the peers for which nothing is on its way and nothing waits.
    mutating func tidy() {
        lines = lines.filter { !$1.requests.isEmpty || $1.backlog.bytes > 0 }
    }
}
