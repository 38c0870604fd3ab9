/// A file of the binary version of CIFAR-10 or CIFAR-100 (Krizhevsky 2009): rows of one or two
/// label bytes and a 3 x 32 x 32 image, with no header.
struct CIFARBatch {
    /// An array of one row an image; the label bytes come first.
    let rows: StoredArray
    /// The class of each image; for CIFAR-100 the fine one.
    let labels: [Int]

    /// `nil` if the size is not that of whole rows.
    ///
    /// - Throws: When a label byte is no label.
    init?(_ contents: Contents) throws(DataSetError) {
        let layouts = Layout.allCases.filter { $0.fits(contents) }
        guard let first = layouts.first else { return nil }
        // A file of 3073 times 3074 rows' bytes fits both; its label bytes decide.
        let layout = layouts.first { $0.accepts(contents.head.prefix($0.labelBytes)) } ?? first
        let count = contents.bytes.count / layout.rowBytes
        var labels: [Int] = []
        labels.reserveCapacity(count)
        for row in 0..<count {
            let start = row * layout.rowBytes
            let bytes = try contents.bytes.read(start..<(start + layout.labelBytes))
            guard layout.accepts(bytes[...]) else {
                throw DataSetError(
                    contents.origin,
                    "the size is that of \(layout.rawValue) binary, but row \(row) starts with "
                        + "\(bytes), which is no label; give npy, npz, IDX or CIFAR binary")
            }
            labels.append(Int(bytes[layout.labelBytes - 1]))
        }
        rows = StoredArray(
            origin: contents.origin, shape: [count, layout.rowBytes], type: .uint8,
            bytes: contents.bytes)
        self.labels = labels
    }

    enum Layout: String, CaseIterable {
        case cifar10 = "CIFAR-10"
        case cifar100 = "CIFAR-100"

        /// The class, or the coarse and then the fine class.
        var labelBytes: Int { self == .cifar10 ? 1 : 2 }
        var rowBytes: Int { labelBytes + 3 * 32 * 32 }

        func fits(_ contents: Contents) -> Bool {
            contents.bytes.count.isMultiple(of: rowBytes)
        }

        func accepts(_ labels: ArraySlice<UInt8>) -> Bool {
            let classes: [UInt8] = self == .cifar10 ? [10] : [20, 100]
            return zip(labels, classes).allSatisfy { $0 < $1 }
        }
    }
}
