import Foundation

/// A folder of campaigns that are done one after another, or some side by side.
///
/// For a campaign NAME it holds `NAME.json`, which says what is wanted; the folder `NAME` with what comes
/// of it; and `NAME.ended` once nothing more is to be done. Files are written under another name first,
/// so that whoever looks sees whole ones. `.coordinator` belongs to the coordinator that serves it.
public struct QueueFolder: Sendable {
    /// Its path.
    public let path: String

    /// The queue in a folder.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - isMade: whether it is made when it is not there.
    /// - Throws: ``QueueError``.
    public init(at path: String, isMade: Bool = false) throws {
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !path.isEmpty, !isThere || isFolder.boolValue else {
            throw QueueError("--queue names '\(path)', which is not a folder: name one.")
        }
        guard isThere || isMade else {
            throw QueueError(
                "There is no folder \(path): wardein coordinate --queue \(path) makes it.")
        }
        self.path = URL(filePath: path).standardizedFileURL.path
        guard !isThere else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw QueueError("Cannot make the folder \(path): \(QueueError.sentence(error)).")
        }
    }

    /// The folder of a campaign's records.
    public func output(of name: String) -> String { "\(path)/\(name)" }

    /// What is in the queue.
    public struct Contents: Sendable {
        /// The campaigns that can be read, in order.
        public var campaigns: [QueuedCampaign] = []
        /// What is wrong with each other file, one sentence a name.
        public var unreadable: [String: String] = [:]

        /// The campaign of this name.
        public subscript(name: String) -> QueuedCampaign? { campaigns.first { $0.name == name } }
    }

    /// Reads what is in the queue now.
    public func contents() throws -> Contents {
        var contents = Contents()
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw QueueError("Cannot read the queue \(path): \(QueueError.sentence(error)).")
        }
        for file in files.sorted() where file.hasSuffix(".json") && !file.hasPrefix(".") {
            let name = String(file.dropLast(".json".count))
            do {
                try QueueFolder.check(name)
                let submission = try Submission(reading: "\(path)/\(file)", in: path)
                contents.campaigns.append(
                    QueuedCampaign(name: name, submission: submission, ending: ending(of: name)))
            } catch {
                contents.unreadable[name] = "\(error)"
            }
        }
        contents.campaigns = contents.campaigns.inOrder
        return contents
    }

    private func ending(of name: String) -> QueuedCampaign.Ending? {
        guard let data = FileManager.default.contents(atPath: ended(name)) else { return nil }
        let ending = try? QueueFolder.decoder.decode(QueuedCampaign.Ending.self, from: data)
        return ending ?? .init(.failed, because: "\(ended(name)) cannot be read", at: .distantPast)
    }

    private func ended(_ name: String) -> String { "\(path)/\(name).ended" }
}

// MARK: Changes

extension QueueFolder {
    /// Adds a campaign.
    ///
    /// - Throws: ``QueueError``: there is one of this name, …
    public func submit(_ submission: Submission, as name: String) throws {
        try QueueFolder.check(name)
        let file = "\(path)/\(name).json"
        for taken in [file, output(of: name)] where FileManager.default.fileExists(atPath: taken) {
            throw QueueError("There is \(taken) already: give the campaign another --name.")
        }
        try write(submission.json, to: file)
    }

    /// Says that nothing more is to be done for a campaign.
    public func end(_ name: String, _ ending: QueuedCampaign.Ending) throws {
        try write(QueueFolder.encoder.encode(ending), to: ended(name))
    }

    /// Puts a campaign that was cancelled or failed back in its place.
    public func tryAgain(_ name: String) throws {
        do {
            try FileManager.default.removeItem(atPath: ended(name))
        } catch {
            throw QueueError("Cannot remove \(ended(name)): \(QueueError.sentence(error)).")
        }
    }

    /// A name that is not taken: the one that is wanted, or that with a number.
    public func freeName(_ wanted: String) -> String {
        let isFree = { (name: String) in
            [output(of: name), "\(path)/\(name).json"]
                .allSatisfy { !FileManager.default.fileExists(atPath: $0) }
        }
        var (name, number) = (wanted, 1)
        while !isFree(name) {
            number += 1
            name = "\(wanted)-\(number)"
        }
        return name
    }

    /// Refuses what could not be the name of a file and of a folder.
    public static func check(_ name: String) throws {
        guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,99}/) != nil,
            !name.hasSuffix(".ended"), !name.hasSuffix(".json")
        else {
            throw QueueError(
                "'\(name)' cannot name a campaign: take up to 100 letters, digits, dots, hyphens and "
                    + "underscores, a letter or digit first.")
        }
    }

    private func write(_ data: Data, to file: String) throws {
        do {
            try data.write(to: URL(filePath: file), options: .atomic)
        } catch {
            throw QueueError("Cannot write \(file): \(QueueError.sentence(error)).")
        }
    }

    fileprivate static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return encoder
    }

    fileprivate static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}

