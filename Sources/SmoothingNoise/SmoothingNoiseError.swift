/// Why a distribution or an input was refused.
public enum SmoothingNoiseError: Error, Equatable, CustomStringConvertible {
    /// The noise level is not a positive finite number.
    case sigmaNotPositive(Double)
    /// The grid has no step, or more than a `Float` can count, in one unit of the data.
    case stepsPerUnitOutOfRange(Int)
    /// The noise spans more grid steps than a table can hold.
    case gridTooFine(sigma: Double, stepsPerUnit: Int, finest: Int)
    /// A pixel is so large that adding noise to it would not be exact.
    case pixelTooLarge(coordinate: Int, value: Int32, largest: Int32)
    /// The means and standard deviations do not describe channels.
    case normalizationInvalid(means: Int, standardDeviations: Int, innerStride: Int)
    /// A channel's mean or standard deviation cannot be used.
    case channelInvalid(Int, mean: Float, standardDeviation: Float)

    /// A sentence with the offending value and what to do.
    public var description: String {
        switch self {
        case .sigmaNotPositive(let sigma):
            "The noise level is \(sigma); it must be a positive finite number."
        case .stepsPerUnitOutOfRange(let steps):
            "The grid has \(steps) steps in one unit of the data; choose 1 to 16777216."
        case .gridTooFine(let sigma, let steps, let finest) where finest >= 1:
            """
            Noise of level \(sigma) on a grid of \(steps) steps a unit has more than 2^22 values \
            within 12 standard deviations; the finest grid for this level has \(finest) steps a \
            unit.
            """
        case .gridTooFine(let sigma, _, _):
            """
            Noise of level \(sigma) has more than 2^22 values within 12 standard deviations even \
            on a grid of one step a unit; rescale the data.
            """
        case .pixelTooLarge(let coordinate, let value, let largest):
            """
            Coordinate \(coordinate) of the input is \(value) grid steps; with this noise a value \
            beyond ±\(largest) is not exact as a float. Choose a coarser grid.
            """
        case .normalizationInvalid(let means, let deviations, let stride):
            """
            The normalization has \(means) means, \(deviations) standard deviations and an inner \
            stride of \(stride); give one mean and one standard deviation for each channel, and a \
            stride of at least 1.
            """
        case .channelInvalid(let channel, let mean, let deviation):
            """
            Channel \(channel) has mean \(mean) and standard deviation \(deviation); the mean must \
            be finite and the standard deviation finite and positive.
            """
        }
    }
}
