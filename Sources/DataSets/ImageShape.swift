/// An exchange of the channel axis of images with three axes.
public enum AxisMove: String, Sendable, CaseIterable {
    /// Height, width, channel becomes channel, height, width.
    case hwcToCHW = "hwc-to-chw"
    /// Channel, height, width becomes height, width, channel.
    case chwToHWC = "chw-to-hwc"

    /// New axis `j` is old axis `order[j]`.
    var order: [Int] {
        switch self {
        case .hwcToCHW: [2, 0, 1]
        case .chwToHWC: [1, 2, 0]
        }
    }
}

extension ImageSet {
    /// The same images with their axes moved.
    ///
    /// - Throws: When an image does not have three axes.
    public func transposed(_ move: AxisMove) throws(DataSetError) -> ImageSet {
        guard shape.count == 3 else {
            throw DataSetError(
                origin,
                "\(move.rawValue) needs images with three axes, but these have shape \(shape); "
                    + "leave the axes as they are")
        }
        var images = self
        images.shape = move.order.map { shape[$0] }
        images.axisOrder = move.order.map { axisOrder[$0] }
        return images
    }

    /// The same images in the shape that a model takes.
    ///
    /// A grey image without a channel axis, such as `[28, 28]`, gets one if the model takes
    /// `[1, 28, 28]` or else `[28, 28, 1]`. Nothing else is changed. `modelShape` is the model's
    /// input shape without its batch axis, where `nil` is any size.
    ///
    /// - Throws: When the shapes differ otherwise.
    public func fitted(to modelShape: [Int?]) throws(DataSetError) -> ImageSet {
        if matches(shape, modelShape) { return self }
        let withChannel = [[1] + shape, shape + [1]]
        if shape.count == 2, let grey = withChannel.first(where: { matches($0, modelShape) }) {
            var images = self
            images.shape = grey
            images.storedShape = grey
            images.axisOrder = [0, 1, 2]
            return images
        }
        let wanted = modelShape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
        throw DataSetError(
            origin,
            "the images have shape \(shape), but the model takes [\(wanted)]; "
                + remedy(for: modelShape))
    }

    private func remedy(for modelShape: [Int?]) -> String {
        for move in AxisMove.allCases where shape.count == 3 {
            if matches(move.order.map { shape[$0] }, modelShape) {
                return "the axes are in another order, which --transpose \(move.rawValue) mends"
            }
        }
        let sizes = modelShape.compactMap(\.self)
        if sizes.count == modelShape.count, checkedProduct(sizes) == shape.product {
            let axes = (["len(x)"] + sizes.map(String.init)).joined(separator: ", ")
            return "both hold \(shape.product) values, so save the array again with "
                + "x.reshape(\(axes)) if the order of the values is right"
        }
        return "give images of the model's shape"
    }
}

private func matches(_ shape: [Int], _ modelShape: [Int?]) -> Bool {
    shape.count == modelShape.count
        && zip(shape, modelShape).allSatisfy { size, wanted in wanted == nil || size == wanted }
}
