import CertificateRecords
public import Digests
public import RunFolders
public import Sodium

// What a merged run proves
// ========================
//
// Each part is a whole campaign with its own seal, key and records, and is checked as one. The merged run says
// nothing of its own: its manifest, its records and its table are a function of the parts' (``MergedRun``).
// So they are made again from the parts, and compared byte for byte.

/// Checks a merged run: each part by itself, and that the whole is what they become.
public struct MergedRunVerification {
    /// The folder of the whole.
    public let folder: RunFolder

    private let seals: [Digest]
    private let publicKey: SigningPublicKey?
    private let each: (RunFolder) -> RunVerification

    /// A verification of the whole in a folder.
    ///
    /// - Parameters:
    ///   - seals: those of its parts (``RunFolder/partSeals()``).
    ///   - publicKey: the key by which the whole has to be signed; its parts may be signed by others.
    ///   - each: how the campaign of a part is verified.
    public init(
        of folder: RunFolder, _ seals: [Digest], publicKey: SigningPublicKey?,
        each: @escaping (RunFolder) -> RunVerification
    ) {
        self.folder = folder
        self.seals = seals
        self.publicKey = publicKey
        self.each = each
    }

    /// Checks everything that can be checked.
    ///
    /// - Throws: one sentence, when that cannot even be tried; see ``RunVerification/run()``.
    public func run() throws -> VerificationReport {
        var report = VerificationReport(run: folder.path)
        report.whole = "the merged run"
        var parts: [RunFolder] = []
        for place in seals.indices {
            guard let part = part(place, into: &report) else { continue }
            parts.append(part)
        }
        for (part, extent) in zip(parts, try replayExtents(of: parts)) {
            var verification = each(part)
            (verification.replay, verification.publicKey) = (extent, nil)
            report.add(
                try verification.run(),
                of: String(part.path.dropFirst(folder.path.count + 1)))
        }
        let hold = parts.count == seals.count && report.faults.isEmpty
        let stated = try folder.manifest()
        checkSeal(stated, into: &report)
        guard hold else {
            report.skip("what they become", "not all parts are there and hold by themselves")
            return report
        }
        let merged = try MergedRun(of: parts)
        checkParts(merged, stated, into: &report)
        try checkRecords(merged, into: &report)
        try checkTable(merged, into: &report)
        try SignatureCheck(folder: folder, publicKey: publicKey).check(
            seal: stated.seal, into: &report)
        checkProvenance(merged, into: &report)
        report.skip("other parts", "that no run was left out for what came of it")
        return report
    }

    // Parts
    // -----

    private func part(_ place: Int, into report: inout VerificationReport) -> RunFolder? {
        do {
            return try folder.part(place)
        } catch {
            let name = MergedManifest.folder(ofPart: place)
            var missing = VerificationReport(run: folder.path)
            missing.hold(
                "campaign", "",
                unless: [Fault(kind: .records, place: name, reason: "this part is missing")])
            report.add(missing, of: name)
            return nil
        }
    }

    /// How much of each part is counted again. Of so many inputs of the whole, chance decides how many are
    /// each part's, as if they were drawn from all.
    private func replayExtents(of parts: [RunFolder]) throws -> [ReplayExtent?] {
        guard let first = parts.first.map(each), case .inputs(let count)? = first.replay else {
            return parts.map { each($0).replay }
        }
        let sizes = try parts.map { try $0.manifest().inputs.indices.count }
        let owners = sizes.enumerated().flatMap { part, size in
            Array(repeating: part, count: size)
        }
        guard count <= owners.count else {
            throw VerificationError.extent(count, available: owners.count)
        }
        var choice = ReplayChoice(seed: first.seed)
        var shares = Array(repeating: 0, count: parts.count)
        for owner in owners.shuffled(using: &choice).prefix(count) { shares[owner] += 1 }
        return shares.map { $0 == 0 ? nil : .inputs($0) }
    }

    // The whole
    // ---------

