import CampaignMonitoring
import Foundation
import Testing

@testable import wardein

/// The words of the log.
@Suite struct LogLineTests {
    @Test func `every event is named in the documentation and in the schema`() throws {
        let project = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: project.appending(path: "docs/operation.md"), encoding: .utf8)
        let schema = try String(
            contentsOf: project.appending(path: "docs/schemas/log.schema.json"), encoding: .utf8)
        let events =
            LogLine.Event.allCases.map(\.rawValue) + FleetEvent.Kind.allCases.map(\.rawValue)
        #expect(Set(events).count == events.count)
        for event in events {
            #expect(page.contains("`\(event)`") && schema.contains("\"\(event)\""), "\(event)")
        }
    }

    @Test(arguments: [
        (["wardein", "certify", "--log-format", "json"], LogFormat.json),
        (["wardein", "certify", "--log-format=json"], .json),
        (["wardein", "certify", "--log-format", "text"], .text),
        (["wardein", "certify", "--output", "json"], .text), (["wardein"], .text),
    ])
    func `a command line asks for a format before it is known to be one`(
        arguments: [String], format: LogFormat
    ) {
        #expect(LogFormat(askedBy: arguments) == format)
    }
}
