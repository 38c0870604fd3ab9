import CCampaignMessages
import CProtobufC
import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise

/// Writes one message: fills in protobuf-c's structures, packs them, and frees them when it goes.
///
/// Numbers outside ``WireLimits`` are written outside of them, and refused by the receiver.
final class MessageEncoder {
    private var allocations: [UnsafeMutableRawPointer] = []

    deinit { for allocation in allocations { allocation.deallocate() } }

    func envelope(_ message: WorkerMessage) -> [UInt8] {
        let envelope = make(wardein__worker_envelope__init) { envelope in
            switch message {
            case .hello(let hello):
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_HELLO
                envelope.hello = self.hello(hello)
            case .ready(let ready):
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_READY
                envelope.ready = self.ready(ready)
            case .fetch(let request):
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_FETCH
                envelope.fetch = fetch(request)
            case .tally(let tally):
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_TALLY
                envelope.tally = self.tally(tally)
            case .failure(let failure):
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_FAILURE
                envelope.failure = self.failure(failure)
            case .heartbeat(let capacity, let leases):
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_HEARTBEAT
                envelope.heartbeat = make(wardein__worker_heartbeat__init) {
                    $0.capacity = UInt32(orMaximum: capacity)
                    $0.leases = array(leases.map(\.number))
                    $0.n_leases = leases.count
                }
            case .goodbye:
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_GOODBYE
                envelope.goodbye = make(wardein__worker_goodbye__init)
            case .statusRequest:
                envelope.content_case = WARDEIN__WORKER_ENVELOPE__CONTENT_STATUS_REQUEST
                envelope.status_request = make(wardein__status_request__init)
            }
        }
        return packed(&envelope.pointee.base)
    }

    func envelope(_ message: CoordinatorMessage) -> [UInt8] {
        let envelope = make(wardein__coordinator_envelope__init) { envelope in
            switch message {
            case .welcome(let plan):
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_WELCOME
                envelope.welcome = welcome(plan)
            case .refusal(let refusal):
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_REFUSAL
                envelope.refusal = self.refusal(refusal)
            case .piece(let piece):
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_PIECE
                envelope.piece = header(of: piece)
            case .grant(let leases):
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_GRANT
                envelope.grant = grant(leases)
            case .cancel(let leases):
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_CANCEL
                envelope.cancel = cancel(leases)
            case .drain:
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_DRAIN
                envelope.drain = make(wardein__drain__init)
            case .heartbeat:
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_HEARTBEAT
                envelope.heartbeat = make(wardein__heartbeat__init)
            case .introduceYourself:
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_INTRODUCE_YOURSELF
                envelope.introduce_yourself = make(wardein__introduce_yourself__init)
            case .goodbye:
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_GOODBYE
                envelope.goodbye = make(wardein__goodbye__init)
            case .status(let json):
                envelope.content_case = WARDEIN__COORDINATOR_ENVELOPE__CONTENT_STATUS
                envelope.status = make(wardein__status__init) { $0.json = bytes(json.utf8) }
            }
        }
        return packed(&envelope.pointee.base)
    }

    // MARK: From the worker

    private func hello(_ hello: Hello) -> UnsafeMutablePointer<Wardein__Hello> {
        make(wardein__hello__init) {
            $0.protocol_version = UInt32(orMaximum: hello.protocolVersion)
            $0.worker = bytes(hello.worker.bytes)
            $0.name = sentence(hello.name, atMost: WireLimits.nameBytes)
            $0.fingerprint = bytes(hello.fingerprint.utf8)
            $0.sessions = UInt32(orMaximum: hello.sessions)
        }
    }

    private func ready(_ ready: Ready) -> UnsafeMutablePointer<Wardein__Ready> {
        make(wardein__ready__init) {
            $0.campaign = bytes(ready.campaign.bytes)
            $0.known_noise = bytes(ready.knownAnswer.noise.bytes)
            $0.known_answer = bytes(ready.knownAnswer.scores.bytes)
            $0.capacity = UInt32(orMaximum: ready.capacity)
        }
    }

    private func fetch(_ request: PieceRequest) -> UnsafeMutablePointer<Wardein__Fetch> {
        make(wardein__fetch__init) {
            $0.blob = bytes(request.blob.bytes)
            $0.offset = UInt64(orMaximum: request.offset)
            $0.length = UInt32(orMaximum: request.length)
        }
    }

    private func tally(_ tally: Tally) -> UnsafeMutablePointer<Wardein__Tally> {
        make(wardein__tally__init) {
            $0.campaign = bytes(tally.campaign.bytes)
            $0.lease = tally.lease.number
            $0.counts = array(tally.counts.values.map(UInt64.init(orMaximum:)))
            $0.n_counts = tally.counts.values.count
            $0.nanoseconds = UInt64(orMaximum: tally.nanoseconds)
        }
    }

    private func failure(_ failure: LeaseFailure) -> UnsafeMutablePointer<Wardein__LeaseFailure> {
        make(wardein__lease_failure__init) {
            $0.campaign = bytes(failure.campaign.bytes)
            $0.lease = failure.lease.number
            $0.reason = sentence(failure.reason, atMost: WireLimits.reasonBytes)
        }
    }

    // MARK: From the coordinator

