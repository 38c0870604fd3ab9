internal import CZlib

/// An image as a PNG file (W3C Recommendation, third edition): eight bits a channel, grey or red, green
/// and blue.
public enum PNGPicture {
    /// The bytes of the file.
    ///
    /// - Parameters:
    ///   - pixels: rows from the top, each of pixels from the left, each of its channels.
    ///   - width: how many pixels a row has.
    ///   - height: how many rows there are.
    ///   - channels: 1 or 3.
    public static func file(
        pixels: [UInt8], width: Int, height: Int, channels: Int
    ) -> [UInt8] {
        precondition(channels == 1 || channels == 3, "grey or colours")
        precondition(width > 0 && height > 0 && pixels.count == width * height * channels)
        let header =
            bigEndian(width) + bigEndian(height) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
        let row = width * channels
        var filtered: [UInt8] = []
        filtered.reserveCapacity(pixels.count + height)
        for start in stride(from: 0, to: pixels.count, by: row) {
            filtered.append(0)  // no filter
            filtered += pixels[start..<start + row]
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", header) + chunk("IDAT", compressed(filtered)) + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ contents: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + contents
        let sum = body.withUnsafeBufferPointer {
            crc32(0, $0.baseAddress, CUnsignedInt($0.count))
        }
        return bigEndian(contents.count) + body + bigEndian(Int(sum))
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var size = compressBound(CUnsignedLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(size))
        let status = compress2(
            &result, &size, bytes, CUnsignedLong(bytes.count), Z_BEST_COMPRESSION)
        precondition(status == Z_OK, "zlib has room and memory")
        return Array(result.prefix(Int(size)))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian, Array.init)
    }
}
