import Foundation
import Testing

/// A running campaign, looked on at from outside by HTTP.
@Suite struct LookingOnTests {
    private struct Status: Decodable {
        struct Campaign: Decodable {
            struct Worker: Decodable {
                let name: String
                let samples: Int
            }
            let folder: String
            let seal: String
            let state: String
            let inputs: Int
            let inputsDecided: Int
            let samplesSettled: Int
            let workers: [Worker]
        }
        let state: String
        let campaigns: [Campaign]
    }

    @Test func `a running campaign shows its figures, and the same ones to people and to machines`()
        throws
    {
        let scratch = try Scratch()
        let campaign = try Running(
            ["certify", "--status-listen", "0", "--workers", "2"]
                + Digits.options(inputs: 450, samples: 100_000, output: scratch.path("run")))
        let page = try #require(LookedOn(campaign))
        try waitUntil("samples are settled") {
            (try? metrics(page))?["wardein_samples_settled_total"] ?? 0 > 0
        }
        #expect(try page.get("/healthz").status == 200)
        #expect(try page.get("/readyz").status == 200)
        let status = try JSONDecoder().decode(
            Status.self, from: Data(page.get("/status.json").body.utf8))
        let one = try #require(status.campaigns.first)
        #expect(status.state == "running" && status.campaigns.count == 1)
        #expect(one.folder == scratch.path("run") && one.inputs == 450 && one.workers.count <= 2)
        #expect(one.workers.reduce(0) { $0 + $1.samples } == one.samplesSettled)
        let manifest = try String(
            contentsOfFile: scratch.path("run/manifest.json"), encoding: .utf8)
        #expect(try page.get("/metrics").body.contains("seal=\"\(one.seal)\""))
        #expect(manifest.contains(one.seal))
        let figures = try metrics(page)
        #expect(figures["wardein_inputs"] == 450)
        #expect(figures["wardein_workers"] ?? 9 <= 2)
        #expect(figures["wardein_samples_settled_total"] ?? 0 >= Double(one.samplesSettled))
        #expect(try page.get("/healthz", method: "POST").status == 405)
        #expect(try page.get("/", host: "stranger.example").status == 421)
        campaign.signal(SIGINT)
        #expect(campaign.wait().status == 130)
        #expect(throws: (any Error).self) { try page.get("/healthz") }
    }

    @Test(.enabled(if: Reference.isThere && Browser.isThere, "scripts/setup --with-browser"))
    func `a browser shows it at a desk and on a phone, and the page outlives the coordinator`()
        throws
    {
        let scratch = try Scratch()
        let campaign = try Running(
            ["certify", "--status-listen", "0", "--workers", "2"]
                + Digits.options(inputs: 450, samples: 400_000, output: scratch.path("run")))
        let page = try #require(LookedOn(campaign))
        try waitUntil("an input is decided") {
            (try? metrics(page))?["wardein_inputs_decided_total"] ?? 0 > 0
        }
        let answer = try Reference.run(
            "check_status_page.py", [page.location, "\(campaign.identifier)"])
        #expect(answer.contains("the page outlives its coordinator"), "\(answer)")
        #expect(campaign.wait().status == 130)
    }

