import DataSets
import Foundation
import Testing

/// A PNG file, read back by the steps of its specification with a decompressor of another kind.
@Suite struct PNGPictureTests {
    @Test(arguments: [(1, 1, 1), (3, 2, 1), (5, 4, 3), (28, 28, 1), (300, 7, 3)])
    func `chunks, sums and pixels are those of the specification`(
        width: Int, height: Int, channels: Int
    ) throws {
        let pixels = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let file = PNGPicture.file(
            pixels: pixels, width: width, height: height, channels: channels)
        #expect(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let chunks = try chunks(file.dropFirst(8))
        #expect(chunks.map(\.name) == ["IHDR", "IDAT", "IEND"])
        #expect(number(chunks[0].contents[0..<4]) == width)
        #expect(number(chunks[0].contents[4..<8]) == height)
        #expect(chunks[0].contents[8...] == [8, channels == 1 ? 0 : 2, 0, 0, 0])
        let rows = try inflated(chunks[1].contents, to: (width * channels + 1) * height)
        let row = width * channels
        let read = (0..<height).flatMap { line -> [UInt8] in
            let start = line * (row + 1)
            #expect(rows[start] == 0)  // unfiltered
            return Array(rows[start + 1..<start + 1 + row])
        }
        #expect(read == pixels)
    }

    private func chunks(
        _ bytes: ArraySlice<UInt8>
    ) throws -> [(name: String, contents: [UInt8])] {
        var rest = Array(bytes)
        var chunks: [(name: String, contents: [UInt8])] = []
        while !rest.isEmpty {
            let size = number(rest[0..<4])
            let body = Array(rest[4..<8 + size])
            #expect(number(rest[8 + size..<12 + size]) == Int(checksum(body)))
            chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body[4...])))
            rest = Array(rest[(12 + size)...])
        }
        return chunks
    }

    /// The CRC of the specification's annex D, bit by bit.
    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in
                sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1
            }
        }
    }

    private func number(_ bytes: some Sequence<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// By Python's decompressor.
    private func inflated(_ bytes: [UInt8], to count: Int) throws -> [UInt8] {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sys, zlib; "
                + "sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))",
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: bytes)
        try input.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(data.count == count)
        return Array(data)
    }
}
