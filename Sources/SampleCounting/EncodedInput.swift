/// An input as it travels and as its digest covers it: one unsigned byte a coordinate, or four
/// bytes, little endian, signed. Each coordinate is a number of steps of the grid.
public enum EncodedInput {
    /// The largest coordinate that inputs of so many bytes a coordinate usually have.
    public static func white(width: Int, stepsPerUnit: Int) -> Int32 {
        width == 1 ? 255 : Int32(clamping: stepsPerUnit)
    }

    /// The bytes of an input. `width` is 1 (every coordinate from 0 to 255) or 4.
    public static func bytes(of pixels: [Int32], width: Int) -> [UInt8] {
        guard width == 4 else { return pixels.map { UInt8(truncatingIfNeeded: $0) } }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * pixels.count)
        for pixel in pixels {
            withUnsafeBytes(of: pixel.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// The coordinates of an encoded input.
    public static func pixels(from bytes: [UInt8], width: Int) -> [Int32] {
        guard width == 4 else { return bytes.map { Int32($0) } }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))
            }
        }
    }
}
