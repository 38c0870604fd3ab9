public import CertificateRecords
public import Digests
import Foundation
import Sodium

/// What runs of one plan on disjoint inputs become together: manifest, records and table, a function of
/// theirs alone. It writes nothing; memory grows with the number of inputs by a hundred bytes each.
///
/// It takes for granted that each run holds by itself.
public struct MergedRun {
    /// The runs, in the order of their first inputs.
    public let parts: [Part]
    /// The text of the manifest of all.
    public let manifest: String
    /// Its seal.
    public let seal: Digest
    /// Whether the runs have become one campaign, whose seal the records name.
    public let isOneCampaign: Bool
    /// Whether all runs have kept their tables.
    public let hasTable: Bool
    /// How many inputs have no certificate or prediction.
    public let abstentions: Int
    /// Inputs of different runs that are equal, byte for byte, under different indices.
    public let twins: [Twins]

    /// The records in the order of their inputs.
    private let places: [Place]

    /// One of the runs.
    public struct Part: Sendable {
        /// Its folder.
        public let folder: RunFolder
        /// Its manifest.
        public let manifest: RecordedManifest
        /// How many samples its records rest on.
        public let samples: Int
    }

    /// Two equal inputs.
    public struct Twins: Hashable, Sendable {
        /// The index of the first.
        public let index: Int
        /// The index of the other, which is in another run.
        public let other: Int
        /// Whether both have the same label.
        public let haveOneLabel: Bool
    }

    /// Where the record of an input stands.
    private struct Place {
        let index: Int
        let part: Int
        let line: Int
        let record: Extent
        let table: Extent?
        let label: Int?
        let input: Digest
    }

    /// Bytes of a file.
    private struct Extent {
        let offset: UInt64
        let count: Int
    }

    /// Reads through the runs.
    ///
    /// - Throws: ``RunFolderError``.
    public init(of folders: [RunFolder]) throws {
        let sorted = try folders.map { (folder: $0, manifest: try $0.manifest()) }.sorted {
            ($0.manifest.inputs.indices.min() ?? 0) < ($1.manifest.inputs.indices.min() ?? 0)
        }
        let hasTable = sorted.allSatisfy { $0.folder.has(.certificates) }
        var (places, parts, abstentions) = ([Place](), [Part](), 0)
        places.reserveCapacity(sorted.reduce(0) { $0 + $1.manifest.inputs.indices.count })
        for (number, part) in sorted.enumerated() {
            let survey = try MergedRun.survey(part.folder, part: number, hasTable: hasTable)
            places += survey.places
            abstentions += survey.abstentions
            parts.append(
                Part(folder: part.folder, manifest: part.manifest, samples: survey.samples))
        }
        places.sort { $0.index < $1.index }
        let inputs = MergedRun.inputs(places, of: sorted.map(\.manifest))
        let whole = MergedManifest(sorted.map(\.manifest), inputs: inputs)
        seal = SHA256.digest(of: Array(whole.sealedLine.utf8))
        manifest = whole.page(sealedWith: seal.hex)
        isOneCampaign = whole.isOneCampaign
        twins = MergedRun.twins(places)
        (self.places, self.parts, self.hasTable, self.abstentions) =
            (places, parts, hasTable, abstentions)
    }

    /// The indices of the inputs of a part and their digests, in the order of its manifest.
    public func inputs(ofPart part: Int) -> [(index: Int, digest: Digest)] {
        places.filter { $0.part == part }.sorted { $0.line < $1.line }
            .map { ($0.index, $0.input) }
    }

    /// The indices of all inputs, in order.
    public var indices: [Int] { places.map(\.index) }

    // Reading
    // -------

    private static func survey(
        _ folder: RunFolder, part: Int, hasTable: Bool
    ) throws -> (places: [Place], samples: Int, abstentions: Int) {
        var (places, samples, abstentions) = ([Place](), 0, 0)
        var table = hasTable ? ExtentReader(lines: try folder.lines(of: .certificates)) : nil
        _ = try table?.next()
        var records = ExtentReader(lines: try folder.lines(of: .records))
        while let (line, extent) = try records.next() {
            let number = records.lines.number
            let record = try folder.reading(.records, line: number) {
                try RecordedCertificate(line: line)
            }
            guard let input = record.input else {
                throw RunFolderError.malformed(
                    folder.path(of: .records), line: number,
                    "it is of a release that did not write the digest of the input")
            }
            samples += record.samples
            abstentions += record.answer == nil ? 1 : 0
            places.append(
                Place(
                    index: record.index, part: part, line: number,
                    record: Extent(offset: extent.offset, count: extent.count),
                    table: try table?.next().map {
                        Extent(offset: $0.extent.offset, count: $0.extent.count)
                    }, label: record.label, input: input))
        }
        return (places, samples, abstentions)
    }

