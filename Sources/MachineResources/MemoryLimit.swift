import Glibc

/// How much memory this process may take.
public enum MemoryLimit {
    /// Lets no allocation succeed that would take the process's data beyond so many bytes, rather
    /// than have the kernel choose whom to kill.
    ///
    /// The limit is on data (`RLIMIT_DATA`): heaps, stacks and other private memory. One on
    /// addresses would count the engine's library and what is reserved and never used.
    ///
    /// - Returns: whether the system took it.
    public static func set(bytes: Int) -> Bool {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0 else {
            return false
        }
        limit.rlim_cur = min(rlim_t(bytes), limit.rlim_max)
        return setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0
    }
}
