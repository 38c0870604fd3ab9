/// Lets so many lines a second through and counts the others: nobody who knocks often may write the
/// log full (law 8). A value, without a clock.
struct LineLimit {
    private let perSecond: Int
    private var second = Duration.zero
    private var shown = 0
    private var held = 0

    init(perSecond: Int) { self.perSecond = perSecond }

    /// Whether a line may be shown now.
    mutating func admits(at now: Duration) -> Bool {
        if now - second >= .seconds(1) {
            second = now
            shown = 0
        }
        guard shown < perSecond else {
            held += 1
            return false
        }
        shown += 1
        return true
    }

    /// How many lines were held back that this has not told yet; 0 until their second is over.
    mutating func takeHeld(at now: Duration) -> Int {
        guard now - second >= .seconds(1) else { return 0 }
        defer { held = 0 }
        return held
    }
}
