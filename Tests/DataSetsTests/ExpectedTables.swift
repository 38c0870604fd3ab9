/// The rows of `ExpectedValues.swift`.
struct ExpectedArray: Sendable {
    let file: String
    let member: String?
    let elementType: String
    let shape: [Int]
    /// Hexadecimal, one string an image.
    let bytes: [String]
    let stepsPerUnit: Int
    let values: [[Int32]]
    /// The least doubles that are not below the true distances.
    let distances: [Double]
}

struct ExpectedEncoding: Sendable {
    let file: String
    let member: String?
    /// The element type, which names the row of `expectedArrays` that is stored.
    let array: String
}

struct ExpectedBatch: Sendable {
    let file: String
    let labels: [Int]
    /// Per image and channel.
    let sums: [[Int]]
    /// The first pixels of the last line of the last channel of the last image.
    let first: [UInt8]
}

struct ExpectedTies: Sendable {
    let file: String
    let stepsPerUnit: Int
    let values: [Int32]
    let distance: Double
}

struct ExpectedList: Sendable {
    let file: String
    let member: String?
    let values: [Int]
}

struct ExpectedDemo: Sendable {
    let file: String
    let count: Int
    let shape: [Int]
    /// Of the grid integers of each image.
    let sums: [Int]
    /// The largest squared L2 distance from the image that was attacked, in steps.
    let largestSquaredChange: Int
}
