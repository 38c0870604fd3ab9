import ModelFiles
import Testing

/// Law 9: the nodes by which a sample's answer may depend on more than the sample.
@Suite struct SuspectTests {
    @Test func `suspects are those that the author of each graph meant, and no others`() throws {
        for (name, graph) in try Vectors.graphs.get() {
            let found = try ModelGraph(bytes: Array(graph.bytes)).suspects.map {
                Vectors.Graph.Suspect(node: $0.node, cause: $0.cause.rawValue)
            }
            #expect(found == graph.suspects, "\(name)")
        }
    }

    @Test func `no model of other tests has a suspect but the one that adds up its batch`() throws {
        for path in try Vectors.structures.get().keys {
            let suspects = try ModelGraph(bytes: Vectors.bytes(of: path)).suspects
            let expected = path.hasSuffix("sum_of_batch_8.onnx") ? ["ReduceSum"] : []
            #expect(suspects.map(\.operation) == expected, "\(path)")
        }
    }

    @Test func `only what the chosen output depends on is suspect`() throws {
        let graph = try #require(try Vectors.graphs.get()["other_output"])
        let model = try ModelGraph(bytes: Array(graph.bytes))
        #expect(model.suspects(of: "y").isEmpty)
        #expect(model.suspects(of: "mean").count == 1)
    }

    @Test func `a suspect is told in words`() throws {
        let graph = try #require(try Vectors.graphs.get()["bn_training"])
        let suspect = try #require(ModelGraph(bytes: Array(graph.bytes)).suspects.first)
        #expect(
            suspect.description
                == "node 'BatchNormalization' (BatchNormalization) normalises by the mean and "
                + "variance of the batch, since it is in training mode")
        #expect(suspect.remedy.contains("model.eval()"))
    }
}
