import EverydayChanges
import Foundation
import Testing

/// Changes of images against NumPy, SciPy and Pillow (`Vectors/make_vectors.py`).
@Suite struct EverydayChangeTests {
    private struct Case: Decodable {
        let shape: [Int]
        let pixels: [Double]
        let brightness: [Double]
        let contrast: [Double]
        let shift: [Double]
        let rotation: [Double]
        let jpeg: [Double]

        var picture: Picture {
            Picture(
                height: shape[0], width: shape[1], channels: shape[2], range: 0...255,
                values: pixels)
        }
    }

    private func cases() throws -> [Case] {
        try JSONDecoder().decode([Case].self, from: Vectors.data("changes.json"))
    }

    @Test func `brightness, contrast, shift and rotation are NumPy's and SciPy's`() throws {
        for image in try cases() {
            let expected: [(EverydayChange, [Double])] = [
                (.brightness(1.05), image.brightness), (.contrast(1.05), image.contrast),
                (.shift, image.shift), (.rotation(degrees: 2), image.rotation),
            ]
            for (change, values) in expected {
                let largest = difference(change.applied(to: image.picture).values, values)
                #expect(largest < 1e-6, "\(change.name) of \(image.shape): \(largest)")
            }
        }
    }

    /// libjpeg computes in whole numbers, so that a level may be one off; and a coefficient within a
    /// thousandth of the middle between two steps may go to the other one, which moves a block a little
    /// (two of sixteen blocks of the grey image).
    @Test func `JPEG rounding is what libjpeg loses`() throws {
        for image in try cases() {
            let ours = EverydayChange.jpeg(quality: 75).applied(to: image.picture).values
            let apart = zip(ours, image.jpeg).map { abs($0 - $1) }
            #expect(apart.count { $0 > 1 } <= apart.count / 10, "\(image.shape)")
            #expect(apart.allSatisfy { $0 <= 8 }, "\(image.shape)")
            let (mine, theirs) = (length(ours, image.pixels), length(image.jpeg, image.pixels))
            #expect(abs(mine / theirs - 1) < 0.02, "\(image.shape): \(mine), \(theirs)")
        }
    }

    @Test func `a change of nothing changes nothing, and a range is kept`() throws {
        for image in try cases() {
            for change in [
                EverydayChange.brightness(1), .contrast(1), .rotation(degrees: 0),
            ] {
                let largest = difference(change.applied(to: image.picture).values, image.pixels)
                #expect(largest < 1e-9)
            }
            for change in EverydayChange.all + [.brightness(3), .contrast(9), .jpeg(quality: 1)] {
                let values = change.applied(to: image.picture).values
                #expect(values.allSatisfy { 0...255 ~= $0 }, "\(change.name)")
            }
        }
    }

    /// In [-1, 1] a change is that of bytes, scaled: the range says what black and white are.
    @Test func `the range may be any`() throws {
        for image in try cases() {
            let scaled = Picture(
                height: image.shape[0], width: image.shape[1], channels: image.shape[2],
                range: -1...1, values: image.pixels.map { $0 / 127.5 - 1 })
            for change in EverydayChange.all {
                let bytes = change.applied(to: image.picture).values
                let back = change.applied(to: scaled).values.map { ($0 + 1) * 127.5 }
                #expect(difference(bytes, back) < 1e-6, "\(change.name)")
            }
        }
    }

    private func difference(_ a: [Double], _ b: [Double]) -> Double {
        #expect(a.count == b.count)
        return zip(a, b).map { abs($0 - $1) }.max() ?? 0
    }

    private func length(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
}

@Suite struct NearestOtherTests {
    private struct Points: Decodable {
        let points: [[Int32]]
        let classes: [Int]
        let squares: [Int]
        let largest: [Int]
    }

    @Test func `the nearest of another class is SciPy's`() throws {
        let points = try JSONDecoder().decode(Points.self, from: Vectors.data("nearest.json"))
        let nearest = NearestOther(
            among: zip(points.points, points.classes).map { (values: $0, className: $1) })
        for (place, values) in points.points.enumerated() {
            let found = try #require(
                nearest.distances(from: values, className: points.classes[place]))
            #expect(found.square == points.squares[place])
            #expect(found.lInfinity == points.largest[place])
        }
    }

    @Test func `among inputs of one class there is none of another`() {
        let nearest = NearestOther(among: [(values: [1, 2], className: 0)])
        #expect(nearest.distances(from: [0, 0], className: 0) == nil)
        #expect(nearest.distances(from: [0, 0], className: 1)?.square == 5)
    }
}

private enum Vectors {
    static func data(_ file: String) throws -> Data {
        try Data(contentsOf: Bundle.module.bundleURL.appending(path: "Vectors/\(file)"))
    }
}
