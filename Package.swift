// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// A Swift module and the modules of the project that it may import.
func module(_ name: String, needs: [String] = []) -> Target {
    .target(name: name, dependencies: needs.map { .byName(name: $0) }, swiftSettings: strict)
}

/// The laws that a module keeps; vectors from other programs lie beside them.
func tests(
    of name: String, needs: [String] = [], vectors: Bool = false, resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: ([name] + needs).map { .byName(name: $0) },
        exclude: vectors ? ["Vectors"] : [], resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "wardein",
    products: [.executable(name: "wardein", targets: ["wardein"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Pure: values and functions, without I/O. Nothing needs what stands below it.
        module("Digests"),
        module("ConfidenceBounds", needs: ["BallArithmetic"]),
        module("SmoothingNoise", needs: ["BallArithmetic", "CSmoothingNoise"]),
        module("RandomizedSmoothing", needs: ["ConfidenceBounds"]),
        module("CampaignScheduling", needs: ["RandomizedSmoothing", "SmoothingNoise", "Digests"]),
        module(
            "CampaignSimulation",
            needs: ["CampaignScheduling", "RandomizedSmoothing", "SmoothingNoise", "Digests"]),
        module(
            "CertificateRecords", needs: ["RandomizedSmoothing", "ConfidenceBounds", "Digests"]),
        module(
            "AlphaAccounting",
            needs: ["CampaignScheduling", "CertificateRecords", "Digests"]),
        module(
            "CertificationReports",
            needs: ["CertificateRecords", "ConfidenceBounds", "Digests", "RandomizedSmoothing"]),
        module("EverydayChanges"),

        // Boundary: each library that is not ours is seen by one module.
        module("BallArithmetic", needs: ["CArb"]),
        module("ZeroMQ", needs: ["CZeroMQ"]),
        module(
            "CampaignMessages",
            needs: [
                "CampaignScheduling", "RandomizedSmoothing", "SmoothingNoise", "Digests", "Sodium",
                "CCampaignMessages", "CProtobufC",
            ]),
        .target(
            name: "CampaignJournal",
            dependencies: [
                "CampaignScheduling", "Digests", "RandomizedSmoothing", "SmoothingNoise", "Sodium",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "AlphaLedger",
            dependencies: [
                "AlphaAccounting", "CampaignScheduling", "CertificateRecords", "ConfidenceBounds",
                "Digests", "RandomizedSmoothing", "Sodium",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        module("ClassifierRuntime", needs: ["COnnxRuntime"]),
        module("DataSets", needs: ["CZip", "CZlib"]),
        module("MachineResources"),
        module("ModelFiles"),
        module("Sodium", needs: ["CSodium", "Digests"]),
        module("StatusServer"),

        // Shells: sockets, threads, files and clocks around the cores.
        module(
            "CampaignMonitoring",
            needs: [
                "CertificateRecords", "CertificationReports", "ConfidenceBounds", "Digests",
                "MachineResources", "Sodium",
            ]),
        module("CampaignKeys", needs: ["Sodium"]),
        module("CampaignQueue"),
        module("RunFolders", needs: ["CertificateRecords", "Digests", "Sodium"]),
        module(
            "SampleCounting",
            needs: ["ClassifierRuntime", "Digests", "ModelFiles", "SmoothingNoise", "Sodium"]),
        // Shares nothing with what schedules and speaks: a stranger's second look.
        module(
            "CertificateVerification",
            needs: [
                "CertificateRecords", "ClassifierRuntime", "ConfidenceBounds", "DataSets",
                "Digests",
                "RandomizedSmoothing", "RunFolders", "SampleCounting", "SmoothingNoise", "Sodium",
            ]),
        module(
            "CoordinatorService",
            needs: [
                "AlphaAccounting", "AlphaLedger", "CampaignJournal", "CampaignKeys",
                "CampaignMessages", "CampaignMonitoring", "CampaignScheduling",
                "CertificateRecords", "CertificationReports", "ClassifierRuntime",
                "ConfidenceBounds", "DataSets", "Digests", "RandomizedSmoothing",
                "SampleCounting", "SmoothingNoise", "Sodium", "ZeroMQ",
            ]),
        module(
            "WorkerService",
            needs: [
                "CampaignKeys", "CampaignMessages", "CampaignScheduling", "ClassifierRuntime",
                "Digests", "MachineResources", "RandomizedSmoothing", "SampleCounting",
                "SmoothingNoise", "Sodium", "ZeroMQ",
            ]),
        module(
            "MachineChecks",
            needs: [
                "CampaignKeys", "ClassifierRuntime", "ClusterLaunching", "MachineResources",
                "WorkerService", "ZeroMQ",
            ]),

        module(
            "ReportWriting",
            needs: [
                "CertificateRecords", "CertificationReports", "ConfidenceBounds", "DataSets",
                "Digests", "EverydayChanges", "RandomizedSmoothing", "RunFolders",
                "SampleCounting", "SmoothingNoise", "Sodium",
            ]),
        module("ClusterLaunching", needs: ["ClassifierRuntime", "Digests", "Sodium"]),

        module(
            "RunMerging",
            needs: [
                "AlphaAccounting", "AlphaLedger", "CampaignScheduling", "CertificateRecords",
                "CertificateVerification", "Digests", "RunFolders",
            ]),

        // Command: parsing and wiring only.
        .executableTarget(
            name: "wardein",
            dependencies: [
                "AlphaAccounting", "AlphaLedger", "CampaignKeys", "CampaignMessages",
                "CampaignMonitoring", "CampaignQueue", "CampaignScheduling", "CampaignSimulation",
                "CertificateRecords", "CertificateVerification", "CertificationReports",
                "ClassifierRuntime", "ClusterLaunching", "CoordinatorService", "DataSets",
                "Digests", "MachineChecks", "MachineResources", "RandomizedSmoothing",
                "ReportWriting", "RunFolders", "RunMerging", "SmoothingNoise", "Sodium",
                "StatusServer", "WorkerService", "ZeroMQ",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // How near the program is to the limits of what it stands on (scripts/bench).
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CampaignJournal", "CampaignScheduling", "CertificateRecords", "ClassifierRuntime",
                "ConfidenceBounds", "CSmoothingNoise", "DataSets", "Digests", "RandomizedSmoothing",
                "SampleCounting", "SmoothingNoise", "Sodium",
            ],
            swiftSettings: strict),

        // C: the inner loop of the noise, the part of ONNX Runtime's interface that is called, the
        // generated wire messages, and libraries of the system.
        .target(name: "CSmoothingNoise"),
        .target(name: "COnnxRuntime"),
        .target(name: "CCampaignMessages", dependencies: ["CProtobufC"]),
        .systemLibrary(name: "CArb"),
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c"),
        .systemLibrary(name: "CSodium"),
        .systemLibrary(name: "CZeroMQ"),
        .systemLibrary(name: "CZip"),
        .systemLibrary(name: "CZlib"),

        tests(of: "BallArithmetic", resources: [.copy("Vectors")]),
        tests(
            of: "ConfidenceBounds", needs: ["BallArithmetic"], resources: [.copy("Vectors")]),
        .testTarget(
            name: "CampaignJournalTests",
            dependencies: [
                "CampaignJournal", "CampaignScheduling", "Digests", "RandomizedSmoothing",
                "SmoothingNoise", "Sodium", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        tests(
            of: "AlphaAccounting", needs: ["CampaignScheduling", "CertificateRecords", "Digests"]),
        .testTarget(
            name: "AlphaLedgerTests",
            dependencies: [
                "AlphaAccounting", "AlphaLedger", "CampaignScheduling", "Digests", "Sodium",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        tests(of: "ClassifierRuntime", vectors: true),
        tests(of: "RandomizedSmoothing", needs: ["ConfidenceBounds"], vectors: true),
        tests(
            of: "CertificateRecords", needs: ["ConfidenceBounds", "RandomizedSmoothing", "Digests"]),
        tests(
            of: "CertificationReports",
            needs: ["CertificateRecords", "ConfidenceBounds", "RandomizedSmoothing", "Digests"],
            vectors: true),
        tests(of: "CampaignQueue"),
        tests(of: "RunFolders", needs: ["CertificateRecords"]),
        tests(
            of: "CertificateVerification",
            needs: ["CertificateRecords", "Digests", "RandomizedSmoothing", "SmoothingNoise"]),
        tests(of: "SampleCounting", needs: ["ClassifierRuntime", "Digests", "SmoothingNoise"]),
        tests(of: "ClusterLaunching", needs: ["Digests"]),
        tests(of: "DataSets", vectors: true),
        tests(of: "EverydayChanges", resources: [.copy("Vectors")]),
        tests(of: "MachineChecks", needs: ["CampaignKeys"]),
        tests(of: "MachineResources"),
        tests(of: "ModelFiles", vectors: true),
        tests(
            of: "WorkerService",
            needs: [
                "CampaignKeys", "CampaignScheduling", "Digests", "MachineResources",
                "RandomizedSmoothing", "SmoothingNoise", "ZeroMQ",
            ]),
        tests(
            of: "CoordinatorService",
            needs: ["CampaignMonitoring", "CampaignScheduling", "Digests", "ZeroMQ"]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["CampaignMonitoring", "CoordinatorService", "wardein"],
            swiftSettings: strict),
        tests(of: "CampaignMonitoring", needs: ["CertificateRecords", "MachineResources"]),
        tests(of: "StatusServer"),
        tests(of: "Sodium", needs: ["Digests"]),
        tests(of: "SmoothingNoise", needs: ["CSmoothingNoise"], vectors: true),
        tests(of: "ZeroMQ", needs: ["Sodium"]),
        tests(of: "CampaignKeys", needs: ["Sodium"]),
        tests(
            of: "CampaignMessages",
            needs: ["CampaignScheduling", "RandomizedSmoothing", "SmoothingNoise", "Digests"],
            vectors: true),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CampaignKeys", "CampaignMessages", "CampaignScheduling", "CertificateRecords",
                "ClassifierRuntime", "Digests", "RandomizedSmoothing", "SampleCounting",
                "SmoothingNoise", "Sodium", "ZeroMQ",
                "wardein",
            ],
            swiftSettings: strict),
        tests(
            of: "CampaignScheduling",
            needs: ["RandomizedSmoothing", "SmoothingNoise", "Digests", "Sodium"]),
        .testTarget(
            name: "CampaignSimulationTests",
            dependencies: ["CampaignMessages", "CampaignScheduling", "CampaignSimulation"],
            exclude: ["Transcripts"], swiftSettings: strict),
    ]
)
