import Testing

@testable import ModelFiles

/// Whatever the bytes are, reading them ends soon, with a graph or with a sentence.
@Suite struct HostileFileTests {
    @Test func `every truncation of a graph is refused in a sentence or is a graph`() throws {
        let graph = try #require(try Vectors.graphs.get()["in_a_function"])
        for length in 0..<graph.bytes.count { _ = isGraph(Array(graph.bytes.prefix(length))) }
        #expect(isGraph(Array(graph.bytes)))
    }

    @Test func `every change of one bit is refused in a sentence or is a graph`() throws {
        for name in ["in_a_branch", "reshaped_by_shape", "suppressed"] {
            let whole = Array(try #require(try Vectors.graphs.get()[name]).bytes)
            for bit in 0..<(8 * whole.count) {
                var bytes = whole
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                _ = isGraph(bytes)
            }
        }
    }

    @Test func `ten thousand seeded mutations are refused in a sentence or are graphs`() throws {
        let files = try Vectors.files.get()
        var random = SplitMix64(state: 7)
        var understood = 0
        for _ in 0..<10_000 {
            guard var bytes = files.randomElement(using: &random) else { continue }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                mutate(&bytes, with: files, &random)
            }
            if isGraph(bytes) { understood += 1 }
        }
        // Neither everything nor nothing gets through: the mutations reach into the messages.
        #expect((500..<9500).contains(understood), "\(understood)")
    }

    @Test func `graphs within graphs are followed so deep and no deeper`() {
        // A graph with a node with an attribute that is a graph, and so on.
        let graph = (0..<1000).reduce([UInt8]()) { inner, _ in field(1, field(5, field(6, inner))) }
        #expect(
            sentence(field(7, graph))
                == "the file has more graphs within each other than the 16 that are read")
    }

    @Test func `a file of very many empty nodes is refused`() throws {
        let model = field(7, (0..<100).flatMap { _ in [0x0a, 0x00] as [UInt8] })
        #expect(try ModelGraph(bytes: model, mostEntries: 100).body.nodes.count == 100)
        #expect(throws: ModelFileError.tooMuch(of: "entries", limit: 99)) {
            try ModelGraph(bytes: model, mostEntries: 99)
        }
    }

    @Test func `functions that call each other twice are not followed for ever`() throws {
        // f0 calls f1 twice, f1 calls f2 twice, and so on; the last one calls the first.
        func node(_ operation: String) -> [UInt8] {
            field(1, text("x")) + field(2, text("x")) + field(4, text(operation))
        }
        var model = field(
            7,
            field(1, node("f0")) + field(11, field(1, text("x")))
                + field(12, field(1, text("x"))))
        for number in 0..<40 {
            let call = field(7, node("f\((number + 1) % 40)"))
            model += field(
                25,
                field(1, text("f\(number)")) + field(4, text("x"))
                    + field(5, text("x")) + call + call)
        }
        #expect(try ModelGraph(bytes: model).suspects.isEmpty)
    }

    @Test func `a length beyond the end says that the file was cut short`() {
        #expect(
            sentence([0x3a, 0x7f, 0x00])
                == "this is no whole ONNX file: at byte 1 a part of 127 bytes begins, and only 1 "
                + "follow: the file seems to be cut short")
        #expect(sentence([]) == "this is no whole ONNX file: at byte 0 it ends without a graph")
    }

    /// Whether the bytes are read; if they are, suspects are looked for too.
    private func isGraph(_ bytes: [UInt8]) -> Bool {
        do {
            let model = try ModelGraph(bytes: bytes)
            for suspect in model.suspects { #expect(!suspect.description.isEmpty) }
            #expect(model.tensors.count <= bytes.count)
            return true
        } catch {
            #expect(!error.description.isEmpty && !error.description.contains("\n"))
            return false
        }
    }

    private func sentence(_ bytes: [UInt8]) -> String? {
        do {
            _ = try ModelGraph(bytes: bytes)
            return nil
        } catch {
            return error.description
        }
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A field of bytes in the wire format.
    private func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(content.count) + content
    }

    private func varint(_ number: Int) -> [UInt8] {
        var rest = number
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// Changes, inserts or takes away some bytes, or puts a part of another file in.
private func mutate(_ bytes: inout [UInt8], with files: [[UInt8]], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 3: bytes.remove(at: place)
    case 4: bytes.removeLast(bytes.count - place)
    default:
        guard let other = files.randomElement(using: &random), !other.isEmpty else { return }
        let start = Int.random(in: other.indices, using: &random)
        let part = other[start...].prefix(Int.random(in: 1...40, using: &random))
        bytes.replaceSubrange(place..<min(bytes.count, place + part.count), with: part)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
