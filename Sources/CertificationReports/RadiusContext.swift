import CertificateRecords
import ConfidenceBounds

/// How large everyday changes of the inputs of a campaign are, measured in the units of its radii, so
/// that a radius means something.
public struct RadiusContext: Hashable, Sendable {
    /// How many inputs were changed and measured.
    public let measuredInputs: Int
    /// The changes, in the order in which they are to be listed.
    public let changes: [Change]
    /// What could not be measured and why, or what was simplified: sentences.
    public let notes: [String]

    /// One kind of change.
    public struct Change: Hashable, Sendable {
        /// What was done to each input.
        public let name: String
        /// The L2 lengths of the change.
        public let l2: Quartiles
        /// The largest changes of a coordinate.
        public let lInfinity: Quartiles
        /// How many of the inputs have a certificate whose radius is above the change's length.
        public let withinCertificate: Share

        /// Measures one kind of change.
        ///
        /// - Parameters:
        ///   - name: what was done.
        ///   - measurements: for each input the lengths of its change, rounded up.
        ///   - inputs: their records, in the same order.
        public init?(
            name: String, measurements: [ChangeSize], inputs: [ReportedInput]
        ) {
            precondition(measurements.count == inputs.count, "a record for each measurement")
            guard let l2 = Quartiles(measurements.map(\.l2)),
                let lInfinity = Quartiles(measurements.map(\.lInfinity))
            else { return nil }
            self.name = name
            self.l2 = l2
            self.lInfinity = lInfinity
            let within = zip(measurements, inputs).count { size, input in
                input.outcome == .certified && size.l2 < input.radius.lowerBound.value
            }
            withinCertificate = Share(within, of: inputs.count)
        }
    }

    /// Lists what was measured.
    public init(measuredInputs: Int, changes: [Change], notes: [String]) {
        self.measuredInputs = measuredInputs
        self.changes = changes
        self.notes = notes
    }
}

/// How large a change of one input is, in the units of the radii, rounded up.
public struct ChangeSize: Hashable, Sendable {
    /// Its L2 length.
    public let l2: Double
    /// Its largest coordinate.
    public let lInfinity: Double

    /// Both lengths.
    public init(l2: Double, lInfinity: Double) {
        self.l2 = l2
        self.lInfinity = lInfinity
    }
}
