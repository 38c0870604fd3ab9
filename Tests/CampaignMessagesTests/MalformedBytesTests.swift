import CampaignScheduling
import Testing

@testable import CampaignMessages

/// Law 8: no peer can crash or stall a campaign, whatever bytes it sends.
@Suite struct MalformedBytesTests {
    @Test func `every truncation of a message is refused or is a message`() {
        for vector in VectorTests.inside {
            for length in 0..<vector.bytes.count {
                decodeAsEither(Array(vector.bytes.prefix(length)))
            }
        }
    }

    @Test func `every change of one bit is refused or is a message`() {
        for vector in VectorTests.inside {
            for bit in 0..<(8 * vector.bytes.count) {
                var bytes = vector.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                decodeAsEither(bytes)
            }
        }
    }

    @Test func `twenty thousand seeded mutations are refused or are messages`() {
        var random = SplitMix64(state: 1)
        var understood = 0
        for _ in 0..<20_000 {
            var bytes = envelope(of: VectorTests.inside.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes, &random) }
            understood += decodeAsEither(bytes)
        }
        // Neither everything nor nothing gets through: the mutations reach into the messages.
        #expect((1000..<19_000).contains(understood))
    }

    @Test func `decoding stops at its allowance of memory`() throws {
        for (_, message) in Samples.ofCoordinator {
            let frames = WireFormat.encode(message)
            let piece = frames.dropFirst().first
            var allowance = 0
            while (try? WireFormat.coordinatorMessage(
                envelope: Array(frames[0].dropFirst(16)), piece: piece, allocating: allowance))
                == nil
            {
                allowance += 8
                try #require(allowance < 10_000)
            }
            #expect(allowance > 0)
        }
    }

    @Test func `made-up envelopes of very many fields take no more than the allowance`() {
        // Unknown fields of three bytes, of which protobuf-c keeps a record of 32 bytes each.
        let unknown = (0..<170_000).flatMap { _ in [0xA2, 0x06, 0x00] as [UInt8] }
        let error = #expect(throws: MalformedMessage.self) {
            try WireFormat.decodeWorkerMessage([WireFormat.sealed(unknown)])
        }
        #expect(error?.description.contains("takes more than 8388608 bytes") == true)
        // Empty leases.
        let leases = (0..<100_000).flatMap { _ in [0x0A, 0x00] as [UInt8] }
        #expect(throws: MalformedMessage.self) {
            try WireFormat.decodeCoordinatorMessage(
                [WireFormat.sealed([0x22, 0xC0, 0x9A, 0x0C] + leases)])
        }
    }

    @Test func `an envelope over its bound is refused unread`() {
        let error = #expect(throws: MalformedMessage.self) {
            try WireFormat.decodeWorkerMessage([[UInt8](repeating: 0, count: 512 << 10 + 17)])
        }
        #expect(error?.description == "the envelope takes 524289 bytes, more than 524288")
    }

    @Test(arguments: Samples.ofWorker.map(\.name))
    func `a message of which any one bit was damaged is refused`(name: String) throws {
        let sample = try #require(Samples.ofWorker.first { $0.name == name })
        let frame = try #require(WireFormat.encode(sample.message).first)
        for bit in 0..<frame.count * 8 {
            var damaged = frame
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: MalformedMessage.self) {
                try WireFormat.decodeWorkerMessage([damaged])
            }
        }
    }

    @Test func `a message has its number of frames`() throws {
        let worker = WireFormat.encode(WorkerMessage.goodbye)
        let drain = WireFormat.encode(.drain)
        let piece = WireFormat.encode(
            .piece(Piece(blob: Samples.digest(1), offset: 0, bytes: [1])))
        for frames in [[], worker + [[]], worker + [[], []]] {
            #expect(throws: MalformedMessage.self) { try WireFormat.decodeWorkerMessage(frames) }
        }
        for frames in [[], drain + [[]], [piece[0]], piece + [[]]] {
            #expect(throws: MalformedMessage.self) {
                try WireFormat.decodeCoordinatorMessage(frames)
            }
        }
    }

    /// How many of the two directions take the bytes for a message.
    @discardableResult
    private func decodeAsEither(_ bytes: [UInt8]) -> Int {
        var understood = 0
        let frame = WireFormat.sealed(bytes)
        if (try? WireFormat.decodeWorkerMessage([frame])) != nil { understood += 1 }
        if (try? WireFormat.decodeCoordinatorMessage([frame])) != nil { understood += 1 }
        return understood
    }

    private func envelope(of vector: WireVector?) -> [UInt8] {
        Array((vector?.bytes ?? []).dropFirst(WireLimits.checksumBytes))
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        let noise = UInt8(truncatingIfNeeded: random.next())
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where !bytes.isEmpty: bytes[place] = noise
        case 1 where !bytes.isEmpty: bytes[place] ^= 1 << (noise % 8)
        case 2 where !bytes.isEmpty: bytes.remove(at: place)
        case 3: bytes.insert(noise, at: place)
        case 4: bytes.removeLast(bytes.count - place)
        default: bytes += bytes.suffix(bytes.count - place)
        }
    }
}

/// Steele, Lea and Flood's SplitMix64: a small seeded generator for tests.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
