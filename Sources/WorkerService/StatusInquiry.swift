public import CampaignKeys
import CampaignMessages
import CampaignScheduling
import ZeroMQ

/// Asks a coordinator how far its campaign is, over the socket at which workers reach it.
public enum StatusInquiry {
    /// Why there is no status.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        /// Nobody answered in this time.
        case silence(String, Duration)
        /// Whoever listens there does not let this one in, and why.
        case refused(String)
        /// The campaign has just ended.
        case over(String)

        /// One sentence.
        public var description: String {
            switch self {
            case .silence(let endpoint, let patience):
                "no coordinator answered at \(endpoint) within \(patience.components.seconds) "
                    + "seconds; is it running there, and reachable from here?"
            case .refused(let reason): reason
            case .over(let endpoint): "the campaign at \(endpoint) is over"
            }
        }
    }

    /// The status of the campaign that is coordinated at an address: the object of `status.json` on
    /// one line.
    ///
    /// - Parameter key: as a worker has it; nil: the coordinator asks for none.
    public static func status(
        at endpoint: String, key: WorkerKey? = nil, patience: Duration = .seconds(5)
    ) throws -> String {
        let context = try Context()
        var socket = try WorkerService.connect(to: endpoint, with: key, in: context)
        var door = CoordinatorDoor(endpoint: endpoint, key: key)
        _ = try socket.send(WireFormat.encode(.statusRequest))
        let clock = ContinuousClock()
        let begun = clock.now
        let nobody = try Wakeup()
        while true {
            let now = begun.duration(to: clock.now)
            guard now < patience else { throw Failure.silence(endpoint, patience) }
            _ = try Poller.wait(
                on: socket, wakeup: nobody, timeout: min(.milliseconds(100), patience - now))
            while let handshake = try socket.nextHandshake() {
                if let refusal = door.refusal(after: handshake, at: now) {
                    throw Failure.refused(refusal.reason)
                }
            }
            guard case .message(let frames)? = try socket.receive(),
                let answer = try? WireFormat.decodeCoordinatorMessage(frames)
            else { continue }
            if case .status(let json) = answer { return json }
            if case .goodbye = answer { throw Failure.over(endpoint) }
        }
    }
}
