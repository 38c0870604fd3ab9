public import CertificateRecords
import ConfidenceBounds
import Digests
public import RandomizedSmoothing

/// What a run says of each input, and what is known of how it was made, whichever file it was read from.
public struct RunOutcomes: Hashable, Sendable {
    /// How the run is called in sentences.
    public let name: String
    /// How it was made, as far as that is known.
    public let facts: RunFacts
    /// The inputs in the order of their indices, each once.
    public let outcomes: [InputOutcome]
    /// Radii that contradict what is claimed of a table; nil: none, or nothing to check.
    public let impossibleRadii: ImpossibleRadii?

    /// A campaign of ours.
    public init(name: String, manifest: RecordedManifest, outcomes: [InputOutcome]) {
        self.name = name
        self.outcomes = outcomes.sorted { $0.index < $1.index }
        facts = RunFacts(manifest)
        impossibleRadii = nil
    }

    /// A table of another program, with what its owner claims of it.
    public init(name: String, table: CertificateTable, claim: TableClaim) throws {
        self.name = name
        outcomes = table.rows.map(InputOutcome.init).sorted { $0.index < $1.index }
        facts = RunFacts(table, claim: claim)
        impossibleRadii = try ImpossibleRadii(in: table, claim: claim)
    }

    /// Whether it is a table whose every radius is possible with the sigma, n and alpha that are claimed.
    var isPossible: Bool {
        facts.isTable && facts.radii != .none && impossibleRadii == nil && facts.sigma != nil
            && facts.samples != nil && facts.alpha != nil
    }

    /// Whether any label is known.
    public var isLabelled: Bool { outcomes.contains { $0.label != nil } }

    /// The largest radius; 0 where none is certified.
    public var largestRadius: Double { outcomes.map(\.radius).max() ?? 0 }
}

/// What is said of one input.
public struct InputOutcome: Hashable, Sendable {
    /// The index in the data set.
    public let index: Int
    /// The true label; nil: unknown.
    public let label: Int?
    /// The class that is claimed; nil for an abstention.
    public let answer: Int?
    /// The certified radius; 0 for an abstention, and for a class without a radius.
    public let radius: Double

    /// Assembles the outcome from its parts.
    public init(index: Int, label: Int?, answer: Int?, radius: Double) {
        self.index = index
        self.label = label
        self.answer = answer
        self.radius = answer == nil ? 0 : radius
    }

    /// What a record says.
    public init(_ record: RecordedCertificate) {
        self.init(
            index: record.index, label: record.label, answer: record.answer,
            radius: record.radius.nearest)
    }

    /// What a line of a table says.
    public init(_ row: CertificateTable.Row) {
        self.init(
            index: row.index, label: row.label, answer: row.answer, radius: row.radius?.value ?? 0)
    }

    /// Whether the class that is claimed is the true label.
    public var isRight: Bool { answer != nil && answer == label }

    /// Whether the class that is claimed is not the true label, which is known.
    public var isWrong: Bool { answer != nil && label != nil && answer != label }

    /// Whether a class is claimed within at least this radius.
    public func isCertified(at radius: Double) -> Bool { answer != nil && self.radius >= radius }
}

/// How a run was made; nil is what its file does not show.
public struct RunFacts: Hashable, Sendable {
    /// Whether it is a table of another program, all of whose facts are claims of its owner.
    public let isTable: Bool
    /// The noise level.
    public let sigma: Double?
    /// The estimation samples of each input, n; the most where they differ.
    public let samples: Int?
    /// The selection samples of each input, n0.
    public let selectionSamples: Int?
    /// The failure probability of each input.
    public let alpha: Double?
    /// How counts become claims.
    public let rule: String?
    /// In which units radii are.
    public let units: String?
    /// The SHA-256 of the model's file.
    public let model: String?
    /// The SHA-256 of indices and inputs.
    public let inputs: String?
    /// How many inputs there are when the run is finished.
    public let plannedInputs: Int?
    /// The indices in the order in which that digest covers them.
    let order: [Int]?
    /// Inputs lie on the multiples of its reciprocal.
    let grid: Int?
    /// What else the plan says, as JSON by key: it has to be the same.
    let otherPlan: [Fact]
    /// What radii there are.
    let radii: Radii

