public import Digests
public import RandomizedSmoothing

/// A worker as a value: events and a time go in at one door, ``handle(_:at:)``, and directives come
/// out. It has no clock, no socket, no thread and no random source.
///
/// It introduces itself; fetches the model and, for each lease, the input, by digest and in pieces;
/// hands each lease to its sessions as soon as the input is there; and hands the counts in. It asks
/// to hold as many leases as it takes never to be idle: one a session, and as many more as can be
/// counted while an input is fetched.
public struct CampaignWorker: Sendable {
    /// How the worker introduces itself.
    public let hello: Hello
    /// What it is to count, once it was let in.
    public private(set) var plan: CountingPlan?

    private let digest: @Sendable ([UInt8]) -> Digest
    private var stage = Stage.outside
    /// What is being fetched, oldest first; only the first one is asked for at any time.
    private var downloads: [Download] = []
    /// How many bytes are asked for at a time.
    private var pieceLength = CampaignWorker.pieceLengths.lowerBound
    private var images = ImageCache()
    /// Leases that wait for their input, in the order in which they were granted.
    private var pending: [Lease] = []
    /// Leases that the sessions have, in the order in which they got them.
    private var counting: [Lease] = []
    private var capacity: Int
    private var lastHeard = Duration.zero
    private var lastSpoke = Duration.zero
    private var attempts = 0
    private var typicalLease: Duration?
    private var spoiledDownloads = 0
    private var knownAnswer: KnownAnswer?
    /// The tallies that were handed in last, oldest first: a coordinator that was started again, or
    /// away, may not have them.
    private var handedIn: [Tally] = []
    private var lastIntroduced: Duration?
    /// Whether the coordinator has lent anything since the last introduction: then it knows that this
    /// worker is ready.
    private var isKnownReady = false
    private var lastAnswer = Duration.zero
    /// How the classifier failed last.
    private var failure: String?

    /// A worker that has not spoken yet. `digest` is SHA-256.
    public init(hello: Hello, digest: @escaping @Sendable ([UInt8]) -> Digest) {
        self.hello = hello
        self.digest = digest
        capacity = 2 * hello.sessions
    }

    /// The only door: what happened, and when, in time since the worker began.
    public mutating func handle(_ event: Event, at now: Duration) -> [Directive] {
        var directives: [Directive] = []
        switch event {
        case .begin: introduce(at: now, &directives)
        case .received(let message):
            lastHeard = now
            lastAnswer = now
            attempts = 0
            receive(message, at: now, &directives)
        case .prepared(let campaign, let knownAnswer):
            report(readyFor: campaign, knownAnswer, at: now, &directives)
        case .unprepared(let reason):
            resign(Refusal(reason: reason, mayRetry: true), at: now, &directives)
        case .unfit(let reason):
            resign(Refusal(reason: reason, mayRetry: false), at: now, &directives)
        case .counted(let lease, let counts, let nanoseconds):
            handIn(lease, counts, nanoseconds, at: now, &directives)
        case .failed(let lease, let reason): report(lease, failed: reason, at: now, &directives)
        case .tick: tick(at: now, &directives)
        case .drain: drain(at: now, &directives)
        }
        return directives
    }
}

extension CampaignWorker {
    /// What happened.
    public enum Event: Hashable, Sendable {
        /// The worker is connected and begins.
        case begin
        /// A message arrived.
        case received(CoordinatorMessage)
        /// The model is loaded for this campaign, and these are its scores on the known-answer
        /// block, as a digest.
        case prepared(campaign: Digest, knownAnswer: KnownAnswer)
        /// The model cannot be loaded here, and why: one sentence.
        case unprepared(reason: String)
        /// The classifier's answer to a sample is not a function of that sample alone (law 9): nobody may
        /// count with it, before or after it was noticed. One or more sentences.
        case unfit(reason: String)
        /// A session counted a lease.
        case counted(LeaseID, ClassCounts, nanoseconds: Int)
        /// The classifier failed on a lease.
        case failed(LeaseID, reason: String)
        /// Time has passed.
        case tick
        /// A person, or whoever runs the machine, wants the worker to leave.
        case drain
    }

