/// Why a file of images, labels or indices cannot be used: one sentence that names the file, what
/// was found, what was expected and what to do.
public struct DataSetError: Error, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// `origin` is the file, and the archive member if there is one.
    init(_ origin: String, _ complaint: String) {
        description = "\(origin): \(complaint)"
    }
}
