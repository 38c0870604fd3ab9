import Foundation

/// The tables that `Vectors/make_vectors.py` writes.
enum Vectors {
    static func rows(_ file: String) throws -> [[String]] {
        let url = Bundle.module.bundleURL.appending(path: "Vectors").appending(path: file)
        return try String(contentsOf: url, encoding: .utf8)
            .split(separator: "\n")
            .map { $0.split(separator: "\t").map(String.init) }
    }
}
