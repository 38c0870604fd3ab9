import CampaignMonitoring
import MachineResources
import Testing

/// Prometheus' text format, as its documentation defines it.
@Suite struct MetricsPageTests {
    private let process = ProcessFigures(
        processorSeconds: 1.25, residentBytes: 4096, openDescriptors: 7, mostDescriptors: nil,
        startTime: nil)

    private func page(_ snapshots: [CampaignSnapshot]) -> [String] {
        let board = StatusBoard()
        for snapshot in snapshots { board.post(snapshot) }
        return MetricsPage.text(of: board.current, version: "1.2", process: process)
            .split(separator: "\n").map(String.init)
    }

    @Test func `every sample follows the help and the type of its metric, once each`() throws {
        var campaign = CampaignSnapshot(folder: "run1", seal: "5e")
        campaign.workers = [WorkerSnapshot(name: "a:1", sessions: 2)]
        campaign.storage.bytesFree = 5
        var (helped, typed, samples): (Set<String>, String, Set<String>) = ([], "", [])
        for line in page([campaign]) {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") {
                #expect(words.count > 4 && helped.insert(String(words[2])).inserted, "\(line)")
            } else if line.hasPrefix("# TYPE ") {
                typed = String(words[2])
                #expect(helped.contains(typed) && ["counter", "gauge"].contains(words[3]))
                #expect(typed.hasSuffix("_total") == (words[3] == "counter"), "\(line)")
            } else {
                #expect(line.prefix { $0 != "{" && $0 != " " } == typed, "\(line)")
                let name = line.prefix(upTo: line.lastIndex(of: " ") ?? line.endIndex)
                #expect(samples.insert(String(name)).inserted, "\(line) is there twice")
            }
        }
        #expect(samples.count > 40)
    }

    @Test func `a name with every character that means something is escaped`() {
        var campaign = CampaignSnapshot(folder: "a\"b\\c\nd}", seal: "5e")
        campaign.inputs = 3
        #expect(page([campaign]).contains(#"wardein_inputs{campaign="a\"b\\c\nd}"} 3"#))
    }

    @Test func `counters begin with the process, whatever was settled before`() {
        var campaign = CampaignSnapshot(folder: "run", seal: "5e")
        (campaign.samplesSettled, campaign.samplesBefore) = (1_500_000, 1_000_000)
        (campaign.inputsDecided, campaign.inputsBefore) = (12, 10)
        let lines = page([campaign])
        #expect(lines.contains(#"wardein_samples_settled_total{campaign="run"} 500000"#))
        #expect(lines.contains(#"wardein_samples_resumed{campaign="run"} 1000000"#))
        #expect(lines.contains(#"wardein_inputs_decided_total{campaign="run"} 2"#))
    }

    @Test func `several campaigns stand side by side, the newest snapshot of each`() {
        var (first, second) = (
            CampaignSnapshot(folder: "a", seal: "1"), CampaignSnapshot(folder: "b", seal: "2")
        )
        let old = first
        (first.state, first.inputs, second.inputs) = (.finished, 5, 6)
        let lines = page([old, second, first])
        #expect(lines.contains(#"wardein_inputs{campaign="a"} 5"#))
        #expect(lines.contains(#"wardein_inputs{campaign="b"} 6"#))
        #expect(lines.contains(#"wardein_campaign_state{campaign="a",state="finished"} 1"#))
        #expect(lines.contains(#"wardein_campaign_state{campaign="a",state="running"} 0"#))
    }

    @Test func `before anything is known there are the build and the process alone`() {
        let names = page([]).filter { !$0.hasPrefix("#") }
        #expect(
            names == [
                #"wardein_build_info{version="1.2"} 1"#, "process_cpu_seconds_total 1.25",
                "process_resident_memory_bytes 4096", "process_open_fds 7",
            ])
    }
}
