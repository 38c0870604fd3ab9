import Testing

@testable import CampaignMessages

/// Google's protobuf for Python as an independent peer.
@Suite struct VectorTests {
    static let inside = WireVector.all.filter(\.isInside)
    static let outside = WireVector.all.filter { !$0.isInside }

    @Test func `every message of the protocol has a vector`() {
        #expect(
            VectorTests.inside.map(\.description)
                == Samples.ofWorker.map(\.name) + Samples.ofCoordinator.map(\.name))
    }

    @Test(arguments: inside.filter(\.isFromWorker))
    func `a worker's message is encoded as by Google and decoded from it`(
        vector: WireVector
    ) throws {
        let sample = try #require(Samples.ofWorker.first { $0.name == vector.description })
        #expect(WireFormat.encode(sample.message) == [vector.bytes])
        #expect(try WireFormat.decodeWorkerMessage([vector.bytes]) == sample.message)
    }

    @Test(arguments: inside.filter { !$0.isFromWorker })
    func `a coordinator's message is encoded as by Google and decoded from it`(
        vector: WireVector
    ) throws {
        let sample = try #require(Samples.ofCoordinator.first { $0.name == vector.description })
        let piece = sample.name == "piece" ? [[1, 2, 3] as [UInt8]] : []
        #expect(WireFormat.encode(sample.message) == [vector.bytes] + piece)
        #expect(try WireFormat.decodeCoordinatorMessage([vector.bytes] + piece) == sample.message)
    }

    @Test(arguments: outside)
    func `what lies outside the bounds is refused with a sentence`(vector: WireVector) throws {
        let error = try #require(
            throws: MalformedMessage.self,
            performing: {
                if vector.isFromWorker {
                    _ = try WireFormat.decodeWorkerMessage([vector.bytes])
                } else {
                    _ = try WireFormat.decodeCoordinatorMessage([vector.bytes])
                }
            })
        // The bytes are well formed: the reason is a bound, not the encoding.
        #expect(!error.description.contains("not of this protocol"))
    }

    @Test func `a refusal names the field, its value and its range`() throws {
        let vector = try #require(
            VectorTests.outside.first { $0.description == "capacity of 4097" })
        let error = #expect(throws: MalformedMessage.self) {
            try WireFormat.decodeWorkerMessage([vector.bytes])
        }
        #expect(error?.description == "the capacity is 4097, outside 0 to 4096")
    }
}
