import Foundation
import Testing

@testable import MachineResources

/// One session for each processor that is there for this process.
@Suite struct ProcessorTests {
    private func share(_ online: Int, _ affinity: Int, _ quota: Double?) -> ProcessorShare {
        ProcessorShare(online: online, affinity: affinity, quota: quota)
    }

    @Test func `the least of affinity and quota is allowed, and one at least`() {
        #expect(share(64, 64, nil).allowed == 64)
        #expect(share(64, 8, nil).allowed == 8)
        #expect(share(64, 64, 4).allowed == 4)
        #expect(share(64, 2, 4).allowed == 2)
        #expect(share(64, 64, 1.5).allowed == 2)
        #expect(share(64, 64, 0.2).allowed == 1)
        #expect(share(2, 2, 1e9).allowed == 2)
    }

    @Test func `others' load leaves the rest of the machine, and one at least`() {
        #expect(share(8, 8, nil).free(whileOthersUse: 0) == 8)
        #expect(share(8, 8, nil).free(whileOthersUse: 0.4) == 8)
        #expect(share(8, 8, nil).free(whileOthersUse: 3.1) == 5)
        #expect(share(8, 8, nil).free(whileOthersUse: 30) == 1)
        // A share that was set aside stays whole while others keep to the rest.
        #expect(share(64, 8, nil).free(whileOthersUse: 56) == 8)
    }

    @Test func `the machine's ticks are all but idle and waiting`() {
        let text = "cpu  10 20 30 1000 500 4 5 6 7 8\ncpu0 1 1 1 1 1 1 1 1\n"
        #expect(ProcessorUse.ticks(ofMachine: text) == 10 + 20 + 30 + 4 + 5 + 6)
        #expect(ProcessorUse.ticks(ofMachine: "") == nil)
        #expect(ProcessorUse.ticks(ofMachine: "intr 1 2 3 4 5") == nil)
    }

    @Test func `a process's name may hold anything`() {
        let text = "42 (a) b (c) R 1 42 42 0 -1 0 0 0 0 0 17 25 0 0 20 0 1 0 100 0 0"
        #expect(ProcessorUse.ticks(ofProcess: text) == 42)
        #expect(ProcessorUse.ticks(ofProcess: "42 nothing") == nil)
    }

    @Test func `what this user's processes spend is not others' load`() {
        let before = ProcessorUse(total: 1000, own: [1: 100, 2: 50])
        // Process 2 is gone, process 3 is new.
        let after = ProcessorUse(total: 1200, own: [1: 150, 3: 100])
        #expect(after.othersSince(before, ticks: 50) == 1)
        #expect(before.othersSince(after, ticks: 50) == 0)
    }

    @Test func `the affinity is the processors that the list names`() {
        #expect(ProcessorShare.affinity(in: "Cpus_allowed_list:\t0-3,8\n") == 5)
        #expect(ProcessorShare.affinity(in: "x: 1\nCpus_allowed_list:\t7\nMems: 0\n") == 1)
        #expect(ProcessorShare.affinity(in: "Cpus_allowed: ff\n") == nil)
        #expect(ProcessorShare.affinity(in: "Cpus_allowed_list:\t5-2\n") == nil)
    }

    @Test func `this process's share is what sched_getaffinity says`() {
        let share = ProcessorShare.ofThisProcess()
        #expect(share.affinity == ProcessInfo.processInfo.activeProcessorCount)
        #expect(share.allowed >= 1 && share.allowed <= share.online)
    }
}
