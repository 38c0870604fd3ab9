import CampaignMonitoring

/// Says what happens to the fleet, a line each, unless too much happens at a time.
final class FleetLog {
    /// Where its lines go.
    var note: (String) -> Void = { _ in }
    /// Who looks on.
    var observer: CampaignObserver?
    private var refusals = LineLimit(perSecond: 5)
    private var others = LineLimit(perSecond: 100)

    /// Says what happened, or counts it among what is held back.
    func say(_ event: FleetEvent, isRefusal: Bool, at time: Duration) {
        guard isRefusal ? refusals.admits(at: time) : others.admits(at: time) else { return }
        observer?.log(event)
        note(event.message)
    }

    /// Says how many lines were held back.
    func tellHeld(at time: Duration) {
        let refused = refusals.takeHeld(at: time)
        if refused > 0 { note("\(refused) more workers were refused, or connections cut") }
        let other = others.takeHeld(at: time)
        if other > 0 { note("\(other) more lines about workers are not shown") }
    }
}