    /// What is to be done.
    public enum Directive: Hashable, Sendable {
        /// Send a message.
        case send(WorkerMessage)
        /// Give up the connection and everything queued on it, and make a new one.
        case reconnect
        /// Load the model, run the known-answer block.
        case prepare(CountingPlan, model: [UInt8])
        /// Count a lease, after those named before.
        case count(Lease, image: [UInt8])
        /// Do not begin to count this lease.
        case drop(LeaseID)
        /// Stop counting and end the process.
        case leave(Farewell)
    }

    /// Why a worker ends.
    public enum Farewell: Hashable, Sendable {
        /// The campaign is over.
        case finished
        /// It was asked to leave and has handed in what it had begun.
        case drained
        /// It may not take part.
        case refused(Refusal)
        /// Its classifier failed on a lease; a fresh process may not. The sentence says how.
        case failed(String)
    }

    /// How long the coordinator may be silent before the worker makes a new connection; doubled
    /// with every attempt, up to ``longestPause``.
    static let firstPause = Duration.seconds(10)
    static let longestPause = Duration.seconds(80)

    /// After how long without a word from any coordinator the worker gives up.
    static let patience = Duration.seconds(900)

    private enum Stage { case outside, fetching, preparing, ready, draining }

    private mutating func introduce(at now: Duration, _ directives: inout [Directive]) {
        lastHeard = now
        lastIntroduced = now
        isKnownReady = false
        say(.hello(hello), at: now, &directives)
    }

    private mutating func say(
        _ message: WorkerMessage, at now: Duration, _ directives: inout [Directive]
    ) {
        lastSpoke = now
        directives.append(.send(message))
    }

    private mutating func receive(
        _ message: CoordinatorMessage, at now: Duration, _ directives: inout [Directive]
    ) {
        switch message {
        case .welcome(let plan): enter(plan, at: now, &directives)
        case .refusal(let refusal): depart(refusal, &directives)
        case .piece(let piece): receive(piece, at: now, &directives)
        case .grant(let leases): accept(leases, at: now, &directives)
        case .cancel(let leases): drop(leases, &directives)
        case .drain: drain(at: now, &directives)
        case .heartbeat, .status: break
        case .introduceYourself:
            // A hello that is under way is answered soon; more of them would only be repeated.
            if let lastIntroduced, now - lastIntroduced < .seconds(2) { return }
            introduce(at: now, &directives)
        case .goodbye: directives.append(.leave(.finished))
        }
    }

    /// Begins with a campaign, or goes on with it after a new introduction. What is being counted is
    /// counted on: the coordinator has taken the leases back, but their tallies are still good.
    private mutating func enter(
        _ plan: CountingPlan, at now: Duration, _ directives: inout [Directive]
    ) {
        guard stage != .draining, stage != .preparing else { return }
        if stage == .fetching, plan == self.plan, !downloads.isEmpty {
            askAgain(at: now, &directives)
            return
        }
        downloads = []
        pending = []
        if stage == .ready, plan == self.plan, let knownAnswer {
            report(readyFor: plan.campaign, knownAnswer, at: now, &directives)
            for tally in handedIn { say(.tally(tally), at: now, &directives) }
            return
        }
        drop(counting.map(\.id), &directives)
        handedIn = []
        self.plan = plan
        stage = .fetching
        fetch(plan.model, size: plan.modelSize, at: now, &directives)
    }

    private mutating func report(
        readyFor campaign: Digest, _ answer: KnownAnswer, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard campaign == plan?.campaign, stage == .preparing || stage == .ready else { return }
        stage = .ready
        knownAnswer = answer
        sayReady(for: campaign, answer, at: now, &directives)
    }

