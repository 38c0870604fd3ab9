import CertificateRecords
import Digests
import RandomizedSmoothing
import RunFolders
import Sodium

/// What can only be seen of all records together.
struct WholeFileChecks {
    let folder: RunFolder
    let manifest: Manifest
    let records: [RecordEntry]
    /// Whether every line of records.jsonl could be read.
    let isComplete: Bool

    /// Whether `provenance.json` says that every input was decided.
    let saysFinished: Bool

    /// Each input of the manifest has one record, in its order.
    func orderFaults() -> [Fault] {
        let due = manifest.inputs.indices
        if records.count == due.count, zip(records, due).allSatisfy({ $0.index == $1 }) {
            return []
        }
        let isPrefix = zip(records, due).allSatisfy { $0.index == $1 } && records.count < due.count
        if isPrefix, isComplete, !saysFinished { return [] }
        var faults: [Fault] = []
        var lines: [Int: Int] = [:]
        let known = Set(due)
        for record in records {
            let place = "records.jsonl, line \(record.line)"
            if let first = lines.updateValue(record.line, forKey: record.index) {
                faults.append(
                    Fault(
                        kind: .records, place: place,
                        reason: "input \(record.index) has a record already, in line \(first)"))
            } else if !known.contains(record.index) {
                faults.append(
                    Fault(
                        kind: .records, place: place,
                        reason: "input \(record.index) is none of the campaign's"))
            }
        }
        for index in due where lines[index] == nil && isComplete {
            faults.append(
                Fault(
                    kind: .records, place: "records.jsonl",
                    reason: "the record of input \(index) is missing"))
        }
        return faults.isEmpty ? [disorder(due)].compactMap(\.self) : faults
    }

    private func disorder(_ due: [Int]) -> Fault? {
        zip(records, due).first { $0.index != $1 }.map { record, index in
            Fault(
                kind: .records, place: "records.jsonl, line \(record.line)",
                reason: "the record of input \(record.index) stands where that of input \(index) "
                    + "is due: they are in another order")
        }
    }

    /// Whether the records are the first ones of a campaign that did not end.
    var isUnfinished: Bool {
        isComplete && !saysFinished && records.count < manifest.inputs.indices.count
            && zip(records, manifest.inputs.indices).allSatisfy { $0.index == $1 }
    }

    /// All records rest on no more samples than the budget; and where one was left undecided, what was
    /// left would not have brought any of these to its next checkpoint.
    func budgetFaults(_ budget: Int) -> [Fault] {
        func fault(_ reason: String) -> [Fault] {
            [Fault(kind: .arithmetic, place: "records.jsonl", reason: reason)]
        }
        let spent = records.reduce(0) { $0 + $1.samples }
        guard spent <= budget else {
            return fault("the records rest on \(spent) samples, more than the budget of \(budget)")
        }
        let steps = records.filter(\.isLeft).compactMap { record in
            manifest.plan.checkpoints.first { $0 > record.estimation.samples }
                .map { $0 - record.estimation.samples }
        }
        guard let smallest = steps.min(), spent + smallest <= budget else { return [] }
        return fault(
            "inputs were left undecided for the budget of \(budget), of which \(budget - spent) samples "
                + "are left")
    }

    /// The labels are those of the manifest's digest.
    func labelFaults() -> [Fault] {
        guard let digest = manifest.inputs.labels else { return [] }
        var hash = SHA256()
        for record in records {
            hash.update(
                withUnsafeBytes(of: Int64(record.label ?? -1).littleEndian, Array.init))
        }
        guard hash.finalize() != digest else { return [] }
        return [
            Fault(
                kind: .records, place: "records.jsonl",
                reason: "the labels are not those of the manifest's digest")
        ]
    }

    /// The digests of single inputs make up the manifest's; nil where a record has none.
    func inputFaults() -> [Fault]? {
        var hash = SHA256()
        for record in records {
            guard let input = record.input, let index = UInt32(exactly: record.index) else {
                return nil
            }
            hash.update(withUnsafeBytes(of: index.littleEndian, Array.init) + input.bytes)
        }
        guard hash.finalize() != manifest.inputs.digest else { return [] }
        return [
            Fault(
                kind: .records, place: "records.jsonl",
                reason: "the inputs' digests are not those of the manifest's digest")
        ]
    }

    /// `certificates.tsv` says the same, but for the time, which nothing else knows.
    func tableFaults() throws -> [Fault] {
        var faults: [Fault] = []
        func fault(_ line: Int, _ reason: String) {
            faults.append(
                Fault(kind: .files, place: "certificates.tsv, line \(line)", reason: reason))
        }
        do {
            var lines = try folder.lines(of: .certificates)
            let header = try lines.next().map { String(decoding: $0, as: UTF8.self) }
            if header != CertificateRecord.tabSeparatedHeader { fault(1, "it is no header") }
            for record in records {
                guard let line = try lines.next() else {
                    if !isUnfinished { fault(lines.number + 1, "input \(record.index) is missing") }
                    break
                }
                let text = String(decoding: line, as: UTF8.self)
                if let reason = WholeFileChecks.difference(text, record) {
                    fault(lines.number, reason)
                }
            }
            if isComplete, try lines.next() != nil {
                fault(lines.number, "there is no record for this line")
            }
        } catch RunFolderError.malformed(_, let line, let reason) {
            fault(line ?? 1, reason)
        }
        return faults
    }

    /// Why a line of the table is not the record's; nil: it is.
    private static func difference(_ text: String, _ record: RecordEntry) -> String? {
        guard let expected = record.tableFields else { return nil }
        let fields = text.split(separator: "\t", omittingEmptySubsequences: false)
        let due = expected.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == due.count + 1 else { return "it has \(fields.count) columns, not 6" }
        let names = CertificateRecord.tabSeparatedHeader.split(separator: "\t")
        for (name, (stated, derived)) in zip(names, zip(fields, due)) where stated != derived {
            return "\(name) is \(stated), but \(derived) follows"
        }
        guard isTime(fields[due.count]) else {
            return "time is \(fields[due.count]), which is no time"
        }
        return nil
    }

    /// As Python writes a timedelta: `0:02:31.238689`.
    private static func isTime(_ text: Substring) -> Bool {
        let parts = text.utf8.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
        }
        return parts.map(\.count).dropFirst() == [2, 2, 6]
            && parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            }
    }
}
