import CampaignScheduling
import Digests
import Sodium

/// The model and the encoded inputs of a campaign, by digest, as workers ask for them.
struct BlobStore {
    private let campaign: PreparedCampaign
    private let positions: [Digest: Int]
    /// The inputs that were asked for last, oldest first: a large one is asked for in pieces.
    private var recent: [(digest: Digest, bytes: [UInt8])] = []

    private static let recentInputs = 32

    /// The longest piece that is sent at once.
    static let longestPiece = 256 << 10

    init(_ campaign: PreparedCampaign) {
        self.campaign = campaign
        let places = campaign.outline.inputs.enumerated().map { ($1.image, $0) }
        positions = Dictionary(places, uniquingKeysWith: { first, _ in first })
    }

    /// The piece that was asked for; nil when there is no such blob or nothing left of it there.
    ///
    /// - Throws: a sentence when an input cannot be read any more or is not what it was.
    mutating func piece(_ request: PieceRequest) throws -> Piece? {
        guard let bytes = try bytes(of: request.blob), request.offset >= 0,
            request.offset < bytes.count
        else { return nil }
        let length = min(request.length, BlobStore.longestPiece, bytes.count - request.offset)
        guard length > 0 else { return nil }
        return Piece(
            blob: request.blob, offset: request.offset,
            bytes: Array(bytes[request.offset..<request.offset + length]))
    }

    private mutating func bytes(of digest: Digest) throws -> [UInt8]? {
        if digest == campaign.countingPlan.model { return campaign.modelBytes }
        if let found = recent.first(where: { $0.digest == digest }) { return found.bytes }
        guard let position = positions[digest] else { return nil }
        // Every selected input was read once before the manifest was sealed.
        let bytes = try campaign.encodedInput(at: position)
        guard SHA256.digest(of: bytes) == digest else {
            throw RequestError.changed(index: Int(campaign.outline.inputs[position].index))
        }
        recent.append((digest, bytes))
        if recent.count > BlobStore.recentInputs { recent.removeFirst() }
        return bytes
    }
}
