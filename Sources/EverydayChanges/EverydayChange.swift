internal import Glibc

/// A change of an image that anybody would call small.
public enum EverydayChange: Hashable, Sendable {
    /// Every number's distance from black is multiplied by this factor.
    case brightness(Double)
    /// Every number's distance from the image's mean grey is multiplied by this factor.
    case contrast(Double)
    /// One pixel to the right; the left edge is repeated.
    case shift
    /// Counterclockwise about the middle by so many degrees, bilinear; edges are repeated.
    case rotation(degrees: Double)
    /// What JPEG loses by rounding its cosine coefficients at this quality, from 1 to 100: see
    /// ``JPEGQuantisation``.
    case jpeg(quality: Int)

    /// The changes that a report measures.
    public static let all: [EverydayChange] = [
        .brightness(1.05), .contrast(1.05), .shift, .rotation(degrees: 2), .jpeg(quality: 75),
    ]

    /// What is done, in a few words.
    public var name: String {
        switch self {
        case .brightness(let factor): "brightness × \(factor)"
        case .contrast(let factor): "contrast × \(factor)"
        case .shift: "shifted by one pixel"
        case .rotation(let degrees): "rotated by \(EverydayChange.short(degrees)) degrees"
        case .jpeg(let quality): "JPEG rounding, quality \(quality)"
        }
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }

    /// The image after the change, not rounded but by JPEG.
    public func applied(to picture: Picture) -> Picture {
        let black = picture.range.lowerBound
        switch self {
        case .brightness(let factor): return picture.mapped { black + ($0 - black) * factor }
        case .contrast(let factor):
            let grey = picture.meanGrey
            return picture.mapped { grey + ($0 - grey) * factor }
        case .shift: return picture.redrawn { picture[$0, $1 - 1, $2] }
        case .rotation(let degrees): return picture.rotated(degrees: degrees)
        case .jpeg(let quality): return JPEGQuantisation(quality: quality).applied(to: picture)
        }
    }
}

extension Picture {
    /// The mean of the image as grey: of three channels by the weights of ITU-R BT.601.
    var meanGrey: Double {
        let weights = channels == 3 ? [0.299, 0.587, 0.114] : [1]
        var sum = 0.0
        for (place, value) in values.enumerated() { sum += weights[place % channels] * value }
        return sum / Double(height * width)
    }

    /// Each number is the bilinear mean of those around where it comes from.
    fileprivate func rotated(degrees: Double) -> Picture {
        let angle = degrees * Double.pi / 180
        let (sine, cosine) = (sin(angle), cos(angle))
        let middle = (row: Double(height - 1) / 2, column: Double(width - 1) / 2)
        return redrawn { row, column, channel in
            let (down, right) = (Double(row) - middle.row, Double(column) - middle.column)
            let fromRow = middle.row + cosine * down + sine * right
            let fromColumn = middle.column - sine * down + cosine * right
            let (top, left) = (fromRow.rounded(.down), fromColumn.rounded(.down))
            let (below, beside) = (fromRow - top, fromColumn - left)
            let (r, c) = (Int(top), Int(left))
            return (1 - below)
                * ((1 - beside) * self[r, c, channel] + beside * self[r, c + 1, channel])
                + below
                * ((1 - beside) * self[r + 1, c, channel] + beside * self[r + 1, c + 1, channel])
        }
    }
}
