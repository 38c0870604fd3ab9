/// The true class of every image.
public struct LabelSet: Sendable, Hashable {
    /// One class an image, each in `0..<classes`.
    public let labels: [Int]

    /// Checks labels that came with the images.
    ///
    /// - Parameters:
    ///   - labels: One class an image.
    ///   - count: The number of images; nil: it is not known.
    ///   - classes: The number of classes of the model.
    ///   - origin: The file, for the error's sentence.
    /// - Throws: When there are more or fewer labels than images, or a label is no class.
    public init(
        _ labels: [Int], count: Int?, classes: Int, origin: String
    ) throws(DataSetError) {
        if let count, labels.count != count {
            throw DataSetError(
                origin,
                "there are \(labels.count) labels for \(count) images; give the labels that belong "
                    + "to these images, one for each")
        }
        for (index, label) in labels.enumerated() where !(0..<classes).contains(label) {
            throw DataSetError(
                origin,
                "the label of image \(index) is \(label), but the model has the classes 0 to "
                    + "\(classes - 1); give labels of this model")
        }
        self.labels = labels
    }

    /// The labels in the file at `path`: npy or npz or IDX integers of any width, the labels
    /// inside CIFAR binary, or text with one whole number a line, each also inside gzip.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - member: The array of an npz archive to read. When it is not given, it is the only array,
    ///     or the only one with a usual name: `y`, `y_test`, `labels` or `arr_1`.
    ///   - count: The number of images; nil: it is not known.
    ///   - classes: The number of classes of the model.
    /// - Returns: The labels, checked.
    /// - Throws: When the file cannot be read, there are more or fewer labels than images, or a
    ///   label is no class.
    public static func load(
        path: String, member: String? = nil, count: Int?, classes: Int
    ) throws(DataSetError) -> LabelSet {
        let list = try IntegerList.load(
            path: path, member: member, usualNames: ["y", "y_test", "labels", "arr_1"])
        return try LabelSet(list.values, count: count, classes: classes, origin: list.origin)
    }
}

/// The subset of the images that a campaign runs on, in the order given.
public struct IndexSelection: Sendable, Hashable {
    /// Distinct image indices, counted from 0.
    public let indices: [Int]

    /// The indices in the file at `path`: npy or npz or IDX integers of any width, or text with one
    /// whole number a line, each also inside gzip.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - member: The array of an npz archive to read. When it is not given, it is the only array,
    ///     or the only one with a usual name: `indices`, `index` or `arr_0`.
    ///   - count: The number of images that the indices select from.
    /// - Returns: The indices, checked.
    /// - Throws: When the file cannot be read, an index is out of range or given twice, or there is
    ///   none.
    public static func load(
        path: String, member: String? = nil, count: Int
    ) throws(DataSetError) -> IndexSelection {
        let list = try IntegerList.load(
            path: path, member: member, usualNames: ["indices", "index", "arr_0"])
        return try IndexSelection(list.values, count: count, origin: list.origin)
    }

    /// Checks indices.
    ///
    /// - Parameters:
    ///   - indices: The image indices.
    ///   - count: The number of images that the indices select from.
    ///   - origin: Where the indices come from, for the error's sentence.
    /// - Throws: When an index is out of range or given twice, or when there is none.
    public init(_ indices: [Int], count: Int, origin: String) throws(DataSetError) {
        guard !indices.isEmpty else {
            throw DataSetError(origin, "there are no indices; give one at least")
        }
        var firstPlace = [Int: Int]()
        for (place, index) in indices.enumerated() {
            guard 0 <= index, index < count else {
                throw DataSetError(
                    origin,
                    "index \(index) (entry \(place), counted from 0) selects none of the \(count) "
                        + "images; indices run from 0 to \(count - 1)")
            }
            if let first = firstPlace.updateValue(place, forKey: index) {
                throw DataSetError(
                    origin,
                    "index \(index) is given twice (entries \(first) and \(place), counted from "
                        + "0); name every image once")
            }
        }
        self.indices = indices
    }
}
