import ArgumentParser
import CampaignMonitoring
import CertificateRecords
import Foundation
import Synchronization

/// How lines on standard error are written.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    /// Sentences for a person.
    case text
    /// One JSON object a line, for a program.
    case json

    /// That of this process.
    static var current: LogFormat {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    private static let state = Mutex(LogFormat.text)

    /// What a command line asks for, before it is known whether it is one: what is wrong with it is said
    /// in this format too.
    init(askedBy arguments: [String]) {
        let named = zip(arguments, arguments.dropFirst()).contains {
            $0 == "--log-format" && $1 == LogFormat.json.rawValue
        }
        self = named || arguments.contains("--log-format=json") ? .json : .text
    }
}

/// The option that says how lines on standard error are written.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How lines on standard error are written: text, or json for log collectors.",
            discussion: "With json each line is one object, and progress is an event a minute."))
    var logFormat = LogFormat.text
}

/// A line on standard error: a sentence, and what a program needs to know of it.
struct LogLine {
    /// How much it matters.
    enum Level: String {
        /// It belongs to the course of things.
        case info
        /// Something is not as it should be, and the campaign goes on.
        case warning
        /// The campaign cannot go on, or the command was wrong.
        case error
    }

    /// What happened, in words that stay the same from release to release; what happens to a fleet has
    /// the words of ``FleetEvent/Kind``.
    enum Event: String, CaseIterable {
        /// A campaign begins, or is gone on with.
        case campaignBegun = "campaign_begun"
        /// Every input is decided.
        case campaignFinished = "campaign_finished"
        /// A person stopped it.
        case campaignInterrupted = "campaign_interrupted"
        /// It cannot go on.
        case campaignStopped = "campaign_stopped"
        /// How far it is.
        case progress
        /// Where workers are awaited.
        case listening
        /// Where one can look on.
        case statusPage = "status_page"
        /// What those say who start workers.
        case launcher
        /// A worker was told that it may not count.
        case refused
        /// A worker does not hear its coordinator, or not what it expects.
        case coordinator
        /// A worker's classifier failed.
        case classifierFailed = "classifier_failed"
        /// A worker was told that the campaign is over.
        case sentHome = "sent_home"
        /// The command or its files are wrong, or it cannot go on.
        case error
        /// Lines were lost, since nobody read them.
        case linesDropped = "lines_dropped"
        /// Anything else that a person may want to know.
        case remark
    }

    private let event: String
    private let level: Level
    private let message: String
    private let fields: [JSON.Member]

    /// A line about this process.
    init(_ event: Event, _ message: String, level: Level = .info, _ fields: [JSON.Member] = []) {
        (self.event, self.message) = (event.rawValue, message)
        (self.level, self.fields) = (level, fields)
    }

    /// A line about the fleet.
    ///
    /// - Parameter campaign: the name of the campaign, where several share the log.
    init(_ event: FleetEvent, of campaign: String? = nil) {
        (self.event, message) = (event.kind.rawValue, event.message)
        level = event.isTrouble ? .warning : .info
        let worker = event.worker.map { JSON.Member(key: "worker", value: .string($0)) }
        // A number beyond 2^53 would not survive most readers of JSON.
        let lease = event.lease.map { JSON.Member(key: "lease", value: .string("\($0)")) }
        fields = LogLine.fields(of: campaign) + [worker, lease].compactMap(\.self)
    }

    /// Names the campaign that a line is about, where several share the log.
    static func fields(of campaign: String?) -> [JSON.Member] {
        campaign.map { [JSON.Member(key: "campaign", value: .string($0))] } ?? []
    }

    /// What every line of this process says beside its own: which campaign, which worker.
    static var context: [JSON.Member] {
        get { knownContext.withLock { $0 } }
        set { knownContext.withLock { $0 = newValue } }
    }

    private static let knownContext = Mutex<[JSON.Member]>([])

    /// The line in the format of this process, with its end.
    func text(inTextAfter prefix: String, at time: Date = Date()) -> String {
        switch LogFormat.current {
        case .text: prefix + message + "\n"
        case .json: json(at: time).line + "\n"
        }
    }

    private func json(at time: Date) -> JSON {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let always: [JSON.Member] = [
            JSON.Member(key: "time", value: .string(time.formatted(style))),
            JSON.Member(key: "level", value: .string(level.rawValue)),
            JSON.Member(key: "event", value: .string(event)),
            JSON.Member(key: "message", value: .string(message)),
        ]
        let own = Set(fields.map(\.key))
        return .object(always + LogLine.context.filter { !own.contains($0.key) } + fields)
    }
}
