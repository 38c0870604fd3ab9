import CCampaignMessages
import CProtobufC
import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise

extension WireFormat {
    static func workerMessage(
        envelope bytes: [UInt8], allocating limit: Int = WireLimits.decodingBytes
    ) throws(MalformedMessage) -> WorkerMessage {
        let unpacked = try UnpackedMessage(
            bytes, by: wardein__worker_envelope__unpack, allocating: limit)
        return try unpacked.read(workerMessage(in:))
    }

    private static func workerMessage(
        in envelope: Wardein__WorkerEnvelope
    ) throws(MalformedMessage) -> WorkerMessage {
        switch envelope.content_case {
        case WARDEIN__WORKER_ENVELOPE__CONTENT_HELLO:
            return .hello(try Hello(envelope.hello.pointee))
        case WARDEIN__WORKER_ENVELOPE__CONTENT_READY:
            return .ready(try Ready(envelope.ready.pointee))
        case WARDEIN__WORKER_ENVELOPE__CONTENT_FETCH:
            return .fetch(try PieceRequest(envelope.fetch.pointee))
        case WARDEIN__WORKER_ENVELOPE__CONTENT_TALLY:
            return .tally(try Tally(envelope.tally.pointee))
        case WARDEIN__WORKER_ENVELOPE__CONTENT_FAILURE:
            return .failure(try LeaseFailure(envelope.failure.pointee))
        case WARDEIN__WORKER_ENVELOPE__CONTENT_HEARTBEAT:
            return try heartbeat(envelope.heartbeat.pointee)
        case WARDEIN__WORKER_ENVELOPE__CONTENT_GOODBYE:
            return .goodbye
        case WARDEIN__WORKER_ENVELOPE__CONTENT_STATUS_REQUEST:
            return .statusRequest
        default:
            throw MalformedMessage("the worker's envelope holds no message of this protocol")
        }
    }

    static func coordinatorMessage(
        envelope bytes: [UInt8], piece: [UInt8]?, allocating limit: Int = WireLimits.decodingBytes
    ) throws(MalformedMessage) -> CoordinatorMessage {
        let unpacked = try UnpackedMessage(
            bytes, by: wardein__coordinator_envelope__unpack, allocating: limit)
        return try unpacked.read { (envelope) throws(MalformedMessage) in
            try coordinatorMessage(in: envelope, piece: piece)
        }
    }

    private static func coordinatorMessage(
        in envelope: Wardein__CoordinatorEnvelope, piece: [UInt8]?
    ) throws(MalformedMessage) -> CoordinatorMessage {
        let isPiece = envelope.content_case == WARDEIN__COORDINATOR_ENVELOPE__CONTENT_PIECE
        guard isPiece == (piece != nil) else {
            throw MalformedMessage(
                isPiece ? "a piece has no second frame" : "only a piece has a second frame")
        }
        switch envelope.content_case {
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_WELCOME:
            return .welcome(try CountingPlan(envelope.welcome.pointee))
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_REFUSAL:
            return .refusal(try Refusal(envelope.refusal.pointee))
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_PIECE:
            return .piece(try Piece(envelope.piece.pointee, bytes: piece ?? []))
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_GRANT:
            return .grant(try leases(envelope.grant.pointee))
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_CANCEL:
            return .cancel(try leases(envelope.cancel.pointee))
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_DRAIN:
            return .drain
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_HEARTBEAT:
            return .heartbeat
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_INTRODUCE_YOURSELF:
            return .introduceYourself
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_GOODBYE:
            return .goodbye
        case WARDEIN__COORDINATOR_ENVELOPE__CONTENT_STATUS:
            return .status(
                json: try text(
                    envelope.status.pointee.json, atMost: WireLimits.statusBytes, "the status"))
        default:
            throw MalformedMessage("the coordinator's envelope holds no message of this protocol")
        }
    }
}

// MARK: - From the worker

extension Hello {
    init(_ wire: Wardein__Hello) throws(MalformedMessage) {
        self.init(
            protocolVersion: try checked(
                wire.protocol_version, in: WireLimits.protocolVersion, "the protocol version"),
            worker: try fixed(wire.worker, { WorkerID(bytes: $0) }, "the identity of the worker"),
            name: try text(wire.name, atMost: WireLimits.nameBytes, "the name of the worker"),
            fingerprint: try text(
                wire.fingerprint, atMost: WireLimits.fingerprintBytes, "the fingerprint"),
            sessions: try checked(wire.sessions, in: WireLimits.sessions, "the number of sessions"))
    }
}

