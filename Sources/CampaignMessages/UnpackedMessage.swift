import CProtobufC
import Glibc

/// A message as protobuf-c unpacked it, freed when this value goes.
struct UnpackedMessage<Structure>: ~Copyable {
    private let message: UnsafeMutablePointer<Structure>

    /// Unpacks one envelope; allocates at most `limit` bytes, all allocations added up.
    init(
        _ bytes: [UInt8],
        by unpack: (
            UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?
        ) -> UnsafeMutablePointer<Structure>?,
        allocating limit: Int
    ) throws(MalformedMessage) {
        guard bytes.count <= WireLimits.envelopeBytes else {
            throw MalformedMessage(
                "the envelope takes \(bytes.count) bytes, more than \(WireLimits.envelopeBytes)")
        }
        var room = limit
        let message = withUnsafeMutablePointer(to: &room) { room in
            var allocator = ProtobufCAllocator(
                alloc: allocateWithin, free: release, allocator_data: room)
            return unpack(&allocator, bytes.count, bytes)
        }
        guard let message else {
            throw MalformedMessage(
                room < 0
                    ? "decoding the envelope of \(bytes.count) bytes takes more than \(limit) bytes"
                    : "the envelope of \(bytes.count) bytes is cut short or not of this protocol")
        }
        self.message = message
    }

    deinit {
        var allocator = ProtobufCAllocator(alloc: nil, free: release, allocator_data: nil)
        // Every generated structure begins with its ProtobufCMessage.
        let base = UnsafeMutableRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
        protobuf_c_message_free_unpacked(base, &allocator)
    }

    /// Lends the structure that protobuf-c generated; its pointers are good within `body` alone.
    borrowing func read<Value>(
        _ body: (Structure) throws(MalformedMessage) -> Value
    ) throws(MalformedMessage) -> Value {
        try body(message.pointee)
    }
}

/// protobuf-c asks for memory. `room` points to an `Int`: what is left of the limit, below 0 once
/// it is exceeded.
private func allocateWithin(
    _ room: UnsafeMutableRawPointer?, _ size: Int
) -> UnsafeMutableRawPointer? {
    guard let room = room?.assumingMemoryBound(to: Int.self), room.pointee >= size else {
        room?.storeBytes(of: -1, as: Int.self)
        return nil
    }
    room.pointee -= size
    return malloc(size)
}

private func release(_: UnsafeMutableRawPointer?, _ memory: UnsafeMutableRawPointer?) {
    free(memory)
}