    private func checkSeal(_ stated: RecordedManifest, into report: inout VerificationReport) {
        let seal = SHA256.digest(of: Array(stated.sealedLine.utf8))
        let reason =
            "its members have the SHA-256 \(seal), but the seal is \(stated.seal): it was changed"
        report.hold(
            "seal", "the manifest's seal is the SHA-256 of its members",
            unless: seal == stated.seal
                ? []
                : [
                    Fault(kind: .seal, place: RunFolder.File.manifest.rawValue, reason: reason)
                ])
    }

    private func checkParts(
        _ merged: MergedRun, _ stated: RecordedManifest, into report: inout VerificationReport
    ) {
        let place = RunFolder.File.manifest.rawValue
        func fault(_ reason: String) -> Fault { Fault(kind: .plan, place: place, reason: reason) }
        let names = merged.parts.indices.map(MergedManifest.folder(ofPart:))
        let refusal = MergeRefusal(
            zip(names, merged.parts).map { (name: $0, manifest: $1.manifest) })
        var faults = (refusal?.reasons ?? []).map(fault)
        for (place, (seal, part)) in zip(seals, merged.parts).enumerated()
        where seal != part.manifest.seal {
            faults.append(
                fault("\(names[place]) is to be the campaign \(seal), not \(part.manifest.seal)"))
        }
        if faults.isEmpty { faults = derivedReasons(merged, stated).map(fault) }
        report.hold(
            "parts",
            "they are runs of one plan on disjoint inputs, and the manifest is what theirs become",
            unless: faults)
    }

    private func derivedReasons(_ merged: MergedRun, _ stated: RecordedManifest) -> [String] {
        guard stated.json.page != merged.manifest,
            let derived = try? JSON(parsing: merged.manifest.utf8)
        else { return [] }
        let leaves = JSONDifference.leaves(stated: stated.json, derived: derived)
            .filter { $0.path != "seal" }
        return leaves.isEmpty
            ? ["its members stand in another order than written, or its seal is another's"]
            : leaves.map(\.reason)
    }

    private func checkRecords(
        _ merged: MergedRun, into report: inout VerificationReport
    ) throws {
        let name = RunFolder.File.records.rawValue
        var comparison = LineComparison(of: .records, kind: .records) { line, text in
            let place = "\(name), line \(line.number)"
            guard let stated = try? JSON(parsing: text), let due = try? JSON(parsing: line.due.text)
            else { return [Fault(kind: .records, place: place, reason: "it is no record")] }
            let leaves = JSONDifference.leaves(stated: stated, derived: due)
            guard !leaves.isEmpty else {
                return [Fault(kind: .arithmetic, place: place, reason: "it is written otherwise")]
            }
            return leaves.map { leaf in
                let isOfAnother = ["index", "campaign"].contains(leaf.path)
                return Fault(
                    kind: isOfAnother ? .records : .arithmetic, place: place,
                    reason: "\(leaf.reason) from \(line.origin)")
            }
        }
        try comparison.compare(with: folder, merged.forEachRecord)
        report.hold(
            "records",
            "\(merged.indices.count) inputs have one each, in their order, which is that of its part"
                + (merged.isOneCampaign ? ", but for the seal" : ", byte for byte"),
            unless: comparison.faults)
    }

    private func checkTable(_ merged: MergedRun, into report: inout VerificationReport) throws {
        let name = RunFolder.File.certificates.rawValue
        guard folder.has(.certificates) else {
            return report.skip(name, "the file is not there")
        }
        guard merged.hasTable else {
            return report.skip(name, "not all parts have kept theirs")
        }
        var comparison = LineComparison(of: .certificates, kind: .files) { line, _ in
            [
                Fault(
                    kind: .files, place: "\(name), line \(line.number)",
                    reason: "it is not that of \(line.origin)")
            ]
        }
        try comparison.compare(
            with: folder, header: CertificateRecord.tabSeparatedHeader, merged.forEachTableLine)
        report.hold(name, "its lines are those of the parts", unless: comparison.faults)
    }

