import Testing

@testable import wardein

/// Times as people write them.
@Suite struct TimeSpanTests {
    @Test(arguments: [
        ("45s", 45), ("90m", 5400), ("2h", 7200), ("2h30m", 9000), ("1d2h3m4s", 93784),
    ])
    func `numbers with units are a time`(text: String, seconds: Int) {
        #expect(TimeSpan(argument: text)?.duration == .seconds(seconds))
    }

    @Test(arguments: ["", "90", "h", "30m2h", "2h 30m", "-2h", "0s", "1.5h", "2h2h", "99999999s"])
    func `anything else is none`(text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }
}
