import Foundation
import Synchronization
import Testing

@testable import ZeroMQ

@Suite struct WaitingTests {
    @Test func `commands of other threads arrive complete and each thread's in order`() throws {
        let mailbox = try Mailbox<(thread: Int, number: Int)>()
        let socket = try Socket(.dealer, in: Context(), options: testOptions())
        let a = try poster(0, to: mailbox)
        let b = try poster(1, to: mailbox)
        var next = [0, 0]
        while next != [1000, 1000] {
            let events = try Poller.wait(
                on: socket, wakeup: mailbox.wakeup, timeout: .seconds(10))
            try #require(events == .woken)
            for command in mailbox.takeAll() {
                #expect(command.number == next[command.thread])
                next[command.thread] += 1
            }
        }
        #expect(mailbox.takeAll().isEmpty)
        a.join()
        b.join()
    }

    private func poster(
        _ thread: Int, to mailbox: Mailbox<(thread: Int, number: Int)>
    ) throws -> DedicatedThread {
        try DedicatedThread(name: "poster") {
            for number in 0..<1000 { mailbox.post((thread, number)) }
        }
    }

    @Test func `waiting ends with the time, with a message, or with room to send`() throws {
        let context = try Context()
        let wakeup = try Wakeup()
        let router = try Socket(.router, in: context, options: testOptions())
        try router.bind(TestAddress.file.rawValue)
        let dealer = try Socket(.dealer, in: context, options: testOptions())
        #expect(try Poller.wait(on: router, wakeup: wakeup, timeout: .milliseconds(1)) == [])
        #expect(
            try Poller.wait(for: .writable, on: dealer, wakeup: wakeup, timeout: .zero) == [])
        try dealer.connect(router.lastEndpoint)
        #expect(
            try Poller.wait(for: .writable, on: dealer, wakeup: wakeup, timeout: .seconds(10))
                == .writable)
        _ = try dealer.send([bytes("x")])
        #expect(try Poller.wait(on: router, wakeup: wakeup, timeout: nil) == .readable)
    }

    @Test func `a signal to the process does not end the wait`() throws {
        // SIGURG is ignored unless handled: a handler makes it interrupt the system call.
        signal(SIGURG) { _ in }
        defer { signal(SIGURG, SIG_DFL) }
        let socket = try Socket(.dealer, in: Context(), options: testOptions())
        let wakeup = try Wakeup()
        let waiting = pthread_self()
        let other = try DedicatedThread(name: "interrupter") {
            for _ in 0..<20 {
                pthread_kill(waiting, SIGURG)
                usleep(2000)
            }
            wakeup.signal()
        }
        #expect(try Poller.wait(on: socket, wakeup: wakeup, timeout: .seconds(10)) == .woken)
        other.join()
    }

    @Test func `signals are forgotten once cleared`() throws {
        let socket = try Socket(.dealer, in: Context(), options: testOptions())
        let wakeup = try Wakeup()
        wakeup.signal()
        wakeup.signal()
        #expect(try Poller.wait(on: socket, wakeup: wakeup, timeout: .zero) == .woken)
        wakeup.clear()
        #expect(try Poller.wait(on: socket, wakeup: wakeup, timeout: .zero) == [])
    }

    @Test func `a dedicated thread has its name, blocks signals, and is waited for`() throws {
        let found = Mutex<(name: String, terminate: Bool, crash: Bool)?>(nil)
        let thread = try DedicatedThread(name: "a name far too long") {
            var blocked = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &blocked)
            let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
            let mask = blocked
            found.withLock {
                $0 = (
                    name ?? "", isMember(mask, SIGTERM), isMember(mask, SIGSEGV)
                )
            }
        }
        thread.join()
        let result = try #require(found.withLock { $0 })
        #expect(result.name == "a name far too \n")
        #expect(result.terminate)
        #expect(!result.crash)
    }
}

private func isMember(_ set: sigset_t, _ signal: Int32) -> Bool {
    withUnsafePointer(to: set) { sigismember($0, signal) == 1 }
}
