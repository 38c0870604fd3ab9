public import MachineResources

/// The metrics of a coordinator in Prometheus' text format, version 0.0.4. Names, units and types follow
/// its conventions: base units, `_total` for what only grows while the process lives.
public enum MetricsPage {
    /// The media type of the page.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page.
    ///
    /// - Parameters:
    ///   - board: what the coordinator knows.
    ///   - version: the version of the program.
    ///   - process: what the process takes.
    ///   - now: the time.
    public static func text(
        of board: StatusBoard.Contents, version: String, process: ProcessFigures,
        at now: ContinuousClock.Instant = .now
    ) -> String {
        var page = MetricsText()
        page.family("wardein_build_info", .gauge, "The version of wardein that runs.") {
            $0.sample(1, ["version": version])
        }
        page.family(
            "wardein_coordinator_turn_age_seconds", .gauge,
            "For how long the coordinating thread has not come by."
        ) { family in
            if let lastTurn = board.lastTurn {
                family.sample((now - lastTurn) / .seconds(1))
            }
        }
        let campaigns = board.campaigns
        progress(of: campaigns, &page)
        outcomes(of: campaigns, &page)
        fleet(of: campaigns, &page)
        traffic(of: campaigns, &page)
        self.process(process, &page)
        return page.text
    }

    private static func progress(
        of campaigns: [StatusBoard.Posted], _ page: inout MetricsText
    ) {
        page.family(
            "wardein_campaign_info", .gauge,
            "The campaigns of this coordinator, by folder and seal."
        ) { family in
            for campaign in campaigns.map(\.snapshot) {
                family.sample(1, ["campaign": campaign.folder, "seal": campaign.seal])
            }
        }
        page.family(
            "wardein_campaign_state", .gauge,
            "1 for the state that a campaign is in, 0 for the others."
        ) { family in
            for campaign in campaigns.map(\.snapshot) {
                for state in CampaignSnapshot.State.allCases {
                    family.sample(
                        state == campaign.state ? 1 : 0,
                        ["campaign": campaign.folder, "state": state.rawValue])
                }
            }
        }
        page.family(
            "wardein_samples_settled_total", .counter,
            "Samples settled since this coordinator was started.", campaigns
        ) { Double($0.samplesSettled - $0.samplesBefore) }
        page.family(
            "wardein_samples_resumed", .gauge,
            "Samples that were settled when this coordinator was started.", campaigns
        ) { Double($0.samplesBefore) }
        page.family(
            "wardein_samples_expected", .gauge,
            "Samples of the whole campaign, or as many as it is expected to need.", campaigns
        ) { Double($0.samplesExpected) }
        page.family("wardein_inputs", .gauge, "Inputs of the campaign.", campaigns) {
            Double($0.inputs)
        }
        page.family(
            "wardein_inputs_decided_total", .counter,
            "Inputs decided since this coordinator was started.", campaigns
        ) { Double($0.inputsDecided - $0.inputsBefore) }
        page.family(
            "wardein_inputs_resumed", .gauge,
            "Inputs that were decided when this coordinator was started.", campaigns
        ) { Double($0.inputsBefore) }
        page.family(
            "wardein_campaign_run_seconds", .gauge,
            "For how long this coordinator has run the campaign.", campaigns
        ) { $0.seconds }
        page.family(
            "wardein_campaign_time_left_seconds", .gauge,
            "How long what is left takes at the rate of the last minute."
        ) { family in
            for campaign in campaigns {
                guard let left = campaign.secondsLeft else { continue }
                family.sample(left, ["campaign": campaign.snapshot.folder])
            }
        }
    }

    private static func outcomes(
        of campaigns: [StatusBoard.Posted], _ page: inout MetricsText
    ) {
        page.family(
            "wardein_records", .gauge, "Records so far, of the first inputs in campaign order."
        ) { family in
            for campaign in campaigns.map(\.snapshot) {
                let outcomes = campaign.outcomes
                for (name, count) in [
                    ("certified", outcomes.certified), ("predicted", outcomes.predicted),
                    ("abstained", outcomes.abstained),
                ] {
                    family.sample(
                        Double(count), ["campaign": campaign.folder, "outcome": name])
                }
            }
        }
        page.family(
            "wardein_records_labelled", .gauge, "Records so far of inputs whose label is known.",
            campaigns
        ) { Double($0.outcomes.labelled) }
        page.family(
            "wardein_records_correct", .gauge,
            "Records so far whose class, certified or predicted, is the label.", campaigns
        ) { Double(($0.outcomes.radii.first?.correct ?? 0) + $0.outcomes.predictedCorrectly) }
    }

    private static func fleet(of campaigns: [StatusBoard.Posted], _ page: inout MetricsText) {
        page.family("wardein_workers", .gauge, "Workers that count now.", campaigns) {
            Double($0.workersReady)
        }
        page.family(
            "wardein_worker_sessions", .gauge,
            "Blocks that the workers which count now classify at the same time.", campaigns
        ) { Double($0.sessionsReady) }
        page.family("wardein_leases_out", .gauge, "Leases that are out.", campaigns) {
            Double($0.leasesOut)
        }
        page.family(
            "wardein_incidents_total", .counter,
            "What happened to the fleet since this coordinator was started, by kind."
        ) { family in
            for campaign in campaigns.map(\.snapshot) {
                for incident in campaign.incidents {
                    family.sample(
                        Double(incident.count),
                        ["campaign": campaign.folder, "kind": incident.kind.rawValue])
                }
            }
        }
        workers(of: campaigns, &page)
    }

