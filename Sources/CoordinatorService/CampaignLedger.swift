import AlphaAccounting
import AlphaLedger
import CampaignScheduling
import CertificateRecords
import ConfidenceBounds
import Digests
import Foundation
import RandomizedSmoothing
import Sodium

/// The ledger in which a campaign is entered before its first draw, and what becomes of one that it
/// shows to be a second chance.
public struct CampaignLedger: Sendable {
    /// The run with whose samples the campaign goes on.
    public let extended: ExtendedRun?
    private let ledger: AlphaLedger?
    private let consent: Consent

    /// What may be done when a run would give some of its inputs a second chance.
    public enum Consent: Sendable {
        /// It is refused.
        case none
        /// It runs, and its records state the sum of alpha over all runs.
        case summedAlpha
    }

    /// No ledger: records say that other runs are unknown.
    public static let none = CampaignLedger(nil, consent: .none, extending: nil)

    /// A ledger that is there or can be made; makes nothing.
    ///
    /// - Parameter extended: the run with whose samples the campaign goes on: it may then do what would
    ///   be a second chance, and its records state the sum of alpha.
    public init(at path: String, consent: Consent, extending extended: ExtendedRun? = nil) throws {
        self.init(
            try AlphaLedger(at: path), consent: extended == nil ? consent : .summedAlpha,
            extending: extended)
    }

    /// For a campaign that was entered when it began.
    public init(resumingExtensionOf extended: ExtendedRun?) {
        self.init(nil, consent: .none, extending: extended)
    }

    private init(_ ledger: AlphaLedger?, consent: Consent, extending extended: ExtendedRun?) {
        self.ledger = ledger
        self.consent = consent
        self.extended = extended
    }

    /// The ledger of a campaign for which none is named: beside its folder.
    public static func path(beside output: String) -> String {
        URL(filePath: output).standardizedFileURL.deletingLastPathComponent()
            .appending(path: AlphaLedger.fileName).path
    }

    /// The campaign with the other runs that its manifest has to name, and lines that say what it is.
    ///
    /// - Throws: ``SecondChance``, or why the ledger cannot be used.
    public func recognised(
        _ campaign: PreparedCampaign
    ) throws -> (campaign: PreparedCampaign, notes: [String]) {
        try extended?.check(campaign)
        guard let ledger else {
            return (
                campaign.naming(.unknown),
                ["No ledger is kept: records say that other runs are unknown."]
            )
        }
        let entries = try ledger.entries()
        try extended.map { try check($0, among: entries, in: ledger, for: campaign) }
        let recognition = try RunRecognition(
            of: LedgerEntry(campaign), on: campaign.outline.inputs, given: entries,
            members: ledger.inputs)
        try check(recognition, of: campaign)
        let named = campaign.naming(recognition.earlier)
        return (named, recognition.notes(for: named))
    }

    /// Refuses to extend a run that was not entered, or that had other inputs under the same indices.
    private func check(
        _ extended: ExtendedRun, among entries: [LedgerEntry], in ledger: AlphaLedger,
        for campaign: PreparedCampaign
    ) throws {
        guard let entry = entries.first(where: { $0.campaign == extended.seal }) else {
            throw ExtensionError.notInLedger(extended.path, ledger.path)
        }
        let inputs = Set(try ledger.inputs(entry.inputs))
        _ = try extended.takenOver(by: campaign)
        for input in campaign.outline.inputs where !inputs.contains(input) {
            throw ExtensionError.otherInput(extended.path, Int(input.index))
        }
    }

    private func check(_ recognition: RunRecognition, of campaign: PreparedCampaign) throws {
        guard recognition.secondChances > 0, let ledger else { return }
        if case .eBenjaminiHochberg = campaign.manifest.plan.error.batch?.method {
            throw ShareCannotBeSummed(inputs: recognition.secondChances)
        }
        guard consent == .none else { return }
        throw SecondChance(recognition, of: campaign, ledger: ledger.path)
    }

    /// Enters a campaign and makes its folder: both or neither.
    func enter(
        _ campaign: PreparedCampaign, folder: String, while makeFolder: () throws -> Void
    ) throws {
        guard let ledger else { return try makeFolder() }
        var entry = LedgerEntry(campaign)
        entry.began = Date().ISO8601Format()
        entry.folder = URL(filePath: folder).standardizedFileURL.path
        try ledger.enter(
            entry, inputs: campaign.outline.inputs,
            unless: { entries, members in
                let recognition = try RunRecognition(
                    of: entry, on: campaign.outline.inputs, given: entries, members: members)
                guard recognition.earlier != campaign.manifest.earlier else { return }
                try check(recognition, of: campaign)
                throw LedgerChanged(path: ledger.path)
            },
            while: makeFolder)
    }
}

extension LedgerEntry {
    /// What a ledger keeps of a campaign, but for when and where.
    init(_ campaign: PreparedCampaign) {
        self.init(campaign.manifest, seal: campaign.seal)
    }
}

