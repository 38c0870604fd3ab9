import AlphaLedger
public import ArgumentParser
import CampaignKeys
import ClassifierRuntime
import ConfidenceBounds
import CoordinatorService
public import DataSets
public import RandomizedSmoothing
import SmoothingNoise
import Sodium

/// The options that say what to certify: the same for `certify` and `coordinate`.
struct CampaignOptions: ParsableArguments, CampaignArguments {
    @OptionGroup var subject: SubjectOptions

    @Option(
        name: [.customLong("samples"), .customLong("N")], parsing: .unconditional,
        help: "Estimation samples of each input (n; --N in Cohen's script), such as 100000 or 1e5.")
    var samples = SampleCount(100_000)

    @Option(
        name: [.customLong("selection-samples"), .customLong("N0")], parsing: .unconditional,
        help: "Samples that select the class (n0; --N0 in Cohen's script).")
    var selectionSamples = SampleCount(100)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The failure probability of each certificate, over the drawing of the noise.",
            discussion: "The default is 0.001."))
    var alpha: Double?

    @Flag(
        help: ArgumentHelp(
            "Let all certificates hold at once: alpha is the chance that any of them is false.",
            discussion: "Each input gets an equal share of it, so radii are a few percent smaller.")
    )
    var familyWise = false

    @Flag(
        help: ArgumentHelp(
            "The same for a decision at a radius, with somewhat more certificates (Holm).",
            discussion: "With --decide-radius. Which inputs are certified is decided when all are "
                + "counted."))
    var holm = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --decide-radius: the expected share of false certificates is at most this (e-BH).",
            discussion: "Takes the place of --alpha: nothing is claimed about the chance that a "
                + "single certificate is false. Decided when all inputs are counted."))
    var fdr: Double?

    @Option(
        help: ArgumentHelp(
            "How counts become bounds: runner-up (the default) or cohen.",
            discussion: "runner-up bounds the two most frequent classes at alpha/2 each: more is "
                + "certified where several classes compete, up to 2 % less where all samples "
                + "agree. cohen bounds the first one alone."))
    var rule: CertificationRule?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Decide whether each input is certified at this radius, and stop as soon as it is known.",
            discussion: "Needs far fewer samples than --samples, which stays the most of any input."
        ))
    var decideRadius: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Stop when all samples that are left could not raise the radius by more than this.",
            discussion:
                "Useful near the largest radius; --samples stays the most of any input. With "
                + "--decide-radius, inputs that will hardly have that radius are given up."))
    var width: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The most samples for all inputs together, such as 1e7.",
            discussion: "With --decide-radius or --width. They are spent in rounds, first where a "
                + "decision looks nearest; records say what an undecided input would have needed."))
    var budget: SampleCount?

    @Flag(
        help: ArgumentHelp(
            "Stop early with inputs that can hardly be certified at any radius.",
            discussion: "The others get all their samples. It costs nothing of alpha, and loses a "
                + "certificate with a chance of at most 0.001."))
    var earlyAbstain = false

    @Option(
        name: [.customLong("block"), .customLong("batch")], parsing: .unconditional,
        help: "How many samples are classified together; part of the plan.")
    var block = 50

    @OptionGroup var details: DetailOptions

    func setPlan(of request: inout CampaignRequest) throws {
        request.blockSize = block
        request.selectionSamples = selectionSamples.value
        request.estimationSamples = samples.value
        request.alpha = fdr ?? alpha ?? 0.001
        request.isFamilyWise = familyWise
        request.batch = try batch()
        request.rule = rule ?? (request.batch == nil ? .runnerUp : .cohen)
        request.stopping = stopping
        request.leastRadius = width == nil ? nil : decideRadius
        request.budget = try checkedBudget()
    }

    private func checkedBudget() throws -> Int? {
        let together = [("--budget", budget != nil), ("--holm", holm), ("--fdr", fdr != nil)]
            .first(where: \.1)?.0
        if subject.sigma.values.count > 1, let together {
            throw ValidationError(
                "\(together) takes one noise level, but --sigma names "
                    + "\(subject.sigma.values.count): use only one of them.")
        }
        guard let budget else { return nil }
        guard decideRadius != nil || width != nil else {
            throw ValidationError(
                "--budget needs to know what is to be decided: add --decide-radius or --width.")
        }
        if holm || fdr != nil {
            throw ValidationError(
                "--budget leaves inputs undecided one by one: use it without --holm or --fdr.")
        }
        return budget.value
    }

    /// What is decided when all inputs are counted.
    private func batch() throws -> BatchThresholdTest.Method? {
        let asked = [("--family-wise", familyWise), ("--holm", holm), ("--fdr", fdr != nil)]
            .filter(\.1).map(\.0)
        guard asked.count <= 1 else {
            throw ValidationError("Use only one of \(asked.joined(separator: " and ")).")
        }
        guard let option = asked.first, option != "--family-wise" else { return nil }
        guard decideRadius != nil, width == nil else {
            throw ValidationError(
                "\(option) decides about one radius: name it with --decide-radius, without --width."
            )
        }
        guard rule ?? .cohen == .cohen else {
            throw ValidationError(
                "\(option) tests the selected class alone: use it without --rule runner-up.")
        }
        if let fdr, let alpha {
            throw ValidationError(
                "--fdr \(fdr) takes the place of --alpha \(alpha): use only one of them.")
        }
        if let fdr, !(fdr > 0 && fdr < 1) {
            throw ValidationError("--fdr is \(fdr), but it must lie between 0 and 1.")
        }
        return holm ? .holm : .eBenjaminiHochberg
    }

    private var stopping: Stopping {
        if let width { return .whenPrecise(width: width) }
        if let decideRadius { return .whenDecided(radius: decideRadius) }
        return earlyAbstain ? .whenHopeless : .atTheCap
    }
}

