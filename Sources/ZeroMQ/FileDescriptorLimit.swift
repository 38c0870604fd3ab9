import Glibc

/// How many files and connections this process may have open at once. Each worker takes one
/// descriptor of the coordinator's, and an `ipc` or `tcp` address one more.
public enum FileDescriptorLimit {
    /// Raises the limit as far as the system allows without privileges, and returns it.
    @discardableResult
    public static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
            limit.rlim_cur = before
        }
        return Int(clamping: limit.rlim_cur)
    }
}
