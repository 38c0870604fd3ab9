import CampaignJournal
import CampaignScheduling
import Digests
import Foundation
import RandomizedSmoothing
import SmoothingNoise

/// What it takes to make a lease durable, lent and settled, with 10 classes; and what share of a
/// campaign's time that is, since the coordinator needs a core of the workers' for it.
struct JournalBenchmark {
    private let classes = 10

    func run() throws {
        print("journal, microseconds a lease that is lent and settled, each durable")
        for batch in [1, 4, 16, 256] {
            let took = try microseconds(aLeaseOf: batch)
            print("  \(batch) a transaction: \(text(took, places: 1))")
        }
        // A worker of one session settles a lease in 0.2 s: the rest of the time is the worker's.
        let alone = try microseconds(aLeaseOf: 1)
        print(
            "  share of the throughput, one core a worker and a lease of 0.2 s: "
                + "\(text(100 * alone / 200_000, places: 3)) %")
    }

    private func microseconds(aLeaseOf batch: Int) throws -> Double {
        let path = NSTemporaryDirectory() + "wardein-journal-\(UUID().uuidString).sqlite"
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard let campaign = Digest(bytes: [UInt8](repeating: 7, count: 32)),
            let worker = WorkerID(bytes: [UInt8](repeating: 1, count: WorkerID.byteCount))
        else { throw BenchmarkError(description: "a digest has 32 bytes") }
        let journal = try CampaignJournal.create(at: path, campaign: campaign, request: "{}")
        defer { journal.close() }
        let hello = Hello(
            protocolVersion: protocolVersion, worker: worker, name: "w", fingerprint: "engine",
            sessions: 1)
        let begun = Date()
        var leases = 0
        while Date().timeIntervalSince(begun) < 1.5 {
            var entries: [JournalEntry] = []
            for number in leases + 1...leases + batch {
                let lent = LentRange(
                    lease: LeaseID(UInt64(number)), position: number / 100,
                    range: BlockRange(phase: .estimation, first: number, count: 1),
                    borrower: worker)
                let settled = SettledRange(
                    lease: lent.lease, position: lent.position, range: lent.range,
                    counts: ClassCounts([Int](repeating: 5, count: classes)), nanoseconds: 1000,
                    worker: hello)
                entries += [.lent(lent), .settled(settled)]
            }
            try journal.append(entries)
            leases += batch
        }
        return Date().timeIntervalSince(begun) / Double(leases) * 1e6
    }
}
