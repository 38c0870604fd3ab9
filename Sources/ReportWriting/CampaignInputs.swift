import CertificateRecords
import DataSets
import Digests
import SampleCounting
import Sodium

/// The inputs of a campaign, found again and checked against its manifest.
struct CampaignInputs {
    private let images: ImageSet
    private let grid: Grid
    private let width: Int

    /// Opens a file, in whatever order of axes its digest is the manifest's.
    ///
    /// - Throws: ``DataSetError``, or ``ReportError`` when these are other inputs.
    init(_ path: String, member: String?, manifest: RecordedManifest) throws {
        let stored = try ImageSet.load(path: path, member: member)
        grid = try Grid(stepsPerUnit: manifest.noise.stepsPerUnit)
        width = manifest.inputs.coordinateWidth
        let moves: [AxisMove?] = [nil] + AxisMove.allCases.map(\.self)
        for move in moves {
            guard let moved = move.map({ try? stored.transposed($0) }) ?? stored,
                let fitted = try? moved.fitted(to: manifest.model.inputShape),
                try CampaignInputs.digest(
                    of: fitted, manifest.inputs.indices, grid: grid, width: width)
                    == manifest.inputs.digest
            else { continue }
            images = fitted
            return
        }
        throw ReportError.otherInputs(path)
    }

    /// The digest that a manifest has of its inputs; nil where an index is not in the file.
    private static func digest(
        of images: ImageSet, _ indices: [Int], grid: Grid, width: Int
    ) throws -> Digest? {
        let isByte = images.elementType == .uint8
        guard isByte == (width == 1), indices.allSatisfy({ $0 < images.count }) else { return nil }
        var all = SHA256()
        for index in indices {
            guard let image = try? images.gridImage(at: index, on: grid) else { return nil }
            let digest = SHA256.digest(of: EncodedInput.bytes(of: image.values, width: width))
            all.update(
                withUnsafeBytes(of: UInt32(index).littleEndian, Array.init) + digest.bytes)
        }
        return all.finalize()
    }

    /// The coordinates of an input in steps of the grid.
    func values(of index: Int) throws -> [Int32] {
        try images.gridImage(at: index, on: grid).values
    }

    /// Whether inputs are bytes.
    var areBytes: Bool { width == 1 }
}

/// Where the channels of an image lie among its coordinates.
struct PictureShape {
    let height: Int
    let width: Int
    let channels: Int
    private let isChannelFirst: Bool

    /// The shape of images of one channel or three; nil of anything else.
    init?(_ shape: [Int]) {
        switch shape.count {
        case 2: (height, width, channels, isChannelFirst) = (shape[0], shape[1], 1, true)
        case 3 where shape[0] == 1 || shape[0] == 3:
            (height, width, channels, isChannelFirst) = (shape[1], shape[2], shape[0], true)
        case 3 where shape[2] == 1 || shape[2] == 3:
            (height, width, channels, isChannelFirst) = (shape[0], shape[1], shape[2], false)
        default: return nil
        }
    }

    /// Coordinates as rows of pixels of channels.
    func interleaved<Value>(_ values: [Value]) -> [Value] {
        guard isChannelFirst, channels > 1 else { return values }
        let size = height * width
        return (0..<values.count).map { values[$0 % channels * size + $0 / channels] }
    }
}
