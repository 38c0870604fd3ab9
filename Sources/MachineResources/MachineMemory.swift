import Foundation

/// The memory of the machine.
public enum MachineMemory {
    /// How many bytes a new program could take without swapping; nil when the kernel does not say.
    public static func available() -> Int? {
        (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)).flatMap(available(in:))
    }

    /// The line `MemAvailable: 123 kB`.
    static func available(in text: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let words = line?.split(separator: " ") ?? []
        return words.count == 3 ? Int(words[1]).map { $0 << 10 } : nil
    }
}
