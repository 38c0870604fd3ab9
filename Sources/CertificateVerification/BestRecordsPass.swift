import CertificateRecords
import Digests
import RandomizedSmoothing
import RunFolders

/// Reads the records that are reported beside those of all levels, and chooses again.
struct BestRecordsPass {
    let folder: RunFolder
    /// The seal of the whole.
    let seal: Digest
    let levels: [VerifiedLevel]

    /// What there is of the whole file.
    struct Outcome {
        var entries: [RecordEntry] = []
        /// What is wrong with lines by themselves.
        var recordFaults: [Fault] = []
        /// What is wrong with the choice, or in words.
        var choiceFaults: [Fault] = []
        /// Whether every line could be read.
        var isComplete = true
        /// How many stood beside a record of each level.
        var compared = 0
    }

    func run() throws -> Outcome {
        var outcome = Outcome()
        var readers = try levels.map { try LevelReader($0) }
        var lines = try folder.lines(of: .records)
        do {
            while let line = try lines.next() {
                for level in readers.indices { readers[level].advance() }
                let place = "records.jsonl, line \(lines.number)"
                do {
                    let reported = try RecordedCertificate(line: line)
                    take(reported, line: line, lines.number, &readers, into: &outcome)
                } catch {
                    outcome.isComplete = false
                    outcome.recordFaults.append(
                        Fault(kind: .records, place: place, reason: "\(error)"))
                }
            }
        } catch RunFolderError.malformed(_, let line, let reason) {
            outcome.isComplete = false
            outcome.recordFaults.append(
                Fault(kind: .records, place: "records.jsonl, line \(line ?? 0)", reason: reason))
        }
        return outcome
    }

    private func take(
        _ reported: RecordedCertificate, line: ArraySlice<UInt8>, _ number: Int,
        _ readers: inout [LevelReader], into outcome: inout Outcome
    ) {
        let choice = choose(reported.index, from: &readers)
        outcome.entries.append(
            RecordEntry(reported, line: number, tableFields: choice?.record.tableFields))
        guard let choice else { return }
        outcome.compared += 1
        guard !choice.record.line.utf8.elementsEqual(line) else { return }
        let faults = faults(of: reported, choice, readers[choice.best].checker)
        let place = "records.jsonl, line \(number) (input \(reported.index))"
        for (kind, reason) in faults {
            let fault = Fault(kind: kind, place: place, reason: reason)
            if kind == .records {
                outcome.recordFaults.append(fault)
            } else {
                outcome.choiceFaults.append(fault)
            }
        }
    }

    /// The record that is to be reported of an input, and whose it is; nil where a level has another
    /// input's in this place, or none that can be.
    private func choose(
        _ index: Int, from readers: inout [LevelReader]
    ) -> (best: Int, record: CertificateRecord)? {
        let records = readers.compactMap(\.current)
        guard records.count == levels.count, records.allSatisfy({ $0.index == index }) else {
            return nil
        }
        let best = AlphaSplit.best(of: records.map(\.radius.nearest))
        guard let record = try? readers[best].checker.record(from: records[best]) else {
            return nil
        }
        let choice = CertificateRecord.Choice(from: record.plan, whole: seal)
        return (best, record.chosen(choice))
    }

    private func faults(
        of reported: RecordedCertificate, _ choice: (best: Int, record: CertificateRecord),
        _ checker: RecordChecker
    ) -> [(Fault.Kind, String)] {
        let due = levels[choice.best]
        guard reported.campaign == choice.record.campaign else {
            let radius = choice.record.radius.map { "with the radius \($0)" } ?? "an abstention"
            guard let other = levels.first(where: { $0.rebuilt.seal == reported.campaign }) else {
                return [
                    (.records, "it names the campaign \(reported.campaign), which is no level's")
                ]
            }
            return [
                (
                    .arithmetic,
                    "it is that of \(other.name), but due is that of \(due.name), \(radius)"
                )
            ]
        }
        if let whole = reported.whole, whole != seal.hex {
            return [(.records, "it names the whole \(whole), not \(seal)")]
        }
        return checker.differences(reported, choice.record).map {
            (.arithmetic, "\($0), by the record of \(due.name)")
        }
    }
}

/// The records of one level, one after the other.
private struct LevelReader {
    private var lines: LineReader
    var checker: RecordChecker
    /// The record in the line that was read last; nil: it is none, or there is no such line.
    private(set) var current: RecordedCertificate?

    init(_ level: VerifiedLevel) throws {
        lines = try level.folder.lines(of: .records)
        checker = try RecordChecker(
            level.rebuilt, RecordsSurvey(of: level.folder, level.rebuilt.manifest))
    }

    /// Reads on. What is wrong with a line, the check of the level says.
    mutating func advance() {
        let line = try? lines.next()
        current = line.flatMap { try? RecordedCertificate(line: $0) }
    }
}

extension RecordedCertificate {
    /// The seal of the whole from which it says that it was chosen.
    fileprivate var whole: String? {
        try? ObjectReader(json).object("chosenFrom").string("whole")
    }
}
