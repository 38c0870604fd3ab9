import Foundation
import MachineResources

/// The file system that holds a folder.
struct FileSystem {
    let folder: String
    /// As `mount` calls it: `ext4`, `nfs4`, `fuse.sshfs`.
    let kind: String
    /// How many bytes this user may still write.
    let free: Int

    init?(at folder: String) {
        var facts = statvfs()
        let path = URL(filePath: folder).resolvingSymlinksInPath().path
        guard statvfs(path, &facts) == 0,
            let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8),
            let kind = FileSystem.kind(of: path, mounts: mounts)
        else { return nil }
        self.folder = folder
        self.kind = kind
        let (bytes, overflow) = Int(clamping: facts.f_bavail)
            .multipliedReportingOverflow(by: Int(clamping: facts.f_frsize))
        free = overflow ? .max : bytes
    }

    /// The kind of the file system on which the path lies, by the text of `/proc/self/mountinfo`
    /// (`36 35 98:0 /root /mount/point options… - kind source options`): the innermost mount, and of
    /// those at one place the last.
    static func kind(of path: String, mounts: String) -> String? {
        var found: (point: String, kind: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 1 else {
                continue
            }
            let point = String(fields[4]).replacing("\\040", with: " ")
            let isAround = point == "/" || path == point || path.hasPrefix(point + "/")
            if isAround, point.count >= found?.point.count ?? 0 {
                found = (point, String(fields[dash + 1]))
            }
        }
        return found?.kind
    }

    /// SQLite's write-ahead log needs memory that is shared by the processes of one machine. The
    /// journal is opened by one process, exclusively, and needs none; but a network file system may
    /// also say too early that something is on the disk, or lend a lock twice.
    var kindFinding: Finding {
        if FileSystem.ofNetwork.contains(kind) || kind.hasPrefix("fuse.") {
            return .warn(
                "output",
                "\(folder) is on \(kind), a network file system: the journal may not survive a "
                    + "crash there",
                mend: "choose an --output on a local disk and copy the folder afterwards")
        }
        if kind == "tmpfs" || kind == "ramfs" {
            return .warn(
                "output", "\(folder) is in memory (\(kind)) and gone after a restart",
                mend: "choose an --output on a disk")
        }
        return .ok("output", "\(folder) on \(kind)")
    }

    /// Whether there is room for records and journal.
    var spaceFinding: Finding {
        let value = "\(ByteCount(bytes: max(1, free))) free for \(folder)"
        let mending = "free some, or choose another --output"
        if free < 64 << 20 { return .fail("disk space", value, mend: mending) }
        if free < 1 << 30 { return .warn("disk space", value, mend: mending) }
        return .ok("disk space", value)
    }

    private static let ofNetwork: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "ceph", "beegfs", "afs", "9p",
        "coda", "panfs", "gfs2", "ocfs2", "glusterfs", "orangefs", "pvfs2", "wekafs", "ncpfs",
    ]
}
