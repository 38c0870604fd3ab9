import DataSets
import Testing

@Suite struct GridTests {
    @Test(arguments: expectedArrays)
    func `grid integers are the exact nearest and the distance is bounded tightly`(
        expected: ExpectedArray
    ) throws {
        let images = try ImageSet.load(path: fixture(expected.file))
        let grid = Grid.standard(for: images.elementType)
        #expect(grid.stepsPerUnit == expected.stepsPerUnit)
        for index in 0..<images.count {
            let image = try images.gridImage(at: index, on: grid)
            #expect(image.values == expected.values[index])
            #expect(isTight(image.distance, above: expected.distances[index]))
        }
    }

    @Test(arguments: expectedTies)
    func `neighbours of a tie go to their own side`(expected: ExpectedTies) throws {
        let images = try ImageSet.load(path: fixture(expected.file))
        let grid = try Grid(stepsPerUnit: expected.stepsPerUnit)
        let image = try images.gridImage(at: 0, on: grid)
        #expect(image.values == expected.values)
        #expect(isTight(image.distance, above: expected.distance))
    }

    /// A hundred pixels are rounded up one by one, so a relative 1e-13 is generous.
    private func isTight(_ bound: Double, above truth: Double) -> Bool {
        truth <= bound && bound <= truth * (1 + 1e-13)
    }

    @Test func `a byte is its own grid integer on any grid`() throws {
        let file = try TemporaryFile(npy("|u1", "1, 256", body: (0...255).map { UInt8($0) }))
        let images = try ImageSet.load(path: file.path)
        for steps in [1, 127, 255, 256] {
            let image = try images.gridImage(at: 0, on: Grid(stepsPerUnit: steps))
            #expect(image.values == Array(0...255))
            #expect(image.distance == 0)
        }
    }

    @Test(
        arguments: [
            (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"), (128, "128.0"),
            (-128, "-128.0"), (1e300, "1e+300"), (127.999999, "127.999999"),
        ] as [(Double, String)])
    func `a pixel that has no place on the grid is named`(pixel: Double, print: String) throws {
        var pixels = [Double](repeating: 0.5, count: 12)
        pixels[10] = pixel
        let file = try TemporaryFile(npy("<f8", "2, 2, 3", body: littleEndianBytes(pixels)))
        let images = try ImageSet.load(path: file.path)
        let grid = Grid.standard(for: .float64)
        #expect(try images.gridImage(at: 0, on: grid).values.allSatisfy { $0 == 32768 })
        let complaint = try #require(
            sentence { () throws(DataSetError) in try images.gridImage(at: 1, on: grid) })
        #expect(complaint.hasPrefix(file.path))
        #expect(complaint.contains("pixel [1, 1] of image 1 is \(print)"))
    }

    @Test func `the largest grid integers are just below 2^23`() throws {
        let pixels = [127.99998474121094, -127.99998474121094]
        let file = try TemporaryFile(npy("<f8", "1, 2", body: littleEndianBytes(pixels)))
        let image = try ImageSet.load(path: file.path)
            .gridImage(at: 0, on: .standard(for: .float64))
        #expect(image.values == [1 << 23 - 1, 1 - 1 << 23])
        #expect(image.distance == 0)
    }

    @Test(arguments: [0, -1, 1 << 23, Int.max, Int.min])
    func `steps per unit out of range are refused`(steps: Int) {
        let complaint = sentence { () throws(DataSetError) in try Grid(stepsPerUnit: steps) }
        #expect(complaint?.contains("\(steps) steps per unit") == true)
    }
}