    /// Reads lines and says where they stand.
    private struct ExtentReader {
        var lines: LineReader
        private var offset: UInt64 = 0

        init(lines: LineReader) { self.lines = lines }

        mutating func next() throws -> (
            line: ArraySlice<UInt8>, extent: (offset: UInt64, count: Int)
        )? {
            guard let line = try lines.next() else { return nil }
            defer { offset += UInt64(line.count) + 1 }
            return (line, (offset, line.count))
        }
    }

    private static func inputs(
        _ places: [Place], of parts: [RecordedManifest]
    ) -> Manifest.Inputs {
        var (inputs, labels) = (SHA256(), SHA256())
        for place in places {
            inputs.update(
                withUnsafeBytes(of: UInt32(place.index).littleEndian, Array.init)
                    + place.input.bytes)
            labels.update(withUnsafeBytes(of: Int64(place.label ?? -1).littleEndian, Array.init))
        }
        return Manifest.Inputs(
            indices: places.map(\.index), digest: inputs.finalize(),
            labels: parts.first?.inputs.labels == nil ? nil : labels.finalize(),
            coordinateWidth: parts.first?.inputs.coordinateWidth ?? 1,
            areRounded: parts.contains(where: \.inputs.areRounded))
    }

    private static func twins(_ places: [Place]) -> [Twins] {
        var first: [Digest: Int] = [:]
        return places.indices.compactMap { place in
            guard let other = first[places[place].input] else {
                first[places[place].input] = place
                return nil
            }
            guard places[other].part != places[place].part else { return nil }
            return Twins(
                index: places[other].index, other: places[place].index,
                haveOneLabel: places[other].label == places[place].label)
        }
    }
}

// The lines of its files
// ----------------------

extension MergedRun {
    /// A line of the merged run.
    public struct Line {
        /// The index of its input.
        public let index: Int
        /// The part whose it is.
        public let part: Int
        /// The number of its record there, from 1.
        public let number: Int
        /// The line without its line break.
        public let text: [UInt8]
    }

    /// Hands over the records in order.
    ///
    /// - Throws: ``RunFolderError``, or what the body throws.
    public func forEachRecord(_ body: (Line) throws -> Void) throws {
        let files = try handles(of: .records)
        for place in places {
            var text = try read(place.record, of: .records, files, part: place.part)
            if isOneCampaign { try rename(&text, place) }
            try body(Line(index: place.index, part: place.part, number: place.line, text: text))
        }
    }

    /// Hands over the lines of the table in order, without its header; none where a run has kept its
    /// table back.
    ///
    /// - Throws: ``RunFolderError``, or what the body throws.
    public func forEachTableLine(_ body: (Line) throws -> Void) throws {
        let files = hasTable ? try handles(of: .certificates) : []
        for place in places {
            guard let extent = place.table else { continue }
            let text = try read(extent, of: .certificates, files, part: place.part)
            try body(
                Line(index: place.index, part: place.part, number: place.line + 1, text: text))
        }
    }

    private func handles(of file: RunFolder.File) throws -> [FileHandle] {
        try parts.map { part in
            let path = part.folder.path(of: file)
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw RunFolderError.unreadable(path, RunFolderError.reason(path))
            }
            return handle
        }
    }

    private func read(
        _ extent: Extent, of file: RunFolder.File, _ handles: [FileHandle], part: Int
    ) throws -> [UInt8] {
        let path = parts[part].folder.path(of: file)
        do {
            try handles[part].seek(toOffset: extent.offset)
            let bytes = try handles[part].read(upToCount: extent.count) ?? Data()
            guard bytes.count == extent.count else {
                throw RunFolderError.unreadable(path, "it has become shorter")
            }
            return [UInt8](bytes)
        } catch let error as RunFolderError {
            throw error
        } catch {
            throw RunFolderError.unreadable(path, "\(error)")
        }
    }

    /// Lets a record name the campaign that the runs have become. Nothing else in it depends on which
    /// inputs its campaign has, or `MergedManifest` had not made one campaign of them.
    private func rename(_ text: inout [UInt8], _ place: Place) throws {
        let part = parts[place.part]
        // Within a text, quotation marks would stand behind a backslash.
        let old = Array("\"campaign\":\"\(part.manifest.seal.hex)\"".utf8)
        guard let range = text.firstRange(of: old) else {
            throw RunFolderError.malformed(
                part.folder.path(of: .records), line: place.line,
                "it does not name the campaign of its manifest")
        }
        text.replaceSubrange(range, with: Array("\"campaign\":\"\(seal.hex)\"".utf8))
    }
}
