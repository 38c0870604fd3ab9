import CampaignKeys
import CampaignScheduling
import Sodium
import ZeroMQ

/// Makes of the handshakes that a worker sees the reason why it is not let in: a value, without
/// clock or socket.
///
/// What libzmq 4.3.4 lets a client see: a key that is not allowed is denied with status 400; a side
/// without keys meets one with keys as a mismatch, or only as one that hangs up, since each side does so
/// as soon as it knows and the other may not have read why; and a server that does not hold the key that
/// the client expects hangs up too. A coordinator that is absent or slow does none of these and is
/// waited for.
struct CoordinatorDoor {
    private let endpoint: String
    private let key: WorkerKey?
    /// When the connection was made that has not led to anything yet.
    private var begun: Duration?
    /// How often in a row the other side hung up, and since when.
    private var brokenOff: (count: Int, since: Duration)?
    private var hasReproached = false
    /// Whether it was let in before: then what it meets now may be another program on the same port,
    /// for a while.
    private var wasLetIn = false

    init(endpoint: String, key: WorkerKey?) {
        self.endpoint = endpoint
        self.key = key
    }

    /// Why the worker may not take part, if this says it.
    mutating func refusal(after handshake: Handshake, at now: Duration) -> Refusal? {
        let attempt = begun
        if handshake != .begun { begun = nil }
        switch handshake {
        case .begun: begun = now
        case .succeeded:
            brokenOff = nil
            wasLetIn = true
        case .denied(400): return Refusal(reason: deniedKey, mayRetry: wasLetIn)
        case .mechanismMismatch: return Refusal(reason: mismatch, mayRetry: wasLetIn)
        case .denied(let code): return Refusal(reason: trouble(code), mayRetry: true)
        case .protocolError(let code): return Refusal(reason: trouble(Int(code)), mayRetry: true)
        case .brokenOff:
            // A coordinator that sleeps lets a handshake run out; nobody hung up.
            guard let attempt, now - attempt < .seconds(2) else { return nil }
            let first = brokenOff ?? (0, now)
            brokenOff = (first.count + 1, first.since)
            guard first.count + 1 >= CoordinatorDoor.patience.count,
                now - first.since >= CoordinatorDoor.patience.time
            else { return nil }
            return Refusal(
                reason: key.map(wrongCoordinator) ?? hangsUp, mayRetry: wasLetIn)
        }
        return nil
    }

    /// A line for a person, once, about a connection that leads to nothing.
    mutating func reproach(at now: Duration) -> String? {
        guard !hasReproached, let begun, now - begun > .seconds(4) else { return nil }
        hasReproached = true
        return "\(endpoint) takes the connection but does not answer; waiting"
    }

    /// So often, and for so long, a coordinator that goes away or comes back does not hang up.
    private static let patience = (count: 5, time: Duration.seconds(2))

    private var deniedKey: String {
        guard let key else { return "the coordinator at \(endpoint) does not allow this worker" }
        return
            "the coordinator at \(endpoint) does not allow the key in \(key.path): it never did, "
            + "or the key was revoked; whoever runs the coordinator can allow it with: "
            + "wardein keys allow \(key.name) \(key.keys.publicKey) --keys DIR"
    }

    private var mismatch: String {
        if let key {
            return
                "the coordinator at \(endpoint) uses no keys, so nothing shows that it is the one "
                + "that made \(key.path): have it started with --keys DIR, or leave --keys out here"
        }
        return "the coordinator at \(endpoint) lets in only workers with a key: have whoever runs "
            + "it make a key file (wardein keys new NAME --keys DIR), and give it with --keys FILE"
    }

    private var hangsUp: String {
        "what listens at \(endpoint) hangs up at once: it lets in only workers with a key (have whoever "
            + "runs it make a key file, wardein keys new NAME --keys DIR, and give it with --keys "
            + "FILE), or it is no coordinator of this release"
    }

    private func wrongCoordinator(_ key: WorkerKey) -> String {
        "what listens at \(endpoint) does not hold the coordinator's key in \(key.path) "
            + "(\(key.coordinator)): it is another coordinator, or its keys were made anew (have "
            + "whoever runs it make a new key file: wardein keys new NAME --keys DIR), or it "
            + "uses no keys (have it started with --keys DIR, or leave --keys out here)"
    }

    private func trouble(_ code: Int) -> String {
        "what listens at \(endpoint) ended the handshake with code \(code): it is no coordinator of "
            + "this release, or is in trouble"
    }
}
