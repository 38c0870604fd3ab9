import CertificateRecords
import ClassifierRuntime
import ConfidenceBounds
public import DataSets
import Digests
import Foundation
import RandomizedSmoothing
import SampleCounting
import SmoothingNoise
import Sodium

/// The files that a campaign was about, to be compared with its digests and to count again.
public struct Evidence: Sendable {
    /// The model; nil: it is not at hand.
    public var model: DataFile?
    /// The inputs; nil: they are not at hand.
    public var inputs: DataFile?
    /// The labels; nil: they are not at hand.
    public var labels: DataFile?
    /// How the channel axis of the inputs is moved.
    public var axisMove: AxisMove?

    /// A file, and the array in it if it is an archive.
    public struct DataFile: Sendable {
        /// Where it is.
        public var path: String
        /// The array of an `.npz` file; nil: the usual one.
        public var member: String?
        /// Whether nobody gave it, and the run only says that it was there: another file in its place is
        /// not used, and is no fault.
        public var isGuess: Bool

        /// Names a file.
        public init(path: String, member: String? = nil, isGuess: Bool = false) {
            self.path = path
            self.member = member
            self.isGuess = isGuess
        }
    }

    /// No file.
    public init() {}
}

/// Compares the files with what the manifest and the records say of them.
struct EvidenceCheck {
    let evidence: Evidence
    let manifest: Manifest
    let records: [RecordEntry]

    /// The model's bytes, and whether they are others than the manifest's.
    func model(_ path: String) throws -> (bytes: [UInt8], faults: [Fault]) {
        let bytes: [UInt8]
        do {
            bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        } catch {
            throw VerificationError.unreadable(path)
        }
        let digest = SHA256.digest(of: bytes)
        guard digest != manifest.model.digest || bytes.count != manifest.model.size else {
            return (bytes, [])
        }
        let reason =
            "it is another model: its SHA-256 is \(digest), and the manifest's \(manifest.model.digest)"
        return (bytes, [Fault(kind: .evidence, place: path, reason: reason)])
    }

    /// The inputs as the campaign saw them.
    ///
    /// - Throws: one sentence when the file is none of that shape.
    func images(_ file: Evidence.DataFile) throws -> ImageSet {
        let images = try ImageSet.load(path: file.path, member: file.member)
        let moved = try evidence.axisMove.map { try images.transposed($0) } ?? images
        return try moved.fitted(to: manifest.model.inputShape)
    }

    /// Which inputs are others than those of the records, or lie elsewhere on the grid.
    func inputFaults(_ images: ImageSet, path: String) throws -> [Fault] {
        let grid = try Grid(stepsPerUnit: manifest.noise.stepsPerUnit)
        var faults: [Fault] = []
        func fault(_ reason: String) {
            faults.append(Fault(kind: .evidence, place: path, reason: reason))
        }
        let width = images.elementType == .uint8 ? 1 : 4
        guard width == manifest.inputs.coordinateWidth else {
            fault("its elements are \(images.elementType), which the campaign's were not")
            return faults
        }
        var all = SHA256()
        let recorded = Dictionary(
            records.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        for index in manifest.inputs.indices {
            guard index < images.count else {
                fault("it has \(images.count) inputs, and none of the index \(index)")
                return faults
            }
            let image = try images.gridImage(at: index, on: grid)
            let digest = SHA256.digest(of: EncodedInput.bytes(of: image.values, width: width))
            all.update(
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: index).littleEndian, Array.init)
                    + digest.bytes)
            guard let record = recorded[index] else { continue }
            if let input = record.input, input != digest {
                fault("input \(index) is another one than its record's")
            }
            let distance = GridDistance(roundingUp: UpperBound(proved: image.distance))
            if record.gridDistance != distance.description {
                fault(
                    "input \(index) is \(distance) from the grid, and its record says "
                        + record.gridDistance)
            }
        }
        if faults.isEmpty, all.finalize() != manifest.inputs.digest {
            fault("the inputs are others than those of the manifest's digest")
        }
        return faults
    }

    /// Which labels are others than those of the records.
    func labelFaults(_ labels: [Int], path: String) -> [Fault] {
        records.filter { $0.index >= labels.count || $0.label != labels[$0.index] }.map { record in
            let stated = record.label.map { "\($0)" } ?? "nothing"
            return Fault(
                kind: .evidence, place: path,
                reason: "the label of input \(record.index) is "
                    + (record.index < labels.count ? "\(labels[record.index])" : "missing")
                    + ", and its record says \(stated)")
        }
    }
}

/// Why a run cannot be verified at all: one sentence.
public enum VerificationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file that cannot be read.
    case unreadable(String)
    /// Counting again needs a file that is not at hand: which, and by which option it is given.
    case needed(String, option: String)
    /// More inputs than there are.
    case extent(Int, available: Int)

    /// The sentence.
    public var description: String {
        switch self {
        case .unreadable(let path): "cannot read \(path): there is no such file, or it is not yours"
        case .needed(let what, let option):
            "--replay needs \(what) of the campaign, and provenance.json does not lead there: give "
                + option
        case .extent(let inputs, let available):
            "--replay \(inputs) asks for more inputs than the \(available) that have records"
        }
    }
}
