import Glibc
import Foundation

/// Processor time that was spent on a machine, in ticks, by whom.
public struct ProcessorUse: Hashable, Sendable {
    /// By everybody, the kernel included.
    public let total: Int
    /// By each process of one user.
    public let own: [Int32: Int]

    /// Assembles the use from its parts.
    public init(total: Int, own: [Int32: Int]) {
        self.total = total
        self.own = own
    }

    /// How many processors others kept busy since an earlier moment, `ticks` ago.
    public func othersSince(_ earlier: ProcessorUse, ticks: Double) -> Double {
        let ours = own.reduce(0) { $0 + max(0, $1.value - (earlier.own[$1.key] ?? 0)) }
        return max(0, Double(total - earlier.total - ours) / max(ticks, 1))
    }
}

extension ProcessorUse {
    /// How many processors those who are not this user keep busy, measured over half a second.
    public static func byOthers() -> Double {
        let clock = ContinuousClock()
        let (begun, before) = (clock.now, now())
        usleep(500_000)
        let (seconds, after) = ((clock.now - begun) / .seconds(1), now())
        return after.othersSince(before, ticks: seconds * Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    private static func now() -> ProcessorUse {
        var own: [Int32: Int] = [:]
        let user = geteuid()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            var status = stat()
            guard let process = Int32(name), stat("/proc/\(name)", &status) == 0,
                status.st_uid == user,
                let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8)
            else { continue }
            own[process] = ticks(ofProcess: text)
        }
        let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8)
        return ProcessorUse(total: text.flatMap(ticks(ofMachine:)) ?? 0, own: own)
    }

    /// The ticks in which some processor was busy, of the text of `/proc/stat`:
    /// `cpu user nice system idle iowait irq softirq steal …`.
    static func ticks(ofMachine text: String) -> Int? {
        let words = text.prefix { !$0.isNewline }.split(separator: " ")
        let numbers = words.dropFirst().prefix(8).map { Int($0) ?? 0 }
        guard words.first == "cpu", numbers.count >= 4 else { return nil }
        let (idle, waiting) = (numbers[3], numbers.count > 4 ? numbers[4] : 0)
        return numbers.reduce(0, +) - idle - waiting
    }

    /// User and system ticks of the text of `/proc/PID/stat`, whose second field, the name in
    /// parentheses, may hold anything.
    static func ticks(ofProcess text: String) -> Int? {
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
            return nil
        }
        return user + system
    }
}
