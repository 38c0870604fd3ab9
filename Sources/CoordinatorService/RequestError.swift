import Foundation
import RandomizedSmoothing
import SmoothingNoise

/// Why a request is refused before anything starts: one sentence with the offending value.
enum RequestError: Error, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case oneClass
    case selection(String, available: Int)
    case blockSize(Int)
    case normalization(String)
    case changed(index: Int)
    case grid(String)
    case plan

    var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .oneClass:
            "the model has a single class, so its answer never changes and there is nothing to "
                + "certify"
        case .selection(let option, let available):
            "\(option) does not fit: the data set has \(available) inputs, so use 1 to \(available)"
        case .blockSize(let size):
            "the block size is \(size), but it must lie between 1 and \(RequestError.largestBlockSize)"
        case .normalization(let reason), .grid(let reason): reason
        case .plan: "the plan cannot be told to workers: a name in it is not plain text"
        case .changed(let index):
            "input \(index) is no longer what it was when the campaign began: the file of inputs "
                + "was changed meanwhile"
        }
    }

    /// The most samples that can be classified together.
    static var largestBlockSize: Int { 4096 }

    /// What can be checked without opening a file.
    static func check(_ request: CampaignRequest) throws {
        guard request.sigma > 0, request.sigma.isFinite else {
            throw PlanError.sigma(request.sigma)
        }
        guard (1...largestBlockSize).contains(request.blockSize) else {
            throw RequestError.blockSize(request.blockSize)
        }
    }

    static func read(_ path: String) throws -> [UInt8] {
        do {
            return try [UInt8](Data(contentsOf: URL(filePath: path)))
        } catch {
            throw RequestError.unreadable(path: path, reason: reason(of: error, path: path))
        }
    }

    private static func reason(of error: any Error, path: String) -> String {
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        if !exists { return "there is no such file" }
        if isDirectory.boolValue { return "it is a folder, not a file" }
        if !FileManager.default.isReadableFile(atPath: path) { return "permission denied" }
        return "\(error)"
    }

    /// The normalisation that `--mean` and `--std` ask for, fitted to the shape of one input.
    static func normalization(
        _ request: CampaignRequest, shape: [Int]
    ) throws -> Normalization? {
        guard request.mean != nil || request.standardDeviation != nil else { return nil }
        let count = max(request.mean?.count ?? 1, request.standardDeviation?.count ?? 1)
        return try Normalization(
            means: repeated(request.mean ?? [0], count, "mean"),
            standardDeviations: repeated(request.standardDeviation ?? [1], count, "std"),
            innerStride: stride(ofChannels: count, in: shape))
    }

    /// How many neighbouring coordinates are of one channel.
    private static func stride(ofChannels count: Int, in shape: [Int]) throws -> Int {
        let size = shape.reduce(1, *)
        if count == 1 { return size }
        if shape.count == 3, shape.first == count { return size / count }
        guard shape.last == count else {
            throw RequestError.normalization(
                "--mean and --std name \(count) channels, but an input has shape \(shape)")
        }
        return 1
    }

    private static func repeated(
        _ values: [Float], _ count: Int, _ option: String
    ) throws -> [Float] {
        if values.count == count { return values }
        guard values.count == 1 else {
            throw RequestError.normalization(
                "--\(option) has \(values.count) values where the other one has \(count); "
                    + "give one for each channel")
        }
        return Array(repeating: values[0], count: count)
    }
}
