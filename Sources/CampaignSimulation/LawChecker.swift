import CampaignScheduling
import RandomizedSmoothing
import SmoothingNoise

/// A law that was broken.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// Which one, by its number in docs/design.md; nil: the campaign did not end, or the bookkeeping
    /// contradicts itself.
    public let law: Int?
    /// What happened: one sentence.
    public let sentence: String

    /// "law 2: …".
    public var description: String { law.map { "law \($0): \(sentence)" } ?? sentence }
}

/// Looks at everything that a coordinator lends, journals and decides, and says which law it broke.
///
/// It keeps books of its own, of single blocks, and knows the right counts of each range.
struct LawChecker: Sendable {
    private let toy: ToyCampaign
    /// The blocks of the inputs that are not decided which are settled, by position.
    private var settled: [Int: Set<Block>] = [:]
    private var settledLeases: Set<LeaseID> = []
    private var decided = 0
    /// Leases on which the classifier failed, and on which ranges it did so how often.
    private var failedLeases: Set<LeaseID> = []

    private struct Block: Hashable {
        let phase: SamplingPhase
        let number: Int
    }

    init(_ toy: ToyCampaign) { self.toy = toy }

    /// Whether a lease was settled as far as the journal knows.
    func isSettled(_ lease: LeaseID) -> Bool { settledLeases.contains(lease) }

    /// The classifier failed on a lease: it must not be settled by that worker.
    mutating func failed(_ lease: LeaseID) { failedLeases.insert(lease) }

    /// Whether any lease failed so far.
    var hasFailures: Bool { !failedLeases.isEmpty }

    /// Begins again from what a journal holds, after a restart.
    mutating func restart(from journal: [JournalEntry]) {
        settled = [:]
        settledLeases = []
        decided = 0
        for entry in journal { _ = note(entry) }
    }

    /// Law 3: every lease lies within one phase of one input, so no two share a noise stream unless
    /// they are the same samples.
    func granted(_ lease: Lease) -> Violation? {
        let blocks = toy.outline.blocks(in: lease.blocks.phase)
        guard let reference = toy.outline.inputs.first(where: { $0.index == lease.input }),
            reference.image == lease.image
        else { return Violation(law: 1, sentence: "\(lease.id) names another image") }
        guard lease.blocks.first >= 0, lease.blocks.count > 0,
            lease.blocks.first + lease.blocks.count <= blocks,
            lease.samples == toy.outline.samples(in: lease.blocks)
        else { return Violation(law: 3, sentence: "\(lease.id) reaches beyond its phase") }
        return nil
    }

    /// What is journalled counts: laws 1, 2, 3, 4 and 6.
    mutating func journalled(_ entry: JournalEntry) -> Violation? {
        if case .settled(let range) = entry, let problem = wrongCounts(of: range) {
            return problem
        }
        return note(entry)
    }

    private func wrongCounts(of range: SettledRange) -> Violation? {
        let input = toy.outline.inputs[range.position].index
        let right = toy.counts(of: range.range, input: input)
        guard range.counts != right else { return nil }
        let place = "\(range.lease) of input \(input)"
        if failedLeases.contains(range.lease) {
            return Violation(
                law: 6, sentence: "the classifier failed on \(place), and it was settled")
        }
        let other: SamplingPhase = range.range.phase == .selection ? .estimation : .selection
        if range.counts == toy.counts(of: range.range, input: input, phase: other) {
            return Violation(
                law: 3, sentence: "\(place) was counted on the other phase's noise stream")
        }
        return Violation(law: 1, sentence: "\(place) has counts of other samples")
    }

    private mutating func note(_ entry: JournalEntry) -> Violation? {
        switch entry {
        case .lent: return nil
        case .settled(let range):
            settledLeases.insert(range.lease)
            for number in range.range.first..<range.range.first + range.range.count {
                let block = Block(phase: range.range.phase, number: number)
                guard settled[range.position, default: []].insert(block).inserted else {
                    return Violation(
                        law: 2,
                        sentence: "\(block.phase) block \(number) of input number "
                            + "\(range.position) was counted twice")
                }
            }
            return nil
        case .decided(let input):
            let blocks = settled.removeValue(forKey: input.position) ?? []
            defer { decided += 1 }
            guard input.position == decided else {
                return Violation(
                    law: 1, sentence: "input number \(input.position) was decided out of turn")
            }
            let needed = toy.blocksToDecide(input.index)
            let missing = (0..<needed).first {
                !blocks.contains(Block(phase: .estimation, number: $0))
            }
            if let missing {
                return Violation(
                    law: 4,
                    sentence: "input number \(input.position) was decided when estimation block "
                        + "\(missing) of \(needed) was not settled")
            }
            return wrongCounts(of: input)
        }
    }

    /// Laws 1, 2 and 4: the counts are those of a campaign with one worker that nothing befell.
    func wrongCounts(of input: SettledInput) -> Violation? {
        let phases: [(SamplingPhase, ClassCounts)] = [
            (.selection, input.selection), (.estimation, input.estimation),
        ]
        for (phase, counts) in phases {
            let right = toy.counts(input: input.index, phase: phase)
            guard counts.samples == right.samples else {
                return Violation(
                    law: phase == .estimation ? 4 : 2,
                    sentence: "input \(input.index) was decided on \(counts.samples) samples "
                        + "of \(phase), not \(right.samples)")
            }
            guard counts == right else {
                return Violation(
                    law: 1, sentence: "input \(input.index) was decided on counts of others")
            }
        }
        return nil
    }
}
