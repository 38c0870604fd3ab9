import DataSets
import Foundation

/// The path of a file in `Vectors`.
func fixture(_ name: String) -> String {
    folder.appending(path: "Vectors").appending(path: name).path
}

/// The path of a file of the demo.
func demo(_ name: String) -> String {
    folder.deletingLastPathComponent().appending(path: "Demo/data").appending(path: name).path
}

private let folder = URL(filePath: #filePath).deletingLastPathComponent()

func fixtureBytes(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: fixture(name))))
}

/// A file that is gone when its owner is.
final class TemporaryFile: Sendable {
    let path = FileManager.default.temporaryDirectory
        .appending(path: "wardein-test-\(UUID().uuidString)").path

    init(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }

    convenience init(_ text: String) throws {
        try self.init(Array(text.utf8))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Replaces the first bytes, in place.
    func overwrite(with bytes: [UInt8]) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    /// Also lengthens the file, with zeroes that take no space.
    func truncate(to length: Int) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.truncate(atOffset: UInt64(length))
        try handle.close()
    }
}

let numpyMagic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/// An npy file with any header text.
func npy(_ header: String, version: UInt8 = 1, body: [UInt8] = []) -> [UInt8] {
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(header.utf8.count >> (8 * $0) & 255) }
    return numpyMagic + [version, 0] + length + Array(header.utf8) + body
}

/// An npy file with a header like numpy's.
func npy(_ type: String, _ shape: String, body: [UInt8]) -> [UInt8] {
    npy("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }\n", body: body)
}

func littleEndianBytes(_ pixels: [Double]) -> [UInt8] {
    pixels.flatMap { pixel in withUnsafeBytes(of: pixel.bitPattern.littleEndian, Array.init) }
}

/// The sentence that `body` throws; `nil` if it throws nothing.
func sentence<Value>(of body: () throws(DataSetError) -> Value) -> String? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.description
    }
}
