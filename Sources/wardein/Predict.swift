import ArgumentParser
import CoordinatorService
import RandomizedSmoothing

/// Predicts on this machine, or for workers that run elsewhere.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Predict the smoothed classifier's class of each input.",
        discussion: """
            Finds the class that is the most probable one under the noise, or abstains. A \
            prediction is wrong about that with probability at most alpha. It comes without a \
            radius and takes far fewer samples than a certificate. Inputs can be certified later, with \
            --sum-alpha: a certificate is one more claim about them.

            Selection samples choose a class; then samples are drawn until it is known to be the \
            most probable one, or hardly can be, but at most --samples. A clear input takes one \
            block of each.

            It writes the same files as certify, and can be interrupted and resumed likewise. In \
            certificates.tsv the radius of a prediction is 0.0.

            Coming from Cohen's predict.py: --N, --alpha, --sigma, --batch and one of --skip and \
            --max work as they are, and --fixed makes its test: the two largest counts of N samples \
            are compared once. (One more block is drawn for each input, and not used.)
            """)

    @OptionGroup var campaign: PredictionOptions

    @OptionGroup var files: OutputOptions

    @OptionGroup var lookingOn: LookingOnOptions

    @Option(help: "How many worker processes; auto: one for each core.")
    var workers = Count.auto

    @Option(
        help: ArgumentHelp(
            "Start no workers, and listen for those of wardein work at this address.",
            discussion: "For example tcp://*:5555; see wardein coordinate."))
    var listen: String?

    @OptionGroup var access: AdmissionOptions

    func run() throws {
        guard files.resume else { return try run(goingOnWith: nil) }
        guard let unfinished = try UnfinishedCampaign.toResume(at: files.output) else { return }
        try run(goingOnWith: unfinished)
    }

    func run(goingOnWith unfinished: UnfinishedCampaign?) throws {
        try lookingOn.begin()
        if let listen {
            return try CampaignRun(
                campaign, writingTo: files.output, goingOnWith: unfinished,
                enteringInto: files.campaignLedger(goingOnWith: unfinished), listeningAt: listen,
                admitting: access.admission(), signingWith: files.signingKey()
            ).run(launching: nil)
        }
        let workers = try workers.number(named: "--workers")
        try CampaignRun.onThisMachine(
            campaign, files, goingOnWith: unfinished, workers: workers)
    }

    func validate() throws {
        _ = try campaign.subject.onlySigma(in: "predict")
        guard listen != nil || (access.keys == nil && !access.insecurePlaintext) else {
            throw ValidationError("--keys and --insecure-plaintext go with --listen.")
        }
    }
}

/// The options that say what to predict, and from how many samples.
struct PredictionOptions: ParsableArguments, CampaignArguments {
    @OptionGroup var subject: SubjectOptions

    @Option(
        name: [.customLong("samples"), .customLong("N")], parsing: .unconditional,
        help: "The most samples that test the class of an input; with --fixed, of every input.")
    var samples = SampleCount(10_000)

    @Option(
        name: [.customLong("selection-samples"), .customLong("N0")], parsing: .unconditional,
        help: ArgumentHelp(
            "Samples that choose the class to be tested (default: 50).",
            discussion: "With few of them another class than the most probable one is tested more "
                + "often: then the input abstains."))
    var selectionSamples: SampleCount?

    @Option(
        parsing: .unconditional,
        help: "The chance that a prediction is wrong, over the drawing of the noise.")
    var alpha = 0.001

    @Flag(help: "Let all predictions hold at once: alpha is the chance that any of them is wrong.")
    var familyWise = false

    @Flag(help: "Compare the two largest counts of --samples samples once: Cohen's PREDICT.")
    var fixed = false

    @Option(
        name: [.customLong("block"), .customLong("batch")], parsing: .unconditional,
        help: "How many samples are classified together, and the fewest that are looked at.")
    var block = 25

    @OptionGroup var details: DetailOptions

    func validate() throws {
        guard !fixed || selectionSamples == nil else {
            throw ValidationError(
                "--fixed uses no selection samples: leave --selection-samples (--N0) out.")
        }
    }

    func setPlan(of request: inout CampaignRequest) throws {
        request.blockSize = block
        // Every input has a selection sample; PREDICT does without.
        request.selectionSamples = fixed ? 1 : selectionSamples?.value ?? 50
        request.estimationSamples = samples.value
        request.alpha = alpha
        request.isFamilyWise = familyWise
        request.stopping = fixed ? .predictedAtTheCap : .whenPredicted
    }
}