    private func checkProvenance(_ merged: MergedRun, into report: inout VerificationReport) {
        let name = RunFolder.File.provenance.rawValue
        do {
            guard let provenance = try folder.provenance() else {
                return report.skip(name, "the file is not there")
            }
            let file = try ObjectReader(provenance)
            let (campaign, decided) = (
                try file.digest("campaign"), try file.integer("inputsDecided")
            )
            var reasons: [String] = []
            if campaign != merged.seal {
                reasons.append("it is of the campaign \(campaign), not \(merged.seal)")
            }
            if decided != merged.indices.count {
                reasons.append(
                    "it counts \(decided) inputs, and there are \(merged.indices.count)")
            }
            report.hold(
                name, "it is of this run; who counted what cannot be checked",
                unless: reasons.map { Fault(kind: .files, place: name, reason: $0) })
        } catch {
            report.hold(name, "", unless: [Fault(kind: .files, place: name, reason: "\(error)")])
        }
    }
}

/// Compares the lines of a file with those that are due.
private struct LineComparison {
    private(set) var faults: [Fault] = []

    private let file: RunFolder.File
    private let kind: Fault.Kind
    private let differ: (Expected, ArraySlice<UInt8>) -> [Fault]

    /// A line and where it has to come from.
    struct Expected {
        /// Its number in the file, from 1.
        let number: Int
        let due: MergedRun.Line

        /// The part, and the line there.
        var origin: String {
            "\(MergedManifest.folder(ofPart: due.part)), line \(due.number)"
        }
    }

    /// - Parameters:
    ///   - kind: what is wrong when a line is missing or stands elsewhere.
    ///   - differ: what is wrong with a line that is not the one that is due.
    init(
        of file: RunFolder.File, kind: Fault.Kind,
        differ: @escaping (_ line: Expected, _ text: ArraySlice<UInt8>) -> [Fault]
    ) {
        (self.file, self.kind, self.differ) = (file, kind, differ)
    }

    mutating func compare(
        with folder: RunFolder, header: String? = nil,
        _ forEachLine: ((MergedRun.Line) throws -> Void) throws -> Void
    ) throws {
        var isAstray = false
        do {
            var lines = try folder.lines(of: file)
            if let header, try !(lines.next().map { header.utf8.elementsEqual($0) } ?? false) {
                add(line: 1, "it is no header")
            }
            try forEachLine { due in
                guard !isAstray else { return }
                guard let text = try lines.next() else {
                    add(line: lines.number + 1, "the line of input \(due.index) is missing")
                    isAstray = true
                    return
                }
                guard !text.elementsEqual(due.text) else { return }
                if let other = index(in: text), other != due.index {
                    add(
                        line: lines.number,
                        "input \(other) stands where input \(due.index) is due")
                    isAstray = true
                    return
                }
                faults += differ(Expected(number: lines.number, due: due), text)
            }
            if !isAstray, try lines.next() != nil {
                add(line: lines.number, "no part has this line")
            }
        } catch RunFolderError.malformed(let path, let line, let reason)
            where path == folder.path(of: file)
        {
            add(line: line ?? 1, reason)
        } catch RunFolderError.unreadable(let path, let reason) where path == folder.path(of: file)
        {
            faults.append(Fault(kind: kind, place: file.rawValue, reason: reason))
        }
    }

    private mutating func add(line: Int, _ reason: String) {
        faults.append(Fault(kind: kind, place: "\(file.rawValue), line \(line)", reason: reason))
    }

    private func index(in text: ArraySlice<UInt8>) -> Int? {
        guard file == .records else {
            return Int(String(decoding: text.prefix { $0 != UInt8(ascii: "\t") }, as: UTF8.self))
        }
        return (try? JSON(parsing: text)).flatMap { try? ObjectReader($0).integer("index") }
    }
}
