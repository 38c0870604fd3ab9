import CampaignScheduling

// What goes wrong, when, and to whom.

extension Simulation {
    /// When a fault that happens at a time happens next.
    mutating func scheduleFault(_ place: Int) {
        let fault = scenario.faults[place]
        if let at = fault.at {
            if now == .zero { queue.add(.fault(place), at: at) }
        } else if let every = fault.every {
            let next = now + random.duration(in: every / 2...every * 3 / 2)
            if next < scenario.safety { queue.add(.fault(place), at: next) }
        }
    }

    /// Whether a fault of this kind befalls one tally or lease.
    mutating func befalls(_ kind: Fault.Kind) -> Bool {
        guard isSafetyPhase else { return false }
        for fault in scenario.faults where fault.kind == kind && random.chance(fault.share) {
            count(kind)
            return true
        }
        return false
    }

    mutating func count(_ kind: Fault.Kind) { outcome.faults[kind, default: 0] += 1 }

    mutating func begin(_ place: Int) {
        let fault = scenario.faults[place]
        scheduleFault(place)
        let slot = fault.number.map { min($0, workers.count) - 1 } ?? random.below(workers.count)
        switch fault.kind {
        case .slowWorker, .crashWorker, .drainWorker, .partition: befall(slot, fault)
        case .crashCoordinator: crashCoordinator(fault)
        case .diskFull:
            count(.diskFull)
            note("** the disk is full for \(fault.lasts)")
            coordinator.diskIsFullUntil = now + fault.lasts
        case .clockJump:
            count(.clockJump)
            if random.chance(0.5) {
                note("** the coordinator's clock leaps by \(fault.lasts)")
                coordinator.ahead += fault.lasts
            } else {
                note("** the clock of w\(slot + 1) leaps by \(fault.lasts)")
                workers[slot].ahead += fault.lasts
            }
        default: return
        }
    }

    private mutating func befall(_ slot: Int, _ fault: Fault) {
        guard workers[slot].core != nil else { return }
        count(fault.kind)
        switch fault.kind {
        case .slowWorker:
            note("** w\(slot + 1) takes \(fault.factor) times as long for \(fault.lasts)")
            workers[slot].slowness = fault.factor
            queue.add(.speedUp(slot), at: now + fault.lasts)
        case .crashWorker:
            note("** w\(slot + 1) is killed")
            endWorker(slot, backAfter: fault.lasts)
        case .drainWorker:
            note("** w\(slot + 1) is asked to leave")
            feed(.drain, to: slot)
        default:
            let cut = Cut(rawValue: 1 + random.below(3)) ?? .both
            note("** the network loses what goes \(cut.line(slot)) for \(fault.lasts)")
            workers[slot].cut = cut
            queue.add(.heal(slot), at: now + fault.lasts)
        }
    }

    private mutating func crashCoordinator(_ fault: Fault) {
        guard coordinator.core != nil else { return }
        count(.crashCoordinator)
        note("** the coordinator is killed")
        if fault.loss == .unsynced {
            let lost = min(random.below(8), coordinator.journal.count)
            coordinator.journal.removeLast(lost)
            note("** the disk has lost its last \(lost) entries")
        }
        endCoordinator(backAfter: fault.lasts)
    }
}

extension Cut {
    func line(_ slot: Int) -> String {
        switch self {
        case .none: "nowhere"
        case .toWorker: "to w\(slot + 1)"
        case .toCoordinator: "from w\(slot + 1)"
        case .both: "to and from w\(slot + 1)"
        }
    }
}
