/// Says what happens to the fleet, a line each, unless too much happens at a time.
final class FleetLog {
    /// Where its lines go.
    var note: (String) -> Void = { _ in }
    private var refusals = LineLimit(perSecond: 5)
    private var others = LineLimit(perSecond: 100)

    /// Says a line, or counts it among those that are held back.
    func say(_ line: String, isRefusal: Bool, at time: Duration) {
        if isRefusal ? refusals.admits(at: time) : others.admits(at: time) { note(line) }
    }

    /// Says how many lines were held back.
    func tellHeld(at time: Duration) {
        let refused = refusals.takeHeld(at: time)
        if refused > 0 { note("\(refused) more workers were refused, or connections cut") }
        let other = others.takeHeld(at: time)
        if other > 0 { note("\(other) more lines about workers are not shown") }
    }
}
