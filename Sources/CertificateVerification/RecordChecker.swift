import CertificateRecords
import Digests
import RandomizedSmoothing

/// Makes a record again from its counts and compares.
struct RecordChecker: Sendable {
    private let manifest: Manifest
    private let seal: Digest
    private let isOfThisRelease: Bool
    private let checkpoints: Set<Int>
    /// Makes records; what it has proved it remembers.
    private(set) var certifier: SequentialCertifier
    /// Of a plan that decides about all inputs together: those that it certifies; nil where that cannot
    /// be told, since not all records could be read.
    private let certified: Set<Int>?

    /// What there is of one line.
    struct Examined: Sendable {
        /// The number of the line, from 1.
        let line: Int
        var faults: [Fault] = []
        /// nil: the line could not be read.
        var entry: RecordEntry?
    }

    init(_ rebuilt: RebuiltManifest, _ survey: RecordsSurvey) throws {
        self.init(
            rebuilt, survey,
            by: try SequentialCertifier(
                rebuilt.manifest.plan, classes: rebuilt.manifest.model.classCount,
                largestGridDistance: survey.largestGridDistance))
    }

    init(_ rebuilt: RebuiltManifest, _ survey: RecordsSurvey, by certifier: SequentialCertifier) {
        manifest = rebuilt.manifest
        seal = rebuilt.seal
        isOfThisRelease = rebuilt.isOfThisRelease
        checkpoints = Set(manifest.plan.checkpoints)
        self.certifier = certifier
        certified = survey.certified(by: certifier)
    }

    /// Checks a line of `records.jsonl` by itself.
    mutating func examine(_ text: ArraySlice<UInt8>, line: Int, place: String) -> Examined {
        var examined = Examined(line: line)
        let recorded: RecordedCertificate
        do {
            recorded = try RecordedCertificate(line: text)
        } catch {
            examined.faults = [Fault(kind: .records, place: place, reason: "\(error)")]
            return examined
        }
        let place = "\(place) (input \(recorded.index))"
        do {
            try check(recorded, text: text, into: &examined, place: place)
        } catch {
            examined.faults.append(
                Fault(
                    kind: .arithmetic, place: place, reason: "its bounds cannot be found: \(error)")
            )
        }
        return examined
    }

    private mutating func check(
        _ recorded: RecordedCertificate, text: ArraySlice<UInt8>, into examined: inout Examined,
        place: String
    ) throws {
        examined.faults += misfits(recorded).map {
            Fault(kind: $0.kind, place: place, reason: $0.reason)
        }
        let distance = GridDistance(digits: recorded.gridDistance.description)
        if distance == nil {
            examined.faults.append(
                Fault(
                    kind: .arithmetic, place: place,
                    reason: "gridDistance is \(recorded.gridDistance), without twelve places"))
        }
        guard let distance, examined.faults.isEmpty else {
            examined.entry = RecordEntry(recorded, line: examined.line, tableFields: nil)
            return
        }
        guard let record = try rebuilt(recorded, distance) else {
            examined.entry = RecordEntry(recorded, line: examined.line, tableFields: nil)
            examined.faults.append(
                Fault(
                    kind: .arithmetic, place: place,
                    reason: "whether it is certified cannot be told, since that is decided of all "
                        + "inputs together and not all records could be read"))
            return
        }
        examined.entry = RecordEntry(recorded, line: examined.line, tableFields: record.tableFields)
        if !record.line.utf8.elementsEqual(text) {
            examined.faults += differences(recorded, record).map {
                Fault(kind: .arithmetic, place: place, reason: $0)
            }
        }
        if try isOpen(recorded) {
            examined.faults.append(
                Fault(
                    kind: .arithmetic, place: place,
                    reason: "its estimation ended after \(recorded.estimation.samples) samples, "
                        + "where the plan goes on"))
        }
    }