/// What is certified or predicted: the classifier, the inputs and the noise level.
struct SubjectOptions: ParsableArguments {
    @Option(help: "The classifier: an ONNX file with one float32 input.")
    var model: String

    @Option(
        help: ArgumentHelp(
            "The inputs: .npy, .npz, IDX (also .gz) or CIFAR-10 binary.",
            discussion: "uint8, float32 or float64, the first axis counting the inputs."))
    var inputs: String

    @Option(help: "The true labels, in the same formats or one number a line; for the reports.")
    var labels: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The noise level, in the units in which the model sees the inputs.",
            discussion: "Before --mean and --std: with bytes divided by 255, 0.5 is half of the "
                + "range from black to white. Several, such as 0.25,0.5,1, with certify, coordinate "
                + "and cluster alone: alpha is shared among them, and the largest radius of each "
                + "input is reported."))
    var sigma: NumberList

    /// The noise level, when there is one.
    func onlySigma(in command: String) throws -> Double {
        guard sigma.values.count == 1 else {
            throw ValidationError(
                "--sigma names \(sigma.values.count) noise levels, and wardein \(command) takes one."
            )
        }
        return sigma.values[0]
    }
}

/// Which inputs, in which form, with which key, and where to: what seldom needs to be said.
struct DetailOptions: ParsableArguments {
    @Option(
        name: [.customLong("first"), .customLong("max")], parsing: .unconditional,
        help: "Take the first K inputs only (--max in Cohen's script).")
    var first: Int?

    @Option(
        name: [.customLong("every"), .customLong("skip")], parsing: .unconditional,
        help: "Take every K-th input only (--skip in Cohen's script).")
    var every: Int?

    @Option(help: "Take the inputs whose indices this file lists (.npy or one a line).")
    var indices: String?

    @Option(
        help: ArgumentHelp(
            "The noise key, 64 hexadecimal digits; drawn by the operating system unless given.",
            discussion: "The same key and plan give the same records, byte for byte: a "
                + "reproduction, not a second chance."))
    var key: String?

    @Option(
        parsing: .unconditional,
        help: "What a byte is divided by (default: 255). Noise is drawn on that grid.")
    var scale: Int?

    @Option(
        help: ArgumentHelp(
            "For float data: the grid, for example 2^-16 (the default) or 1/255.",
            discussion: "Inputs are rounded to it, and the distance is taken from the radius."))
    var grid: GridStep?

    @Option(help: "Subtracted from each channel after the noise, for example 0.491,0.482,0.447.")
    var mean: FloatList?

    @Option(help: "Each channel is divided by it after that, for example 0.247,0.243,0.262.")
    var std: FloatList?

    @Option(help: "Moves the channel axis of the inputs: hwc-to-chw or chw-to-hwc.")
    var transpose: AxisMove?

