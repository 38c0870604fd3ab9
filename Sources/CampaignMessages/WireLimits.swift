/// The bounds of the wire protocol, all of them (DESIGN law 8; `proto/campaign.proto` states the
/// same ones field by field).
///
/// A decoder refuses whatever lies outside. An encoder does not look: whoever plans a campaign
/// decodes what it encoded once, before the first worker comes.
public enum WireLimits {
    // MARK: Frames

    /// An envelope. The longest that the other bounds allow is a tally of ``classes`` counts that
    /// add up to ``samples``, 403,402 bytes; a grant of ``leases`` leases takes 311,300.
    public static let envelopeBytes = 512 << 10
    /// The checksum in front of an envelope.
    public static let checksumBytes = 16
    /// The bytes of one piece of a blob, in a frame of their own.
    public static let pieceBytes = 1 << 20
    /// The longest frame of all: what a worker's socket must let pass.
    public static let frameBytes = max(checksumBytes + envelopeBytes, pieceBytes)
    /// The frames of a message, without the routing frame of a ROUTER socket.
    public static let frames = 2
    /// What decoding one envelope may allocate, in bytes, all allocations added up. The two above
    /// take 800,144 and 785,488; only made-up envelopes of very many tiny fields take more than
    /// this.
    static let decodingBytes = 8 << 20

    // MARK: Introduction

    /// Versions that can be read; only ``WireFormat/version`` can be spoken.
    public static let protocolVersion = 0...Int(Int32.max)
    /// How many blocks a worker classifies at the same time.
    public static let sessions = 1...1024
    /// How many leases a worker may want to hold.
    public static let capacity = 0...4096
    /// Bytes of UTF-8 in the name of a worker.
    public static let nameBytes = 255
    /// Bytes of UTF-8 in a fingerprint.
    public static let fingerprintBytes = 1000
    /// Bytes of UTF-8 in the reason of a refusal or failure.
    public static let reasonBytes = 1000

    /// Bytes of UTF-8 in a status.
    public static let statusBytes = 256 << 10

    // MARK: Plan

    /// The size of the model in bytes: an ONNX file is a protobuf message, which ends at 2 GiB.
    public static let modelSize = 1...1 << 31
    /// Grid points a unit: a float holds every integer up to 2^24.
    public static let stepsPerUnit = 1...1 << 24
    /// Samples that are classified together.
    public static let blockSize = 1...4096
    /// Axes of an input, without the batch axis.
    public static let axes = 1...8
    /// Coordinates of an input, and of each axis.
    public static let dimension = 1...1 << 26
    /// Bytes a coordinate of an encoded input.
    public static let coordinateWidths = [1, 4]
    /// Channels of a normalisation.
    public static let channels = 1...4096
    /// Bytes of UTF-8 in the name of a model's output.
    public static let outputNameBytes = 1000
    /// Classes that are counted.
    public static let classes = 1...100_000
    /// The heartbeat interval in milliseconds: at most an hour.
    public static let heartbeatMilliseconds = 1...3_600_000

    // MARK: Work

    /// Leases in one grant or one cancellation.
    public static let leases = 1...4096
    /// The index of the first block of a lease.
    public static let firstBlock = 0...1 << 40
    /// Blocks of a lease.
    public static let blocks = 1...1 << 40
    /// Samples of a lease, and so of a tally.
    public static let samples = 1...1 << 40
    /// Nanoseconds of a lease: 104 days.
    public static let nanoseconds = 0...1 << 53

    // MARK: Blobs

    /// Where a piece of a blob begins and ends, in bytes.
    public static let offset = 0...1 << 31
    /// How many bytes a worker may ask for at once.
    public static let requestedBytes = 1...pieceBytes
}
