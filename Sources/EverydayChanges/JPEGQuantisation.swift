internal import Glibc

/// What an image loses as JPEG, without the file.
///
/// JPEG (ITU-T T.81) is lossless but for three steps: colours are rounded as luminance and two colour
/// differences (JFIF), these are often halved in resolution, and the cosine coefficients of blocks of
/// 8 x 8 are rounded to multiples of a table. Here are the first and the third, with the example tables
/// of T.81 (annex K.1) scaled to a quality as libjpeg does. Resolution is kept: the files that usual
/// programs write differ a little more from a colour image.
public struct JPEGQuantisation: Hashable, Sendable {
    private let luminance: [Double]
    private let chrominance: [Double]

    /// The tables of a quality from 1 to 100.
    public init(quality: Int) {
        precondition(1...100 ~= quality, "a quality")
        let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
        func scaled(_ table: [Int]) -> [Double] {
            table.map { Double(min(255, max(1, ($0 * percent + 50) / 100))) }
        }
        luminance = scaled(JPEGQuantisation.luminanceTable)
        chrominance = scaled(JPEGQuantisation.chrominanceTable)
    }

    /// The image as it would be read back: its range in 256 levels, rounded.
    public func applied(to picture: Picture) -> Picture {
        let (black, white) = (picture.range.lowerBound, picture.range.upperBound)
        let size = (white - black) / 255
        let levels = picture.values.map { (($0 - black) / size).rounded() }
        let plane = Plane(height: picture.height, width: picture.width)
        let back: [Double]
        if picture.channels == 3 {
            let colours = JPEGQuantisation.differences(levels)
            let tables = [luminance, chrominance, chrominance]
            let planes = zip(colours, tables).map { plane.rounded($0, table: $1) }
            back = JPEGQuantisation.colours(planes)
        } else {
            back = plane.rounded(levels, table: luminance)
        }
        var result = picture
        result.values = back.map { black + $0 * size }
        return result
    }

    /// Y, Cb and Cr, rounded, as planes (JFIF 1.02).
    private static func differences(_ levels: [Double]) -> [[Double]] {
        var planes = [[Double]](repeating: [], count: 3)
        for start in stride(from: 0, to: levels.count, by: 3) {
            let (r, g, b) = (levels[start], levels[start + 1], levels[start + 2])
            planes[0].append((0.299 * r + 0.587 * g + 0.114 * b).rounded())
            planes[1].append((128 - 0.168_735_892 * r - 0.331_264_108 * g + 0.5 * b).rounded())
            planes[2].append((128 + 0.5 * r - 0.418_687_589 * g - 0.081_312_411 * b).rounded())
        }
        return planes.map { $0.map { min(255, $0) } }
    }

    private static func colours(_ planes: [[Double]]) -> [Double] {
        var levels: [Double] = []
        levels.reserveCapacity(3 * planes[0].count)
        for place in planes[0].indices {
            let y = planes[0][place]
            let blue: Double = planes[1][place] - 128
            let red: Double = planes[2][place] - 128
            let green: Double = 0.344_136_286 * blue + 0.714_136_286 * red
            for level: Double in [y + 1.402 * red, y - green, y + 1.772 * blue] {
                levels.append(min(255, max(0, level.rounded())))
            }
        }
        return levels
    }
}

/// A plane of numbers from 0 to 255, in blocks of 8 x 8; what lacks in the last ones is repeated.
private struct Plane {
    let height: Int
    let width: Int

    func rounded(_ values: [Double], table: [Double]) -> [Double] {
        var result = values
        for top in stride(from: 0, to: height, by: 8) {
            for left in stride(from: 0, to: width, by: 8) {
                let block = (0..<64).map { place in
                    let row = min(top + place / 8, height - 1)
                    return values[row * width + min(left + place % 8, width - 1)] - 128
                }
                let coefficients = zip(Cosines.forth(block), table).map {
                    ($0 / $1).rounded() * $1
                }
                let back = Cosines.back(coefficients)
                for place in 0..<64 where top + place / 8 < height && left + place % 8 < width {
                    result[(top + place / 8) * width + left + place % 8] =
                        min(255, max(0, (back[place] + 128).rounded()))
                }
            }
        }
        return result
    }
}

/// The discrete cosine transform of 8 x 8 numbers (T.81, A.3.3).
private enum Cosines {
    /// Row k holds the k-th cosine; rows are orthonormal.
    private static let matrix: [Double] = (0..<64).map { place in
        let (wave, time) = (place / 8, place % 8)
        let scale = wave == 0 ? (1.0 / 8).squareRoot() : 0.5
        return scale * cos(Double((2 * time + 1) * wave) * Double.pi / 16)
    }

    static func forth(_ block: [Double]) -> [Double] {
        product(product(matrix, block), transposed(matrix))
    }

    static func back(_ block: [Double]) -> [Double] {
        product(product(transposed(matrix), block), matrix)
    }

    private static func product(_ a: [Double], _ b: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: 64)
        for row in 0..<8 {
            for middle in 0..<8 {
                let factor = a[row * 8 + middle]
                for column in 0..<8 { result[row * 8 + column] += factor * b[middle * 8 + column] }
            }
        }
        return result
    }

    private static func transposed(_ a: [Double]) -> [Double] {
        (0..<64).map { a[$0 % 8 * 8 + $0 / 8] }
    }
}

extension JPEGQuantisation {
    private static let luminanceTable = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69,
        56, 14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81,
        104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ]
    private static let chrominanceTable = [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99,
        99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ]
}
