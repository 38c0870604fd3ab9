import Foundation
import Glibc

/// What this process takes of its machine; nil where the system does not say.
public struct ProcessFigures: Hashable, Sendable {
    /// User and system processor time, in seconds.
    public let processorSeconds: Double?
    /// Memory that is resident, in bytes.
    public let residentBytes: Int?
    /// Open file descriptors.
    public let openDescriptors: Int?
    /// The most open file descriptors.
    public let mostDescriptors: Int?
    /// When it was started, in seconds since 1970.
    public let startTime: Double?

    /// Assembles the figures.
    public init(
        processorSeconds: Double?, residentBytes: Int?, openDescriptors: Int?,
        mostDescriptors: Int?, startTime: Double?
    ) {
        self.processorSeconds = processorSeconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.mostDescriptors = mostDescriptors
        self.startTime = startTime
    }

    /// What it takes now.
    public static func ofThisProcess() -> ProcessFigures {
        let text = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? ""
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return ProcessFigures(
            processorSeconds: ProcessorUse.ticks(ofProcess: text).map { Double($0) / ticks },
            residentBytes: field(21, ofProcess: text).map {
                $0 * Int(sysconf(Int32(_SC_PAGESIZE)))
            },
            // Not the one through which they were counted.
            openDescriptors: open.map { max(0, $0 - 1) },
            mostDescriptors: Int(exactly: limit.rlim_cur),
            startTime: startTimeOfThisProcess)
    }

    /// Read once: the kernel says a little otherwise when a clock is set.
    private static let startTimeOfThisProcess: Double? = {
        let text = (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)) ?? ""
        let machine = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
        return startTime(
            ofProcess: text, machine: machine,
            ticksPerSecond: Double(max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }()

    /// When the process of `/proc/PID/stat` was started, on the machine of `/proc/stat`.
    static func startTime(
        ofProcess text: String, machine: String, ticksPerSecond: Double
    ) -> Double? {
        let line = machine.split(separator: "\n").first { $0.hasPrefix("btime ") }
        guard let boot = line.flatMap({ Double($0.dropFirst("btime ".count)) }),
            let ticks = field(19, ofProcess: text)
        else { return nil }
        return boot + Double(ticks) / ticksPerSecond
    }

    /// A whole number of `/proc/PID/stat`, counted from the field behind the name in parentheses, which may
    /// hold anything.
    static func field(_ place: Int, ofProcess text: String) -> Int? {
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: name)...].split { $0.isWhitespace }
        return place < fields.count ? Int(fields[place]) : nil
    }
}
