import CZip

/// An npz archive: a zip file of npy arrays, as `numpy.savez` and `savez_compressed` write it.
struct NumpyArchive: ~Copyable {
    private let handle: OpaquePointer
    private let path: String
    private let names: [String]

    init(path: String) throws(DataSetError) {
        var code: CInt = 0
        guard let handle = zip_open(path, ZIP_RDONLY, &code) else {
            throw DataSetError(
                path,
                "the zip archive cannot be read (libzip: \(meaning(ofZipError: code))); fetch or "
                    + "write the file again")
        }
        self.handle = handle
        self.path = path
        names = (0..<max(0, zip_get_num_entries(handle, 0))).map { index in
            let name = zip_get_name(handle, UInt64(index), 0).map { String(cString: $0) } ?? ""
            return name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
        }
    }

    deinit {
        zip_discard(handle)
    }

    /// The array called `member`, or else the only array, or else the only one of `usualNames`.
    borrowing func contents(
        of member: String?, usualNames: [String]
    ) throws(DataSetError) -> Contents {
        guard !names.isEmpty else {
            throw DataSetError(path, "the zip archive is empty; save the arrays again")
        }
        let index = try index(of: member, usualNames: usualNames)
        let origin = "\(path), member “\(names[index])”"
        let contents = try Contents(
            origin: origin, bytes: .memory(decompressed(index, origin: origin)))
        guard try ArrayHeader(head: contents.head, origin: origin) != nil else {
            throw DataSetError(
                origin, "this member is not an npy array; \(listing), so name another")
        }
        return contents
    }

    private borrowing func index(
        of member: String?, usualNames: [String]
    ) throws(DataSetError) -> Int {
        if let member {
            let name = member.hasSuffix(".npy") ? String(member.dropLast(4)) : member
            let found = names.indices.filter { names[$0] == name }
            guard let index = found.first, found.count == 1 else {
                throw DataSetError(
                    path,
                    "\(found.isEmpty ? "no member" : "more than one member") is called “\(name)”; "
                        + listing)
            }
            return index
        }
        if names.count == 1 { return 0 }
        let usual = names.indices.filter { usualNames.contains(names[$0]) }
        guard let index = usual.first, usual.count == 1 else {
            throw DataSetError(
                path,
                "\(usual.isEmpty ? "no member" : "more than one member") has a usual name ("
                    + usualNames.joined(separator: ", ") + "); \(listing), so name one")
        }
        return index
    }

    private var listing: String {
        let more = names.count > 20 ? " and \(names.count - 20) more" : ""
        return "the members are " + names.prefix(20).joined(separator: ", ") + more
    }

    private borrowing func decompressed(
        _ index: Int, origin: String
    ) throws(DataSetError) -> [UInt8] {
        guard let member = zip_fopen_index(handle, UInt64(index), 0) else {
            throw damaged(origin, zip_strerror(handle))
        }
        defer { zip_fclose(member) }
        return try decompress(origin: origin) { (buffer) throws(DataSetError) -> Int in
            guard let start = buffer.baseAddress else { return 0 }
            let got = zip_fread(member, start, UInt64(buffer.count))
            guard got >= 0 else { throw damaged(origin, zip_file_strerror(member)) }
            return Int(got)
        }
    }
}

private func damaged(_ origin: String, _ message: UnsafePointer<CChar>) -> DataSetError {
    DataSetError(
        origin,
        "the member cannot be decompressed (libzip: \(String(cString: message))); fetch or write "
            + "the file again")
}

private func meaning(ofZipError code: CInt) -> String {
    var error = zip_error_t()
    zip_error_init_with_code(&error, code)
    defer { zip_error_fini(&error) }
    return String(cString: zip_error_strerror(&error))
}
