import AlphaAccounting
import AlphaLedger
import CampaignScheduling
import CertificateRecords
import CertificateVerification
import Digests
import Foundation
import RunFolders

// What a ledger makes of runs from elsewhere
// ==========================================
//
// The ledger of a site knows the runs of that site. Where runs come together, another one may have sampled
// the same inputs with the same classifier: that is a second chance which neither ledger could notice, and the
// records claim more than holds. So the runs that the ledger beside the merged run does not know are looked
// up in it as if they were about to begin, and are entered, so that a later run is compared with them.

/// The ledger beside a merged run.
struct PartLedger {
    private let ledger: AlphaLedger

    /// A ledger that is there or can be made; makes nothing.
    init(at path: String) throws { ledger = try AlphaLedger(at: path) }

    /// A part as the ledger sees it.
    private struct Newcomer {
        let place: Int
        let entry: LedgerEntry
        let inputs: [InputReference]
        /// The other runs that its records take into account.
        let named: Set<Digest>
    }

    /// Why a part is a second chance that its records do not know, a sentence each.
    func reasons(against run: MergedRun, origins: [String]) throws -> [String] {
        let (parts, entries) = (Set(run.parts.map(\.manifest.seal)), try ledger.entries())
        return try newcomers(run, known: entries).compactMap { part in
            let others = entries.filter {
                !parts.contains($0.campaign) && !part.named.contains($0.campaign)
            }
            let recognition = try RunRecognition(
                of: part.entry, on: part.inputs, given: others, members: ledger.inputs)
            guard recognition.secondChances > 0 else { return nil }
            let folders = recognition.others.filter { $0.secondChances > 0 }.map(\.entry.folder)
            let count = recognition.secondChances
            return "\(count) \(count == 1 ? "input" : "inputs") of \(origins[part.place]) "
                + "\(count == 1 ? "was" : "were") sampled in "
                + "\(folders.joined(separator: ", ")) too, with this model and noise level, of which its "
                + "records do not know: a second chance (the ledger is \(ledger.path))"
        }
    }

    /// Enters the parts that are not in it, as what lies in a folder.
    func enter(_ run: MergedRun, in folder: String) throws {
        let base = URL(filePath: folder).standardizedFileURL.path
        for part in try newcomers(run, known: ledger.entries()) {
            var entry = part.entry
            let provenance = try? run.parts[part.place].folder.provenance()
            let began = try? provenance.map { try ObjectReader($0).string("began") }
            entry.began = began ?? "at an unknown time"
            entry.folder = "\(base)/\(MergedManifest.folder(ofPart: part.place))"
            try ledger.enter(entry, inputs: part.inputs, unless: { _, _ in }, while: {})
        }
    }

    private func newcomers(_ run: MergedRun, known: [LedgerEntry]) throws -> [Newcomer] {
        let known = Set(known.map(\.campaign))
        return try run.parts.enumerated().compactMap { place, part in
            guard !known.contains(part.manifest.seal) else { return nil }
            return Newcomer(
                place: place,
                entry: LedgerEntry(try part.manifest.computed(), seal: part.manifest.seal),
                inputs: run.inputs(ofPart: place).map {
                    InputReference(index: UInt32($0.index), image: $0.digest)
                }, named: Set(part.manifest.earlier.runs.map(\.campaign)))
        }
    }
}
