import CertificateRecords
import RandomizedSmoothing

/// What has to be true of the manifests of all levels together, and of that of the whole.
struct NoiseLevelsPlan {
    let stated: RecordedNoiseLevels
    /// All levels that the whole names.
    let levels: [VerifiedLevel]

    /// What does not follow.
    func faults() -> [Fault] {
        let unequal = levels.flatMap(declarationFaults) + levels.dropFirst().flatMap(otherPlan)
        // Without a split of so many levels there is nothing from which a whole could follow.
        guard levels.allSatisfy({ $0.split?.sigmas.count == levels.count }) else { return unequal }
        return unequal + derivedFaults()
    }

    /// The level declares that it shares alpha with the others.
    private func declarationFaults(_ level: VerifiedLevel) -> [Fault] {
        func fault(_ reason: String) -> [Fault] {
            [Fault(kind: .plan, place: NoiseLevelsPlan.place(level), reason: reason)]
        }
        guard let split = level.split else {
            return fault("plan.alphaSplit is missing: its alpha is no share")
        }
        let sigmas = stated.levels.map(\.sigma)
        if split.sigmas != sigmas {
            return fault("plan.alphaSplit.sigmas are \(split.sigmas), but the levels are \(sigmas)")
        }
        let sigma = level.rebuilt.manifest.plan.sigma
        return sigma == level.sigma
            ? [] : fault("noise.sigma is \(sigma), but \(level.sigma) is due")
    }

    /// What follows from sigma, and so differs from level to level.
    private static let ofEachLevel: Set = [
        "noise.sigma", "noise.reach", "noise.distanceFromIdeal", "plan.noiseCharge",
        "plan.netAlpha", "plan.stopping.alphaAtCheckpoints", "plan.stopping.alphaAtCap",
        "counting.knownNoise", "counting.knownAnswer", "seal",
    ]

    /// In what a level is another campaign than the first, but for its sigma.
    private func otherPlan(_ level: VerifiedLevel) -> [Fault] {
        JSONDifference.leaves(stated: level.manifest.json, derived: levels[0].manifest.json)
            .filter { !NoiseLevelsPlan.ofEachLevel.contains($0.path) }
            .map { leaf in
                Fault(
                    kind: .plan, place: NoiseLevelsPlan.place(level),
                    reason: "\(leaf.path) is \(leaf.stated ?? "missing"), unlike "
                        + "\(leaf.derived ?? "nothing") in \(levels[0].name)")
            }
    }

    private static func place(_ level: VerifiedLevel) -> String { "\(level.name)/manifest.json" }

    /// What the whole states otherwise than the levels.
    private func derivedFaults() -> [Fault] {
        let whole = NoiseLevelsManifest(levels.map { ($0.rebuilt.manifest, $0.rebuilt.seal) })
        let page = whole.page(sealedWith: stated.seal)
        let isOfThisRelease = levels[0].rebuilt.isOfThisRelease
        guard stated.json.page != page, let derived = try? JSON(parsing: page.utf8) else {
            return []
        }
        let place = "manifest.json"
        let faults =
            differences(stated.json, derived, isOfThisRelease, in: place)
            + zip(levels, zip(stated.json.campaigns, derived.campaigns)).flatMap { level, pair in
                differences(pair.0, pair.1, isOfThisRelease, in: "\(place), \(level.name)")
            }
        guard faults.isEmpty, isOfThisRelease else { return faults }
        return [
            Fault(
                kind: .plan, place: place, reason: "its members stand in another order than written"
            )
        ]
    }

    private func differences(
        _ stated: JSON, _ derived: JSON, _ isOfThisRelease: Bool, in place: String
    ) -> [Fault] {
        JSONDifference.leaves(stated: stated, derived: derived)
            .filter { isOfThisRelease || ($0.stated != nil && $0.derived != nil) }
            .filter { $0.path != "campaigns" }
            .map { Fault(kind: .plan, place: place, reason: $0.reason) }
    }
}

extension VerifiedLevel {
    /// How its plan shares alpha.
    fileprivate var split: AlphaSplit? { rebuilt.manifest.plan.split }
}

extension JSON {
    /// The levels that a whole names.
    fileprivate var campaigns: [JSON] {
        guard case .object(let members) = self,
            case .array(let campaigns)? = members.first(where: { $0.key == "campaigns" })?.value
        else { return [] }
        return campaigns
    }
}
