public import CampaignScheduling
import Sodium

/// The messages of a campaign as frames of bytes, and back (`proto/campaign.proto`).
///
/// ```swift
/// let frames = WireFormat.encode(.heartbeat(capacity: 3))
/// let message = try WireFormat.decodeWorkerMessage(frames)
/// ```
///
/// A message within ``WireLimits`` survives the way there and back unchanged, but for texts that
/// are for people alone (a worker's name, a reason): they lose control characters and are cut to
/// their bound. Bytes from outside yield a message or a ``MalformedMessage``: they crash nothing
/// and take no more memory than ``WireLimits`` allows.
public enum WireFormat {
    /// The version of the protocol, as ``Hello/protocolVersion`` carries it.
    public static let version = 2

    /// The frames of a worker's message: one envelope.
    public static func encode(_ message: WorkerMessage) -> [[UInt8]] {
        [sealed(MessageEncoder().envelope(message))]
    }

    /// The frames of a coordinator's message: one envelope, and for a piece its bytes.
    public static func encode(_ message: CoordinatorMessage) -> [[UInt8]] {
        let envelope = sealed(MessageEncoder().envelope(message))
        if case .piece(let piece) = message { return [envelope, piece.bytes] }
        return [envelope]
    }

    /// The worker's message in these frames (without the routing frame of a ROUTER socket).
    public static func decodeWorkerMessage(
        _ frames: some Collection<[UInt8]>
    ) throws(MalformedMessage) -> WorkerMessage {
        let (envelope, second) = try split(frames)
        guard second == nil else {
            throw MalformedMessage("a worker's message has one frame; this one has 2")
        }
        return try workerMessage(envelope: envelope)
    }

    /// The coordinator's message in these frames.
    public static func decodeCoordinatorMessage(
        _ frames: some Collection<[UInt8]>
    ) throws(MalformedMessage) -> CoordinatorMessage {
        let (envelope, second) = try split(frames)
        return try coordinatorMessage(envelope: envelope, piece: second)
    }

    private static func split(
        _ frames: some Collection<[UInt8]>
    ) throws(MalformedMessage) -> (envelope: [UInt8], second: [UInt8]?) {
        guard let first = frames.first, frames.count <= WireLimits.frames else {
            throw MalformedMessage(
                "a message has 1 to \(WireLimits.frames) frames; this one has \(frames.count)")
        }
        return (try unsealed(first), frames.dropFirst().first)
    }

    /// An envelope behind its checksum.
    static func sealed(_ envelope: [UInt8]) -> [UInt8] {
        Checksum.bytes(of: envelope, count: WireLimits.checksumBytes) + envelope
    }

    private static func unsealed(_ frame: [UInt8]) throws(MalformedMessage) -> [UInt8] {
        guard frame.count <= WireLimits.checksumBytes + WireLimits.envelopeBytes else {
            throw MalformedMessage(
                "the envelope takes \(frame.count - WireLimits.checksumBytes) bytes, "
                    + "more than \(WireLimits.envelopeBytes)")
        }
        let envelope = Array(frame.dropFirst(WireLimits.checksumBytes))
        guard sealed(envelope) == frame else {
            throw MalformedMessage(
                "the envelope of \(envelope.count) bytes is not as it was sent: "
                    + "its checksum differs")
        }
        return envelope
    }
}

/// Why some bytes are not a message of this protocol.
public struct MalformedMessage: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence with the offending value, without a full stop.
    public let description: String

    init(_ description: String) { self.description = description }
}