extension Ready {
    init(_ wire: Wardein__Ready) throws(MalformedMessage) {
        self.init(
            campaign: try digest(wire.campaign, "the digest of the campaign"),
            knownAnswer: KnownAnswer(
                noise: try digest(wire.known_noise, "the known noise"),
                scores: try digest(wire.known_answer, "the known answer")),
            capacity: try CampaignMessages.capacity(wire.capacity))
    }
}

extension PieceRequest {
    init(_ wire: Wardein__Fetch) throws(MalformedMessage) {
        self.init(
            blob: try digest(wire.blob, "the digest of the blob"),
            offset: try checked(wire.offset, in: WireLimits.offset, "the offset"),
            length: try checked(
                wire.length, in: WireLimits.requestedBytes, "the number of bytes asked for"))
    }
}

extension Tally {
    init(_ wire: Wardein__Tally) throws(MalformedMessage) {
        let values = try elements(
            wire.counts, wire.n_counts, in: WireLimits.classes, "classes counted")
        var counts: [Int] = []
        counts.reserveCapacity(values.count)
        var room = WireLimits.samples.upperBound
        for value in values {
            counts.append(try checked(value, in: 0...room, "a count"))
            room -= counts[counts.count - 1]
        }
        self.init(
            campaign: try digest(wire.campaign, "the digest of the campaign"),
            lease: try LeaseID(checking: wire.lease), counts: ClassCounts(counts),
            nanoseconds: try checked(
                wire.nanoseconds, in: WireLimits.nanoseconds, "the number of nanoseconds"))
    }
}

extension LeaseFailure {
    init(_ wire: Wardein__LeaseFailure) throws(MalformedMessage) {
        self.init(
            campaign: try digest(wire.campaign, "the digest of the campaign"),
            lease: try LeaseID(checking: wire.lease),
            reason: try text(wire.reason, atMost: WireLimits.reasonBytes, "the reason"))
    }
}

private func capacity(_ wire: UInt32) throws(MalformedMessage) -> Int {
    try checked(wire, in: WireLimits.capacity, "the capacity")
}

// MARK: - From the coordinator

extension CountingPlan {
    init(_ wire: Wardein__Welcome) throws(MalformedMessage) {
        let outputName: String? =
            wire.has_output_name == 0
            ? nil
            : try text(wire.output_name, atMost: WireLimits.outputNameBytes, "the output's name")
        let threshold: Float? =
            wire.has_decision_threshold == 0
            ? nil : try finite(wire.decision_threshold, "the decision threshold")
        self.init(
            campaign: try digest(wire.campaign, "the digest of the campaign"),
            model: try digest(wire.model, "the digest of the model"),
            modelSize: try checked(wire.model_size, in: WireLimits.modelSize, "the model's size"),
            sigma: try positive(wire.sigma, "sigma"),
            stepsPerUnit: try checked(
                wire.steps_per_unit, in: WireLimits.stepsPerUnit, "the number of steps per unit"),
            noiseKey: try fixed(wire.noise_key, { NoiseKey(bytes: $0) }, "the noise key"),
            blockSize: try checked(wire.block_size, in: WireLimits.blockSize, "the block size"),
            inputShape: try shape(wire), coordinateWidth: try width(wire.coordinate_width),
            normalization: try Normalization(optional: wire.normalization?.pointee),
            outputName: outputName, decisionThreshold: threshold,
            classCount: try checked(
                wire.class_count, in: WireLimits.classes, "the number of classes"),
            fingerprint: try text(
                wire.fingerprint, atMost: WireLimits.fingerprintBytes, "the fingerprint"),
            knownAnswer: KnownAnswer(
                noise: try digest(wire.known_noise, "the known noise"),
                scores: try digest(wire.known_answer, "the known answer")),
            heartbeatMilliseconds: try checked(
                wire.heartbeat_milliseconds, in: WireLimits.heartbeatMilliseconds,
                "the heartbeat interval in milliseconds"))
    }
}

