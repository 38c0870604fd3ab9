import DataSets
import Foundation
import Testing

@Suite struct ImageSetTests {
    @Test(arguments: expectedEncodings)
    func `every encoding of an array gives the same images`(encoding: ExpectedEncoding) throws {
        let expected = try #require(expectedArrays.first { $0.elementType == encoding.array })
        let images = try ImageSet.load(path: fixture(encoding.file), member: encoding.member)
        #expect(images.count == expected.bytes.count)
        #expect(images.shape == expected.shape)
        #expect(images.elementType.rawValue == expected.elementType)
        #expect(images.labels == nil)
        for index in 0..<images.count {
            let hex = try images.bytes(of: index).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            #expect(hex.joined() == expected.bytes[index])
        }
    }

    @Test(arguments: expectedBatches)
    func `CIFAR binary gives planar images and their labels`(expected: ExpectedBatch) throws {
        let images = try ImageSet.load(path: fixture(expected.file))
        #expect(images.count == expected.labels.count)
        #expect(images.shape == [3, 32, 32])
        #expect(images.labels == expected.labels)
        for index in 0..<images.count {
            let pixels = try images.bytes(of: index).map { Int($0) }
            let sums = (0..<3).map { pixels[($0 * 1024)..<(($0 + 1) * 1024)].reduce(0, +) }
            #expect(sums == expected.sums[index])
        }
        let last = try images.bytes(of: images.count - 1)
        #expect(Array(last[(3072 - 32)..<(3072 - 24)]) == expected.first)
    }

    @Test(arguments: expectedDemo)
    func `the demo images are those that numpy reads`(expected: ExpectedDemo) throws {
        let images = try ImageSet.load(path: demo(expected.file))
        let clean = try ImageSet.load(path: demo("fmnist500-images-idx3-ubyte.gz"))
        #expect(images.count == expected.count)
        #expect(images.shape == expected.shape)
        var sums: [Int] = []
        var largestSquaredChange = 0
        for index in 0..<images.count {
            let image = try images.gridImage(at: index, on: .standard(for: images.elementType))
            #expect(image.distance == 0)
            sums.append(image.values.reduce(0) { $0 + Int($1) })
            guard images.shape == clean.shape else { continue }
            let original = try clean.gridImage(at: index, on: .standard(for: .uint8))
            let change = zip(image.values, original.values).reduce(0) { sum, pair in
                sum + Int(pair.0 - pair.1) * Int(pair.0 - pair.1)
            }
            largestSquaredChange = max(largestSquaredChange, change)
        }
        #expect(sums == expected.sums)
        #expect(largestSquaredChange == expected.largestSquaredChange)
    }

    @Test func `an array larger than memory is read image by image`() throws {
        let header = npy("|u1", "\(1 << 26), 32, 32", body: [])
        let file = try TemporaryFile(header)
        try file.truncate(to: header.count + 1 << 36)
        let images = try ImageSet.load(path: file.path)
        #expect(images.count == 1 << 26)
        #expect(try images.bytes(of: 0) == [UInt8](repeating: 0, count: 1024))
        #expect(try images.bytes(of: images.count - 1) == [UInt8](repeating: 0, count: 1024))
    }

    @Test func `a file that shrinks while it is used is an error`() throws {
        let file = try TemporaryFile(try fixtureBytes("float64-v1.npy"))
        let images = try ImageSet.load(path: file.path)
        try file.truncate(to: 128 + 192 + 100)
        #expect(try images.bytes(of: 0).isEmpty == false)
        let complaint = sentence { () throws(DataSetError) in try images.bytes(of: 1) }
        #expect(complaint?.contains("shorter while it was read") == true)
    }
}

@Suite struct ImageShapeTests {
    @Test func `moving axes permutes pixels as numpy does`() throws {
        let images = try ImageSet.load(path: fixture("uint8-v1.npy"))
        let channelFirst = try images.transposed(.hwcToCHW)
        #expect(channelFirst.shape == [3, 4, 2])
        #expect(try channelFirst.bytes(of: 1) == expectedChannelFirst)
        let channelLast = try images.transposed(.chwToHWC)
        #expect(channelLast.shape == [2, 3, 4])
        #expect(try channelLast.bytes(of: 1) == expectedChannelLast)
        let doubles = try ImageSet.load(path: fixture("float64-v1.npy")).transposed(.hwcToCHW)
        let grid = try Grid(stepsPerUnit: 100)
        let moved = try doubles.gridImage(at: 2, on: grid)
        let plain = try doubles.transposed(.chwToHWC).gridImage(at: 2, on: grid)
        #expect(moved.values[8 * 2 + 2 * 3 + 1] == plain.values[6 * 3 + 3 * 1 + 2])
    }

    @Test(arguments: AxisMove.allCases)
    func `moving axes there and back changes nothing`(move: AxisMove) throws {
        let back = try #require(AxisMove.allCases.first { $0 != move })
        for name in ["uint8-v1.npy", "float32.idx", "float64-fortran.npy", "cifar10.bin"] {
            let images = try ImageSet.load(path: fixture(name))
            let round = try images.transposed(move).transposed(back)
            #expect(round.shape == images.shape)
            #expect(try round.bytes(of: 1) == images.bytes(of: 1))
        }
    }

    @Test func `only images with three axes have axes moved`() throws {
        let images = try ImageSet.load(path: demo("fmnist500-images-idx3-ubyte.gz"))
        let complaint = sentence { () throws(DataSetError) in try images.transposed(.hwcToCHW) }
        #expect(complaint?.contains("these have shape [28, 28]") == true)
    }

    @Test(
        arguments: [
            ([28, 28], [28, 28]), ([1, 28, 28], [1, 28, 28]), ([28, 28, 1], [28, 28, 1]),
            ([nil, 28, 28], [1, 28, 28]), ([nil, nil, nil], [1, 28, 28]), ([28, nil], [28, 28]),
            ([28, nil, 1], [28, 28, 1]),
        ] as [([Int?], [Int])])
    func `a grey image gets the channel axis that the model wants`(
        model: [Int?], expected: [Int]
    ) throws {
        let images = try ImageSet.load(path: demo("fmnist500-images-idx3-ubyte.gz"))
        let fitted = try images.fitted(to: model)
        #expect(fitted.shape == expected)
        #expect(try fitted.bytes(of: 3) == images.bytes(of: 3))
    }

    @Test(
        arguments: [
            ("uint8-v1.npy", [3, 4, 2], "[4, 2, 3]", "[3, 4, 2]", "--transpose hwc-to-chw"),
            ("cifar10.bin", [32, 32, 3], "[3, 32, 32]", "[32, 32, 3]", "--transpose chw-to-hwc"),
            ("uint8-v1.npy", [24], "[4, 2, 3]", "[24]", "x.reshape(len(x), 24)"),
            ("uint8-v1.npy", [nil, 5], "[4, 2, 3]", "[any, 5]", "images of the model's shape"),
            ("uint8-v1.npy", [Int.max, 2], "[4, 2, 3]", "2]", "images of the model's shape"),
        ] as [(String, [Int?], String, String, String)])
    func `another shape is refused with both shapes and a remedy`(
        file: String, model: [Int?], have: String, want: String, remedy: String
    ) throws {
        let images = try ImageSet.load(path: fixture(file))
        let complaint = try #require(
            sentence { () throws(DataSetError) in try images.fitted(to: model) })
        #expect(complaint.contains("shape \(have)"))
        #expect(complaint.contains(want))
        #expect(complaint.contains(remedy))
    }
}
