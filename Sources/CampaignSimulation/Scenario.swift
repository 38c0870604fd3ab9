/// What a simulated campaign is and what befalls it, as a small text format says it.
///
/// ```
/// # Two workers, one of which is killed.
/// campaign inputs=2 selection=6 estimation=21 block=4
/// workers count=2 block-time=100ms
/// network delay=10ms
/// drop share=0.01
/// crash-coordinator every=30s lasts=2s
/// at 3s crash-worker number=1
/// ```
///
/// A line names a thing and then settings as `key=value`; `at TIME` before a fault lets it happen
/// once, at that time. What stands behind `#` is a remark. Durations are whole numbers with a unit
/// (`ms`, `s` or `min`) or a range of two (`1ms..20ms`).
public struct Scenario: Hashable, Sendable {
    /// How many inputs the campaign has, and how many samples of each.
    public var inputs = 6
    /// Samples that select the class (n0).
    public var selection = 10
    /// Samples that bound its probability (n).
    public var estimation = 300
    /// Samples that are classified together.
    public var block = 4
    /// After how many blocks an input may be decided, again and again; 0: after all of them.
    public var looks = 0
    /// The most samples that the records may rest on together, counted in rounds; 0: no budget.
    public var budget = 0
    /// How many classes the classifier knows.
    public var classes = 3
    /// How many worker processes there are, dead or alive.
    public var workers = 3
    /// How many blocks each of them classifies at the same time.
    public var sessions = 1
    /// How long a block takes there.
    public var blockTime = Duration.milliseconds(250)
    /// How long a message is under way.
    public var delay = Duration.milliseconds(1)...Duration.milliseconds(20)
    /// For how long faults happen.
    public var safety = Duration.seconds(90)
    /// How long after that the campaign may take to end at the most.
    public var liveness = Duration.seconds(420)
    /// What goes wrong.
    public var faults: [Fault] = []

    /// A campaign that nothing befalls.
    public init() {}

    /// Whether nothing is left to chance but what the faults say: for transcripts that people read.
    var isStaged: Bool { delay.lowerBound == delay.upperBound }

    /// Everything that can go wrong, at rates at which a campaign still gets on.
    public static let everything: Scenario = {
        do {
            return try Scenario(parsing: everyFault)
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// The text of ``everything``.
    public static let everyFault = """
        campaign inputs=16 looks=4
        # Messages, each by itself.
        drop share=0.01
        duplicate share=0.02
        reorder share=0.02 lasts=500ms
        delay share=0.02 lasts=3s
        corrupt share=0.005
        # Workers.
        wrong-tally share=0.003
        stale-tally share=0.02
        contradict share=0.001
        fail share=0.004
        slow-worker every=40s lasts=20s factor=20
        crash-worker every=25s lasts=2s
        drain-worker every=60s lasts=3s
        partition every=30s lasts=12s
        # The coordinator.
        crash-coordinator every=25s lasts=2s
        crash-coordinator every=70s lasts=2s lose=unsynced
        disk-full every=80s lasts=4s
        clock-jump every=50s lasts=30s
        """
}

/// One thing that goes wrong, once or again and again.
public struct Fault: Hashable, Sendable {
    /// What goes wrong.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A message is lost.
        case drop
        /// A message arrives twice.
        case duplicate
        /// A message is overtaken by later ones.
        case reorder
        /// A message and all behind it are late.
        case delay
        /// A bit of a message's bytes is changed.
        case corrupt
        /// A worker hands in counts that cannot be the answer to its lease.
        case wrongTally = "wrong-tally"
        /// A tally that was handed in long ago comes once more, or one for a lease that never was.
        case staleTally = "stale-tally"
        /// A worker hands in other counts for what is settled.
        case contradict
        /// The classifier fails on a lease.
        case fail
        /// A worker takes many times as long as before.
        case slowWorker = "slow-worker"
        /// A worker is killed and started again.
        case crashWorker = "crash-worker"
        /// A worker is asked to leave, and another one started.
        case drainWorker = "drain-worker"
        /// What is sent to a worker, by it, or both, is lost.
        case partition
        /// The coordinator is killed and started again.
        case crashCoordinator = "crash-coordinator"
        /// Nothing can be written to the journal.
        case diskFull = "disk-full"
        /// The clock of the coordinator or of a worker leaps forward.
        case clockJump = "clock-jump"

        /// Whether it befalls messages, tallies or leases, each with some probability.
        var hasShare: Bool {
            switch self {
            case .drop, .duplicate, .reorder, .delay, .corrupt, .wrongTally, .staleTally,
                .contradict, .fail:
                true
            default: false
            }
        }
    }

    /// What a coordinator that is killed loses.
    public enum Loss: String, Hashable, Sendable {
        /// What it had not written yet.
        case unwritten
        /// Also the last entries that it took for written: the disk lied.
        case unsynced
    }

    /// What goes wrong.
    public var kind: Kind
    /// For messages, tallies and leases: the probability that it befalls one.
    public var share = 0.0
    /// For everything else: how often it happens, on average.
    public var every: Duration?
    /// When it happens, if it happens once.
    public var at: Duration?
    /// How long it lasts; for a delay: the longest.
    public var lasts = Duration.seconds(2)
    /// How many times as long a slow worker takes.
    public var factor = 20
    /// Which worker, from 1 on; nil: any.
    public var number: Int?
    /// What a coordinator loses.
    public var loss = Loss.unwritten

    /// A fault of this kind that never happens.
    public init(_ kind: Kind) { self.kind = kind }
}

/// Why a text is no scenario: one sentence that names the line.
public struct ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

extension Scenario {
    /// The scenario that a text describes; what it does not mention is as usual.
    public init(parsing text: String) throws(ScenarioError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            do throws(ScenarioError) {
                try read(words)
            } catch {
                throw ScenarioError(
                    description: "line \(index + 1) of the scenario, '\(line)': \(error)")
            }
        }
    }

