import CampaignScheduling
import Digests

/// The model and the encoded inputs of a campaign, by digest, as workers ask for them.
struct BlobStore {
    private let campaign: PreparedCampaign
    private let positions: [Digest: Int]
    /// The inputs that were asked for last, oldest first: a large one is asked for in pieces.
    private var recent: [(digest: Digest, bytes: [UInt8])] = []

    private static let recentInputs = 32

    /// The longest piece that is sent at once.
    private static let longestPiece = 1 << 20

    init(_ campaign: PreparedCampaign) {
        self.campaign = campaign
        let places = campaign.outline.inputs.enumerated().map { ($1.image, $0) }
        positions = Dictionary(places, uniquingKeysWith: { first, _ in first })
    }

    /// The piece that was asked for; nil when there is no such blob or nothing left of it there.
    mutating func piece(_ request: PieceRequest) -> Piece? {
        guard let bytes = bytes(of: request.blob), request.offset >= 0,
            request.offset < bytes.count
        else { return nil }
        let length = min(request.length, BlobStore.longestPiece, bytes.count - request.offset)
        guard length > 0 else { return nil }
        return Piece(
            blob: request.blob, offset: request.offset,
            bytes: Array(bytes[request.offset..<request.offset + length]))
    }

    private mutating func bytes(of digest: Digest) -> [UInt8]? {
        if digest == campaign.countingPlan.model { return campaign.modelBytes }
        if let found = recent.first(where: { $0.digest == digest }) { return found.bytes }
        // Every selected input was read once already: one that cannot be read now has changed or
        // gone, and its digest would tell.
        guard let position = positions[digest],
            let bytes = try? campaign.encodedInput(at: position)
        else { return nil }
        recent.append((digest, bytes))
        if recent.count > BlobStore.recentInputs { recent.removeFirst() }
        return bytes
    }
}
