import CampaignScheduling
import RandomizedSmoothing

// What is said, as a reader of a transcript sees it.

extension WorkerMessage {
    var line: String {
        switch self {
        case .hello(let hello): "hello: \(hello.name), \(hello.sessions) at a time"
        case .ready(let ready): "ready, wants \(ready.capacity)"
        case .fetch(let request): "fetch \(request.blob) from \(request.offset)"
        case .tally(let tally): "tally of \(tally.lease): \(tally.counts.line)"
        case .failure(let failure): "failure on \(failure.lease): \(failure.reason)"
        case .heartbeat(let capacity, let leases):
            "heartbeat, wants \(capacity), has \(leases.count)"
        case .goodbye: "goodbye"
        case .statusRequest: "status?"
        }
    }
}

extension CoordinatorMessage {
    var line: String {
        switch self {
        case .welcome: "welcome"
        case .refusal(let refusal):
            "refusal\(refusal.mayRetry ? " for now" : ""): \(refusal.reason)"
        case .piece(let piece): "\(piece.bytes.count) bytes of \(piece.blob)"
        case .grant(let leases): "grant " + leases.map(\.line).joined(separator: ", ")
        case .cancel(let leases):
            "cancel " + leases.map(\.description).joined(separator: ", ")
        case .drain: "drain"
        case .heartbeat: "heartbeat"
        case .introduceYourself: "introduce yourself"
        case .goodbye: "goodbye"
        case .status: "status"
        }
    }
}

extension CampaignWorker.Farewell {
    var line: String {
        switch self {
        case .finished: "the campaign is over"
        case .drained: "it was asked to"
        case .refused(let refusal): "refused: \(refusal.reason)"
        case .failed(let reason): "its classifier failed: \(reason)"
        }
    }
}

extension Lease {
    fileprivate var line: String {
        let last = blocks.first + blocks.count - 1
        let range = blocks.count == 1 ? "block \(last)" : "blocks \(blocks.first)-\(last)"
        return "\(id): \(blocks.phase) \(range) of input \(input)"
    }
}

extension ClassCounts {
    fileprivate var line: String { values.map(String.init).joined(separator: " ") }
}