    private mutating func sayReady(
        for campaign: Digest, _ answer: KnownAnswer, at now: Duration,
        _ directives: inout [Directive]
    ) {
        say(
            .ready(Ready(campaign: campaign, knownAnswer: answer, capacity: capacity)), at: now,
            &directives)
    }

    private mutating func sayHeartbeat(at now: Duration, _ directives: inout [Directive]) {
        let leases = (pending + counting).map(\.id)
        let wanted = stage == .ready ? capacity : 0
        say(.heartbeat(capacity: wanted, leases: leases), at: now, &directives)
    }

    private mutating func resign(
        _ refusal: Refusal, at now: Duration, _ directives: inout [Directive]
    ) {
        say(.goodbye, at: now, &directives)
        directives.append(.leave(.refused(refusal)))
    }

    private mutating func accept(
        _ leases: [Lease], at now: Duration, _ directives: inout [Directive]
    ) {
        guard stage == .ready, let plan else { return }
        isKnownReady = true
        for lease in leases where !(pending + counting).contains(where: { $0.id == lease.id }) {
            pending.append(lease)
            guard images[lease.image] == nil else { continue }
            fetch(
                lease.image, size: plan.dimension * plan.coordinateWidth, at: now, &directives)
        }
        passOn(&directives)
    }

    /// Gives the sessions every lease whose input is there.
    private mutating func passOn(_ directives: inout [Directive]) {
        var waiting: [Lease] = []
        for lease in pending {
            guard let image = images[lease.image] else {
                waiting.append(lease)
                continue
            }
            counting.append(lease)
            directives.append(.count(lease, image: image))
        }
        pending = waiting
    }

    private mutating func handIn(
        _ id: LeaseID, _ counts: ClassCounts, _ nanoseconds: Int, at now: Duration,
        _ directives: inout [Directive]
    ) {
        guard let plan, forget(id) else { return }
        let taken = Duration.nanoseconds(nanoseconds)
        typicalLease = typicalLease.map { ($0 + taken) / 2 } ?? taken
        let tally = Tally(
            campaign: plan.campaign, lease: id, counts: counts, nanoseconds: nanoseconds)
        handedIn.append(tally)
        if handedIn.count > capacity { handedIn.removeFirst() }
        say(.tally(tally), at: now, &directives)
        leaveIfDrained(at: now, &directives)
    }

    private mutating func report(
        _ id: LeaseID, failed reason: String, at now: Duration, _ directives: inout [Directive]
    ) {
        guard let plan, forget(id) else { return }
        failure = reason
        let failure = LeaseFailure(campaign: plan.campaign, lease: id, reason: reason)
        say(.failure(failure), at: now, &directives)
        leaveIfDrained(at: now, &directives)
    }

    private func depart(_ refusal: Refusal, _ directives: inout [Directive]) {
        let farewell: Farewell =
            if let failure, refusal.mayRetry { .failed(failure) } else { .refused(refusal) }
        directives.append(.leave(farewell))
    }

    private mutating func forget(_ id: LeaseID) -> Bool {
        guard let place = counting.firstIndex(where: { $0.id == id }) else { return false }
        counting.remove(at: place)
        return true
    }

    private mutating func drop(_ ids: [LeaseID], _ directives: inout [Directive]) {
        for id in ids {
            pending.removeAll { $0.id == id }
            if forget(id) { directives.append(.drop(id)) }
        }
    }

    private mutating func drain(at now: Duration, _ directives: inout [Directive]) {
        guard stage != .draining else { return }
        let begun = counting.prefix(hello.sessions).map(\.id)
        drop((pending + counting).map(\.id).filter { !begun.contains($0) }, &directives)
        stage = .draining
        // It wants nothing new: said at once, so that nothing is lent in vain.
        if plan != nil { sayHeartbeat(at: now, &directives) }
        leaveIfDrained(at: now, &directives)
    }

    private mutating func leaveIfDrained(at now: Duration, _ directives: inout [Directive]) {
        guard stage == .draining, counting.isEmpty else { return }
        say(.goodbye, at: now, &directives)
        directives.append(.leave(.drained))
    }

