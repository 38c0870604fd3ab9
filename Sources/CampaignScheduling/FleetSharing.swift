/// Who of a fleet counts for which of several campaigns that run side by side: as equal shares of the
/// sessions as whole workers allow, with as few moves as that takes. A value, without a clock.
///
/// Where shares cannot be equal, the campaign that comes first in order has more.
public struct FleetSharing<Campaign: Hashable, Worker: Hashable> {
    /// A worker that is to count for another campaign from now on.
    public struct Move: Hashable {
        /// The worker.
        public let worker: Worker
        /// The campaign.
        public let campaign: Campaign
    }

    private let order: [Campaign]
    /// The workers in the order in which they were named, with the place of the campaign of each.
    private let members: [(worker: Worker, sessions: Int, campaign: Int?)]

    /// A fleet as it is now.
    ///
    /// - Parameters:
    ///   - campaigns: those that run, the first one first; none twice.
    ///   - workers: with their numbers of sessions (at least 1), and the campaign for which each counts;
    ///     one that is not among `campaigns` counts as none.
    public init(
        among campaigns: [Campaign],
        of workers: [(worker: Worker, sessions: Int, campaign: Campaign?)]
    ) {
        order = campaigns
        let places = Dictionary(uniqueKeysWithValues: campaigns.enumerated().map { ($1, $0) })
        members = workers.map { worker in
            (worker.worker, max(1, worker.sessions), worker.campaign.flatMap { places[$0] })
        }
    }

    /// What makes the shares as equal as can be: first those that count for nothing go where there is
    /// least, then those whose move brings most.
    public func moves() -> [Move] {
        guard !order.isEmpty else { return [] }
        var after: [Int] = []
        var shares = Shares(order.count)
        for member in members where member.campaign != nil {
            shares.sessions[member.campaign ?? 0] += member.sessions
        }
        for member in members {
            let campaign = member.campaign ?? shares.least
            if member.campaign == nil { shares.sessions[campaign] += member.sessions }
            after.append(campaign)
        }
        while let (place, campaign) = bestMove(after, shares) {
            shares.sessions[after[place]] -= members[place].sessions
            shares.sessions[campaign] += members[place].sessions
            after[place] = campaign
        }
        return zip(members, after).compactMap { before, campaign in
            campaign == before.campaign
                ? nil : Move(worker: before.worker, campaign: order[campaign])
        }
    }

    /// How many sessions each campaign has.
    private struct Shares {
        var sessions: [Int]

        init(_ campaigns: Int) { sessions = Array(repeating: 0, count: campaigns) }

        /// The first of those that have the fewest.
        var least: Int { sessions.indices.min { sessions[$0] < sessions[$1] } ?? 0 }
    }

    /// The move to the campaign that has the fewest sessions by which it and the other one come nearest;
    /// nil: none brings them nearer, or leaves them as near with the first one ahead. (No other goal is
    /// better: a worker of s sessions brings two shares with distance d nearer by min(2 s, 2 d - 2 s),
    /// which does not fall with d.)
    private func bestMove(_ after: [Int], _ shares: Shares) -> (place: Int, campaign: Int)? {
        let goal = shares.least
        var best: (place: Int, gain: Int, from: Int)?
        for (place, member) in members.enumerated() where after[place] != goal {
            let distance = shares.sessions[after[place]] - shares.sessions[goal]
            let gain = min(2 * member.sessions, 2 * (distance - member.sessions))
            guard gain > 0 || gain == 0 && goal < after[place] else { continue }
            // Of like moves, one from the campaign that has the most, and of those from the last.
            let from = after[place]
            if let best {
                let (mine, other) = (shares.sessions[from], shares.sessions[best.from])
                guard (gain, mine, from) > (best.gain, other, best.from) else { continue }
            }
            best = (place, gain, from)
        }
        return best.map { ($0.place, goal) }
    }
}
