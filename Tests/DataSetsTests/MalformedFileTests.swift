import DataSets
import Foundation
import Testing

@Suite struct MalformedFileTests {
    @Test(arguments: malformed)
    func `a malformed file is one sentence`(example: Malformed) throws {
        let file = try TemporaryFile(example.bytes)
        let found = try #require(
            sentence { () throws(DataSetError) in try ImageSet.load(path: file.path) })
        #expect(found.hasPrefix(file.path))
        #expect(found.contains(example.complaint))
        #expect(!found.contains("\n"))
    }

    @Test(arguments: [
        ("uint8-v1.npy", "x", "no npz archive"), ("stored.npz", "z", "no member is called “z”"),
        ("stored.npz", "z", "the members are x_train, y_train, x_test, y_test"),
    ])
    func `a member that is not there is refused`(
        file: String, member: String, complaint: String
    ) {
        let found = sentence { () throws(DataSetError) in
            try ImageSet.load(path: fixture(file), member: member)
        }
        #expect(found?.contains(complaint) == true)
    }

    @Test(arguments: [
        ("refused-bomb.npy.gz", "longer than the 200 bytes expected"),
        ("refused-bomb.idx.gz", "longer than the 92 bytes expected"),
        ("refused-bomb.npz", "member “x”: the contents are longer than the 200 bytes expected"),
        ("refused-no-array.npz", "member “x”: this member is not an npy array"),
        ("refused-two-usual.npz", "more than one member has a usual name"),
    ])
    func `an archive is held to what its header says`(file: String, complaint: String) {
        let found = sentence { () throws(DataSetError) in try ImageSet.load(path: fixture(file)) }
        #expect(found?.contains(complaint) == true)
    }

    @Test func `members are listed when none has a usual name`() {
        let found = sentence { () throws(DataSetError) in
            try IndexSelection.load(path: fixture("stored.npz"), count: 3)
        }
        #expect(found?.contains("no member has a usual name (indices, index, arr_0)") == true)
        #expect(found?.contains("x_train, y_train, x_test, y_test") == true)
    }

    @Test func `what is not an ordinary file is refused`() {
        for (path, complaint) in [("/", "folder or device"), ("/nowhere/x", "cannot be opened")] {
            let found = sentence { () throws(DataSetError) in try ImageSet.load(path: path) }
            #expect(found?.contains(complaint) == true)
        }
    }

    @Test(arguments: fuzzed)
    func `a file cut short anywhere is an error`(name: String) throws {
        let whole = try fixtureBytes(name)
        let file = try TemporaryFile(whole)
        #expect(readsAsImages(file.path))
        var accepted: [Int] = []
        for length in (0..<whole.count).reversed() {
            try file.truncate(to: length)
            if readsAsImages(file.path) { accepted.append(length) }
        }
        // A row of either CIFAR is a whole file itself.
        let rows = name.hasSuffix(".bin") ? [3074, 3073] : []
        #expect(accepted.allSatisfy(rows.contains))
    }

    @Test(arguments: fuzzed)
    func `a file with flipped bytes is an error or a value`(name: String) throws {
        let whole = try fixtureBytes(name)
        let file = try TemporaryFile(whole)
        var random = SplitMix64(state: 1)
        var errors = 0
        for round in 0..<300 {
            var bytes = whole
            // Headers are where a flip does most harm.
            let range = round.isMultiple(of: 2) ? bytes.count : min(bytes.count, 140)
            for _ in 0...(round % 3) {
                let value: UInt8 = round % 5 == 0 ? 255 : random.next()
                bytes[Int(random.next() as UInt64 % UInt64(range))] = value
            }
            try file.overwrite(with: bytes)
            errors += readsAsImages(file.path) ? 0 : 1
            _ = try? LabelSet.load(path: file.path, count: 3, classes: 10)
            _ = try? IndexSelection.load(path: file.path, count: 3)
        }
        #expect(errors > 0)
    }

    /// Whether the file is images; if it is, what is read of them must make sense.
    private func readsAsImages(_ path: String) -> Bool {
        do {
            let images = try ImageSet.load(path: path)
            for index in [0, images.count - 1] {
                guard let image = try? images.gridImage(at: index, on: .standard(for: .float32))
                else { continue }
                #expect(image.values.count == images.shape.reduce(1, *))
                #expect(image.values.allSatisfy { abs($0) < 1 << 23 })
                #expect(image.distance >= 0 && image.distance.isFinite)
            }
            return true
        } catch {
            #expect(error.description.hasPrefix(path))
            return false
        }
    }

    static let fuzzed = [
        "uint8-v1.npy", "float32-v2.npy", "float64-v3.npy", "float32-fortran-big-endian.npy",
        "uint8.idx", "float64.idx", "uint8-two-members.idx.gz", "float32.npy.gz", "stored.npz",
        "deflated.npz", "savez.npz", "savez-compressed.npz", "uint8-only.npz", "cifar10.bin",
        "cifar100.bin", "cifar10.bin.gz",
    ]
}