    /// What radii a run has: only those of the same kind can be compared.
    enum Radii: Hashable, Sendable {
        /// Those that all n samples certify.
        case whole
        /// Those that as many samples certify as were taken of that input.
        case ofVaryingSamples
        /// The one at which all inputs were decided; larger ones are not known. nil: that differs from
        /// input to input.
        case decided(Double?)
        /// Those within so much of what all n samples certify.
        case within(Double)
        /// None: only classes.
        case none
    }

    /// The radius at which all inputs were decided; nil: there is none.
    var decidedRadius: Double? {
        guard case .decided(let radius) = radii else { return nil }
        return radius
    }

    /// A key of the plan and its value.
    struct Fact: Hashable, Sendable {
        let key: String
        let value: String
    }

    /// The keys of the plan that have a fact of their own, or follow from those that do.
    private static let known: Set<String> = [
        "rule", "selectionSamples", "estimationSamples", "alpha", "noiseCharge", "netAlpha",
        "stopping",
    ]

    init(_ manifest: RecordedManifest) {
        let plan = manifest.plan
        otherPlan = (manifest.json.member("plan")?.members ?? [])
            .filter { !RunFacts.known.contains($0.key) }
            .map { Fact(key: $0.key, value: $0.value.line) }
        isTable = false
        sigma = plan.sigma
        samples = plan.estimationSamples
        selectionSamples = plan.selectionSamples
        alpha = plan.alpha
        rule = plan.ruleName
        units =
            manifest.inputs.coordinateWidth == 1
            ? "bytes / \(manifest.noise.stepsPerUnit)" : "the units of the data"
        model = manifest.model.digest.hex
        inputs = manifest.inputs.digest.hex
        plannedInputs = manifest.inputs.indices.count
        order = manifest.inputs.indices
        grid = manifest.noise.stepsPerUnit
        switch plan.stopping {
        case .whenDecided(let radius): radii = .decided(radius)
        case .whenPrecise(let width): radii = .within(width)
        case .whenPredicted, .predictedAtTheCap: radii = .none
        case .atTheCap, .whenHopeless: radii = .whole
        }
    }

    init(_ table: CertificateTable, claim: TableClaim) {
        isTable = true
        sigma = claim.sigma
        samples = claim.samples
        selectionSamples = nil
        alpha = claim.alpha
        rule = RunFacts.radii(of: table) == .none ? "fixed prediction" : claim.rule.rawValue
        units = nil
        model = nil
        inputs = nil
        plannedInputs = nil
        order = nil
        grid = nil
        otherPlan = []
        radii = RunFacts.radii(of: table)
    }

    /// A table in which no claim has a radius above 0 is one of predictions, such as our own of them.
    private static func radii(of table: CertificateTable) -> Radii {
        let radii = Set(table.rows.compactMap(\.radius?.value))
        let hasAny = radii.contains { $0 > 0 } || table.rows.allSatisfy { $0.answer == nil }
        return switch table.dialect {
        case .prediction: .none
        case .certification: hasAny ? .whole : .none
        case .inputSpecific: .ofVaryingSamples
        case .adaptive: .decided(radii.count == 1 ? radii.first : nil)
        }
    }
}

/// What the owner of a table claims of it, which the table cannot show.
public struct TableClaim: Hashable, Sendable {
    /// The noise level.
    public var sigma: Double?
    /// The estimation samples of each input, n.
    public var samples: Int?
    /// The failure probability of each input.
    public var alpha: Double?
    /// How counts became radii.
    public var rule: CertificationRule

    /// Assembles the claim; nil: nothing is claimed.
    public init(
        sigma: Double? = nil, samples: Int? = nil, alpha: Double? = nil,
        rule: CertificationRule = .cohen
    ) {
        self.sigma = sigma
        self.samples = samples
        self.alpha = alpha
        self.rule = rule
    }
}

extension JSON {
    /// The members of an object; none of anything else.
    fileprivate var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    fileprivate func member(_ key: String) -> JSON? { members.first { $0.key == key }?.value }
}
