/// A mistake that a simulation makes on purpose, where a core meets its surroundings: to see that
/// the checkers notice it.
public enum PlantedBug: String, CaseIterable, Sendable {
    /// A worker draws its samples in the order in which leases arrive, not by their indices (law 1).
    case countsByArrival = "counts-by-arrival"
    /// A tally that comes again counts again (law 2).
    case countsTwice = "counts-twice"
    /// Estimation uses the noise stream of selection (law 3).
    case sharesStreams = "shares-streams"
    /// An input is decided as soon as half of its estimation samples are there (law 4).
    case peeks
    /// A classifier that fails is taken to have answered class 0 (law 6).
    case answersTrouble = "answers-trouble"

    /// The law that it breaks.
    public var law: Int {
        switch self {
        case .countsByArrival: 1
        case .countsTwice: 2
        case .sharesStreams: 3
        case .peeks: 4
        case .answersTrouble: 6
        }
    }
}
