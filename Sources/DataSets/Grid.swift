/// The numbers `k / stepsPerUnit` for integers `k`: where pixels must lie for exact noise.
public struct Grid: Sendable, Hashable {
    /// How many grid steps make 1.
    public let stepsPerUnit: Int

    /// Grid integers stay below this in magnitude, so that each is exact in single precision and
    /// leaves room for noise.
    public static let magnitudeLimit = 1 << 23

    /// The grid with the given number of steps per unit.
    ///
    /// - Throws: Unless `stepsPerUnit` is at least 1 and less than 2^23.
    public init(stepsPerUnit: Int) throws(DataSetError) {
        guard 1 <= stepsPerUnit, stepsPerUnit < Grid.magnitudeLimit else {
            throw DataSetError(
                "a grid of \(stepsPerUnit) steps per unit cannot be used; choose a whole number "
                    + "from 1 to \(Grid.magnitudeLimit - 1)")
        }
        self.init(steps: stepsPerUnit)
    }

    private init(steps: Int) {
        stepsPerUnit = steps
    }

    /// 255 steps per unit for bytes, so that 255 is 1; 65,536 for floating-point pixels.
    public static func standard(for elementType: ElementType) -> Grid {
        Grid(steps: elementType == .uint8 ? 255 : 65_536)
    }
}

/// One image moved to the nearest points of a grid.
public struct GridImage: Sendable, Hashable {
    /// The grid integers, in the row-major order of the image's shape.
    public let values: [Int32]
    /// At least the L2 distance, in units, between the image and its grid point; 0 if and only if
    /// the image lies on the grid. A radius certified at the grid point shrinks by this much.
    public let distance: Double
}

extension ImageSet {
    /// Image `index` on `grid`.
    ///
    /// A byte is the grid integer itself, so bytes always lie on the grid, and the grid says what
    /// they mean. A floating-point pixel goes to the nearest grid point, ties to the even integer.
    ///
    /// - Throws: When a pixel is not a number, is infinite or rounds to 2^23 steps or more.
    /// - Precondition: `index` is in `0..<count`.
    public func gridImage(at index: Int, on grid: Grid) throws(DataSetError) -> GridImage {
        let bytes = try bytes(of: index)
        guard elementType != .uint8 else {
            return GridImage(values: bytes.map { Int32($0) }, distance: 0)
        }
        var values: [Int32] = []
        values.reserveCapacity(shape.product)
        var distance = UpperNorm()
        for position in 0..<shape.product {
            let pixel =
                elementType == .float32
                ? Double(Float(bitPattern: littleEndian(bytes, at: position)))
                : Double(bitPattern: littleEndian(bytes, at: position))
            guard let nearest = NearestStep(to: pixel, on: grid) else {
                throw offGrid(pixel, position: position, image: index, grid: grid)
            }
            values.append(nearest.step)
            distance.add(nearest.remainder)
        }
        return GridImage(values: values, distance: distance.bound(dividedBy: grid.stepsPerUnit))
    }

    private func offGrid(
        _ pixel: Double, position: Int, image: Int, grid: Grid
    ) -> DataSetError {
        let place = "pixel \(coordinates(of: position, in: shape)) of image \(image) is \(pixel)"
        guard pixel.isFinite else {
            return DataSetError(origin, "\(place); every pixel must be a finite number")
        }
        return DataSetError(
            origin,
            "\(place), which is 2^23 or more steps of 1/\(grid.stepsPerUnit) away from 0; "
                + "scale the images to [0, 1] or choose fewer steps per unit")
    }
}

/// The multiple of 1/s nearest to a double x, and what is left over, both without rounding error.
///
/// Let p = fl(x s) with |p| < 2^23, and let k be the integer nearest to p, ties to even.
/// - e = x s - p is a double, which `fma` returns: x s and p are multiples of 2^-1074 because s is
///   an integer, and |e| <= ulp(p) / 2.
/// - p - k is a double: if |p| < 1/2 then k = 0, else it is a multiple of ulp(p) of magnitude at
///   most 1/2 <= 2^53 ulp(p).
/// - If |p - k| < 1/2, then k is also nearest to x s: 1/2 is a multiple of ulp(p) <= 2^-30, so
///   |p - k| <= 1/2 - ulp(p) and |x s - k| < 1/2.
/// - If |p - k| = 1/2, the sign of e breaks the tie; e = 0 is a true tie, and the even k stands.
struct NearestStep {
    let step: Int32
    /// x s - k in steps, as the unevaluated sum of two doubles.
    let remainder: (high: Double, low: Double)

    /// `nil` unless x is finite and the nearest step is less than 2^23 in magnitude.
    init?(to x: Double, on grid: Grid) {
        let steps = Double(grid.stepsPerUnit)
        let product = x * steps
        guard abs(product) < Double(Grid.magnitudeLimit) else { return nil }
        let error = (-product).addingProduct(x, steps)
        var nearest = product.rounded(.toNearestOrEven)
        if product - nearest == 0.5, error > 0 { nearest += 1 }
        if product - nearest == -0.5, error < 0 { nearest -= 1 }
        guard abs(nearest) < Double(Grid.magnitudeLimit) else { return nil }
        step = Int32(nearest)
        remainder = (product - nearest, error)
    }
}

/// An upper bound on a Euclidean norm.
///
/// Every operation here rounds to nearest, so the exact result is at most the next double up.
struct UpperNorm {
    private var sumOfSquares = 0.0

    /// Adds a coordinate, given as the sum of two doubles; 0 adds nothing.
    mutating func add(_ coordinate: (high: Double, low: Double)) {
        guard coordinate.high != 0 || coordinate.low != 0 else { return }
        let size =
            coordinate.low == 0
            ? abs(coordinate.high) : abs(coordinate.high + coordinate.low).nextUp
        sumOfSquares = (sumOfSquares + (size * size).nextUp).nextUp
    }

    /// The norm, divided by a positive integer and rounded up; 0 only if every coordinate is.
    func bound(dividedBy divisor: Int) -> Double {
        guard sumOfSquares != 0 else { return 0 }
        return (sumOfSquares.squareRoot().nextUp / Double(divisor)).nextUp
    }
}