    private mutating func tick(at now: Duration, _ directives: inout [Directive]) {
        let pause = min(
            CampaignWorker.firstPause * (1 << min(attempts, 3)), CampaignWorker.longestPause)
        if now - lastAnswer > CampaignWorker.patience {
            let reason = "no coordinator was heard for \(CampaignWorker.patience)"
            directives.append(.leave(.refused(Refusal(reason: reason, mayRetry: true))))
            return
        }
        if now - lastHeard > pause {
            attempts += 1
            directives.append(.reconnect)
            introduce(at: now, &directives)
            return
        }
        guard let plan else {
            // A word was lost: the coordinator is there and this worker is no part of its campaign.
            if let lastIntroduced, now - lastIntroduced > CampaignWorker.firstPause {
                introduce(at: now, &directives)
            }
            return
        }
        if now - lastSpoke >= .milliseconds(plan.heartbeatMilliseconds) {
            if stage == .ready, !isKnownReady, let knownAnswer {
                sayReady(for: plan.campaign, knownAnswer, at: now, &directives)
            } else {
                sayHeartbeat(at: now, &directives)
            }
        }
        if let first = downloads.first, now - first.lastProgress > first.stall {
            askAgain(at: now, &directives)
        }
    }
}

// Fetching
// --------
// One blob at a time, in pieces, in order; a few requests are under way together, so that a long
// round trip costs little. A connection keeps the order of its messages, so a piece that does not
// continue what is there follows a lost one, and is ignored until the stall is noticed.
//
// While a piece is on its way nothing else arrives, and both ends take a silence of some seconds for
// a broken connection: so pieces are small on a slow way (32 KiB take 4 s at 64 kbit/s).

extension CampaignWorker {
    /// How many bytes are asked for at a time: at first, and when pieces are fast.
    static let pieceLengths = 32 * 1024...256 * 1024
    /// A piece that comes so soon after the one before may be longer, and one that comes so late was
    /// too long.
    static let goodPace = Duration.milliseconds(100)...Duration.seconds(2)
    /// How many pieces are under way together at the most; for a moment a few more, when they grow.
    static let piecesUnderWay = 4
    /// After how long without progress a blob is asked for again; doubled each time, since what was
    /// asked for before may still be on a slow way.
    static let firstStall = Duration.seconds(5)
    /// How often a blob may arrive with another digest than its name before the worker gives up.
    static let spoiledLimit = 3

    private struct Download: Sendable {
        let blob: Digest
        let size: Int
        var begun: Duration
        var bytes: [UInt8] = []
        var requested = 0
        var lastProgress: Duration
        var stall = CampaignWorker.firstStall

        mutating func restart(at now: Duration) {
            requested = bytes.count
            lastProgress = now
            if stall < .seconds(300) { stall = stall * 2 }
        }
    }

    private mutating func fetch(
        _ blob: Digest, size: Int, at now: Duration, _ directives: inout [Directive]
    ) {
        guard !downloads.contains(where: { $0.blob == blob }) else { return }
        downloads.append(Download(blob: blob, size: size, begun: now, lastProgress: now))
        request(at: now, &directives)
    }

    private mutating func request(at now: Duration, _ directives: inout [Directive]) {
        guard var first = downloads.first else { return }
        let horizon = min(
            first.size, first.bytes.count + pieceLength * CampaignWorker.piecesUnderWay)
        while first.requested < horizon {
            let length = min(pieceLength, first.size - first.requested)
            let piece = PieceRequest(blob: first.blob, offset: first.requested, length: length)
            say(.fetch(piece), at: now, &directives)
            first.requested += length
        }
        downloads[0] = first
    }

    /// Asks again for what has not come, in small pieces: the way may have become slow.
    private mutating func askAgain(at now: Duration, _ directives: inout [Directive]) {
        pieceLength = CampaignWorker.pieceLengths.lowerBound
        downloads[0].restart(at: now)
        request(at: now, &directives)
    }

