import ArgumentParser

/// A time as a person writes it: `45s`, `90m`, `2h30m`, `1d`.
struct TimeSpan: ExpressibleByArgument, Hashable {
    let duration: Duration

    /// What the text says: numbers with units, the longest unit first; nil when it says no time.
    init?(argument: String) {
        let units = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        var rest = argument[...]
        var seconds = 0
        for (unit, length) in units {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, rest.dropFirst(digits.count).hasPrefix(unit) else { continue }
            guard let number = Int(digits), number <= 1_000_000 else { return nil }
            seconds += number * length
            rest = rest.dropFirst(digits.count + 1)
        }
        guard rest.isEmpty, seconds > 0 else { return nil }
        duration = .seconds(seconds)
    }

    var defaultValueDescription: String { "\(duration)" }
}
