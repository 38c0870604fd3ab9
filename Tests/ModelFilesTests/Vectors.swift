import Foundation
import ModelFiles

/// What `Vectors/make_graphs.py` wrote.
enum Vectors {
    /// The folder `Tests`, found from this file.
    static let tests = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A graph with one thing by which a sample's answer depends on more than the sample, or with one
    /// that looks like it.
    struct Graph: Decodable {
        struct Suspect: Decodable, Hashable {
            var node: String
            var cause: String
        }

        /// Base64.
        var bytes: Data
        var suspects: [Suspect]
        var structure: Structure
    }

    /// What the Python package finds in a file.
    struct Structure: Decodable {
        struct Value: Decodable, Hashable {
            var name: String
            var type: Int
            var shape: [String]?
        }

        struct Tensor: Decodable, Hashable {
            var name: String
            var type: Int
            var shape: [Int]
            var external: String
            var integers: [Int]?
        }

        struct Node: Decodable, Hashable {
            var name: String
            var `operator`: String
            var domain: String
            var inputs: [String]
            var outputs: [String]
            var attributes: [String]
            var integers: [String: [Int]]
        }

        struct OperatorSet: Decodable, Hashable {
            var domain: String
            var version: Int

            init(domain: String, version: Int) {
                self.domain = domain
                self.version = version
            }

            init(from decoder: any Decoder) throws {
                var pair = try decoder.unkeyedContainer()
                domain = try pair.decode(String.self)
                version = try pair.decode(Int.self)
            }
        }

        var irVersion: Int
        var producer: String
        var operatorSets: [OperatorSet]
        var inputs: [Value]
        var outputs: [Value]
        var initializers: [Tensor]
        var nodes: [Node]
        var functions: [String]
    }

    /// The graphs by name.
    static let graphs = Result { try decoded([String: Graph].self, "graphs.json") }

    /// What is in the models of other tests, by path under `Tests`.
    static let structures = Result { try decoded([String: Structure].self, "structure.json") }

    /// The bytes of all graphs and of the small models of other tests.
    static let files = Result {
        let small = try graphs.get().sorted { $0.key < $1.key }.map { [UInt8]($0.value.bytes) }
        let models = try structures.get().keys.sorted().map(bytes)
        return small + models.filter { $0.count < 100_000 }
    }

    static func bytes(of path: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: tests.appending(path: path)))
    }

    private static func decoded<Value: Decodable>(_ type: Value.Type, _ name: String) throws
        -> Value
    {
        let file = tests.appending(path: "ModelFilesTests/Vectors/\(name)")
        return try JSONDecoder().decode(type, from: Data(contentsOf: file))
    }
}
