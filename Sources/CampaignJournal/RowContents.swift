import CampaignScheduling
import Digests
import RandomizedSmoothing
import SmoothingNoise

// What stands in the body of each table's rows. A number is a base-128 varint, lowest digits first
// (a negative one takes ten bytes), a text or a list has its length before it, and nothing follows
// the last field. What is in the row's place is not repeated.

extension SealedRow {
    init(naming campaign: Digest, request: String) {
        var body = RowWriter()
        body.append(contentsOf: campaign.bytes)
        body.append(request)
        self.init(.campaign, body: body.bytes, sealedFor: campaign)
    }

    /// The campaign and the request, if this is a whole row that names them.
    var naming: (campaign: Digest, request: String)? {
        var body = RowReader(body)
        guard let campaign = body.bytes(Digest.byteCount).flatMap({ Digest(bytes: $0) }),
            isWhole(for: campaign), let request = body.text(), body.isAtEnd
        else { return nil }
        return (campaign, request)
    }

    init(_ input: SettledInput, _ campaign: Digest) {
        var body = RowWriter()
        body.append(Int(input.index))
        body.append(input.selection)
        body.append(input.estimation)
        body.append(input.nanoseconds)
        self.init(
            .decided, position: input.position, body: body.bytes, sealedFor: campaign)
    }

    init(_ range: LentRange, number: Int, _ campaign: Digest) {
        var body = RowWriter()
        body.append(range.lease.number)
        body.append(range.range)
        body.append(contentsOf: range.borrower.bytes)
        self.init(
            .lent, position: range.position, number: number, body: body.bytes,
            sealedFor: campaign)
    }

    init(_ range: SettledRange, number: Int, _ campaign: Digest) {
        var body = RowWriter()
        body.append(range.lease.number)
        body.append(range.range)
        body.append(range.counts)
        body.append(range.nanoseconds)
        body.append(range.worker)
        self.init(
            .settled, position: range.position, number: number, body: body.bytes,
            sealedFor: campaign)
    }

    init(_ contribution: CampaignHistory.Contribution, number: Int, _ campaign: Digest) {
        var body = RowWriter()
        body.append(contribution.worker)
        body.append(contribution.leases)
        body.append(contribution.samples)
        body.append(contribution.nanoseconds)
        self.init(.contributions, number: number, body: body.bytes, sealedFor: campaign)
    }
}

extension SettledInput {
    init?(_ row: SealedRow) {
        var body = RowReader(row.body)
        guard let index = body.integer().flatMap({ UInt32(exactly: $0) }),
            let selection = body.counts(), let estimation = body.counts(),
            let nanoseconds = body.integer(), body.isAtEnd
        else { return nil }
        self.init(
            position: row.position, index: index, selection: selection, estimation: estimation,
            nanoseconds: nanoseconds)
    }
}

extension LentRange {
    init?(_ row: SealedRow) {
        var body = RowReader(row.body)
        guard let lease = body.number(), let range = body.range(),
            let borrower = body.worker(), body.isAtEnd
        else { return nil }
        self.init(
            lease: LeaseID(lease), position: row.position, range: range, borrower: borrower)
    }
}

extension SettledRange {
    init?(_ row: SealedRow) {
        var body = RowReader(row.body)
        guard let lease = body.number(), let range = body.range(), let counts = body.counts(),
            let nanoseconds = body.integer(), let worker = body.hello(), body.isAtEnd
        else { return nil }
        self.init(
            lease: LeaseID(lease), position: row.position, range: range, counts: counts,
            nanoseconds: nanoseconds, worker: worker)
    }
}

extension CampaignHistory.Contribution {
    init?(_ row: SealedRow) {
        var body = RowReader(row.body)
        guard let worker = body.hello(), let leases = body.integer(),
            let samples = body.integer(), let nanoseconds = body.integer(), body.isAtEnd
        else { return nil }
        self.init(worker: worker, leases: leases, samples: samples, nanoseconds: nanoseconds)
    }
}

extension JournalProgress {
    func row(sealedFor campaign: Digest) -> SealedRow {
        var body = RowWriter()
        for count in [decided, lent, settled, contributions, nextNumber, isFinished ? 1 : 0] {
            body.append(count)
        }
        body.append(highestLease)
        return SealedRow(.progress, body: body.bytes, sealedFor: campaign)
    }

    init?(_ row: SealedRow) {
        var body = RowReader(row.body)
        guard let decided = body.integer(), let lent = body.integer(),
            let settled = body.integer(), let contributions = body.integer(),
            let nextNumber = body.integer(), let isFinished = body.integer(),
            let highestLease = body.number(), body.isAtEnd
        else { return nil }
        self.init(
            decided: decided, lent: lent, settled: settled, contributions: contributions,
            nextNumber: nextNumber, highestLease: highestLease, isFinished: isFinished != 0)
    }
}

/// Appends fields to the body of a row.
struct RowWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(contentsOf more: [UInt8]) { bytes += more }

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func append(_ integer: Int) { append(UInt64(bitPattern: Int64(integer))) }

    mutating func append(_ text: String) {
        append(text.utf8.count)
        bytes += text.utf8
    }

    mutating func append(_ counts: ClassCounts) {
        append(counts.values.count)
        for value in counts.values { append(value) }
    }

    mutating func append(_ range: BlockRange) {
        append(Int(range.phase.rawValue))
        append(range.first)
        append(range.count)
    }

    mutating func append(_ hello: Hello) {
        append(hello.protocolVersion)
        append(contentsOf: hello.worker.bytes)
        append(hello.name)
        append(hello.fingerprint)
        append(hello.sessions)
    }
}

/// Takes fields from the body of a row; each is nil when the bytes do not hold it.
struct RowReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number() -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            let digit = UInt64(byte & 0x7f)
            guard (digit << shift) >> shift == digit else { return nil }
            number |= digit << shift
            if byte < 0x80 { return number }
        }
        return nil
    }

    mutating func integer() -> Int? { number().map { Int(Int64(bitPattern: $0)) } }

    mutating func text() -> String? {
        integer().flatMap { bytes($0) }.flatMap { String(validating: $0, as: UTF8.self) }
    }

    mutating func counts() -> ClassCounts? {
        // A value takes a byte at the least, so a length beyond the bytes is no length.
        guard let count = integer(), 0...rest.count ~= count else { return nil }
        var values: [Int] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            guard let value = integer() else { return nil }
            values.append(value)
        }
        return ClassCounts(values)
    }

    mutating func range() -> BlockRange? {
        guard let phase = integer().flatMap({ UInt8(exactly: $0) }).flatMap(SamplingPhase.init),
            let first = integer(), let count = integer()
        else { return nil }
        return BlockRange(phase: phase, first: first, count: count)
    }

    mutating func worker() -> WorkerID? {
        bytes(WorkerID.byteCount).flatMap { WorkerID(bytes: $0) }
    }

    mutating func hello() -> Hello? {
        guard let version = integer(), let worker = worker(), let name = text(),
            let fingerprint = text(), let sessions = integer()
        else { return nil }
        return Hello(
            protocolVersion: version, worker: worker, name: name, fingerprint: fingerprint,
            sessions: sessions)
    }
}
