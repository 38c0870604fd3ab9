/// How far inputs are from the nearest one of another class.
public struct NearestOther: Sendable {
    private let others: [(values: [Int32], className: Int)]

    /// Looks among these inputs, each with its class. Their numbers are below 2^23 in magnitude.
    public init(among others: [(values: [Int32], className: Int)]) { self.others = others }

    /// The nearest input of another class: the square of its L2 distance and its L-infinity distance;
    /// nil where there is none.
    ///
    /// - Complexity: linear in all numbers; most inputs are left as soon as they are farther.
    public func distances(
        from values: [Int32], className: Int
    ) -> (square: Int, lInfinity: Int)? {
        var best: (square: Int, values: [Int32])?
        for other in others where other.className != className {
            if let square = squaredDistance(values, other.values, atMost: best?.square ?? .max) {
                best = (square, other.values)
            }
        }
        return best.map { best in
            let largest = zip(values, best.values).map { abs(Int($0) - Int($1)) }.max() ?? 0
            return (best.square, largest)
        }
    }

    /// The square of the distance; nil when it is not below the limit.
    private func squaredDistance(_ a: [Int32], _ b: [Int32], atMost limit: Int) -> Int? {
        precondition(a.count == b.count, "inputs of one shape")
        var sum = 0
        var start = 0
        while start < a.count {
            let end = min(start + 256, a.count)
            for place in start..<end {
                let difference = Int(a[place] &- b[place])
                sum &+= difference &* difference
            }
            if sum >= limit { return nil }
            start = end
        }
        return sum
    }
}
