import Foundation

/// How many processors there are for this process.
///
/// The count of the machine is the wrong answer in a container, under Slurm, or where somebody pinned
/// the process: what counts is the least of what the scheduler and the control groups leave it.
public struct ProcessorShare: Hashable, Sendable {
    /// How many processors the machine runs.
    public let online: Int
    /// On how many of them this process may run (its affinity).
    public let affinity: Int
    /// How much processor time a second its control groups leave it; nil: as much as there is.
    public let quota: Double?

    /// Assembles the share from its parts.
    public init(online: Int, affinity: Int, quota: Double?) {
        self.online = online
        self.affinity = affinity
        self.quota = quota
    }

    /// The share of this process, as it is now.
    public static func ofThisProcess() -> ProcessorShare {
        let online = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return ProcessorShare(
            online: online, affinity: affinity() ?? ProcessInfo.processInfo.activeProcessorCount,
            quota: ControlGroupLimits.ofThisProcess().processors)
    }

    /// How many threads it can keep busy; a begun processor of the quota counts as one, since a
    /// thread that is throttled still counts more than none.
    public var allowed: Int {
        let quota = quota.map { Int(min($0, Double(affinity)).rounded(.up)) } ?? affinity
        return max(1, min(affinity, quota))
    }

    /// How many of the allowed ones are free while others keep so many of the machine's processors
    /// busy, to the nearest whole one and at least one.
    ///
    /// What others do anywhere on the machine is counted, also on processors that this process may
    /// not use: so a share that was set aside for it is only cut where the others fill the rest.
    public func free(whileOthersUse busy: Double) -> Int {
        max(1, min(allowed, Int((Double(online) - busy).rounded())))
    }

    private static func affinity() -> Int? {
        (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)).flatMap(affinity(in:))
    }

    /// How many processors the line `Cpus_allowed_list: 0-3,8` of `/proc/self/status` names.
    static func affinity(in status: String) -> Int? {
        let label = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(label) }) else {
            return nil
        }
        var count = 0
        for range in line.dropFirst(label.count).split(separator: ",") {
            let ends = range.split(separator: "-").map {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
                return nil
            }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }
}
