import AlphaAccounting
import AlphaLedger
import ArgumentParser
import CoordinatorService
import Digests
import Foundation

/// Lists the runs that a ledger knows.
struct Ledger: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs that a ledger knows.",
        discussion: """
            A ledger is kept beside the folders of campaigns. By it a run is known again that would \
            draw once more for a model, an input and a noise level that were sampled before: a second \
            chance at a false certificate. Nothing is ever taken out of it, also not when a run was \
            abandoned or its folder removed.
            """)

    @Argument(
        help: "The ledger, the folder that it lies in, or the folder of a campaign beside it.")
    var path = "."

    func run() throws {
        let file = try file()
        let entries = try AlphaLedger(at: file).entries()
        guard !entries.isEmpty else {
            print("The ledger \(file) has no entries.")
            return
        }
        print(RunTable(entries).text)
    }

    private func file() throws -> String {
        let given = URL(filePath: path).standardizedFileURL
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: given.path, isDirectory: &isFolder) else {
            throw ValidationError("There is no \(path): name a ledger or a folder.")
        }
        guard isFolder.boolValue else { return given.path }
        let beside = CampaignLedger.path(beside: given.path)
        let within = given.appending(path: AlphaLedger.fileName).path
        guard let file = [within, beside].first(where: FileManager.default.fileExists) else {
            throw ValidationError(
                "There is no ledger in \(given.path) (\(AlphaLedger.fileName)) or beside it: name it, "
                    + "or run a campaign, which begins one.")
        }
        return file
    }
}

/// Runs as a table, oldest first.
private struct RunTable {
    private let rows: [[String]]

    private static let heading = [
        "begun", "fate", "model", "sigma", "key", "inputs", "n", "stops", "alpha", "folder",
    ]

    init(_ entries: [LedgerEntry]) {
        rows = entries.map { entry in
            [
                entry.began, RunFate(of: entry).rawValue, entry.model.description,
                "\(entry.sigma)", String(entry.key.prefix(8)), "\(entry.inputCount)",
                "\(entry.estimationSamples)", entry.stopping, "\(entry.alpha)", entry.folder,
            ]
        }
    }

    var text: String {
        let all = [RunTable.heading] + rows
        let widths = RunTable.heading.indices.map { column in
            all.map { $0[column].count }.max() ?? 0
        }
        return all.map { row in
            row.indices.dropLast().map { column in
                row[column]
                    + String(repeating: " ", count: widths[column] - row[column].count)
            }.joined(separator: "  ") + "  " + row[row.count - 1]
        }.joined(separator: "\n")
    }
}
