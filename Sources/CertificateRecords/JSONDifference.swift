/// In what two objects differ, value by value.
public enum JSONDifference {
    /// One value: what stands there, and what follows; nil where there is none.
    public struct Leaf: Sendable {
        /// The names on the way to it, with dots between them.
        public let path: String
        /// What stands there.
        public let stated: String?
        /// What is due.
        public let derived: String?

        /// The end of a sentence.
        public var reason: String {
            switch (stated, derived) {
            case (let stated?, let derived?): "\(path) is \(stated), but \(derived) follows"
            case (nil, let derived?): "\(path) is missing; \(derived) follows"
            case (let stated, nil):
                "\(path) is \(stated ?? "there"), which this release does not know"
            }
        }
    }

    /// All values in which they differ; empty when only their order or spelling does.
    public static func leaves(stated: JSON, derived: JSON) -> [Leaf] {
        var differences: [Leaf] = []
        collect(stated, derived, at: "", into: &differences)
        return differences
    }

    private static func collect(
        _ stated: JSON, _ derived: JSON, at path: String, into differences: inout [Leaf]
    ) {
        guard case .object(let old) = stated, case .object(let new) = derived else {
            if stated != derived {
                differences.append(
                    Leaf(path: path, stated: shortened(stated), derived: shortened(derived)))
            }
            return
        }
        for member in new {
            let path = path.isEmpty ? member.key : "\(path).\(member.key)"
            if let other = old.first(where: { $0.key == member.key }) {
                collect(other.value, member.value, at: path, into: &differences)
            } else {
                differences.append(
                    Leaf(path: path, stated: nil, derived: shortened(member.value)))
            }
        }
        for member in old where !new.contains(where: { $0.key == member.key }) {
            let path = path.isEmpty ? member.key : "\(path).\(member.key)"
            differences.append(Leaf(path: path, stated: shortened(member.value), derived: nil))
        }
    }

    private static func shortened(_ value: JSON) -> String {
        let line = value.line
        return line.count <= 120 ? line : line.prefix(117) + "..."
    }
}
