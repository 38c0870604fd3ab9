// Where a budget changes the most
// ===============================
//
// A budget is spent in rounds. Each sets a goal for every input that is not decided, a function of all
// counts at the end of the round before; between rounds an input stops as its plan says. Whatever the
// goals are, nothing that is claimed is weakened: the bounds of an input hold at all its checkpoints
// together, so they hold at the one at which the budget leaves it, although that depends on the counts of
// others (each false claim lies within an event of that input's own samples, of chance at most alpha).
//
// The inputs that look nearest to a decision come first: those that need the fewest further samples, if
// these are like those that they have. A round spends at most half of what is left, so that what it learns
// about one input still counts for another.

/// Shares what is left of a budget among the inputs that are not decided.
enum SampleBudget {
    /// How many samples an input has, and how many it may need.
    struct Need: Hashable {
        /// A checkpoint.
        let samples: Int
        /// A later checkpoint: where it is expected to be decided; the cap if it is not.
        let expected: Int
    }

    /// The checkpoints up to which the inputs are to be counted next, in their order; what they have,
    /// where they get nothing. Together they cost at most `samplesLeft`, and nobody gets anything only
    /// if nobody's next checkpoint is within that.
    static func goals(of needs: [Need], checkpoints: [Int], samplesLeft: Int) -> [Int] {
        var goals = needs.map(\.samples)
        func next(_ need: Need) -> Int {
            checkpoints.first { $0 > need.samples } ?? need.samples
        }
        guard let smallestStep = needs.map({ next($0) - $0.samples }).filter({ $0 > 0 }).min(),
            smallestStep <= samplesLeft
        else { return goals }
        var purse = max(samplesLeft / 2, smallestStep)
        let order = needs.indices.sorted {
            (needs[$0].expected - needs[$0].samples, $0)
                < (needs[$1].expected - needs[$1].samples, $1)
        }
        for place in order {
            let need = needs[place]
            let most = min(need.expected, need.samples + purse)
            guard let goal = checkpoints.last(where: { $0 <= most }), goal > need.samples else {
                continue
            }
            goals[place] = goal
            purse -= goal - need.samples
        }
        return goals
    }
}