    /// Why the record cannot be one of this campaign at all.
    private func misfits(_ recorded: RecordedCertificate) -> [(kind: Fault.Kind, reason: String)] {
        var misfits: [(Fault.Kind, String)] = []
        let (plan, classes) = (manifest.plan, manifest.model.classCount)
        if recorded.campaign != seal {
            misfits.append((.records, "it names the campaign \(recorded.campaign), not \(seal)"))
        }
        if recorded.estimation.values.count != classes {
            misfits.append(
                (
                    .arithmetic,
                    "it counts \(recorded.estimation.values.count) classes, not \(classes)"
                ))
        }
        if recorded.selection.samples != plan.selectionSamples {
            misfits.append(
                (
                    .arithmetic,
                    "selection.samples is \(recorded.selection.samples), but the plan has "
                        + "\(plan.selectionSamples)"
                ))
        }
        if !checkpoints.contains(recorded.estimation.samples) {
            misfits.append(
                (
                    .arithmetic,
                    "estimation.samples is \(recorded.estimation.samples), which is no checkpoint of "
                        + "the plan"
                ))
        }
        if !manifest.inputs.areRounded, !recorded.gridDistance.isZero {
            misfits.append(
                (
                    .arithmetic,
                    "gridDistance is \(recorded.gridDistance), but all inputs are on the grid"
                ))
        }
        if (recorded.label == nil) != (manifest.inputs.labels == nil) {
            let stated = recorded.label == nil ? "has no label" : "has a label"
            misfits.append((.records, "it \(stated), unlike the inputs in the manifest"))
        }
        return misfits
    }

    /// The record that follows from the counts of one; nil where it cannot be one of this campaign.
    mutating func record(from recorded: RecordedCertificate) throws -> CertificateRecord? {
        guard misfits(recorded).isEmpty,
            let distance = GridDistance(digits: recorded.gridDistance.description)
        else { return nil }
        return try rebuilt(recorded, distance)
    }

    private mutating func rebuilt(
        _ recorded: RecordedCertificate, _ distance: GridDistance
    ) throws -> CertificateRecord? {
        let certification: Certification
        if manifest.plan.error.batch != nil {
            guard let certified else { return nil }
            certification = certifier.certification(
                selection: recorded.selection, estimation: recorded.estimation,
                isClaimed: certified.contains(recorded.index))
        } else {
            certification = try certifier.certify(
                selection: recorded.selection, estimation: recorded.estimation,
                gridDistance: distance)
        }
        return CertificateRecord(
            manifest: manifest, campaign: seal, index: recorded.index,
            input: recorded.input ?? manifest.inputs.digest, label: recorded.label,
            selection: recorded.selection, estimation: recorded.estimation, gridDistance: distance,
            certification: certification)
    }

    /// Whether the rule would have gone on at these counts. A budget may end before it: that it is spent
    /// is looked at when all records are.
    private mutating func isOpen(_ recorded: RecordedCertificate) throws -> Bool {
        guard manifest.plan.budget == nil,
            recorded.estimation.samples < manifest.plan.estimationSamples
        else { return false }
        return try !certifier.isDecided(
            selection: recorded.selection, estimation: recorded.estimation)
    }

    /// What the line says otherwise. Another release may have known other keys, and said things in other
    /// words.
    func differences(
        _ recorded: RecordedCertificate, _ record: CertificateRecord
    ) -> [String] {
        guard let derived = try? JSON(parsing: record.line.utf8) else {
            return ["it is unreadable"]
        }
        let words = ["claims", "doesNotClaim", "assumptions"]
        let leaves = JSONDifference.leaves(stated: recorded.json, derived: derived).filter {
            isOfThisRelease
                || ($0.stated != nil && $0.derived != nil && !words.contains($0.path))
        }
        guard leaves.isEmpty, isOfThisRelease else { return leaves.map(\.reason) }
        return ["it is written otherwise: in another order, or with other spaces or digits"]
    }
}

/// What is kept of a record for the checks that look at all of them.
struct RecordEntry: Sendable {
    /// The number of its line, from 1.
    let line: Int
    let index: Int
    let label: Int?
    let input: Digest?
    let gridDistance: String
    let selection: ClassCounts
    let estimation: ClassCounts
    /// Whether it says that the budget left it undecided.
    let isLeft: Bool
    /// What `certificates.tsv` has to say of it, but for the time; nil where that is not known.
    let tableFields: String?

    init(_ recorded: RecordedCertificate, line: Int, tableFields: String?) {
        self.line = line
        index = recorded.index
        label = recorded.label
        input = recorded.input
        gridDistance = recorded.gridDistance.description
        selection = recorded.selection
        estimation = recorded.estimation
        isLeft = recorded.reason == AbstentionReason.budgetSpent.rawValue
        self.tableFields = tableFields
    }

    var samples: Int { selection.samples + estimation.samples }
}

extension CertificateRecord {
    /// The line of the table without its last column.
    var tableFields: String {
        let line = tabSeparatedLine(nanoseconds: 0)
        return String(line[..<(line.lastIndex(of: "\t") ?? line.endIndex)])
    }
}
