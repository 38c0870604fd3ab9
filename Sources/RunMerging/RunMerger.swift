import CertificateRecords
public import CertificateVerification
import Digests
import Foundation
public import RunFolders

/// Joins runs of one plan on disjoint inputs into one run.
///
/// The runs are copied into `parts/1`, `parts/2` and so on of the new folder, so that it can be checked by
/// itself and their signatures stay what they are; the copies are verified; and what they become
/// (``MergedRun``) is written beside them. All of that happens in a folder of another name without a manifest,
/// which gets its name when it is whole.
public struct RunMerger {
    /// The command line, for `provenance.json`.
    public var command: [String] = []
    /// The path of the ledger that gets to know the runs; nil: none does.
    public var ledger: String?
    /// How the campaign in a folder is verified.
    public var verification: (RunFolder) -> RunVerification
    /// Told now and then how many records are verified, and of how many.
    public var progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }

    private let paths: [String]
    private let output: String

    /// What came of it.
    public struct Outcome {
        /// The merged run.
        public let run: MergedRun
        /// The paths of its parts, in order.
        public let origins: [String]
        /// Those of the given runs that were merged ones, and were signed as a whole.
        public let lostSignatures: [String]
    }

    /// A run that is to be merged.
    private struct Source {
        let folder: RunFolder
        let manifest: RecordedManifest

        init(_ folder: RunFolder) throws {
            self.folder = folder
            manifest = try folder.manifest()
        }

        var name: String { folder.path }
        var firstIndex: Int { manifest.inputs.indices.min() ?? 0 }
    }

    /// A merger of the runs in these folders.
    public init(
        _ paths: [String], into output: String,
        verification: @escaping (RunFolder) -> RunVerification
    ) {
        self.paths = paths.map { path in
            var path = path[...]
            while path.count > 1, path.last == "/" { path.removeLast() }
            return String(path)
        }
        self.output = output
        self.verification = verification
    }

    /// Writes the merged run, whole or not at all.
    ///
    /// - Throws: ``MergeRefusal``, ``MergeError``, ``RunFolderError``, or why the ledger cannot be used.
    public func merge() throws -> Outcome {
        guard !FileManager.default.fileExists(atPath: output) else {
            throw MergeError.occupied(output)
        }
        let given = try paths.map { try RunFolder(at: $0) }
        let sources = try given.flatMap(RunMerger.unfolded).map(Source.init)
            .sorted { $0.firstIndex < $1.firstIndex }
        try RunMerger.check(sources)
        let ledger = try ledger.map { try PartLedger(at: $0) }
        let unfinished = try UnfinishedFolder(for: output)
        do {
            let parts = try copy(sources, to: unfinished.path)
            try verify(parts, of: sources)
            let (run, origins) = (try MergedRun(of: parts), sources.map(\.name))
            let chances = try ledger?.reasons(against: run, origins: origins) ?? []
            guard chances.isEmpty else { throw MergeRefusal(reasons: chances) }
            try unfinished.write(run, origins: origins, command: command)
            try ledger?.enter(run, in: output)
            try unfinished.finish()
            return Outcome(
                run: run, origins: origins,
                lostSignatures: try given.filter {
                    try !$0.partSeals().isEmpty && $0.has(.signature)
                }
                .map(\.path))
        } catch {
            unfinished.discard()
            throw error
        }
    }

    /// The runs that a merged one was made of; else the run itself.
    private static func unfolded(_ folder: RunFolder) throws -> [RunFolder] {
        let seals = try folder.partSeals()
        return seals.isEmpty ? [folder] : try seals.indices.map(folder.part)
    }

    private static func check(_ sources: [Source]) throws {
        guard 2...MergedManifest.mostParts ~= sources.count else {
            throw MergeError.number(sources.count)
        }
        if let refusal = MergeRefusal(sources.map { (name: $0.name, manifest: $0.manifest) }) {
            throw refusal
        }
    }

    private func copy(_ sources: [Source], to folder: String) throws -> [RunFolder] {
        try sources.enumerated().map { place, source in
            let path = "\(folder)/\(MergedManifest.folder(ofPart: place))"
            try PartCopy(of: source.folder, at: path).make()
            return try RunFolder(at: path)
        }
    }

    /// Verifies the copies: nobody changes them between this and the merge.
    private func verify(_ parts: [RunFolder], of sources: [Source]) throws {
        let copies = try parts.map(Source.init)
        if let refusal = MergeRefusal(
            zip(sources, copies).map { (name: $0.name, manifest: $1.manifest) })
        {
            throw refusal
        }
        let total = copies.reduce(0) { $0 + $1.manifest.inputs.indices.count }
        var before = 0
        for (source, copy) in zip(sources, copies) {
            var verification = verification(copy.folder)
            let (progress, done) = (progress, before)
            verification.progress = { _, count, _ in progress(done + count, total) }
            let report = try verification.run()
            if report.faults.contains(where: { $0.kind == .unfinished }) {
                throw MergeError.unfinished(source.name)
            }
            if let fault = report.worstFault {
                throw MergeError.doesNotHold(source.name, fault)
            }
            before += copy.manifest.inputs.indices.count
        }
    }
}

/// Why runs were not merged, though they might be: one sentence.
public enum MergeError: Error, CustomStringConvertible {
    /// There is something at the path of the output.
    case occupied(String)
    /// So many runs cannot be merged.
    case number(Int)
    /// A run is not finished.
    case unfinished(String)
    /// A run does not hold: the first thing that was found.
    case doesNotHold(String, Fault)
    /// A file of a run is none: a link to a device, for example.
    case irregular(String)
    /// The output cannot be written, and why.
    case unwritable(String, String)

    /// The sentence.
    public var description: String {
        switch self {
        case .occupied(let path):
            "there is a \(path) already, and a merged run goes into a new folder: name another one with "
                + "--output"
        case .number(let count):
            count < 2
                ? "there is one run, and it takes two to merge them"
                : "there are \(count) runs to merge, and a merged run has at most "
                    + "\(MergedManifest.mostParts) parts"
        case .unfinished(let path):
            "\(path) is not finished: wardein resume \(path) where it was begun, and merge then"
        case .doesNotHold(let path, let fault):
            "\(path) does not hold and was not merged: \(fault.description); wardein verify \(path) says what else "
                + "is wrong"
        case .irregular(let path): "\(path) is no regular file"
        case .unwritable(let path, let reason): "cannot write to \(path): \(reason)"
        }
    }

    static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return cause.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(Int32(cause.code))) : "\(error.localizedDescription)"
    }
}
