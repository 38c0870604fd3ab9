import Foundation

/// What the control groups of a process leave it of the machine: versions 1 and 2, and both at once.
///
/// A limit anywhere on the path from the process's own group to the root of the mount holds, so the
/// least one counts.
public struct ControlGroupLimits: Hashable, Sendable {
    /// How much processor time a second; nil: no limit.
    public let processors: Double?
    /// How many bytes of memory; nil: no limit.
    public let memory: Int?

    /// The limits that these files tell; `file` gives the text at a path, or nil.
    public init(reading file: (String) -> String?) {
        let groups = (file("/proc/self/cgroup") ?? "").split(separator: "\n").compactMap(
            Group.init)
        let mounts = (file("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap(
            Mount.init)
        func folders(_ controller: String) -> [(path: String, isUnified: Bool)] {
            mounts.flatMap { mount -> [(path: String, isUnified: Bool)] in
                guard mount.has(controller),
                    let group = groups.first(where: {
                        mount.isUnified
                            ? $0.isUnified : $0.controllers.contains(Substring(controller))
                    })
                else { return [] }
                return mount.folders(to: group.path).map { ($0, mount.isUnified) }
            }
        }
        processors =
            folders("cpu").compactMap { folder, isUnified in
                isUnified
                    ? ControlGroupLimits.quota(file(folder + "/cpu.max"))
                    : ControlGroupLimits.quota(
                        file(folder + "/cpu.cfs_quota_us"), file(folder + "/cpu.cfs_period_us"))
            }.min()
        memory =
            folders("memory").compactMap { folder, isUnified in
                ControlGroupLimits.bytes(
                    file(folder + (isUnified ? "/memory.max" : "/memory.limit_in_bytes")))
            }.min()
    }

    /// The limits of this process, as they are now.
    public static func ofThisProcess() -> ControlGroupLimits {
        ControlGroupLimits { try? String(contentsOfFile: $0, encoding: .utf8) }
    }

    /// `max 100000` or `150000 100000`: microseconds of processor time in each period.
    private static func quota(_ text: String?) -> Double? {
        let words = (text ?? "").split(whereSeparator: \.isWhitespace)
        guard words.count == 2 else { return nil }
        return quota(String(words[0]), String(words[1]))
    }

    private static func quota(_ quota: String?, _ period: String?) -> Double? {
        guard let quota = quota.flatMap(number), let period = period.flatMap(number), quota > 0,
            period > 0
        else { return nil }
        return Double(quota) / Double(period)
    }

    /// `max`, or a number of bytes; version 1 says "no limit" by a number next to 2^63.
    private static func bytes(_ text: String?) -> Int? {
        guard let bytes = text.flatMap(number), bytes >= 0, bytes < 1 << 60 else { return nil }
        return bytes
    }

    private static func number(_ text: String) -> Int? {
        Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// A line of `/proc/self/cgroup`: `4:cpu,cpuacct:/path`, or `0::/path` for version 2.
private struct Group {
    let isUnified: Bool
    let controllers: [Substring]
    let path: String

    init?(_ line: Substring) {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        isUnified = fields[0] == "0"
        controllers = fields[1].split(separator: ",")
        path = String(fields[2])
    }
}

/// A line of `/proc/self/mountinfo` that mounts control groups:
/// `30 23 0:26 /root /mount/point options… - cgroup2 source options`.
private struct Mount {
    let isUnified: Bool
    private let root: String
    private let point: String
    private let options: [Substring]

    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3,
            fields[dash + 1] == "cgroup" || fields[dash + 1] == "cgroup2"
        else { return nil }
        isUnified = fields[dash + 1] == "cgroup2"
        root = String(fields[3])
        point = String(fields[4])
        options = fields[dash + 3].split(separator: ",")
    }

    func has(_ controller: String) -> Bool {
        isUnified || options.contains { $0 == controller }
    }

    /// The folders from a group up to the root of the mount. A group outside of what is mounted, as
    /// a container may see it, is taken for the root.
    func folders(to group: String) -> [String] {
        var inside = group.split(separator: "/")
        let above = root.split(separator: "/")
        inside = inside.starts(with: above) ? Array(inside.dropFirst(above.count)) : []
        if inside.contains("..") { inside = [] }
        return (0...inside.count).map { depth in
            ([Substring(point)] + inside.prefix(depth)).joined(separator: "/")
        }
    }
}
