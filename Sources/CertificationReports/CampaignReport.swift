public import CertificateRecords
import RandomizedSmoothing

/// A report on a finished or unfinished campaign, by which a practitioner can judge it: the scorecard at
/// the radius that matters to them first, and the numbers that speak against it beside those that speak
/// for it.
///
/// It is a value made of the manifest, the records and what belongs to them; ``html``, ``markdown`` and
/// ``csv`` are its files.
public struct CampaignReport: Sendable {
    /// The manifest.
    public let manifest: RecordedManifest
    /// What a report needs of each record, in their order.
    public let inputs: [ReportedInput]
    /// Words of the records, and who reads the report.
    public let setting: Setting
    /// How many certificates may be false.
    public let error: FalseClaims
    /// The radius that matters to the reader; nil: not given.
    public let threatRadius: DecimalNumber?
    /// The largest radius that the plan can certify; nil: it predicts.
    public let ceiling: DecimalNumber?

    let curves: RadiusCurves

    /// What belongs to a campaign beside its manifest and records.
    public struct Setting: Sendable {
        /// What certificates do not claim.
        public var doesNotClaim: [String] = []
        /// What certificates take for granted.
        public var assumes: [String] = []
        /// The radius that the reader is concerned with.
        public var threatRadius: DecimalNumber?
        /// What a worker costs an hour, in any currency.
        public var pricePerHour: Double?
        /// Who reads the report.
        public var audience = Audience.operator
        /// Who counted, how long; nil: not known.
        public var effort: CampaignEffort?
        /// Inputs at the extremes.
        public var gallery: [GalleryItem] = []
        /// Why there are no pictures; nil: there are.
        public var noPictures: String?
        /// The sizes of everyday changes; nil: not asked for.
        public var context: RadiusContext?

        /// Nothing known.
        public init() {}
    }

    /// Who reads a report.
    public enum Audience: String, Sendable, CaseIterable {
        /// Who runs the classifier: everything.
        case `operator`
        /// Anybody: coverage and coarse tiers, nothing about single inputs.
        case `public`
    }

    /// A report on at least one record.
    ///
    /// - Parameter ceiling: the largest radius that the plan can certify; nil: it predicts.
    /// - Throws: an arithmetic that comes to no end.
    public init(
        manifest: RecordedManifest, inputs: [ReportedInput], ceiling: DecimalNumber?,
        setting: Setting
    ) throws {
        precondition(!inputs.isEmpty, "a report on something")
        self.manifest = manifest
        self.inputs = inputs
        self.setting = setting
        self.ceiling = ceiling
        error = try FalseClaims(of: manifest, inputs: inputs.count)
        curves = try RadiusCurves(inputs, error: error)
        threatRadius =
            manifest.plan.stopping.predicts
            ? nil : setting.threatRadius ?? CampaignReport.decided(manifest.plan.stopping)
    }

    /// The radius at which a plan decides.
    private static func decided(_ stopping: Stopping) -> DecimalNumber? {
        guard case .whenDecided(let radius) = stopping else { return nil }
        return JSON.number(radius).digits.flatMap { DecimalNumber($0) }
    }

    /// The radius at which the campaign decided; nil: it certifies whatever radius there is.
    var decidedRadius: DecimalNumber? { CampaignReport.decided(manifest.plan.stopping) }

    /// Whether the campaign says classes without radii.
    var predicts: Bool { manifest.plan.stopping.predicts }

    /// Whether right can be told from wrong.
    var knowsLabels: Bool { inputs.allSatisfy { $0.label != nil } }

    /// Whether not all records are there.
    var isUnfinished: Bool { inputs.count < manifest.inputs.indices.count }
}