    private mutating func adaptPieceLength(after bytes: Int, in time: Duration) {
        guard bytes >= pieceLength else { return }
        let wanted =
            if time < CampaignWorker.goodPace.lowerBound {
                2 * pieceLength
            } else if time > CampaignWorker.goodPace.upperBound {
                pieceLength / 2
            } else {
                pieceLength
            }
        let lengths = CampaignWorker.pieceLengths
        pieceLength = min(max(lengths.lowerBound, wanted), lengths.upperBound)
    }

    private mutating func receive(
        _ piece: Piece, at now: Duration, _ directives: inout [Directive]
    ) {
        guard var first = downloads.first, first.blob == piece.blob,
            piece.offset == first.bytes.count, !piece.bytes.isEmpty,
            piece.bytes.count <= first.size - first.bytes.count
        else { return }
        // The one other reference is given up before the bytes grow, or they would be copied.
        downloads[0].bytes = []
        first.bytes += piece.bytes
        adaptPieceLength(after: piece.bytes.count, in: now - first.lastProgress)
        first.lastProgress = now
        downloads[0] = first
        guard first.bytes.count == first.size else {
            request(at: now, &directives)
            return
        }
        downloads.removeFirst()
        complete(first, at: now, &directives)
        if !downloads.isEmpty {
            downloads[0].begun = now
            downloads[0].lastProgress = now
            request(at: now, &directives)
        }
    }

    private mutating func complete(
        _ download: Download, at now: Duration, _ directives: inout [Directive]
    ) {
        guard digest(download.bytes) == download.blob else {
            spoiledDownloads += 1
            guard spoiledDownloads < CampaignWorker.spoiledLimit else {
                let reason =
                    "what the coordinator sends as \(download.blob) has another digest, "
                    + "three times in a row"
                directives.append(.leave(.refused(Refusal(reason: reason, mayRetry: true))))
                return
            }
            fetch(download.blob, size: download.size, at: now, &directives)
            return
        }
        spoiledDownloads = 0
        if let plan, stage == .fetching, download.blob == plan.model {
            stage = .preparing
            directives.append(.prepare(plan, model: download.bytes))
            return
        }
        images.insert(download.bytes, as: download.blob, keeping: Set(pending.map(\.image)))
        adaptCapacity(fetchTook: now - download.begun, at: now, &directives)
        passOn(&directives)
    }

    /// While an input is asked for, granted and fetched (about two round trips), the sessions must
    /// have something to count.
    private mutating func adaptCapacity(
        fetchTook fetch: Duration, at now: Duration, _ directives: inout [Directive]
    ) {
        guard let typicalLease, typicalLease > .zero else { return }
        let ahead = Int((2 * (fetch / typicalLease)).rounded(.up))
        let wanted = min(hello.sessions * (1 + min(max(1, ahead), 16)), maximumCapacity)
        let before = capacity
        capacity = wanted > capacity ? wanted : (3 * capacity + wanted) / 4
        if capacity != before { sayHeartbeat(at: now, &directives) }
    }
}

/// The encoded inputs that a worker has fetched, the newest ones only.
struct ImageCache: Sendable {
    /// How many bytes are kept at the most, beyond the inputs that are waited for.
    static let capacity = 64 << 20

    private var images: [Digest: [UInt8]] = [:]
    private var order: [Digest] = []
    private var size = 0

    subscript(digest: Digest) -> [UInt8]? { images[digest] }

    mutating func insert(_ image: [UInt8], as digest: Digest, keeping wanted: Set<Digest>) {
        guard images[digest] == nil else { return }
        images[digest] = image
        order.append(digest)
        size += image.count
        var place = 0
        while size > ImageCache.capacity, place < order.count {
            let oldest = order[place]
            guard oldest != digest, !wanted.contains(oldest) else {
                place += 1
                continue
            }
            order.remove(at: place)
            size -= images.removeValue(forKey: oldest)?.count ?? 0
        }
    }
}