    private func welcome(_ plan: CountingPlan) -> UnsafeMutablePointer<Wardein__Welcome> {
        make(wardein__welcome__init) {
            $0.campaign = bytes(plan.campaign.bytes)
            $0.model = bytes(plan.model.bytes)
            $0.model_size = UInt64(orMaximum: plan.modelSize)
            $0.sigma = plan.sigma
            $0.steps_per_unit = UInt32(orMaximum: plan.stepsPerUnit)
            $0.noise_key = bytes(plan.noiseKey.bytes)
            $0.block_size = UInt32(orMaximum: plan.blockSize)
            $0.input_shape = array(plan.inputShape.map(UInt32.init(orMaximum:)))
            $0.n_input_shape = plan.inputShape.count
            $0.coordinate_width = UInt32(orMaximum: plan.coordinateWidth)
            $0.normalization = plan.normalization.map(normalization)
            $0.has_output_name = plan.outputName == nil ? 0 : 1
            $0.output_name = bytes((plan.outputName ?? "").utf8)
            $0.has_decision_threshold = plan.decisionThreshold == nil ? 0 : 1
            $0.decision_threshold = plan.decisionThreshold ?? 0
            $0.class_count = UInt32(orMaximum: plan.classCount)
            $0.fingerprint = bytes(plan.fingerprint.utf8)
            $0.known_noise = bytes(plan.knownAnswer.noise.bytes)
            $0.known_answer = bytes(plan.knownAnswer.scores.bytes)
            $0.heartbeat_milliseconds = UInt32(orMaximum: plan.heartbeatMilliseconds)
        }
    }

    private func normalization(
        _ normalization: Normalization
    ) -> UnsafeMutablePointer<Wardein__Normalization> {
        make(wardein__normalization__init) {
            $0.mean = array(normalization.means)
            $0.n_mean = normalization.means.count
            $0.standard_deviation = array(normalization.standardDeviations)
            $0.n_standard_deviation = normalization.standardDeviations.count
            $0.stride = UInt32(orMaximum: normalization.innerStride)
        }
    }

    private func refusal(_ refusal: Refusal) -> UnsafeMutablePointer<Wardein__Refusal> {
        make(wardein__refusal__init) {
            $0.reason = sentence(refusal.reason, atMost: WireLimits.reasonBytes)
            $0.may_retry = refusal.mayRetry ? 1 : 0
        }
    }

    private func header(of piece: Piece) -> UnsafeMutablePointer<Wardein__PieceHeader> {
        make(wardein__piece_header__init) {
            $0.blob = bytes(piece.blob.bytes)
            $0.offset = UInt64(orMaximum: piece.offset)
        }
    }

    private func grant(_ leases: [Lease]) -> UnsafeMutablePointer<Wardein__Grant> {
        make(wardein__grant__init) {
            $0.leases = array(leases.map { Optional(lease($0)) })
            $0.n_leases = leases.count
        }
    }

    private func lease(_ lease: Lease) -> UnsafeMutablePointer<Wardein__Lease> {
        make(wardein__lease__init) {
            $0.id = lease.id.number
            $0.input = lease.input
            $0.image = bytes(lease.image.bytes)
            $0.phase = Wardein__Phase(UInt32(lease.blocks.phase.rawValue))
            $0.first_block = UInt64(orMaximum: lease.blocks.first)
            $0.block_count = UInt64(orMaximum: lease.blocks.count)
            $0.samples = UInt64(orMaximum: lease.samples)
        }
    }

    private func cancel(_ leases: [LeaseID]) -> UnsafeMutablePointer<Wardein__Cancel> {
        make(wardein__cancel__init) {
            $0.leases = array(leases.map(\.number))
            $0.n_leases = leases.count
        }
    }

    // MARK: Memory

    /// A structure that protobuf-c set to its defaults and `fill` to the message's values.
    private func make<Message>(
        _ initialize: (UnsafeMutablePointer<Message>?) -> Void,
        _ fill: (inout Message) -> Void = { _ in }
    ) -> UnsafeMutablePointer<Message> {
        let message = UnsafeMutablePointer<Message>.allocate(capacity: 1)
        allocations.append(UnsafeMutableRawPointer(message))
        initialize(message)
        fill(&message.pointee)
        return message
    }

    private func array<Element: BitwiseCopyable>(
        _ elements: some Collection<Element>
    ) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, elements.count))
        _ = copy.initialize(fromContentsOf: elements)
        let first = UnsafeMutablePointer<Element>(copy.baseAddress.unsafelyUnwrapped)
        allocations.append(UnsafeMutableRawPointer(first))
        return first
    }

    private func bytes(_ bytes: some Collection<UInt8>) -> ProtobufCBinaryData {
        ProtobufCBinaryData(len: bytes.count, data: array(bytes))
    }

    /// A text for people: a space for each control character, and cut between two scalars.
    private func sentence(_ text: String, atMost limit: Int) -> ProtobufCBinaryData {
        var utf8: [UInt8] = []
        for scalar in text.unicodeScalars {
            let encoded = Array(String(scalar.isControl ? " " : scalar).utf8)
            guard utf8.count + encoded.count <= limit else { break }
            utf8 += encoded
        }
        return bytes(utf8)
    }

    private func packed(_ message: inout ProtobufCMessage) -> [UInt8] {
        withUnsafePointer(to: &message) { message in
            let size = protobuf_c_message_get_packed_size(message)
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = protobuf_c_message_pack(message, buffer.baseAddress)
            }
        }
    }
}

extension FixedWidthInteger {
    /// The number, or one that no field of this width allows.
    fileprivate init(orMaximum number: Int) { self = Self(exactly: number) ?? .max }
}
