import Foundation

/// In what two manifests differ, key by key, for a person who resumes a campaign with other options
/// than it was begun with.
enum ManifestDifference {
    /// One clause a difference, such as `plan.alpha is 0.01 and was 0.001`; empty when there is none.
    static func clauses(stored: Data, current: Data) -> [String] {
        let (old, new) = (leaves(of: stored), leaves(of: current))
        return Set(old.keys).union(new.keys).subtracting(["seal"]).sorted().compactMap { key in
            let (before, now) = (old[key] ?? "missing", new[key] ?? "missing")
            return before == now ? nil : "\(key) is \(now) and was \(before)"
        }
    }

    /// Every value of a JSON object by its path.
    private static func leaves(of data: Data) -> [String: String] {
        guard let object = try? JSONSerialization.jsonObject(with: data) else { return [:] }
        var leaves: [String: String] = [:]
        collect(object, at: "", into: &leaves)
        return leaves
    }

    private static func collect(_ value: Any, at path: String, into leaves: inout [String: String])
    {
        guard let members = value as? [String: Any] else {
            leaves[path] = "\(value)".replacing("\n", with: " ")
            return
        }
        for (key, member) in members {
            collect(member, at: path.isEmpty ? key : "\(path).\(key)", into: &leaves)
        }
    }
}