struct Malformed: Sendable {
    let bytes: [UInt8]
    let complaint: String

    init(_ bytes: [UInt8], _ complaint: String) {
        self.bytes = bytes
        self.complaint = complaint
    }

    init(_ text: String, _ complaint: String) {
        self.init(Array(text.utf8), complaint)
    }
}

private let zeroes = [UInt8](repeating: 0, count: 18)

private let malformed: [Malformed] = [
    .init(npy("|u1", "2, 3", body: [1, 2, 3, 4, 5]), "announces shape [2, 3] of uint8"),
    .init(npy("|u1", "2, 3", body: [1, 2, 3, 4, 5, 6, 7]), "announces shape [2, 3] of uint8"),
    .init(npy("|u1", "6,", body: [1, 2, 3, 4, 5, 6]), "shape [6] holds no images"),
    .init(npy("|u1", "3, 0", body: []), "shape [3, 0] holds no images"),
    .init(npy("|u1", "4611686018427387904, 4611686018427387904, 0", body: []), "any file holds"),
    .init(npy("<f8", "4611686018427387904, 2", body: []), "any file holds"),
    .init(npy("|u1", "99999999999999999999, 2", body: []), "does not give descr"),
    .init(npy("|u1", "-2, -2", body: [1, 2, 3, 4]), "does not give descr"),
    .init(npy("<i8", "1, 1", body: [1, 0, 0, 0, 0, 0, 0, 0]), "the elements are int64"),
    .init(npy("<f2", "1, 1", body: [1, 0]), "the elements are float16"),
    .init(npy("|O", "1, 1", body: [1]), "“|O”"),
    .init(npy("<c8", "1, 1", body: [1]), "“<c8”"),
    .init(npy("|f8", "1, 1", body: [1]), "“|f8”"),
    .init(npy("", "1, 1", body: [1]), "the element type is “”"),
    .init(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), "plain array"),
    .init(npy("{'descr': '<f4', 'shape': (1,)}"), "does not give descr"),
    .init(npy("{'descr': '<f4"), "does not give descr"),
    .init(npy("{'shape': ("), "does not give descr"),
    .init(npy(""), "ends inside the npy header"),
    .init(npy("{}", version: 4), "the npy format version is 4.0"),
    .init(numpyMagic + [2, 0, 255, 255, 255, 255], "4294967295 bytes"),
    .init(numpyMagic, "ends inside the npy header"),
    .init([0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], "any file holds"),
    .init([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3], "announces shape [2, 2]"),
    .init([0, 0, 12, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4], "the elements are int32"),
    .init([UInt8](repeating: 77, count: 3073), "row 0 starts with [77], which is no label"),
    .init([UInt8](repeating: 77, count: 3074), "row 0 starts with [77, 77], which is no label"),
    .init([0x80, 4, 1, 2], "Python pickle"),
    .init([0x89, 0x50, 0x4e, 0x47], "PNG"),
    .init(String(repeating: " ", count: 257) + "ustar", "tar archive"),
    .init("hello", "fit no format that is understood"),
    .init("", "the file is empty"),
    .init([0x1f, 0x8b], "cut short or damaged"),
    .init([0x50, 0x4b, 3, 4, 9, 9], "the zip archive cannot be read"),
    .init([0x50, 0x4b, 5, 6] + zeroes, "the zip archive is empty"),
]

/// Steele, Lea & Flood (2014), for reproducible damage.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
