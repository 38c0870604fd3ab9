/// A lower bound on a probability p, with an upper bound on 1 - p beside it.
///
/// Near 1, doubles are 2^-53 apart, and Phi^-1 would feel it; 1 - p keeps all its digits.
public struct ProbabilityLowerBound: Sendable, Hashable {
    /// p >= value.
    public let value: LowerBound
    /// 1 - p <= complement.
    public let complement: UpperBound

    /// A bound from both of its sides.
    public init(value: LowerBound, complement: UpperBound) {
        self.value = value
        self.complement = complement
    }

    /// A bound from p >= `value` alone.
    public init(_ value: LowerBound) {
        self.init(value: value, complement: UpperBound(proved: 1) - value)
    }

    /// The bound that says nothing.
    public static let trivial = ProbabilityLowerBound(LowerBound(proved: 0))

    /// The same statement about the opposite event.
    public var ofOppositeEvent: ProbabilityUpperBound {
        ProbabilityUpperBound(value: complement, complement: value)
    }
}

/// An upper bound on a probability p, with a lower bound on 1 - p beside it.
public struct ProbabilityUpperBound: Sendable, Hashable {
    /// p <= value.
    public let value: UpperBound
    /// 1 - p >= complement.
    public let complement: LowerBound

    /// A bound from both of its sides.
    public init(value: UpperBound, complement: LowerBound) {
        self.value = value
        self.complement = complement
    }

    /// A bound from p <= `value` alone.
    public init(_ value: UpperBound) {
        self.init(value: value, complement: LowerBound(proved: 1) - value)
    }

    /// The bound that says nothing.
    public static let trivial = ProbabilityUpperBound(UpperBound(proved: 1))

    /// The same statement about the opposite event.
    public var ofOppositeEvent: ProbabilityLowerBound {
        ProbabilityLowerBound(value: complement, complement: value)
    }
}
