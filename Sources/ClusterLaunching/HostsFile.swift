import Foundation

/// The hosts on which workers are to be started.
///
/// ```
/// # [user@]host[:port] [sessions=N]
/// gpu-free-1
/// anna@10.0.0.7:2222 sessions=8
/// ```
///
/// A host may be any name that `ssh` knows, from its configuration too.
public struct HostsFile: Hashable, Sendable {
    /// The hosts, in the order of the lines.
    public let hosts: [Host]

    /// Reads the file.
    ///
    /// - Throws: ``HostError``, which names the line that is wrong.
    public init(at path: String) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            let reason =
                FileManager.default.fileExists(atPath: path)
                ? error.localizedDescription : "there is no such file"
            throw HostError("--hosts \(path) cannot be read: \(reason)")
        }
        try self.init(parsing: text, from: path)
    }

    /// Reads the text of the file at the path.
    init(parsing text: String, from path: String) throws {
        var hosts: [Host] = []
        var lines: [String: Int] = [:]
        let all = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (number, line) in zip(1..., all) {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = words.first else { continue }
            do {
                let host = try Host(String(first), options: words.dropFirst().map(String.init))
                if let earlier = lines.updateValue(number, forKey: host.name) {
                    throw HostError("\(host.name) stands in line \(earlier) already")
                }
                hosts.append(host)
            } catch let error as HostError {
                throw HostError("\(path), line \(number): \(error)")
            }
        }
        guard !hosts.isEmpty else {
            throw HostError("\(path) names no host: write one a line, for example anna@10.0.0.7")
        }
        self.hosts = hosts
    }
}

extension HostsFile {
    /// The address by which this machine reaches the first of the hosts that is not this machine
    /// itself; in brackets if it is an IPv6 address. Connects to none of them.
    ///
    /// - Parameter sshConfiguration: a configuration file for `ssh` instead of the user's own.
    public func addressOfThisMachine(sshConfiguration: String?) throws -> String {
        let addresses = hosts.lazy.compactMap { host in
            RemoteShell(host: host, configuration: sshConfiguration).hostName()
                .flatMap { LocalRoute.address(toward: $0) }
        }
        let isLoopback = { (address: String) in address.hasPrefix("127.") || address == "[::1]" }
        guard let address = addresses.first(where: { !isLoopback($0) }) ?? addresses.first else {
            throw HostError(
                "no host of the list has a known address: check the names, or give the address "
                    + "of this machine, as --listen tcp://ADDRESS:PORT")
        }
        return address
    }
}

/// A host on which a worker is to be started.
public struct Host: Hashable, Sendable {
    /// What it is called in every line about it: as in the file.
    public let name: String
    /// What `ssh` is told: `[user@]host`.
    let destination: String
    /// The port of its SSH server; nil: as the configuration of `ssh` says.
    let port: Int?
    /// How many blocks its worker classifies at the same time; nil: one for each core.
    let sessions: Int?

    /// A host as it stands in a line: `[user@]host[:port]` and its options.
    init(_ name: String, options: [String]) throws {
        self.name = name
        (destination, port) = try Host.destination(name)
        var sessions: Int?
        for option in options {
            let text = option.hasPrefix("sessions=") ? Int(option.dropFirst(9)) : nil
            guard let text, (1...1024).contains(text), sessions == nil else {
                throw HostError(
                    "'\(option)' is not sessions=N with N from 1 to 1024, the only thing that may "
                        + "follow a host")
            }
            sessions = text
        }
        self.sessions = sessions
    }

    /// What the key of its worker is called: letters, digits, dots and dashes.
    public var keyName: String {
        let plain = name.map { character in
            character.isASCII && (character.isLetter || character.isNumber || character == ".")
                ? character : "-"
        }
        return "host-" + String(plain.suffix(59))
    }

    /// Takes `[user@]host[:port]` apart; an IPv6 address stands in brackets.
    private static func destination(_ name: String) throws -> (String, Int?) {
        guard
            let match = name.wholeMatch(
                of: #/((?:[A-Za-z0-9._-]+@)?)(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+)(?::([0-9]+))?/#),
            // What begins with a dash would be an option to ssh.
            !name.hasPrefix("-"), !match.2.hasPrefix("-")
        else { throw HostError("'\(name)' is no host: write [user@]host[:port]") }
        let port = match.3.map { Int($0) ?? 0 }
        guard port.map({ (1...65535).contains($0) }) ?? true else {
            throw HostError("'\(name)' has the port \(match.3 ?? ""), which is not in 1...65535")
        }
        let host = match.2.hasPrefix("[") ? match.2.dropFirst().dropLast() : match.2
        return (String(match.1 + host), port)
    }
}

/// What went wrong with the hosts: one sentence.
public struct HostError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}