    @Option(help: "The model's output that holds the scores, when it has several.")
    var outputName: String?

    @Option(
        parsing: .unconditional,
        help:
            "For a model with one score: class 1 above this (0 for a logit, 0.5 for a probability)."
    )
    var decisionThreshold: Float?

    @Option(help: "The array of an .npz file that holds the inputs.")
    var inputsMember: String?

    @Option(help: "The array of an .npz file that holds the labels.")
    var labelsMember: String?

    func selection() throws -> CampaignRequest.Selection {
        let given = [first != nil, every != nil, indices != nil].count { $0 }
        guard given <= 1 else {
            throw ValidationError(
                "Use only one of --first (--max), --every (--skip) and --indices. Both of the first "
                    + "two are: seq 0 \(every ?? 20) \((first ?? 500) - 1) >list, and "
                    + "--indices list.")
        }
        if let first { return .first(first) }
        if let every { return .every(every) }
        if let indices { return .listed(path: indices) }
        return .all
    }
}

/// The options of a command that runs a campaign.
protocol CampaignArguments {
    var subject: SubjectOptions { get set }
    var details: DetailOptions { get set }

    /// Says how many samples there are and what is claimed on their strength.
    func setPlan(of request: inout CampaignRequest) throws
}

extension CampaignArguments {
    /// The campaign that these options make at one noise level, with all its files read and checked.
    ///
    /// - Parameters:
    ///   - sigma: the noise level.
    ///   - sigmas: all noise levels that share alpha; nil: there is no other.
    ///   - key: the noise key, unless an option gives one; nil: a new one.
    ///   - extended: the run with whose samples it goes on.
    func prepare(
        at sigma: Double, among sigmas: [Double]? = nil, key: NoiseKey? = nil,
        extending extended: ExtendedRun? = nil
    ) throws -> PreparedCampaign {
        try PreparedCampaign(
            wanted: request(at: sigma, among: sigmas, key: key, extending: extended))
    }

    /// What these options ask for; parameters as above.
    func request(
        at sigma: Double, among sigmas: [Double]? = nil, key: NoiseKey? = nil,
        extending extended: ExtendedRun? = nil
    ) throws -> CampaignRequest {
        var request = try request(at: sigma, among: sigmas)
        request.earlierCaps = extended?.caps ?? []
        request.isKeyGiven = request.noiseKey != nil
        request.noiseKey = request.noiseKey ?? key
        return request
    }

    private func request(at sigma: Double, among sigmas: [Double]?) throws -> CampaignRequest {
        var request = CampaignRequest(
            model: subject.model, inputs: .init(path: subject.inputs, member: details.inputsMember),
            sigma: sigma)
        request.sigmas = sigmas
        guard subject.labels != nil || details.labelsMember == nil else {
            throw ValidationError("--labels-member names an array of --labels, which is missing.")
        }
        request.labels = subject.labels.map { .init(path: $0, member: details.labelsMember) }
        request.selection = try details.selection()
        request.scale = details.scale
        request.stepsPerUnit = details.grid?.stepsPerUnit
        request.axisMove = details.transpose
        request.mean = details.mean?.values
        request.standardDeviation = details.std?.values
        request.outputName = details.outputName
        request.decisionThreshold = details.decisionThreshold
        request.noiseKey = try details.key.map { digits in
            guard let key = NoiseKey(hex: digits) else {
                throw ValidationError("--key needs 64 hexadecimal digits, not '\(digits)'.")
            }
            return key
        }
        try setPlan(of: &request)
        return request
    }
}

extension PreparedCampaign {
    /// Prepares what is asked for; trouble with the model names its file.
    init(wanted request: CampaignRequest) throws {
        do {
            try self.init(request, programVersion: Wardein.version)
        } catch let failure as ClassifierFailure {
            throw ModelError(path: request.model, failure: failure)
        }
    }
}

/// Where a campaign's files are.
struct OutputOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "The folder to make for the campaign's files.")
    var output: String

    @Flag(
        help: "Go on with the unfinished campaign in the output folder (see also wardein resume).")
    var resume = false

    @OptionGroup var others: OtherRunOptions

    /// The key that signs the run; nil: none does.
    func signingKey() throws -> SigningKey? { try others.signingKey() }

    /// The folder of the run with whose samples it goes on.
    var extend: String? { others.extend }

    /// The ledger in which a campaign in the output folder is entered when it begins.
    func campaignLedger(goingOnWith unfinished: UnfinishedCampaign?) throws -> CampaignLedger {
        try others.campaignLedger(beside: output, goingOnWith: unfinished)
    }
}