private func shape(_ wire: Wardein__Welcome) throws(MalformedMessage) -> [Int] {
    var shape: [Int] = []
    var dimension = 1
    for length in try elements(
        wire.input_shape, wire.n_input_shape, in: WireLimits.axes, "axes of the input")
    {
        let length = try checked(length, in: WireLimits.dimension, "the length of an axis")
        dimension = try checked(
            dimension * length, in: WireLimits.dimension, "the number of coordinates of an input")
        shape.append(length)
    }
    return shape
}

private func width(_ wire: UInt32) throws(MalformedMessage) -> Int {
    guard let width = WireLimits.coordinateWidths.first(where: { $0 == wire }) else {
        throw MalformedMessage("the width of a coordinate is \(wire) bytes, neither 1 nor 4")
    }
    return width
}

extension Normalization {
    init?(optional wire: Wardein__Normalization?) throws(MalformedMessage) {
        guard let wire else { return nil }
        let means = try elements(wire.mean, wire.n_mean, in: WireLimits.channels, "channel means")
        let deviations = try elements(
            wire.standard_deviation, wire.n_standard_deviation, in: WireLimits.channels,
            "channel deviations")
        let stride = try checked(
            wire.stride, in: WireLimits.dimension, "the stride of the normalisation")
        do {
            try self.init(
                means: Array(means), standardDeviations: Array(deviations), innerStride: stride)
        } catch {
            throw MalformedMessage(error.description)
        }
    }
}

extension Refusal {
    init(_ wire: Wardein__Refusal) throws(MalformedMessage) {
        self.init(
            reason: try text(wire.reason, atMost: WireLimits.reasonBytes, "the reason"),
            mayRetry: wire.may_retry != 0)
    }
}

extension Piece {
    init(_ wire: Wardein__PieceHeader, bytes: [UInt8]) throws(MalformedMessage) {
        let length = try checked(
            bytes.count, in: 0...WireLimits.pieceBytes, "the number of bytes of a piece")
        let offset = try checked(wire.offset, in: WireLimits.offset, "the offset of a piece")
        _ = try checked(offset + length, in: WireLimits.offset, "the end of a piece")
        self.init(
            blob: try digest(wire.blob, "the digest of the blob"), offset: offset, bytes: bytes)
    }
}

private func heartbeat(
    _ wire: Wardein__WorkerHeartbeat
) throws(MalformedMessage) -> WorkerMessage {
    var leases: [LeaseID] = []
    for number in try elements(wire.leases, wire.n_leases, in: WireLimits.capacity, "leases") {
        leases.append(try LeaseID(checking: number))
    }
    return .heartbeat(capacity: try capacity(wire.capacity), leases: leases)
}

private func leases(_ wire: Wardein__Grant) throws(MalformedMessage) -> [Lease] {
    var leases: [Lease] = []
    for lease in try elements(wire.leases, wire.n_leases, in: WireLimits.leases, "leases") {
        guard let lease else { continue }
        leases.append(try Lease(lease.pointee))
    }
    return leases
}

private func leases(_ wire: Wardein__Cancel) throws(MalformedMessage) -> [LeaseID] {
    var leases: [LeaseID] = []
    for number in try elements(wire.leases, wire.n_leases, in: WireLimits.leases, "leases") {
        leases.append(try LeaseID(checking: number))
    }
    return leases
}

extension Lease {
    init(_ wire: Wardein__Lease) throws(MalformedMessage) {
        guard let phase = UInt8(exactly: wire.phase.rawValue).flatMap(SamplingPhase.init) else {
            throw MalformedMessage("the phase of a lease is \(wire.phase.rawValue), not 0 or 1")
        }
        let first = try checked(wire.first_block, in: WireLimits.firstBlock, "the first block")
        let count = try checked(wire.block_count, in: WireLimits.blocks, "the number of blocks")
        let mostSamples = min(
            count * WireLimits.blockSize.upperBound, WireLimits.samples.upperBound)
        self.init(
            id: try LeaseID(checking: wire.id), input: wire.input,
            image: try digest(wire.image, "the digest of the input"),
            blocks: BlockRange(phase: phase, first: first, count: count),
            samples: try checked(wire.samples, in: count...mostSamples, "the number of samples"))
    }
}

extension LeaseID {
    init(checking number: UInt64) throws(MalformedMessage) {
        guard number > 0 else {
            throw MalformedMessage("the number of a lease is 0; leases count from 1")
        }
        self.init(number)
    }
}
