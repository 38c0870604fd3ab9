import MachineResources
import Testing

/// The least limit on the path from a process's group to the root holds.
@Suite struct ControlGroupTests {
    private let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"

    private func limits(_ files: [String: String]) -> ControlGroupLimits {
        ControlGroupLimits { files[$0] }
    }

    @Test func `without control groups there is no limit`() {
        #expect(limits([:]).processors == nil)
        #expect(limits([:]).memory == nil)
    }

    @Test func `version 2: the least quota along the path holds`() {
        let files = [
            "/proc/self/cgroup": "0::/user.slice/app.slice/x.service\n",
            "/proc/self/mountinfo": unified,
            "/sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
            "/sys/fs/cgroup/user.slice/app.slice/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/user.slice/app.slice/x.service/cpu.max": "400000 100000\n",
            "/sys/fs/cgroup/user.slice/memory.max": "max\n",
            "/sys/fs/cgroup/user.slice/app.slice/memory.max": "2147483648\n",
        ]
        #expect(limits(files).processors == 1.5)
        #expect(limits(files).memory == 2_147_483_648)
    }

    @Test func `version 2 in a container: the mount's root is the group itself`() {
        let files = [
            "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": unified,
            "/sys/fs/cgroup/cpu.max": "50000 100000\n",
        ]
        #expect(limits(files).processors == 0.5)
    }

    @Test func `version 1: controllers are mounted apart, and -1 is no limit`() {
        let files = [
            "/proc/self/cgroup": "4:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n0::/\n",
            "/proc/self/mountinfo":
                "31 30 0:27 /docker/ab /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
                + "32 30 0:28 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
                + "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "/sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes": "1073741824\n",
        ]
        #expect(limits(files).processors == 2.5)
        #expect(limits(files).memory == 1 << 30)
        var without = files
        without["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"] = "-1\n"
        #expect(limits(without).processors == nil)
    }

    @Test func `a group outside of what is mounted is taken for the root`() {
        for group in ["/../../other", "/elsewhere/x"] {
            let files = [
                "/proc/self/cgroup": "0::\(group)\n",
                "/proc/self/mountinfo": "30 23 0:26 /docker/ab /cg rw - cgroup2 cgroup2 rw\n",
                "/cg/cpu.max": "300000 100000\n", "/cg/elsewhere/x/cpu.max": "100000 100000\n",
            ]
            #expect(limits(files).processors == 3)
        }
    }

    @Test(arguments: ["", "max", "x y", "0 100000", "100000 0", "-5 100000", "1 2 3"])
    func `what is not a quota is no limit`(text: String) {
        let files = [
            "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": unified,
            "/sys/fs/cgroup/cpu.max": text,
        ]
        #expect(limits(files).processors == nil)
    }
}