/// What a campaign has to do with other runs, and who vouches for it.
struct OtherRunOptions: ParsableArguments {
    @Option(help: "Sign the finished run with this key, which wardein keys signing makes.")
    var sign: String?

    /// The key that signs the run; nil: none does.
    func signingKey() throws -> SigningKey? {
        try sign.map { try SigningKeyFiles.signingKey(at: $0) }
    }

    @Option(
        help: ArgumentHelp(
            "The ledger of runs; none: no ledger.",
            discussion:
                "The default is \(AlphaLedger.fileName) beside the output folder. It notices another run of the same model, inputs and noise level, which is a "
                + "second chance at a false certificate. Without one, records say that other runs are "
                + "unknown."))
    var ledger: String?

    @Flag(
        help: ArgumentHelp(
            "Run although some inputs were sampled before.",
            discussion: "Their records state the sum of alpha over all runs."))
    var sumAlpha = false

    @Option(
        help: ArgumentHelp(
            "Go on with the samples of the finished run in this folder, up to --samples.",
            discussion:
                "Only the additional samples are drawn. With --decide-radius, --width and "
                + "predict (not --fixed) alpha covers both runs; else records state the sum of their alphas."
        ))
    var extend: String?

    /// The ledger in which a campaign in the output folder is entered when it begins.
    func campaignLedger(
        beside output: String, goingOnWith unfinished: UnfinishedCampaign?
    ) throws -> CampaignLedger {
        let extended = try extend.map { try ExtendedRun(at: $0) }
        if unfinished != nil { return CampaignLedger(resumingExtensionOf: extended) }
        if ledger == "none" {
            guard extended == nil else {
                throw ValidationError("--extend needs a ledger: leave --ledger none out.")
            }
            return .none
        }
        return try CampaignLedger(
            at: ledger ?? CampaignLedger.path(beside: output),
            consent: sumAlpha ? .summedAlpha : .none, extending: extended)
    }
}

/// What is wrong with the classifier in a file: one sentence, which names the file.
struct ModelError: Error, CustomStringConvertible {
    let path: String
    let failure: ClassifierFailure

    var description: String {
        switch failure {
        case .libraryMissing, .libraryUnusable, .outOfMemory: "\(failure)"
        case .modelUnreadable, .modelUnsuitable, .engineFailed, .notANumber: "\(path): \(failure)"
        }
    }
}

/// A number of samples: `100000`, `100_000` or `1e5`.
struct SampleCount: ExpressibleByArgument {
    let value: Int

    init(_ value: Int) { self.value = value }

    init?(argument: String) {
        let digits = argument.filter { $0 != "_" }
        guard let value = Int(digits) ?? Double(digits).flatMap(Int.init(exactly:)) else {
            return nil
        }
        self.value = value
    }

    var defaultValueDescription: String { String(value) }
}

/// A grid named by its step: `2^-16`, `1/255` or a decimal such as `0.001`.
struct GridStep: ExpressibleByArgument {
    let stepsPerUnit: Int

    init?(argument: String) {
        if argument.hasPrefix("2^-"), let exponent = Int(argument.dropFirst(3)),
            (0...22).contains(exponent)
        {
            stepsPerUnit = 1 << exponent
        } else if argument.hasPrefix("1/"), let steps = Int(argument.dropFirst(2)), steps > 0 {
            stepsPerUnit = steps
        } else if let step = Double(argument), step > 0, step <= 1,
            let steps = Int(exactly: (1 / step).rounded()), 1 / Double(steps) == step
        {
            stepsPerUnit = steps
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "1/\(stepsPerUnit)" }
}

/// Numbers separated by commas.
struct FloatList: ExpressibleByArgument {
    let values: [Float]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { Float($0.trimmingPrefix(while: \.isWhitespace)) }
        guard values.count == parts.count else { return nil }
        self.values = values
    }
}

extension CertificationRule: ExpressibleByArgument {}
extension AxisMove: ExpressibleByArgument {}
