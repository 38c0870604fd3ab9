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
        if isRefusal ? refusals.admits(at: time) : others.admits(at: time) { say(event) }
    }

    /// Says how many lines were held back.
    func tellHeld(at time: Duration) {
        let refused = refusals.takeHeld(at: time)
        if refused > 0 {
            say(
                FleetEvent(
                    .notShown, "\(refused) more workers were refused, or connections cut"))
        }
        let other = others.takeHeld(at: time)
        if other > 0 {
            say(FleetEvent(.notShown, "\(other) more lines about workers are not shown"))
        }
    }

    private func say(_ event: FleetEvent) {
        observer?.log(event)
        note(event.message)
    }
}
