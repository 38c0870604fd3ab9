import Foundation

/// Reads the lines of a file one at a time, so that memory does not grow with the file.
public struct LineReader {
    /// The number of the line that was read last, from 1; 0 before the first.
    public private(set) var number = 0

    /// A line may have this many bytes: room for the counts of more than a million classes.
    public static let longestLine = 64 << 20

    private static let pieceSize = 1 << 20

    private let path: String
    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0

    /// Opens a file.
    ///
    /// - Throws: ``RunFolderError``.
    public init(_ path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw RunFolderError.unreadable(path, RunFolderError.reason(path))
        }
        self.path = path
        self.file = file
    }

    /// The next line without its line break; nil after the last.
    ///
    /// - Throws: ``RunFolderError`` when the file cannot be read, ends within a line or has one that is
    ///   longer than ``longestLine``.
    public mutating func next() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                number += 1
                return buffer[start..<end]
            }
            searched = buffer.count - start
            guard searched <= LineReader.longestLine else {
                throw RunFolderError.malformed(
                    path, line: number + 1, "has more than \(LineReader.longestLine) bytes")
            }
            guard try fill() else {
                guard buffer.isEmpty else {
                    throw RunFolderError.malformed(
                        path, line: number + 1, "the file ends within this line: it was truncated")
                }
                return nil
            }
        }
    }

    /// Drops what was handed over and reads more; false at the end of the file.
    private mutating func fill() throws -> Bool {
        buffer.removeSubrange(..<start)
        start = 0
        do {
            guard let piece = try file.read(upToCount: LineReader.pieceSize), !piece.isEmpty else {
                return false
            }
            buffer.append(contentsOf: piece)
            return true
        } catch {
            throw RunFolderError.unreadable(path, "\(error)")
        }
    }
}
