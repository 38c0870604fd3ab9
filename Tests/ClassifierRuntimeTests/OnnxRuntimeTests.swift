import ClassifierRuntime
import Foundation
import Testing

@Suite struct OnnxRuntimeTests {
    @Test func `the fingerprint names what may change a bit`() throws {
        let fingerprint = try classifier("linear_8").fingerprint
        #expect(fingerprint.engine == "onnxruntime")
        #expect(fingerprint.version == "1.31.1")
        #expect(fingerprint.precision == "float32")
        #expect(fingerprint.optimizationLevel == "all")
        let coded = try JSONEncoder().encode(fingerprint)
        #expect(
            try JSONDecoder().decode(ClassifierFingerprint.self, from: coded) == fingerprint)
    }

    @Test func `a fingerprint is one line`() {
        let fingerprint = ClassifierFingerprint(
            engine: "onnxruntime", version: "1.31.1", instructionSet: "avx2",
            precision: "float32", optimizationLevel: "all")
        #expect(
            fingerprint.description == "onnxruntime 1.31.1, avx2, float32, optimisation all")
    }

    #if arch(x86_64)
        @Test func `the instruction set is the widest that the kernel lists`() throws {
            let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            let flags = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
            let listed = Set(flags.split(separator: " "))
            let widest = [
                ("avx512_vnni", "avx512-vnni"), ("avx512f", "avx512"), ("avx2", "avx2"),
                ("avx", "avx"), ("sse2", "sse2"),
            ].first { listed.contains(Substring($0.0)) }
            #expect(try classifier("linear_8").fingerprint.instructionSet == widest?.1)
        }
    #endif

    @Test func `a library that is not there is named, with what to do`() {
        #expect(
            failure(of: "/nowhere/libonnxruntime.so")
                == "ONNX Runtime was not found (tried /nowhere/libonnxruntime.so): run "
                + "scripts/setup, or set WARDEIN_ONNXRUNTIME to the path of libonnxruntime.so.")
    }

    @Test func `a file that is no library, or another library, is refused`() {
        let model = tests.appending(path: "Fixtures/models/linear_8.onnx").path
        let multiarch = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6"]
        let other = multiarch.first(where: FileManager.default.fileExists) ?? "/lib64/libc.so.6"
        #expect(
            failure(of: model)
                == "The library \(model) cannot be used as ONNX Runtime: invalid ELF header.")
        #expect(
            failure(of: other)
                == "The library \(other) cannot be used as ONNX Runtime: it has no function "
                + "OrtGetApiBase.")
    }

    @Test func `the environment names the library, and no other is taken instead`() async {
        await #expect(processExitsWith: .success) {
            setenv("WARDEIN_ONNXRUNTIME", "/nowhere/else.so", 1)
            #expect(throws: ClassifierFailure.libraryMissing(tried: ["/nowhere/else.so"])) {
                try OnnxRuntime.load()
            }
        }
    }

    @Test func `the library is found from any folder, and first in the current one`() async {
        await #expect(processExitsWith: .success) {
            let files = FileManager.default
            let folder = files.temporaryDirectory.appending(path: "wardein-\(UUID())")
            let library = folder.appending(path: ".wardein/lib/libonnxruntime.so").path
            let lib = folder.appending(path: ".wardein/lib")
            try files.createDirectory(at: lib, withIntermediateDirectories: true)
            defer { try? files.removeItem(at: folder) }
            #expect(files.changeCurrentDirectoryPath(folder.path))
            #expect(throws: Never.self) { try OnnxRuntime.load() }
            #expect(files.createFile(atPath: library, contents: Data("no library".utf8)))
            #expect(
                throws: ClassifierFailure.libraryUnusable(path: library, reason: "file too short")
            ) { try OnnxRuntime.load() }
        }
    }

    @Test func `the library prints nothing of its own`() async throws {
        let result = try await #require(
            processExitsWith: .success,
            observing: [\.standardErrorContent, \.standardOutputContent]
        ) {
            _ = try classifier("cnn_28").classes(counted: 8)
            #expect(refusal { try classifier("weights_elsewhere_8") } != nil)
            #expect(refusal { try classifier("reshaped_for_one_8") } != nil)
            let cut = try Array(bytes(of: "Fixtures/models/linear_8").prefix(1000))
            let runtime = try OnnxRuntime.load()
            #expect(throws: ClassifierFailure.self) {
                try OnnxClassifier(model: cut, runtime: runtime, batchSize: 8)
            }
        }
        let printed = result.standardErrorContent + result.standardOutputContent
        #expect(String(decoding: printed, as: UTF8.self).isEmpty)
    }

    private func failure(of path: String) -> String? {
        do {
            _ = try OnnxRuntime.load(path: path)
            return nil
        } catch {
            return error.description
        }
    }
}
