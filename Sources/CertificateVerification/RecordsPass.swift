import CertificateRecords
import ConfidenceBounds
import Digests
import Dispatch
import RandomizedSmoothing
import RunFolders
import Sodium
import Synchronization

/// Reads all records once, on all processors, and checks each by itself.
struct RecordsPass {
    let folder: RunFolder
    let rebuilt: RebuiltManifest
    let survey: RecordsSurvey
    let threads: Int
    let shelf: CertifierShelf
    /// Told now and then how many records are checked.
    let progress: (Int) -> Void

    /// What there is of the whole file.
    struct Outcome {
        var entries: [RecordEntry] = []
        /// What is wrong with records by themselves.
        var recordFaults: [Fault] = []
        var arithmeticFaults: [Fault] = []
        /// Whether every line could be read.
        var isComplete = true
    }

    private static let linesAtATime = 2048

    func run() throws -> Outcome {
        var outcome = Outcome()
        let manifest = rebuilt.manifest
        let checkers = try shelf.take(threads, for: manifest, survey.largestGridDistance).map {
            Locked(RecordChecker(rebuilt, survey, by: $0))
        }
        defer {
            shelf.put(
                checkers.map { $0.value.withLock(\.certifier) }, classes: manifest.model.classCount)
        }
        var lines = try folder.lines(of: .records)
        var isAtEnd = false
        while !isAtEnd {
            var batch: [(number: Int, text: ArraySlice<UInt8>)] = []
            do {
                while batch.count < RecordsPass.linesAtATime, let line = try lines.next() {
                    batch.append((lines.number, ArraySlice(Array(line))))
                }
                isAtEnd = batch.count < RecordsPass.linesAtATime
            } catch RunFolderError.malformed(_, let line, let reason) {
                outcome.isComplete = false
                outcome.recordFaults.append(
                    Fault(kind: .records, place: RecordsPass.place(line ?? 0), reason: reason))
                isAtEnd = true
            }
            take(examine(batch, with: checkers), into: &outcome)
            progress(outcome.entries.count)
        }
        return outcome
    }

    private func take(_ batch: [RecordChecker.Examined], into outcome: inout Outcome) {
        for examined in batch {
            for fault in examined.faults {
                if fault.kind == .arithmetic {
                    outcome.arithmeticFaults.append(fault)
                } else {
                    outcome.recordFaults.append(fault)
                }
            }
            if let entry = examined.entry {
                outcome.entries.append(entry)
            } else {
                outcome.isComplete = false
            }
        }
    }

    private func examine(
        _ batch: [(number: Int, text: ArraySlice<UInt8>)], with checkers: [Locked<RecordChecker>]
    ) -> [RecordChecker.Examined] {
        let results = Mutex<[RecordChecker.Examined?]>(Array(repeating: nil, count: batch.count))
        DispatchQueue.concurrentPerform(iterations: checkers.count) { thread in
            checkers[thread].value.withLock { checker in
                for place in stride(from: thread, to: batch.count, by: checkers.count) {
                    let (number, text) = batch[place]
                    let examined = checker.examine(
                        text, line: number, place: RecordsPass.place(number))
                    results.withLock { $0[place] = examined }
                }
            }
        }
        return results.withLock { $0.compactMap(\.self) }
    }

    private static func place(_ line: Int) -> String { "records.jsonl, line \(line)" }
}

/// A value that threads take in turns.
final class Locked<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}
