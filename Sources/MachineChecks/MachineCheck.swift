import ClassifierRuntime
import Foundation
import MachineResources
import ZeroMQ

/// Looks at this machine.
public enum MachineCheck {
    /// What every worker and coordinator needs.
    public static func everywhere() -> [Finding] {
        [engine(), messaging(), processors(), memory(), fileLimit(), clock()]
    }

    private static func engine() -> Finding {
        do {
            let runtime = try OnnxRuntime.load()
            return .ok("ONNX Runtime", "\(runtime.fingerprint) (\(runtime.path))")
        } catch {
            return .fail("ONNX Runtime", "\(error)", mend: "scripts/setup")
        }
    }

    private static func messaging() -> Finding {
        let library = LibraryVersion.loaded
        let value = "libzmq \(library.number)"
        guard library.hasEncryption else {
            return .warn(
                "ZeroMQ", value + " without CURVE: no campaign with keys",
                mend: "apt-get install libzmq5")
        }
        return .ok("ZeroMQ", value + " with CURVE")
    }

    private static func processors() -> Finding {
        let share = ProcessorShare.ofThisProcess()
        let busy = (ProcessorUse.byOthers() * 10).rounded() / 10
        let quota = share.quota.map { ", control groups leave \($0)" } ?? ""
        return .ok(
            "processors",
            "\(share.allowed) for this process (\(share.online) on the machine, "
                + "\(share.affinity) by affinity\(quota)); others use \(busy)")
    }

    private static func memory() -> Finding {
        guard let available = MachineMemory.available() else {
            return .warn("memory", "/proc/meminfo does not say how much is left", mend: nil)
        }
        let limit = ControlGroupLimits.ofThisProcess().memory
        let bytes = ByteCount(bytes: max(1, min(available, limit ?? available)))
        let value = "\(bytes) left" + (limit.map { " (limit \(ByteCount(bytes: $0)))" } ?? "")
        return bytes.bytes >= 256 << 20
            ? .ok("memory", value)
            : .warn("memory", value, mend: "end other programs, or use --sessions 1")
    }

    private static func fileLimit() -> Finding {
        let limit = FileDescriptorLimit.raise()
        return limit >= 4096
            ? .ok("file limit", "\(limit) open files")
            : .warn(
                "file limit", "\(limit) open files, so about \(max(0, limit - 64)) workers",
                mend: "ulimit -n 65536, or nofile in /etc/security/limits.conf")
    }

    private static func clock() -> Finding {
        let now = Date()
        let value = now.ISO8601Format()
        // The release that holds this line was made after that.
        guard now.timeIntervalSince1970 > 1_767_225_600 else {
            return .warn("clock", "\(value), which is long past", mend: "timedatectl set-ntp true")
        }
        return .ok("clock", value)
    }
}

// MARK: - What a coordinator needs

extension MachineCheck {
    /// Whether a coordinator can listen at the address.
    public static func listening(at address: String) -> Finding {
        // Binding would take the file from a coordinator that listens there.
        if address.hasPrefix("ipc://"),
            FileManager.default.fileExists(atPath: String(address.dropFirst("ipc://".count)))
        {
            return .warn("listen", "\(address) is there already", mend: "choose another path")
        }
        do {
            var options = SocketOptions()
            options.ipv6 = address.contains("[")
            let socket = try Socket(.router, in: Context(), options: options)
            try socket.bind(address)
            return .ok("listen", try socket.lastEndpoint)
        } catch {
            return .fail("listen", "\(error)", mend: nil)
        }
    }

    /// Whether a campaign's folder could be made and written to at the path, and on what.
    public static func output(at path: String) -> [Finding] {
        let folder = existingFolder(above: URL(filePath: path).standardizedFileURL).path
        if let reason = complaint(ofWritingTo: folder) {
            return [
                .fail(
                    "output", "cannot write to \(folder): \(reason)",
                    mend: "choose another --output, or chmod u+w \(folder)")
            ]
        }
        guard let system = FileSystem(at: folder) else {
            return [.warn("output", "the file system of \(folder) is unknown", mend: nil)]
        }
        return [system.kindFinding, system.spaceFinding]
    }

    /// Why no file can be made and written in the folder; nil: one was, and is gone again. The folder
    /// may be shared: the file is a new one that nobody can have foreseen.
    private static func complaint(ofWritingTo folder: String) -> String? {
        let probe = "\(folder)/.wardein-\(UUID().uuidString)"
        let file = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return String(cString: strerror(errno)) }
        let complaint = write(file, "x", 1) == 1 ? nil : String(cString: strerror(errno))
        close(file)
        unlink(probe)
        return complaint
    }

    private static func existingFolder(above url: URL) -> URL {
        var url = url
        var isDirectory: ObjCBool = false
        while url.path != "/",
            !FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
                || !isDirectory.boolValue
        {
            url = url.deletingLastPathComponent()
        }
        return url
    }
}
