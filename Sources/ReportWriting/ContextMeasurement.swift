import CertificateRecords
import CertificationReports
import EverydayChanges

/// Measures everyday changes on the inputs of a campaign.
struct ContextMeasurement {
    private let inputs: CampaignInputs
    private let manifest: RecordedManifest
    private let range: ClosedRange<Double>

    /// The most inputs that are changed.
    private static let mostMeasured = 500
    /// About how many coordinates may be compared in search of the nearest inputs.
    private static let mostComparisons = 3_000_000_000

    init(_ inputs: CampaignInputs, manifest: RecordedManifest, range: ClosedRange<Double>) {
        (self.inputs, self.manifest, self.range) = (inputs, manifest, range)
    }

    func context(of records: [ReportedInput]) throws -> RadiusContext {
        let measured = evenly(records, atMost: ContextMeasurement.mostMeasured)
        let values = try measured.map { try inputs.values(of: $0.index) }
        var changes: [RadiusContext.Change?] = []
        var notes: [String] = []
        if let shape = PictureShape(manifest.model.inputShape) {
            changes += EverydayChange.all.map { change in
                RadiusContext.Change(
                    name: change.name,
                    measurements: values.map { size(of: change, at: $0, shape: shape) },
                    inputs: measured)
            }
            notes.append(pictureNote(shape))
        } else {
            notes.append(
                "The inputs have the shape \(manifest.model.inputShape), which is none of an image of "
                    + "one channel or three, so no image was changed.")
        }
        let nearest = try nearestOthers(of: measured, values, among: records)
        changes.append(nearest.change)
        notes.append(nearest.note)
        return RadiusContext(
            measuredInputs: measured.count, changes: changes.compactMap(\.self), notes: notes)
    }

    private func pictureNote(_ shape: PictureShape) -> String {
        let steps = Double(manifest.noise.stepsPerUnit)
        let rounding =
            inputs.areBytes
            ? "Changed images are rounded to whole bytes, as a file would be. "
            : "Black is taken to be \(range.lowerBound / steps) and white "
                + "\(range.upperBound / steps). "
        let colours =
            shape.channels == 3
            ? ", colours at full resolution (usual files halve it and lose a little more)" : ""
        return rounding
            + "Shift and rotation repeat the pixels at the edge. JPEG rounding is the loss of that "
            + "format without its file: cosine coefficients rounded by the example tables of ITU-T "
            + "T.81\(colours)."
    }

    private func size(
        of change: EverydayChange, at values: [Int32], shape: PictureShape
    ) -> ChangeSize {
        let picture = Picture(
            height: shape.height, width: shape.width, channels: shape.channels, range: range,
            values: shape.interleaved(values.map(Double.init)))
        let changed = change.applied(to: picture)
        var (square, largest) = (0.0, 0.0)
        for (before, after) in zip(picture.values, changed.values) {
            let after = inputs.areBytes ? after.rounded() : after
            let difference = abs(after - before)
            square += difference * difference
            largest = max(largest, difference)
        }
        return length(square: square, largest: largest)
    }

    /// In the units of radii. The sum of d rounded squares is too small by less than a share of
    /// d 2^-52, which is below 2^-26 for every input that fits into memory.
    private func length(square: Double, largest: Double) -> ChangeSize {
        let steps = Double(manifest.noise.stepsPerUnit)
        return ChangeSize(
            l2: ((square * (1 + 0x1p-26)).squareRoot().nextUp / steps).nextUp,
            lInfinity: (largest / steps).nextUp)
    }

    private func evenly(_ records: [ReportedInput], atMost count: Int) -> [ReportedInput] {
        guard records.count > count else { return records }
        return (0..<count).map { records[$0 * records.count / count] }
    }
}

// The nearest input of another class
// ----------------------------------

extension ContextMeasurement {
    private func nearestOthers(
        of measured: [ReportedInput], _ values: [[Int32]], among records: [ReportedInput]
    ) throws -> (change: RadiusContext.Change?, note: String) {
        let coordinates = measured.count * manifest.model.inputShape.reduce(1, *)
        let most = max(100, ContextMeasurement.mostComparisons / max(1, coordinates))
        let others = evenly(records, atMost: most)
        let nearest = NearestOther(
            among: try others.map { (try inputs.values(of: $0.index), className($0)) })
        var (sizes, found) = ([ChangeSize](), [ReportedInput]())
        for (record, values) in zip(measured, values) {
            guard let distance = nearest.distances(from: values, className: className(record))
            else { continue }
            sizes.append(
                length(square: Double(distance.square), largest: Double(distance.lInfinity)))
            found.append(record)
        }
        let change = RadiusContext.Change(
            name: "to the nearest input of another class", measurements: sizes, inputs: found)
        let classes =
            records.contains { $0.label == nil }
            ? "Labels are not known: the class of an input is the one that was selected. " : ""
        return (
            change,
            classes + "The nearest input of another class was sought among \(others.count) of the "
                + "campaign's inputs; among more there are nearer ones."
        )
    }

    private func className(_ input: ReportedInput) -> Int { input.label ?? input.selectedClass }
}
