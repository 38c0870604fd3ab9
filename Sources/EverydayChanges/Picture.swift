/// An image as numbers: rows from the top, each of pixels from the left, each of its channels.
public struct Picture: Hashable, Sendable {
    /// How many rows there are.
    public let height: Int
    /// How many pixels a row has.
    public let width: Int
    /// 1 for grey, 3 for red, green and blue.
    public let channels: Int
    /// The numbers from black to white.
    public let range: ClosedRange<Double>
    /// height * width * channels numbers.
    public var values: [Double]

    /// An image with all its numbers.
    public init(
        height: Int, width: Int, channels: Int, range: ClosedRange<Double>, values: [Double]
    ) {
        precondition(values.count == height * width * channels, "a number for each channel")
        precondition(range.lowerBound < range.upperBound, "black is not white")
        (self.height, self.width, self.channels) = (height, width, channels)
        (self.range, self.values) = (range, values)
    }

    /// The number of a channel of the pixel that is nearest to this place: beyond an edge, of the edge.
    subscript(row: Int, column: Int, channel: Int) -> Double {
        let row = min(max(row, 0), height - 1)
        let column = min(max(column, 0), width - 1)
        return values[(row * width + column) * channels + channel]
    }

    /// Every number replaced, and cut to the range.
    func mapped(_ change: (Double) -> Double) -> Picture {
        var picture = self
        picture.values = values.map {
            min(max(change($0), range.lowerBound), range.upperBound)
        }
        return picture
    }

    /// Every number replaced by its place.
    func redrawn(_ value: (_ row: Int, _ column: Int, _ channel: Int) -> Double) -> Picture {
        var picture = self
        var place = 0
        for row in 0..<height {
            for column in 0..<width {
                for channel in 0..<channels {
                    picture.values[place] = value(row, column, channel)
                    place += 1
                }
            }
        }
        return picture
    }
}
