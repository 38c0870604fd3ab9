/// The inputs of a campaign: `count` images of one shape, read from a file one at a time.
///
/// Understood are `.npy`, `.npz`, IDX and the binary version of CIFAR-10 and CIFAR-100, each also
/// inside gzip, and recognised by content. A file that is not compressed is read image by image,
/// so memory does not grow with the number of images; a compressed file (and any npz archive) is
/// decompressed into memory once, and so is an array that numpy stored in Fortran order.
///
/// ```swift
/// let images = try ImageSet.load(path: "test.npz", member: "x_test").fitted(to: [1, 28, 28])
/// let image = try images.gridImage(at: 0, on: .standard(for: images.elementType))
/// ```
public struct ImageSet: Sendable {
    /// The file, and the archive member if there is one, as error sentences name it.
    public let origin: String
    /// How many images there are; at least 1.
    public let count: Int
    /// The shape of one image, such as `[28, 28]` or `[3, 32, 32]`.
    public internal(set) var shape: [Int]
    /// The type of one pixel.
    public let elementType: ElementType
    /// The labels that the images came with (CIFAR; the fine labels of CIFAR-100), unchecked
    /// against a number of classes: see ``LabelSet``.
    public let labels: [Int]?

    /// One row an image; its last `storedShape.product` elements are the pixels.
    let rows: StoredArray
    /// The shape of one image as it is stored, before ``transposed(_:)``.
    var storedShape: [Int]
    /// Axis `j` of ``shape`` is axis `axisOrder[j]` of ``storedShape``.
    var axisOrder: [Int]

    /// The images in the file at `path`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - member: The array of an npz archive to read, with or without `.npy`. When it is not
    ///     given, it is the only array, or the only one with a usual name: `x`, `x_test`, `images`,
    ///     `data` or `arr_0`.
    /// - Returns: The images; no pixel of a file without compression has been read.
    /// - Throws: When the file is no such array of images, or is damaged.
    public static func load(
        path: String, member: String? = nil
    ) throws(DataSetError) -> ImageSet {
        let contents = try Contents.open(
            path: path, member: member,
            usualNames: ["x", "x_test", "images", "data", "arr_0"])
        if let array = try StoredArray(contents) {
            return try ImageSet(array)
        }
        guard let batch = try CIFARBatch(contents) else {
            throw contents.unrecognised(expected: "npy, npz, IDX or CIFAR binary images")
        }
        return ImageSet(batch)
    }

    private init(_ array: StoredArray) throws(DataSetError) {
        guard let elementType = ElementType(rawValue: array.type.rawValue) else {
            throw DataSetError(
                array.origin,
                "the elements are \(array.type), but pixels must be uint8, float32 or float64; "
                    + "convert the array, for example with x.astype(np.uint8)")
        }
        guard array.shape.count >= 2, !array.shape.contains(0) else {
            throw DataSetError(
                array.origin,
                "an array of shape \(array.shape) holds no images; the first axis must count "
                    + "the images, and the others are the shape of one")
        }
        self.init(
            rows: array, shape: Array(array.shape.dropFirst()), elementType: elementType,
            labels: nil)
    }

    private init(_ batch: CIFARBatch) {
        self.init(
            rows: batch.rows, shape: [3, 32, 32], elementType: .uint8, labels: batch.labels)
    }

    private init(rows: StoredArray, shape: [Int], elementType: ElementType, labels: [Int]?) {
        self.origin = rows.origin
        self.count = rows.shape[0]
        self.shape = shape
        self.elementType = elementType
        self.labels = labels
        self.rows = rows
        self.storedShape = shape
        self.axisOrder = Array(shape.indices)
    }

    /// The pixels of image `index` in the row-major order of ``shape``, each little-endian
    /// whatever the file has: what a digest of the image covers.
    ///
    /// - Precondition: `index` is in `0..<count`.
    public func bytes(of index: Int) throws(DataSetError) -> [UInt8] {
        precondition(0 <= index && index < count, "there is no image \(index)")
        let end = (index + 1) * (rows.elementCount / count)
        let stored = try rows.littleEndianBytes(of: (end - storedShape.product)..<end)
        guard axisOrder != Array(shape.indices) else { return stored }
        let strides = rowMajorStrides(of: storedShape)
        return gather(
            stored, elementSize: elementType.byteCount, shape: shape,
            strides: axisOrder.map { strides[$0] })
    }
}

/// The type of one pixel.
public enum ElementType: String, Sendable, CaseIterable {
    /// A byte, by custom 255 times the brightness.
    case uint8
    /// An IEEE 754 single.
    case float32
    /// An IEEE 754 double.
    case float64

    /// The bytes of one pixel.
    public var byteCount: Int {
        switch self {
        case .uint8: 1
        case .float32: 4
        case .float64: 8
        }
    }
}