    /// The folder has a name that HTML does not allow as it is.
    @Test(.enabled(if: Reference.isThere && Browser.isThere, "scripts/setup --with-browser"))
    func `a page that waits for workers shows the first certificates by itself`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            ["--status-listen", "0"]
                + Digits.options(inputs: 450, samples: 100_000, output: scratch.path("a<\u{1}&\"b"))
        )
        let page = try #require(LookedOn(coordinator.process))
        try waitUntil("it is ready") { (try? page.get("/readyz").status) == 200 }
        let answer = try Reference.run(
            "check_status_page.py",
            [
                page.location, "--begins", Program.path, "work", "--connect", coordinator.endpoint,
                "--sessions", "2",
            ])
        #expect(answer.contains("the page began by itself"))
        coordinator.process.signal(SIGINT)
        _ = coordinator.process.wait()
    }

    @Test func `a coordinator that nobody works for is ready and says so`() throws {
        let scratch = try Scratch()
        let coordinator = try Coordinator(
            ["--status-listen", "127.0.0.1:0"] + Digits.options(output: scratch.path("run")))
        let page = try #require(LookedOn(coordinator.process))
        try waitUntil("it is ready") { (try? page.get("/readyz").status) == 200 }
        #expect(try metrics(page)["wardein_workers"] == 0)
        coordinator.process.signal(SIGINT)
        _ = coordinator.process.wait()
    }

    @Test func `every metric and every key of the state is named in the documentation`() throws {
        let scratch = try Scratch()
        let campaign = try Running(
            ["certify", "--status-listen", "0", "--workers", "2", "--log-format", "json"]
                + Digits.options(inputs: 450, samples: 100_000, output: scratch.path("run")))
        let page = try #require(LookedOn(campaign))
        let early = try scratch.write(page.get("/status.json").body.utf8, to: "early.json")
        try waitUntil("an input is decided") {
            (try? metrics(page))?["wardein_inputs_decided_total"] ?? 0 > 0
        }
        let figures = try page.get("/metrics").body
        let late = try scratch.write(page.get("/status.json").body.utf8, to: "late.json")
        campaign.signal(SIGINT)
        let log = try scratch.write(campaign.wait().errors.utf8, to: "log")

        let text = try String(
            contentsOf: Program.project.appending(path: "docs/operation.md"), encoding: .utf8)
        let names = figures.matches(of: /# TYPE (\S+)/).map { String($0.output.1) }
        #expect(names.count > 30)
        for name in names { #expect(text.contains("`\(name)`"), "\(name)") }
        let documented = DocumentedKeys.codeWords(
            in: try DocumentedKeys.section("status.json over HTTP", of: text))
        var keys: Set<String> = []
        var state = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: late)))
                as? [String: Any])
        #expect(state.removeValue(forKey: "page") != nil)
        DocumentedKeys.collect(from: state, into: &keys)
        let words = Set(keys.flatMap { $0.split(separator: "_").map(String.init) })
        #expect(words.count > 40 && words.subtracting(documented).sorted() == [])
        guard Reference.isThere else { return }
        let answer = try Reference.run("validate_operation.py", [log, early, late])
        #expect(answer.contains("damaged ones refused"), "\(answer)")
    }

    @Test func `an address that cannot be is refused before anything is written`() throws {
        let scratch = try Scratch()
        for address in ["99999", "somewhere:80"] {
            let outcome = try Program.run(
                ["certify", "--status-listen", address]
                    + Digits.options(output: scratch.path("run")))
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("'\(address)' is no address for looking on"))
        }
        #expect(!scratch.exists("run"))
    }

    /// Samples without labels other than that of the campaign, by the name of their metric.
    private func metrics(_ page: LookedOn) throws -> [String: Double] {
        let lines = try page.get("/metrics").body.split(separator: "\n")
        let pairs = lines.filter { !$0.hasPrefix("#") && !$0.contains(",") }.compactMap { line in
            line.split(separator: " ").last.flatMap { Double($0) }.map {
                (String(line.prefix { $0 != "{" && $0 != " " }), $0)
            }
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// The status server of a process of the program, asked by a client of a few lines.
struct LookedOn {
    /// Where it is for a browser.
    let location: String

    private let port: UInt16

    struct Answer {
        let status: Int
        let header: String
        let body: String
    }

    struct Silence: Error {}

    /// The server that the process says it runs; nil: it did not say so in time.
    init?(_ process: Running) {
        let deadline = Date(timeIntervalSinceNow: 60)
        while Date() < deadline {
            if let match = process.errors.firstMatch(of: /Status page: (http:\/\/[^"\n]*:(\d+)\/)/),
                let port = UInt16(match.output.2)
            {
                location = String(match.output.1)
                self.port = port
                return
            }
            usleep(20_000)
        }
        return nil
    }

    func get(_ path: String, method: String = "GET", host: String = "localhost") throws -> Answer {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Silence() }
        let request = Array("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)
        send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var (all, piece) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
        while case let count = recv(descriptor, &piece, piece.count, 0), count > 0 {
            all += piece.prefix(count)
        }
        let text = String(decoding: all, as: UTF8.self)
        guard let gap = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3))
        else { throw Silence() }
        return Answer(
            status: status, header: String(text[..<gap.lowerBound]),
            body: String(text[gap.upperBound...]))
    }
}