    private static func workers(of campaigns: [StatusBoard.Posted], _ page: inout MetricsText) {
        let figures: [(name: String, help: String, value: (WorkerSnapshot) -> Double)] = [
            ("samples_settled", "Samples that a worker settled.", { Double($0.samples) }),
            (
                "session_seconds", "Time that the sessions of a worker counted them.",
                \.sessionSeconds
            ),
            (
                "late_tallies", "Tallies of a worker for inputs that were decided before.",
                { Double($0.faults.late) }
            ),
            (
                "repeated_tallies", "Tallies of a worker for ranges that were settled before.",
                { Double($0.faults.repeated) }
            ),
            (
                "refused_tallies", "Tallies of a worker that could not answer their lease.",
                { Double($0.faults.refused) }
            ),
        ]
        for (name, help, value) in figures {
            page.family("wardein_worker_\(name)_total", .counter, help) { family in
                for campaign in campaigns.map(\.snapshot) {
                    for worker in campaign.workers {
                        family.sample(
                            value(worker), ["campaign": campaign.folder, "worker": worker.name])
                    }
                }
            }
        }
        page.family(
            "wardein_unlisted_workers", .gauge,
            "Workers that took part and are not listed one by one.", campaigns
        ) { Double($0.otherWorkers?.count ?? 0) }
        page.family(
            "wardein_unlisted_workers_samples", .gauge, "Samples that these settled.", campaigns
        ) { Double($0.otherWorkers?.samples ?? 0) }
    }

    private static func traffic(of campaigns: [StatusBoard.Posted], _ page: inout MetricsText) {
        let counters: [(String, String, (CampaignSnapshot) -> Double)] = [
            (
                "wardein_sent_bytes_total", "Bytes of messages to workers.",
                { Double($0.traffic.bytesSent) }
            ),
            (
                "wardein_received_bytes_total", "Bytes of messages from workers.",
                { Double($0.traffic.bytesReceived) }
            ),
            (
                "wardein_messages_decoded_total", "Messages that were handed to the decoder.",
                { Double($0.traffic.messagesDecoded) }
            ),
            (
                "wardein_messages_malformed_total", "Messages that could not be read.",
                { Double($0.traffic.messagesMalformed) }
            ),
            (
                "wardein_messages_dropped_total",
                "Messages of workers whose keys were revoked, dropped unread.",
                { Double($0.traffic.messagesDropped) }
            ),
            (
                "wardein_strangers_refused_total",
                "Connections with a key that is not allowed.",
                { Double($0.traffic.strangersRefused) }
            ),
            (
                "wardein_journal_appends_total", "Times that entries were made durable.",
                { Double($0.storage.journalAppends) }
            ),
            (
                "wardein_journal_append_seconds_total", "Time that making them durable took.",
                { $0.storage.journalSeconds }
            ),
        ]
        for (name, help, value) in counters {
            page.family(name, .counter, help, campaigns, value)
        }
        page.family("wardein_journal_size_bytes", .gauge, "Size of the journal.", campaigns) {
            Double($0.storage.journalBytes)
        }
        page.family(
            "wardein_folder_free_bytes", .gauge,
            "Room that the file system of the campaign folder has left."
        ) { family in
            for campaign in campaigns.map(\.snapshot) {
                guard let free = campaign.storage.bytesFree else { continue }
                family.sample(Double(free), ["campaign": campaign.folder])
            }
        }
    }

    private static func process(_ process: ProcessFigures, _ page: inout MetricsText) {
        let figures: [(String, MetricsText.Kind, String, Double?)] = [
            (
                "process_cpu_seconds_total", .counter, "User and system processor time.",
                process.processorSeconds
            ),
            (
                "process_resident_memory_bytes", .gauge, "Resident memory.",
                process.residentBytes.map(Double.init)
            ),
            (
                "process_open_fds", .gauge, "Open file descriptors.",
                process.openDescriptors.map(Double.init)
            ),
            (
                "process_max_fds", .gauge, "The most open file descriptors.",
                process.mostDescriptors.map(Double.init)
            ),
            (
                "process_start_time_seconds", .gauge,
                "When the process was started, in seconds since 1970.", process.startTime
            ),
        ]
        for (name, kind, help, value) in figures {
            guard let value else { continue }
            page.family(name, kind, help) { $0.sample(value) }
        }
    }
}

/// Lines of Prometheus' text format.
struct MetricsText {
    private(set) var text = ""

    enum Kind: String {
        case counter
        case gauge
    }

    /// The samples of one metric.
    struct Family {
        let name: String
        fileprivate(set) var lines = ""

        /// Adds a sample; the order of labels is that of their names.
        mutating func sample(_ value: Double, _ labels: [String: String] = [:]) {
            let pairs = labels.sorted { $0.key < $1.key }
                .map { "\($0.key)=\"\(MetricsText.escaped($0.value))\"" }
            let braces = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
            lines += "\(name)\(braces) \(MetricsText.number(value))\n"
        }
    }

    /// Adds a metric; one without samples is left out.
    mutating func family(
        _ name: String, _ kind: Kind, _ help: String, samples: (inout Family) -> Void
    ) {
        var family = Family(name: name)
        samples(&family)
        guard !family.lines.isEmpty else { return }
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + family.lines
    }

    /// Adds a metric with one sample a campaign.
    mutating func family(
        _ name: String, _ kind: Kind, _ help: String, _ campaigns: [StatusBoard.Posted],
        _ value: (CampaignSnapshot) -> Double
    ) {
        family(name, kind, help) { family in
            for campaign in campaigns.map(\.snapshot) {
                family.sample(value(campaign), ["campaign": campaign.folder])
            }
        }
    }

    /// The value of a label: backslash, quotation mark and the end of a line are escaped.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// The number: whole ones without a point.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value).map(String.init) ?? value.description
    }
}
