import CZlib
import Glibc

/// What a file holds once gzip and npz are unwrapped: one array file, list or batch of rows.
struct Contents: Sendable {
    /// The path, and the archive member if there is one.
    let origin: String
    let bytes: Bytes
    /// The first bytes, enough for any header.
    let head: [UInt8]

    /// Opens a file; `usualNames` are the members of an npz archive to look for when none is named.
    static func open(
        path: String, member: String?, usualNames: [String]
    ) throws(DataSetError) -> Contents {
        let file = try RegularFile(path: path)
        let magic = try file.read(0..<min(file.size, 4))
        let isArchive = magic.starts(with: [0x50, 0x4b, 3, 4]) || magic == [0x50, 0x4b, 5, 6]
        guard isArchive || member == nil else {
            throw DataSetError(
                path,
                "this is no npz archive and has no member “\(member ?? "")”; name no member")
        }
        if isArchive {
            return try NumpyArchive(path: path).contents(of: member, usualNames: usualNames)
        }
        if magic.starts(with: [0x1f, 0x8b]) {
            let bytes = try GzipFile(file).decompressed()
            return try Contents(origin: path, bytes: .memory(bytes))
        }
        return try Contents(origin: path, bytes: .file(file))
    }

    init(origin: String, bytes: Bytes) throws(DataSetError) {
        guard bytes.count > 0 else {
            throw DataSetError(origin, "the file is empty; write it again")
        }
        self.origin = origin
        self.bytes = bytes
        head = try bytes.read(0..<min(bytes.count, ArrayHeader.longest))
    }

    /// The sentence for contents in no format that is understood.
    func unrecognised(expected: String) -> DataSetError {
        for (magic, found) in Contents.strangers where head.starts(with: magic) {
            return DataSetError(origin, "this is \(found), but expected are \(expected)")
        }
        if head.dropFirst(257).starts(with: Array("ustar".utf8)) {
            return DataSetError(
                origin, "this is a tar archive; unpack it and give one of the files inside")
        }
        return DataSetError(
            origin,
            "the first bytes \(head.prefix(8)) and the size of \(bytes.count) bytes fit no format "
                + "that is understood; expected are \(expected)")
    }

    private static let strangers: [(magic: [UInt8], found: String)] = [
        ([0x80, 2], "a Python pickle, which can run code when it is read"),
        ([0x80, 3], "a Python pickle, which can run code when it is read"),
        ([0x80, 4], "a Python pickle, which can run code when it is read"),
        ([0x80, 5], "a Python pickle, which can run code when it is read"),
        ([0x89, 0x50, 0x4e, 0x47], "a PNG picture"), ([0xff, 0xd8, 0xff], "a JPEG picture"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"), ([0x1f, 0x8b], "gzip inside gzip"),
        ([0x50, 0x4b, 3, 4], "a zip archive inside a compressed file"),
    ]
}

/// Random access to bytes in memory or in a file.
enum Bytes: Sendable {
    case file(RegularFile)
    case memory([UInt8])

    var count: Int {
        switch self {
        case .file(let file): file.size
        case .memory(let bytes): bytes.count
        }
    }

    func read(_ range: Range<Int>) throws(DataSetError) -> [UInt8] {
        switch self {
        case .file(let file): try file.read(range)
        case .memory(let bytes) where range == bytes.indices: bytes
        case .memory(let bytes): Array(bytes[range])
        }
    }
}

/// A file that is read by position, closed with its last owner. Unlike a memory map, it turns a
/// file that shrinks under its reader into an error.
final class RegularFile: Sendable {
    let path: String
    let size: Int
    let descriptor: CInt

    init(path: String) throws(DataSetError) {
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        self.path = path
        guard descriptor >= 0 else {
            size = 0
            throw DataSetError(path, "the file cannot be opened: \(systemError())")
        }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isRegular ? Int(status.st_size) : 0
        guard isRegular else {
            throw DataSetError(path, "this is a folder or device; give an ordinary file")
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func read(_ range: Range<Int>) throws(DataSetError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                    range.lowerBound + done)
            }
            if got > 0 { done += got }
            if got < 0, errno != EINTR {
                throw DataSetError(path, "the file cannot be read: \(systemError())")
            }
            guard got != 0 else {
                throw DataSetError(
                    path, "the file became shorter while it was read; leave it alone and try again")
            }
        }
        return bytes
    }
}

/// A gzip file, of one member or more, that is decompressed from the start.
struct GzipFile: ~Copyable {
    private let handle: gzFile
    private let path: String

    init(_ file: RegularFile) throws(DataSetError) {
        let duplicate = dup(file.descriptor)
        guard duplicate >= 0, let handle = gzdopen(duplicate, "rb") else {
            close(duplicate)
            throw DataSetError(file.path, "the file cannot be decompressed: \(systemError())")
        }
        self.handle = handle
        path = file.path
    }

    deinit {
        gzclose(handle)
    }

    borrowing func decompressed() throws(DataSetError) -> [UInt8] {
        let (handle, path) = (handle, path)
        return try decompress(origin: path) { (buffer) throws(DataSetError) -> Int in
            let got = gzread(handle, buffer.baseAddress, CUnsignedInt(buffer.count))
            var code: CInt = 0
            let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
            guard got >= 0, code == Z_OK || code == Z_STREAM_END else {
                throw DataSetError(
                    path,
                    "the gzip data are cut short or damaged (zlib: \(message)); fetch or write the "
                        + "file again")
            }
            return Int(got)
        }
    }
}

/// Everything that `next` delivers, unless that is more than its own array header announces.
///
/// Memory grows with what really arrives, never with what a header promises. Contents without a
/// header may have 1 GiB. `next` fills a buffer and returns how much it wrote; 0 is the end.
func decompress(
    origin: String,
    next: (UnsafeMutableRawBufferPointer) throws(DataSetError) -> Int
) throws(DataSetError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    var bytes: [UInt8] = []
    var limit: Int?
    while true {
        let got = try next(buffer)
        bytes.append(contentsOf: buffer.prefix(got))
        if limit == nil, got == 0 || bytes.count >= ArrayHeader.longest {
            limit = try ArrayHeader(head: bytes, origin: origin)?.end ?? 1 << 30
        }
        if let limit, bytes.count > limit {
            throw DataSetError(
                origin,
                "the contents are longer than the \(limit) bytes expected; write the file again, "
                    + "and if it has no header, decompress it first")
        }
        if got == 0 { return bytes }
    }
}

private func systemError() -> String {
    String(cString: strerror(errno))
}
