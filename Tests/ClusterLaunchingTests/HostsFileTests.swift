import Testing

@testable import ClusterLaunching

@Suite struct HostsFileTests {
    private func hosts(_ text: String) throws -> [Host] {
        try HostsFile(parsing: text, from: "hosts").hosts
    }

    @Test func `a line is a host, its user, its port and its sessions`() throws {
        let hosts = try hosts(
            """
            # the machines of the second floor
            gpu-free-1

              anna@10.0.0.7:2222   sessions=8   # the big one
            [2001:db8::7]:22
            b.example.org	sessions=1024
            """)
        #expect(
            hosts.map(\.destination) == [
                "gpu-free-1", "anna@10.0.0.7", "2001:db8::7", "b.example.org",
            ])
        #expect(hosts.map(\.port) == [nil, 2222, 22, nil])
        #expect(hosts.map(\.sessions) == [nil, 8, nil, 1024])
        #expect(hosts[1].name == "anna@10.0.0.7:2222")
        #expect(hosts[1].keyName == "host-anna-10.0.0.7-2222")
    }

    @Test(arguments: [
        ("a\n-oProxyCommand=reboot", "line 2", "'-oProxyCommand=reboot'"),
        ("anna@-x", "line 1", "'anna@-x'"),
        ("a b", "line 1", "'b'"),
        ("a;b", "line 1", "'a;b'"),
        ("$(reboot)", "line 1", "'$(reboot)'"),
        ("a:0", "line 1", "the port 0"),
        ("a:65536", "line 1", "the port 65536"),
        ("a:99999999999999999999", "line 1", "the port 99999999999999999999"),
        ("a:", "line 1", "'a:'"),
        ("a sessions=0", "line 1", "'sessions=0'"),
        ("a sessions=1025", "line 1", "'sessions=1025'"),
        ("a sessions=two", "line 1", "'sessions=two'"),
        ("a sessions=2 sessions=3", "line 1", "'sessions=3'"),
        ("# two\na\n\na", "line 4", "a stands in line 2 already"),
    ])
    func `what is wrong is said with its line`(text: String, line: String, what: String) {
        let error = #expect(throws: HostError.self) { try hosts(text) }
        #expect(error?.description.hasPrefix("hosts, \(line): ") == true, "\(error as Any)")
        #expect(error?.description.contains(what) == true, "\(error as Any)")
    }

    @Test func `a file without a host is refused`() {
        #expect(throws: HostError.self) { try hosts("# nobody\n\n") }
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: HostError.self) { try HostsFile(at: "/no/such/hosts") }
        #expect(error?.description.contains("/no/such/hosts") == true)
    }
}
