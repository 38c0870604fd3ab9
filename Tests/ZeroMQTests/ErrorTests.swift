import Foundation
import Testing

@testable import ZeroMQ

@Suite struct ErrorTests {
    @Test func `an address in use is named`() throws {
        let context = try Context()
        let first = try Socket(.router, in: context, options: testOptions())
        try first.bind("tcp://127.0.0.1:*")
        let endpoint = try first.lastEndpoint
        let error = refusal(of: endpoint)
        #expect(error?.code == EADDRINUSE)
        #expect(
            error?.description
                == "the address \(endpoint) is already in use: "
                + "stop the other program or choose another")
    }

    @Test func `an interface that this machine does not have is named`() {
        #expect(
            refusal(of: "tcp://192.0.2.1:5000")?.description
                == "no network interface of this machine has the address tcp://192.0.2.1:5000: "
                + "name one that it has, or * for all")
    }

    @Test func `a socket file whose name is too long is counted`() {
        let path = "/tmp/" + String(repeating: "x", count: 103)
        #expect(
            refusal(of: "ipc://\(path)")?.description
                == "the file name of ipc://\(path) takes 108 bytes and may take 107: "
                + "choose a shorter directory")
    }

    @Test func `a directory that does not exist is said to be missing`() {
        #expect(
            refusal(of: "ipc:///tmp/no/such/directory/x")?.description
                == "the directory of ipc:///tmp/no/such/directory/x does not exist: "
                + "create it first")
    }

    @Test(.enabled(if: geteuid() != 0, "root may listen at every port"))
    func `a port without permission is named`() {
        #expect(
            refusal(of: "tcp://127.0.0.1:1")?.description.hasPrefix(
                "no permission for tcp://127.0.0.1:1: ") == true)
    }

    /// ZeroMQ itself would listen at port 70000 - 65536.
    @Test(arguments: [
        "", "nonsense", "tcp://", "http://a:1", "tcp://127.0.0.1:x", "tcp://127.0.0.1:70000",
    ])
    func `what is not an address is answered with how to write one`(endpoint: String) {
        #expect(
            refusal(of: endpoint)?.description
                == "'\(endpoint)' is not an address: write tcp://HOST:PORT or ipc:///PATH")
    }

    @Test func `the limit of open files is never lowered`() {
        var before = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
        #expect(FileDescriptorLimit.raise() >= Int(clamping: before.rlim_cur))
        #expect(FileDescriptorLimit.raise() == Int(clamping: before.rlim_max))
    }

    /// What a socket says that is to listen at an address where it cannot.
    private func refusal(of endpoint: String) -> ZeroMQError? {
        #expect(throws: ZeroMQError.self) {
            try Socket(.router, in: Context(), options: testOptions()).bind(endpoint)
        }
    }
}
