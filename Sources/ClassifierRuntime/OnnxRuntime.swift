internal import COnnxRuntime
internal import Glibc

/// The ONNX Runtime library, opened while the program runs.
///
/// Immutable after loading; the library allows its environment to be shared by any thread, so
/// each thread makes its own `OnnxClassifier` from one `OnnxRuntime`.
public final class OnnxRuntime: @unchecked Sendable {
    /// The file that was opened.
    public let path: String
    /// The library's own version, for example `1.31.1`.
    public let version: String

    /// What every classifier of this library on this processor has in common.
    public var fingerprint: ClassifierFingerprint {
        ClassifierFingerprint(
            engine: "onnxruntime", version: version,
            instructionSet: String(cString: ort_instruction_set()), precision: "float32",
            optimizationLevel: OnnxSession.optimizationLevel)
    }

    let functions: OrtFunctions
    let environment: OpaquePointer

    /// Finds and opens the library: the given path, else the one in the environment variable
    /// `WARDEIN_ONNXRUNTIME`, else the first of these that is there: beside the executable, in
    /// `../lib` from it, `.wardein/lib` in the current folder or any folder above the executable,
    /// and wherever the system's loader looks.
    ///
    /// - Throws: `libraryMissing` with the places tried, or `libraryUnusable` for a file that is
    ///   there but does not serve; a path that was given or set is not replaced by another.
    public static func load(path: String? = nil) throws(ClassifierFailure) -> OnnxRuntime {
        if let chosen = path ?? environmentVariable("WARDEIN_ONNXRUNTIME") {
            guard access(chosen, F_OK) == 0 else { throw .libraryMissing(tried: [chosen]) }
            return try OnnxRuntime(opening: chosen)
        }
        let places = usualPlaces()
        if let found = places.first(where: { access($0, F_OK) == 0 }) {
            return try OnnxRuntime(opening: found)
        }
        do {
            return try OnnxRuntime(opening: libraryName)
        } catch .libraryUnusable(_, reason: let reason) where reason.contains("No such file") {
            let folder = executableFolder()
            throw .libraryMissing(tried: [
                folder, "\(parent(of: folder))/lib",
                ".wardein/lib in \(currentFolder()) and in every folder above \(folder)",
                "the system's library path",
            ])
        }
    }

    private init(opening path: String) throws(ClassifierFailure) {
        var functions = OrtFunctions()
        var version: UnsafePointer<CChar>?
        // Microsoft's builds keep an account of their use in ~/.cache, for upload.
        setenv("ORT_DISABLE_TELEMETRY", "1", 1)
        let opening = ort_open(path, &functions, &version)
        self.version = version.map { String(cString: $0) } ?? "unknown"
        switch opening {
        case ORT_OPENED: break
        case ORT_TOO_OLD:
            throw .libraryUnusable(
                path: path,
                reason: "its version is \(self.version), and 1.21 or a later 1.x is needed")
        case ORT_NOT_THE_LIBRARY:
            throw .libraryUnusable(path: path, reason: "it has no function OrtGetApiBase")
        default:
            throw .libraryUnusable(path: path, reason: loaderMessage(about: path))
        }
        var environment: OpaquePointer?
        // Only fatal errors are logged: every other error comes back as a status, once.
        let status = functions.CreateEnv(Int32(ORT_LOG_FATAL), "wardein", &environment)
        guard let environment else {
            throw .engineFailed(functions.message(consuming: status))
        }
        self.path = path
        self.functions = functions
        self.environment = environment
    }

    deinit {
        functions.ReleaseEnv(environment)
    }
}

// MARK: - Where the library lies

private let libraryName = "libonnxruntime.so"

private func usualPlaces() -> [String] {
    let folder = executableFolder()
    let above = sequence(first: folder, next: { $0.isEmpty ? nil : parent(of: $0) })
    let folders =
        [folder, "\(parent(of: folder))/lib", "\(currentFolder())/.wardein/lib"]
        + above.map { "\($0)/.wardein/lib" }
    return folders.map { "\($0)/\(libraryName)" }
}

private func executableFolder() -> String {
    parent(of: filled { readlink("/proc/self/exe", $0, $1) })
}

private func currentFolder() -> String {
    filled { getcwd($0, $1) == nil ? -1 : strlen($0) }
}

/// The text that `fill` writes into a buffer of the given size, and whose length it returns.
private func filled(_ fill: (UnsafeMutablePointer<CChar>, Int) -> Int) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
        guard let start = buffer.baseAddress else { return "" }
        let length = max(0, fill(start, buffer.count))
        return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// `/a/b` -> `/a` -> the empty string, which stands for the root.
private func parent(of path: String) -> String {
    String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
}

/// Why the system's loader did not load this file, without the file's name.
private func loaderMessage(about path: String) -> String {
    guard let message = dlerror() else { return "it does not load" }
    let text = String(cString: message)
    return text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
}

private func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}

// MARK: - What the library says

extension OrtFunctions {
    /// Turns a status that is an error into the failure that `failure` makes of its message.
    func check(
        _ status: OpaquePointer?,
        as failure: (String) -> ClassifierFailure = ClassifierFailure.engineFailed
    ) throws(ClassifierFailure) {
        guard status != nil else { return }
        let message = message(consuming: status)
        let isOutOfMemory = ["bad_alloc", "Failed to allocate memory"].contains(
            where: message.contains)
        throw isOutOfMemory ? .outOfMemory : failure(message)
    }

    /// The first line of the status's message, from where it speaks of the cause rather than of
    /// the library's own source, ending in a full stop.
    func message(consuming status: OpaquePointer?) -> String {
        guard let status, let text = GetErrorMessage(status) else { return "no reason given." }
        defer { ReleaseStatus(status) }
        var line = String(cString: text).prefix { !$0.isNewline }
        for marker in ["Status Message: ", " was false. "] {
            if let range = line.firstRange(of: marker) { line = line[range.upperBound...] }
        }
        return line.hasSuffix(".") ? String(line) : line + "."
    }
}
