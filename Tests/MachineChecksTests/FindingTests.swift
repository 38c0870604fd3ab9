import CampaignKeys
import Foundation
import Testing

@testable import MachineChecks

/// Each finding says what is wrong and what mends it.
@Suite struct FindingTests {
    @Test func `a finding is one line with what mends it`() {
        #expect(Finding.ok("clock", "now").line == "ok    clock             now")
        #expect(
            Finding.fail("keys", "mode 644", mend: "chmod 600 a.key").line
                == "fail  keys              mode 644; mend: chmod 600 a.key")
    }

    @Test func `an address that is taken cannot be listened at`() {
        #expect(MachineCheck.listening(at: "tcp://127.0.0.1:*").grade == .ok)
        #expect(MachineCheck.listening(at: "tcp://192.0.2.1:5555").grade == .fail)
        #expect(MachineCheck.listening(at: "nonsense").grade == .fail)
    }

    @Test func `an address where nobody listens is not reached`() {
        #expect(MachineCheck.reaching("tcp://127.0.0.1:1", keys: nil).map(\.grade) == [.fail])
    }

    @Test func `a key that others may read fails with the command that mends it`() throws {
        let path = NSTemporaryDirectory() + "/" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(MachineCheck.keys(at: path).map(\.grade) == [.fail])
        let key = try KeyFolder.make(at: path).makeWorkerKey(named: "anna").path
        #expect(MachineCheck.keys(at: path).map(\.grade) == [.ok, .ok])
        #expect(MachineCheck.keys(at: key).map(\.grade) == [.ok])
        chmod(key, 0o644)
        #expect(MachineCheck.keys(at: path).map(\.grade) == [.ok, .fail])
        #expect(MachineCheck.keys(at: key).first?.line.contains("chmod 600 \(key)") == true)
    }

    @Test func `a folder that can be made later is an output, one under a file is none`() {
        let made = NSTemporaryDirectory() + "/not/there/yet"
        #expect(MachineCheck.output(at: made).allSatisfy { $0.grade != .fail })
        #expect(MachineCheck.output(at: "/proc/run1").map(\.grade) == [.fail])
    }

    @Test func `looking whether a folder can be written to leaves nothing there`() throws {
        let folder = NSTemporaryDirectory() + "/" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(MachineCheck.output(at: folder).allSatisfy { $0.grade != .fail })
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }

    @Test func `the innermost mount says what a folder lies on`() {
        let mounts = """
            21 1 8:1 / / rw - ext4 /dev/sda1 rw
            30 21 0:40 / /home rw shared:1 - nfs4 server:/home rw
            31 30 0:41 / /home/anna/my\\040disk rw - fuse.sshfs b: rw
            """
        #expect(FileSystem.kind(of: "/homes/x", mounts: mounts) == "ext4")
        #expect(FileSystem.kind(of: "/home", mounts: mounts) == "nfs4")
        #expect(FileSystem.kind(of: "/home/anna/my disk/run1", mounts: mounts) == "fuse.sshfs")
    }

    private func findings(_ answer: Answer, sent: Double = 100, arrived: Double = 101) -> [Finding]
    {
        OtherMachines.findings(in: answer, sent: sent, arrived: arrived, version: "1.0")
    }

    @Test func `a host says what it found, with its clock beside this one`() throws {
        var other = Examination(
            version: "1.0", host: "a", time: 100.5, findings: [.ok("memory", "much")])
        func answer() throws -> Answer {
            let json = String(decoding: try JSONEncoder().encode(other), as: UTF8.self)
            return Answer(status: 0, output: "motd of the host\n" + json)
        }
        #expect(findings(try answer()).map(\.grade) == [.ok, .ok, .ok])
        other.time = 500
        #expect(findings(try answer())[1].grade == .warn)
        #expect(findings(try answer())[1].value.hasPrefix("399.0 s"))
        other.version = "0.9"
        #expect(findings(try answer())[0].grade == .fail)
    }

    @Test func `what a host says does not steer the terminal`() throws {
        let other = Examination(
            version: "1.0\u{1B}[2J", host: "a", time: 100.5,
            findings: [.warn("memory\u{1B}", "\u{1B}[31mmuch", mend: "\u{7}")])
        let json = String(decoding: try JSONEncoder().encode(other), as: UTF8.self)
        let lines = findings(Answer(status: 0, output: json)).map(\.line)
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
    }

    @Test func `a program that fills both pipes ends`() {
        let flood = "head -c 300000 /dev/zero"
        let answer = Answer(running: ["sh", "-c", "\(flood) >&2; \(flood); exit 4"])
        #expect(answer.status == 4)
        #expect(answer.output.utf8.count == 300_000)
    }

    @Test func `a host that is not reached, or has no program, says so`() {
        let unreached = Answer(status: 255, errors: "ssh: connect to host a port 22: refused\n")
        #expect(findings(unreached).map(\.value) == ["ssh: connect to host a port 22: refused"])
        #expect(findings(Answer(status: 127)).map(\.grade) == [.warn])
        let broken = Answer(status: 127, errors: "libzmq.so.5: cannot open shared object file\n")
        #expect(findings(broken).map(\.grade) == [.fail])
    }

    @Test func `a partition that is down or missing fails`() {
        let text = "debug* up 2 idle\nbig up 3 drained*\nold down 1 idle\n"
        #expect(
            OtherMachines.partitions(in: text, wanted: nil).map(\.grade) == [.ok, .warn, .fail])
        #expect(OtherMachines.partitions(in: "", wanted: "gpu").map(\.grade) == [.fail])
    }
}