/// A run that would draw again for inputs about which something was claimed before.
public struct SecondChance: Error, CustomStringConvertible {
    /// What there was, why it matters and what can be done, in some lines.
    public let description: String

    init(_ recognition: RunRecognition, of campaign: PreparedCampaign, ledger: String) {
        let run = LedgerEntry(campaign)
        let others = recognition.others.filter { $0.secondChances > 0 }
        let latest = others[others.count - 1].entry
        let sum = campaign.naming(recognition.earlier).manifest.earlier.largestAlpha(run.alpha)
        description = """
            \(recognition.count(of: run.inputCount)) sampled before, with this \
            model and sigma \(run.sigma):

            \(others.map { "  " + $0.line(before: run) }.joined(separator: "\n"))

            Another run is a second chance at a false certificate: of the better one of two, alpha does \
            not hold. Nothing was begun. Either

              reproduce what there is, with the same plan and --key \(latest.key),
            \(SecondChance.extensionLine(latest, run))\
              or run all the same, with --sum-alpha: each record then states the sum of alpha over all \
            runs on its input, here up to \(sum).

            The ledger of runs is \(ledger).
            """
    }
}

/// A run by e-BH claims nothing of an input alone, so it has no alpha that could be added to another.
struct ShareCannotBeSummed: Error, CustomStringConvertible {
    let inputs: Int

    var description: String {
        "\(inputs) of the inputs were sampled before, and a share of false certificates (--fdr) cannot be "
            + "summed with the alpha of another run: decide by --holm with --sum-alpha, reproduce the "
            + "other run with its --key and plan, or leave these inputs out with --indices"
    }
}

extension SecondChance {
    /// How to go on with the samples of a run, if it may be extended by this one.
    private static func extensionLine(_ entry: LedgerEntry, _ run: LedgerEntry) -> String {
        guard entry.stopping == run.stopping, run.stopping != Manifest.earlyAbstention else {
            return ""
        }
        return "  go on with its samples, with --extend \(entry.folder) and more --samples,\n"
    }
}

/// Another coordinator has entered a run while this one was getting ready.
struct LedgerChanged: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "another run was entered into the ledger \(path) while this one was getting ready, and "
            + "nothing was begun: start again"
    }
}

extension RunRecognition.Other {
    /// The run in a line: where and when, what, and what is the same.
    func line(before run: LedgerEntry) -> String {
        "\(entry.folder), begun \(entry.began): \(indices.count) of these inputs, n "
            + "\(entry.estimationSamples), alpha \(entry.alpha), \(relation(to: run))"
    }

    private func relation(to run: LedgerEntry) -> String {
        guard entry.key == run.key else { return "another key" }
        guard noise == .same else { return "the same key, but other indices and so other noise" }
        let isWidened =
            entry.rule == run.rule && entry.stopping == run.stopping
            && entry.selectionSamples == run.selectionSamples && entry.alpha == run.alpha
            && entry.blockSize == run.blockSize
            && entry.estimationSamples < run.estimationSamples
        return isWidened
            ? "the same key, with n now widened to \(run.estimationSamples)"
            : "the same key and another plan"
    }
}

extension RunRecognition {
    /// "3 of the 20 inputs were"
    func count(of inputs: Int) -> String {
        "\(secondChances) of the \(inputs) inputs \(secondChances == 1 ? "was" : "were")"
    }

    /// What the run is, for a person, in lines.
    func notes(for campaign: PreparedCampaign) -> [String] {
        let run = LedgerEntry(campaign)
        var notes: [String] = []
        if let same = sameClaim.first {
            let which =
                isKnown(inputs: run.inputCount)
                ? "This run" : "For \(sharedInputs) of the \(run.inputCount) inputs this run"
            let isSame =
                same.estimationSamples == run.estimationSamples && same.stopping == run.stopping
            notes.append(
                isSame
                    ? "\(which) reproduces the one in \(same.folder), begun \(same.began): the same key "
                        + "and plan, which are charged once."
                    : "\(which) rests on the same bounds as the one in \(same.folder), begun "
                        + "\(same.began): they hold at all its looks together, and are charged once."
            )
        }
        if secondChances > 0 {
            let sum = campaign.manifest.earlier.largestAlpha(run.alpha)
            notes.append(
                "\(count(of: run.inputCount)) sampled before "
                    + "(\(others.map(\.entry.folder).joined(separator: ", "))): their records state the "
                    + "sum of alpha over all runs, up to \(sum).")
        }
        if let other = otherMechanisms.last {
            notes.append(
                "This model was run on some of these inputs with sigma \(other.sigma) too, in "
                    + "\(other.folder): another mechanism, with an alpha of its own. To take the better "
                    + "one of two for an input would be a second chance as well.")
        }
        return notes
    }
}
