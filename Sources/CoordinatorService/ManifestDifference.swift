import Foundation

/// In what two manifests differ, key by key, for a person who resumes a campaign with other options
/// than it was begun with.
enum ManifestDifference {
    /// One clause a difference, such as `plan.alpha is 0.01 and was 0.001`; empty when there is none.
    /// What follows from other values is named only when none of those differs.
    ///
    /// - Parameter matters: whether a difference in this key is one.
    static func clauses(
        stored: Data, current: Data, where matters: (String) -> Bool = { _ in true }
    ) -> [String] {
        let (old, new) = (leaves(of: stored), leaves(of: current))
        let different = Set(old.keys).union(new.keys).subtracting(["seal"])
            .filter { old[$0] != new[$0] && matters($0) }
        let chosen = different.subtracting(derived)
        return (chosen.isEmpty ? different : chosen).sorted().map { key in
            "\(key) is \(new[key] ?? "missing") and was \(old[key] ?? "missing")"
        }
    }

    /// What nobody sets: it follows from the plan, the model, the inputs and the release.
    private static let derived: Set<String> = [
        "units", "noise.reach", "noise.distanceFromIdeal", "plan.noiseCharge", "plan.netAlpha",
        "model.bytes", "model.classes", "model.inputShape", "inputs.coordinateBytes",
        "inputs.roundedToGrid", "counting.knownNoise", "counting.knownAnswer",
    ]

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
