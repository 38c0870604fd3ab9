import CampaignKeys
import Foundation

extension MachineCheck {
    /// Whether the keys of a coordinator's folder, or the one of a worker's file, can be used and are
    /// this user's alone.
    public static func keys(at path: String) -> [Finding] {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !exists || isFolder.boolValue else {
            return [finding(path) { "\(path), the key of \(try WorkerKey(at: path).name)" }]
        }
        let folder = finding(path) {
            let allowed = try KeyFolder(at: path).allowedWorkers().count
            return "\(path), \(allowed) allowed"
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let files = names.filter { $0.hasSuffix(".key") && $0 != "coordinator.key" }.sorted()
        return [folder]
            + files.map { name in
                let file = path + "/" + name
                return finding(file) { "\(file), the key of \(try WorkerKey(at: file).name)" }
            }
    }

    /// What the keys say of themselves; their errors end with what mends them.
    private static func finding(_ path: String, _ look: () throws -> String) -> Finding {
        do {
            return .ok("keys", try look())
        } catch {
            return .fail("keys", "\(error)", mend: nil)
        }
    }
}
