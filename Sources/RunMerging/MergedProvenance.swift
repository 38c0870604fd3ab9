import CertificateRecords
import Digests
import Foundation
import RunFolders

/// Who counted a merged run: the account of its parts, one after another.
///
/// None of it determines a record, so a part without an account, or with one of another release, stops
/// nothing.
struct MergedProvenance {
    private let run: MergedRun
    private let origins: [String]
    private let command: [String]
    /// What each part says; nil of one that says nothing.
    private let accounts: [ObjectReader?]

    init(_ run: MergedRun, origins: [String], command: [String]) {
        (self.run, self.origins, self.command) = (run, origins, command)
        accounts = run.parts.map { part in
            (try? part.folder.provenance()).flatMap { try? ObjectReader($0) }
        }
    }

    /// The text of `provenance.json`.
    var page: String {
        let page: JSON = [
            "format": "wardein provenance 1",
            "campaign": .string(run.seal.hex),
            "ending": "finished",
            "reason": .null,
            "began": .string(known { try $0.string("began") }.min() ?? "unknown"),
            "ended": .string(known { try $0.string("ended") }.max() ?? "unknown"),
            "seconds": .number(seconds),
            "noiseKeyOrigin": .string(common("noiseKeyOrigin")),
            "extends": extended,
            "command": .array(command.map { .string($0) }),
            "files": known { try $0.value("files") }.first ?? .object([]),
            "endpoint": .string(common("endpoint")),
            "inputsDecided": .integer(run.indices.count),
            "samplesSettled": .integer(samples),
            "samplesNeedless": .integer(sum("samplesNeedless")),
            "coordinatorProcessorSeconds": .number(
                known { try $0.double("coordinatorProcessorSeconds") }.reduce(0, +)),
            "workers": .array(workers),
            "incidents": .array(incidents.map { .string($0) }),
            "incidentsNotListed": .integer(sum("incidentsNotListed")),
            "malformedMessages": .integer(sum("malformedMessages")),
            "admission": .string(common("admission")),
            "strangersRefused": .integer(sum("strangersRefused")),
            "messagesDropped": .integer(sum("messagesDropped")),
            "messagesDecoded": .integer(sum("messagesDecoded")),
            "parts": .array(run.parts.indices.map(part)),
        ]
        return page.page
    }

    private func part(_ place: Int) -> JSON {
        let manifest = run.parts[place].manifest
        return [
            "folder": .string(MergedManifest.folder(ofPart: place)),
            "from": .string(origins[place]),
            "campaign": .string(manifest.seal.hex),
            "inputs": .integer(manifest.inputs.indices.count),
        ]
    }

    /// As if the parts had been run one after another.
    private var seconds: Double { known { try $0.double("seconds") }.reduce(0, +) }

    /// Of a part without an account those that its records rest on.
    private var samples: Int {
        zip(run.parts, accounts).reduce(0) { sum, part in
            sum + ((try? part.1?.integer("samplesSettled")) ?? part.0.samples)
        }
    }

    /// What all parts say of it; else that they do not say the same.
    private func common(_ key: String) -> String {
        let values = Set(known { try $0.string(key) })
        return values.count == 1 ? values.first ?? "" : "differs from part to part"
    }

    private var extended: JSON {
        let runs = Set(accounts.map { $0?["extends"] ?? .null })
        return runs.count == 1 ? runs.first ?? .null : .null
    }

    private func known<Value>(_ read: (ObjectReader) throws -> Value) -> [Value] {
        accounts.compactMap { $0 }.compactMap { try? read($0) }
    }

    private func sum(_ key: String) -> Int { known { try $0.integer(key) }.reduce(0, +) }

    // Workers
    // -------

    /// Each with its part. Times are those of its part, whose end is the time that it left.
    private var workers: [JSON] {
        accounts.enumerated().flatMap { place, account in
            guard let account, case .array(let workers)? = account["workers"] else {
                return [JSON]()
            }
            let end = account["seconds"] ?? .null
            return workers.compactMap { worker in
                guard case .object(let members) = worker else { return nil }
                let folder = MergedManifest.folder(ofPart: place)
                return .object(
                    members.filter { $0.key != "part" }.map { member in
                        member.key == "left" && member.value == .null
                            ? JSON.Member(key: "left", value: end) : member
                    } + [JSON.Member(key: "part", value: .string(folder))])
            }
        }
    }

    private var incidents: [String] {
        accounts.enumerated().flatMap { place, account in
            let folder = MergedManifest.folder(ofPart: place)
            guard let account else { return ["\(folder): who counted it, it does not say"] }
            return ((try? account.strings("incidents")) ?? []).map { "\(folder): \($0)" }
        }
    }

    // Status
    // ------

    /// The text of `status.json`.
    var status: String {
        let page: JSON = [
            "endpoint": .string(common("endpoint")),
            "host": .string(ProcessInfo.processInfo.hostName),
            "incidents": .array(incidents.suffix(20).map { .string($0) }),
            "inputs": .integer(run.indices.count),
            "inputsDecided": .integer(run.indices.count),
            "process": .integer(Int(ProcessInfo.processInfo.processIdentifier)),
            "samples": .integer(samples),
            "samplesPerSecond": .number(seconds > 0 ? Double(samples) / seconds : 0),
            "samplesSettled": .integer(samples),
            "seconds": .number(seconds),
            "state": "finished",
            "updated": .string(Date().ISO8601Format()),
            "workers": .array(workers.compactMap(MergedProvenance.inStatus)),
        ]
        return page.page
    }

    private static func inStatus(_ worker: JSON) -> JSON? {
        guard let object = try? ObjectReader(worker), let part = try? object.string("part"),
            let name = try? object.string("name"), let sessions = try? object.integer("sessions"),
            let samples = try? object.integer("samples")
        else { return nil }
        let departure = (try? object.optionalString("departure")) ?? nil
        return [
            "departure": .string(departure ?? "stayed to the end"),
            "name": .string("\(part) \(name)"),
            "samples": .integer(samples),
            "sessions": .integer(sessions),
        ]
    }
}
