import Glibc

/// How readily this process gives way to others.
public enum Niceness {
    /// What a worker may be given: it never asks for more than its turn.
    public static let range = 0...19

    /// Gives way from now on. On Linux niceness belongs to a thread, and a new thread takes that of
    /// the one that starts it: so this is for the main thread, before there is any other.
    ///
    /// - Returns: whether the system took it.
    public static func set(_ value: Int) -> Bool {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(value)) == 0
    }
}