    private mutating func read(_ words: [String]) throws(ScenarioError) {
        var words = words
        var at: Duration?
        if words[0] == "at" {
            guard words.count > 2 else {
                throw ScenarioError(description: "'at' needs a time and a fault")
            }
            at = try Setting(key: "at", value: words[1]).duration()
            words.removeFirst(2)
        }
        let settings = try words.dropFirst().map { (word) throws(ScenarioError) in
            try Setting(word)
        }
        switch words[0] {
        case "campaign": for setting in settings { try readCampaign(setting) }
        case "workers": for setting in settings { try readWorkers(setting) }
        case "network": for setting in settings { try readNetwork(setting) }
        case "phases": for setting in settings { try readPhases(setting) }
        default: faults.append(try Fault(named: words[0], at: at, settings))
        }
    }

    private mutating func readCampaign(_ setting: Setting) throws(ScenarioError) {
        switch setting.key {
        case "inputs": inputs = try setting.integer(in: 1...10_000)
        case "selection": selection = try setting.integer(in: 1...1_000_000)
        case "estimation": estimation = try setting.integer(in: 1...1_000_000)
        case "block": block = try setting.integer(in: 1...4096)
        case "looks": looks = try setting.integer(in: 0...1_000_000)
        case "budget": budget = try setting.integer(in: 0...1_000_000_000)
        case "classes": classes = try setting.integer(in: 2...1000)
        default:
            throw setting.unknown(
                known: "inputs, selection, estimation, block, looks, budget and classes")
        }
    }

    private mutating func readWorkers(_ setting: Setting) throws(ScenarioError) {
        switch setting.key {
        case "count": workers = try setting.integer(in: 1...1000)
        case "sessions": sessions = try setting.integer(in: 1...64)
        case "block-time": blockTime = try setting.duration()
        default: throw setting.unknown(known: "count, sessions and block-time")
        }
    }

    private mutating func readNetwork(_ setting: Setting) throws(ScenarioError) {
        guard setting.key == "delay" else { throw setting.unknown(known: "delay") }
        delay = try setting.durations()
    }

    private mutating func readPhases(_ setting: Setting) throws(ScenarioError) {
        switch setting.key {
        case "safety": safety = try setting.duration()
        case "liveness": liveness = try setting.duration()
        default: throw setting.unknown(known: "safety and liveness")
        }
    }
}

extension Fault {
    fileprivate init(
        named name: String, at: Duration?, _ settings: [Setting]
    ) throws(ScenarioError) {
        guard let kind = Kind(rawValue: name) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ScenarioError(
                description: "there is no '\(name)'; use campaign, workers, network, phases, "
                    + known)
        }
        self.init(kind)
        self.at = at
        for setting in settings { try read(setting) }
        if kind.hasShare, at != nil || every != nil {
            throw ScenarioError(description: "\(name) happens by share=, not at a time")
        }
        if !kind.hasShare, (at == nil) == (every == nil) {
            throw ScenarioError(description: "\(name) needs either 'at TIME' or every=")
        }
    }

    private mutating func read(_ setting: Setting) throws(ScenarioError) {
        switch setting.key {
        case "share": share = try setting.share()
        case "every": every = try setting.duration()
        case "lasts": lasts = try setting.duration()
        case "factor": factor = try setting.integer(in: 1...1_000_000)
        case "number": number = try setting.integer(in: 1...1000)
        case "lose":
            guard let loss = Loss(rawValue: setting.value) else {
                throw ScenarioError(
                    description: "'\(setting.value)' cannot be lost; use unwritten or unsynced")
            }
            self.loss = loss
        default: throw setting.unknown(known: "share, every, lasts, factor, number and lose")
        }
    }
}

/// One `key=value` of a scenario.
private struct Setting {
    let key: String
    let value: String

    init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    init(_ word: String) throws(ScenarioError) {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw ScenarioError(description: "'\(word)' is not key=value")
        }
        (key, value) = (parts[0], parts[1])
    }

    func unknown(known: String) -> ScenarioError {
        ScenarioError(description: "there is no setting '\(key)' here; use \(known)")
    }

    func integer(in range: ClosedRange<Int>) throws(ScenarioError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw ScenarioError(
                description: "\(key) is '\(value)', but must be a whole number from "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func share() throws(ScenarioError) -> Double {
        guard let share = Double(value), share >= 0, share <= 1 else {
            throw ScenarioError(description: "\(key) is '\(value)', but must lie between 0 and 1")
        }
        return share
    }

    func duration() throws(ScenarioError) -> Duration {
        guard let duration = Setting.duration(value) else {
            throw ScenarioError(
                description: "\(key) is '\(value)', but must be a duration such as 200ms, 3s or "
                    + "2min")
        }
        return duration
    }

    func durations() throws(ScenarioError) -> ClosedRange<Duration> {
        guard let dots = value.firstRange(of: "..") else {
            let one = try duration()
            return one...one
        }
        guard let first = Setting.duration(String(value[..<dots.lowerBound])),
            let last = Setting.duration(String(value[dots.upperBound...])), first <= last
        else {
            throw ScenarioError(
                description: "\(key) is '\(value)', but must be a range such as 1ms..20ms")
        }
        return first...last
    }

    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number <= 1_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "min": return .seconds(60 * number)
        default: return nil
        }
    }
}
