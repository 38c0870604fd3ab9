import Testing

@testable import wardein

/// One line that says how far it is, wherever it is shown.
@Suite struct ProgressLineTests {
    private func line(
        share: Double = 0.42, inputs: Int = 210, of total: Int = 500, workers: Int = 2,
        pace: ProgressLine.Pace? = .init(samplesPerSecond: 21594.7, secondsLeft: 83)
    ) -> ProgressLine {
        ProgressLine(
            share: share, inputs: inputs, totalInputs: total, workers: workers, elapsed: 61,
            pace: pace)
    }

    @Test func `with room for all it says all`() {
        #expect(
            line().text(columns: 100)
                == "[########............] 42 %  210/500 inputs  21594 samples/s  2 workers  1:23 left"
        )
        #expect(line(workers: 1).text(columns: 100).contains("  1 worker  "))
    }

    @Test func `in 40 columns it says how far and how long`() {
        #expect(line().text(columns: 39) == "[##...] 42 %  210/500 inputs  1:23 left")
        #expect(line().text(columns: 25) == "[##.....] 42 %  1:23 left")
        #expect(
            line(pace: nil).text(columns: 41) == "42 %  210/500 inputs  waiting for workers")
    }

    @Test func `it is never wider than the terminal, however narrow and whatever it says`() {
        let paces: [ProgressLine.Pace?] = [
            nil, .init(samplesPerSecond: 1, secondsLeft: 0),
            .init(samplesPerSecond: 1e300, secondsLeft: .infinity),
        ]
        for columns in 0...120 {
            for pace in paces {
                for share in [0, 0.005, 0.999, 1] {
                    let text = line(
                        share: share, inputs: 49_999, of: 50_000, workers: 5000, pace: pace
                    ).text(columns: columns)
                    #expect(text.count <= columns)
                    #expect(text.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
                }
            }
        }
    }

    @Test func `more room never says less`() {
        for columns in 1...120 {
            let (narrow, wide) = (line().text(columns: columns - 1), line().text(columns: columns))
            let words = { (text: String) in
                text.split(separator: " ").count { !$0.hasPrefix("[") }
            }
            #expect(words(wide) >= words(narrow))
        }
    }

    @Test func `100 percent is said when everything is settled and not before`() {
        #expect(line(share: 0.9999).text(columns: 80).contains(" 99 %"))
        #expect(line(share: 1).text(columns: 90).contains("[####################] 100 %"))
    }

    @Test func `in a log the time comes first and there is no bar`() {
        #expect(
            line().logText
                == "1:01  42 %  210/500 inputs  21594 samples/s  2 workers  1:23 left")
    }
}
