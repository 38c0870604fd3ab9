import CampaignScheduling

/// Which worker came with which key and over which connection last, and how many there may be. A
/// value, without a clock.
///
/// A worker draws its identity at random when it starts, so one who wants to may draw new ones for
/// ever. What they use up is their key's, and not that of others.
struct IdentityBook {
    /// The most workers that one key is remembered for at a time.
    static let perKey = 10_000
    /// The most workers that one connection introduces, one after another. An honest one introduces
    /// one.
    static let perConnection = 16

    /// How a worker introduced itself.
    struct Entry {
        /// Its key, as digits.
        let user: String
        /// The name of its key.
        let name: String
        /// The connection over which it came last.
        var peer: PeerID
    }

    /// What the scheduling core knows of a worker.
    struct Standing {
        /// Whether it is let in now.
        let isLetIn: Bool
        /// Whether it has settled anything.
        let hasSettled: Bool
    }

    private var workers: [WorkerID: Entry] = [:]
    private var keys: [String: Key] = [:]
    private var connections: [PeerID: (last: WorkerID, workers: Int)] = [:]

    private struct Key {
        var workers: [WorkerID] = []
        /// Not before then is it looked again whom to forget, which takes a while.
        var nextLook = Duration.zero
        var isUsedUp = false
    }

    /// Connections beyond it make the book forget all, and what each has introduced.
    private static let maximumConnections = 200_000

    /// How a worker introduced itself last.
    subscript(worker: WorkerID) -> Entry? { workers[worker] }

    /// Why a connection may not introduce another worker, if that is so.
    mutating func introduce(_ worker: WorkerID, over peer: PeerID) -> Refusal? {
        var connection = connections[peer] ?? (worker, 1)
        if connection.last != worker { connection = (worker, connection.workers + 1) }
        guard connection.workers <= IdentityBook.perConnection else {
            return Refusal(
                reason: "this connection has introduced \(IdentityBook.perConnection) workers "
                    + "already: use a new one for each worker", mayRetry: true)
        }
        if connections.count >= IdentityBook.maximumConnections { connections = [:] }
        connections[peer] = connection
        return nil
    }

    /// Enters a worker, or where it is now. When its key has as many as it may, those are forgotten
    /// that are gone and settled nothing.
    ///
    /// - Returns: why it cannot be entered, if that is so.
    mutating func enter(
        _ worker: WorkerID, as entry: Entry, at now: Duration,
        standing: (WorkerID) -> Standing
    ) -> Refusal? {
        if workers[worker] == nil {
            var key = keys[entry.user] ?? Key()
            if key.workers.count >= IdentityBook.perKey, now >= key.nextLook {
                tidy(&key, at: now, standing)
            }
            let hasRoom = key.workers.count < IdentityBook.perKey
            if hasRoom { key.workers.append(worker) }
            keys[entry.user] = key
            guard hasRoom else { return refusal(entry, key) }
        }
        workers[worker] = entry
        return nil
    }

    private mutating func tidy(
        _ key: inout Key, at now: Duration, _ standing: (WorkerID) -> Standing
    ) {
        key.nextLook = now + .seconds(1)
        key.isUsedUp = true
        var kept: [WorkerID] = []
        for worker in key.workers {
            let standing = standing(worker)
            if !standing.hasSettled { key.isUsedUp = false }
            if standing.hasSettled || standing.isLetIn {
                kept.append(worker)
            } else {
                workers[worker] = nil
            }
        }
        key.workers = kept
    }

    private func refusal(_ entry: Entry, _ key: Key) -> Refusal {
        let many = "\(IdentityBook.perKey) workers"
        return key.isUsedUp
            ? Refusal(
                reason: "\(many) have counted with the key of \(entry.name), and one key serves no "
                    + "more in a campaign: use another key", mayRetry: false)
            : Refusal(
                reason: "\(many) came with the key of \(entry.name), and one key serves no more at "
                    + "a time: try again when some have left, or use another key", mayRetry: true)
    }
}
