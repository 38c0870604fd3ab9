/// What an ONNX file says of its model, read from the bytes: everything but the weights.
///
/// Nothing of it is believed: the engine alone decides what the model computes. It serves for
/// sentences, for finding what lies in other files, and for saying what a model expects.
/// Field numbers and meanings: `onnx.proto` of the ONNX project.
///
/// ```swift
/// let model = try ModelGraph(bytes: file)
/// for suspect in model.suspects { print(suspect) }
/// ```
public struct ModelGraph: Sendable {
    /// The version of the file's format; 0 where the file does not say.
    public var irVersion = 0
    /// The program that wrote the file, and its version, for example `pytorch` and `2.9.1`.
    public var producer = (name: "", version: "")
    /// The operators that the model is made of, and of which release.
    public var operatorSets: [OperatorSet] = []
    /// The nodes that make the outputs of the inputs.
    public var body = Body()
    /// Functions that the file defines for itself, and whose names stand as operators in its nodes.
    public var functions: [Function] = []

    /// The version of the operators of this domain; the empty domain is ONNX's own.
    public func version(ofDomain domain: String) -> Int? {
        let wanted = Self.canonical(domain)
        return operatorSets.last { Self.canonical($0.domain) == wanted }?.version
    }

    /// `ai.onnx` is another name of ONNX's own domain.
    static func canonical(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

    /// An operator set, as the file imports it.
    public struct OperatorSet: Hashable, Sendable {
        /// Whose operators; empty: ONNX's own.
        public var domain = ""
        /// Of which release.
        public var version = 0
    }

    /// The nodes of a graph, of a branch or loop within a node, or of a function.
    public struct Body: Sendable {
        /// The nodes, each after those whose outputs it takes.
        public var nodes: [Node] = []
        /// What is given to the body. Old files list initializers here too.
        public var inputs: [Value] = []
        /// What it gives.
        public var outputs: [Value] = []
        /// Weights and other constants.
        public var initializers: [Tensor] = []
        /// What the file says of values in between.
        public var values: [Value] = []
    }

    /// A function that the file defines: a body whose inputs and outputs have names alone.
    public struct Function: Sendable {
        /// The domain and name by which nodes call it.
        public var domain = ""
        /// See ``domain``.
        public var name = ""
        /// The release of the operators in it, where it names its own.
        public var operatorSets: [OperatorSet] = []
        /// What it does.
        public var body = Body()
        /// Attributes that a call may leave out.
        public var defaults: [String: Attribute] = [:]
    }

    /// One operation.
    public struct Node: Sendable {
        /// Its name; may be empty.
        public var name = ""
        /// The operator, for example `Softmax`.
        public var operation = ""
        /// Whose operator; empty: ONNX's own.
        public var domain = ""
        /// The names of the values that it takes; an empty name stands for one left out.
        public var inputs: [String] = []
        /// The names of the values that it makes; an empty name stands for one left out.
        public var outputs: [String] = []
        /// Its settings by name.
        public var attributes: [String: Attribute] = [:]
    }

    /// A setting of a node.
    public enum Attribute: Sendable {
        case integer(Int)
        case float(Float)
        case text(String)
        case integers([Int])
        case floats([Float])
        case texts([String])
        case tensor(Tensor)
        case bodies([Body])
        /// The attribute of this name of the function that the node stands in.
        case reference(String)
        /// Of a kind, or longer than, what is kept here.
        case other
    }

    /// What the file says of an input, an output or a value in between.
    public struct Value: Hashable, Sendable {
        /// Its name.
        public var name = ""
        /// What it is.
        public var kind = Kind.unknown
        /// The type of its elements, if it is a tensor.
        public var elementType: TensorType?
        /// Its sizes by axis; nil where the file leaves even their number open.
        public var shape: [Dimension]?
    }

    /// What a value is.
    public enum Kind: Hashable, Sendable { case tensor, sequence, map, unknown }

    /// The size of one axis.
    public enum Dimension: Hashable, Sendable {
        case number(Int)
        /// The same wherever this name stands.
        case symbol(String)
        case open
    }

    /// A constant: all but its elements, which stay in the bytes, unless they are few integers.
    public struct Tensor: Sendable {
        /// Its name; empty within an attribute.
        public var name = ""
        /// The type of its elements.
        public var elementType: TensorType?
        /// Its sizes by axis.
        public var shape: [Int] = []
        /// Its elements, where they are at most ``mostIntegers`` integers or truth values that stand
        /// in this file.
        public var integers: [Int]?
        /// Where its elements lie, if not in this file.
        public var external: ExternalData?

        /// The longest list of integers that is kept.
        public static var mostIntegers: Int { 1024 }
    }

    /// A part of another file.
    public struct ExternalData: Hashable, Sendable {
        /// The file, relative to the folder of the model.
        public var location = ""
        /// Where the part begins, in bytes.
        public var offset = 0
        /// How many bytes it has; nil: all that follow.
        public var length: Int?

        /// Names a part of a file.
        public init(location: String = "", offset: Int = 0, length: Int? = nil) {
            self.location = location
            self.offset = offset
            self.length = length
        }
    }
}

/// The type of a tensor's elements, by the number that ONNX gives it.
public enum TensorType: Int, Hashable, Sendable, CustomStringConvertible {
    case float32 = 1
    case uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64
    case complex64, complex128, bfloat16

    /// For example `float32`.
    public var description: String {
        switch self {
        case .float32: "float32"
        case .uint8: "uint8"
        case .int8: "int8"
        case .uint16: "uint16"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .string: "string"
        case .bool: "bool"
        case .float16: "float16"
        case .float64: "float64"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .complex64: "complex64"
        case .complex128: "complex128"
        case .bfloat16: "bfloat16"
        }
    }
}

// MARK: - All of it

extension ModelGraph {
    /// Every tensor of the file, in whatever body or attribute it stands.
    public var tensors: [Tensor] {
        var all: [Tensor] = []
        func collect(_ body: Body) {
            all += body.initializers
            for node in body.nodes {
                for (_, attribute) in node.attributes { collect(attribute) }
            }
        }
        func collect(_ attribute: Attribute) {
            switch attribute {
            case .tensor(let tensor): all.append(tensor)
            case .bodies(let bodies): bodies.forEach(collect)
            default: break
            }
        }
        collect(body)
        for function in functions {
            collect(function.body)
            for (_, attribute) in function.defaults { collect(attribute) }
        }
        return all
    }

    /// The inputs that a caller has to give: those without an initializer.
    public var inputs: [Value] {
        let constants = Set(body.initializers.map(\.name))
        return body.inputs.filter { !constants.contains($0.name) }
    }

    /// The outputs, in the file's order.
    public var outputs: [Value] { body.outputs }
}
