import CertificateRecords
import CertificationReports
import ConfidenceBounds
import Digests
import RandomizedSmoothing
import Testing

/// Campaigns that are made up, from counts to what a report is made of.
struct ReportFixture {
    var manifest: Manifest
    var records: [CertificateRecord] = []
    let seal: Digest

    static let key = "c0ffee" + String(repeating: "5", count: 58)

    /// A plan of 100 selection and `samples` estimation samples at sigma 0.5, over inputs of four
    /// coordinates.
    init(
        samples: Int = 1000, stopping: Stopping = .atTheCap, family: Int? = nil,
        batch: ErrorBudget.Batch? = nil, earlier: EarlierRuns = .none, program: String = "0.1.0"
    ) throws {
        let digest = try #require(Digest(bytes: [UInt8](repeating: 7, count: 32)))
        seal = digest
        let plan = try CertificationPlan(
            sigma: 0.5, selectionSamples: 100, estimationSamples: samples,
            rule: batch == nil ? .runnerUp : .cohen, alpha: 0.001, family: family, batch: batch,
            dimension: 4, noiseDistance: 0, stopping: stopping)
        manifest = Manifest(
            programVersion: program, plan: plan,
            noise: .init(
                stepsPerUnit: 255, reach: 1531, distanceFromIdeal: 0, key: ReportFixture.key),
            model: .init(
                digest: digest, size: 1, inputShape: [1, 2, 2], outputName: nil,
                decisionThreshold: nil, classCount: 3, mean: nil, standardDeviation: nil),
            inputs: .init(
                indices: [], digest: digest, labels: digest, coordinateWidth: 1,
                areRounded: false),
            counting: .init(
                blockSize: 1, fingerprint: "none",
                knownAnswer: KnownAnswer(noise: digest, scores: digest),
                selfTests: SelfTest.all(blockSize: 1)),
            earlier: earlier)
    }

    /// The manifest as a reader of the file has it.
    var recordedManifest: RecordedManifest {
        get throws { try RecordedManifest(text: manifest.page(sealedWith: seal).utf8) }
    }

    /// An input whose estimation samples fell so on three classes; the selection chose class 0.
    mutating func add(_ counts: [Int], label: Int?) throws {
        var certifier = try SequentialCertifier(manifest.plan)
        let (selection, estimation) = (ClassCounts([100, 0, 0]), ClassCounts(counts))
        records.append(
            CertificateRecord(
                manifest: manifest, campaign: seal, index: records.count, input: seal, label: label,
                selection: selection, estimation: estimation, gridDistance: .zero,
                certification: try certifier.certify(
                    selection: selection, estimation: estimation)))
        manifest.inputs.indices.append(records.count - 1)
    }

    /// The records as a reader of the files has them.
    var inputs: [ReportedInput] {
        get throws {
            try records.map { ReportedInput(try RecordedCertificate(line: $0.line.utf8)) }
        }
    }

    func report(
        _ change: (inout CampaignReport.Setting) throws -> Void = { _ in }
    ) throws -> CampaignReport {
        var setting = CampaignReport.Setting()
        try change(&setting)
        let ceiling = try manifest.plan.largestRadius().flatMap { DecimalNumber($0.description) }
        return try CampaignReport(
            manifest: recordedManifest, inputs: inputs, ceiling: ceiling,
            setting: setting)
    }

    /// Twenty inputs: unanimous, close, undecided and wrong ones.
    static func twenty(
        stopping: Stopping = .atTheCap, labelled: Bool = true, program: String = "0.1.0"
    ) throws -> ReportFixture {
        var fixture = try ReportFixture(stopping: stopping, program: program)
        for place in 0..<20 {
            let others = [0, 3, 40, 250, 610][place % 5] + place
            try fixture.add(
                [1000 - others, others - others / 4, others / 4],
                label: labelled ? (place % 7 == 3 ? 1 : 0) : nil)
        }
        return fixture
    }
}

func decimal(_ text: String) throws -> DecimalNumber { try #require(DecimalNumber(text)) }