// MARK: The coordinator

extension QueueFolder {
    /// The coordinator that serves a queue.
    public struct Coordinator: Hashable, Sendable, Codable {
        /// Its host.
        public let host: String
        /// Its process.
        public let process: Int32
        /// Where workers reach it.
        public let endpoint: String

        /// Assembles it from its parts.
        public init(host: String, process: Int32, endpoint: String) {
            self.host = host
            self.process = process
            self.endpoint = endpoint
        }
    }

    /// Keeps other coordinators from serving the queue, for as long as it lives and the process does.
    public final class Claim: Sendable {
        private let descriptor: Int32

        fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }

        /// Says who serves the queue.
        public func name(_ coordinator: Coordinator) throws {
            let data = try QueueFolder.encoder.encode(coordinator)
            ftruncate(descriptor, 0)
            _ = data.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        }
    }

    /// Claims the queue for this process.
    ///
    /// - Throws: ``QueueError`` when another coordinator serves it.
    public func claim() throws -> Claim {
        let file = path + "/.coordinator"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw QueueError("Cannot write \(file): \(String(cString: strerror(errno))).")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let who = lastCoordinator.map { " (process \($0.process) on \($0.host))" } ?? ""
            throw QueueError(
                "Another coordinator\(who) serves the queue \(path): one is enough for all campaigns."
            )
        }
        return Claim(descriptor)
    }

    /// Whether the folder is a queue: a coordinator has served it, or a campaign waits in it.
    public var isQueue: Bool {
        lastCoordinator != nil || (try? contents().campaigns.isEmpty) == false
    }

    /// The coordinator that serves it now; nil: none does.
    public var coordinator: Coordinator? {
        let descriptor = open(path + "/.coordinator", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        return lastCoordinator
    }

    private var lastCoordinator: Coordinator? {
        FileManager.default.contents(atPath: path + "/.coordinator")
            .flatMap { try? QueueFolder.decoder.decode(Coordinator.self, from: $0) }
    }
}

// MARK: The file of a submission

extension Submission {
    /// The keys of the file, and what each takes.
    private static let keys = [
        "arguments": "a list of texts", "command": "certify or predict", "directory": "a path",
        "priority": "a whole number", "submitted": "a time such as 2026-01-31T12:00:00Z",
    ]

    /// Reads a submission from a file that a person or a program put into a queue.
    ///
    /// - Throws: ``QueueError`` with what is wrong with it.
    init(reading file: String, in queue: String) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        let size = attributes?[.size] as? Int ?? 0
        guard size <= 1 << 20, let data = FileManager.default.contents(atPath: file),
            let object = try? JSONSerialization.jsonObject(with: data),
            let values = object as? [String: Any]
        else {
            throw QueueError(
                "\(file) is not a campaign: it needs a JSON object with at least \"arguments\".")
        }
        for key in values.keys.sorted() where Submission.keys[key] == nil {
            throw QueueError(
                "\(file) has the key \"\(key)\", which says nothing: there are "
                    + Submission.keys.keys.sorted().joined(separator: ", ") + ".")
        }
        func value<Value>(_ key: String, or other: Value?) throws -> Value {
            guard let any = values[key] else {
                if let other { return other }
                throw QueueError(
                    "\(file) has no \"\(key)\", which is \(Submission.keys[key] ?? "").")
            }
            guard let value = any as? Value else {
                throw QueueError(
                    "In \(file), \"\(key)\" is not \(Submission.keys[key] ?? "what it should be").")
            }
            return value
        }
        self.init(
            command: try value("command", or: "certify"),
            arguments: try value("arguments", or: nil),
            directory: try value("directory", or: queue), priority: try value("priority", or: 0),
            submitted: attributes?[.modificationDate] as? Date ?? .distantPast)
        if values["submitted"] != nil {
            let text: String = try value("submitted", or: nil)
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw QueueError(
                    "In \(file), \"submitted\" is not \(Submission.keys["submitted"] ?? "").")
            }
            submitted = date
        }
        guard Submission.commands.contains(command) else {
            throw QueueError("In \(file), \"command\" is '\(command)', not certify or predict.")
        }
    }

    /// The file's contents.
    var json: Data {
        get throws {
            struct File: Encodable {
                let arguments: [String]
                let command: String
                let directory: String
                let priority: Int
                let submitted: Date
            }
            return try QueueFolder.encoder.encode(
                File(
                    arguments: arguments, command: command, directory: directory,
                    priority: priority, submitted: submitted))
        }
    }
}

/// Why a queue cannot be used: one sentence.
public struct QueueError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }

    /// What the system says, without the wrapping.
    static func sentence(_ error: any Error) -> String {
        let error = error as NSError
        let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        return underlying.domain == NSPOSIXErrorDomain
            ? String(cString: strerror(Int32(underlying.code))) : error.localizedDescription
    }
}
