/// The sample counts at which a stopping rule may look (law 4): fixed before the first draw, whole
/// blocks, about 5 % apart, and the cap last.
///
/// The first checkpoint is `first` rounded up to whole blocks. After c comes the smallest whole
/// number of blocks that is at least c (1 + `growthPercent` / 100), and one block more at least.
/// Further checkpoints may be put between them: where a run ended that is gone on with.
/// The cap is the last one even where it is not a whole number of blocks, as the last block of an
/// input may be part filled. All of it is integer arithmetic, so the grid is the same anywhere.
///
///     CheckpointGrid(blockSize: 50, cap: 1000, growthPercent: 50).checkpoints
///     // [50, 100, 150, 250, 400, 600, 900, 1000]
public struct CheckpointGrid: Sendable, Hashable {
    /// How many samples are classified together.
    public let blockSize: Int
    /// The most samples of an input.
    public let cap: Int
    /// By how many percent a checkpoint exceeds the one before it, at least.
    public let growthPercent: Int
    /// The checkpoints, in increasing order; the last is the cap.
    public let checkpoints: [Int]

    /// The growth that is used unless another is asked for. A stop is then at most 5 % late.
    public static let defaultGrowthPercent = 5

    /// A grid of samples up to `cap`.
    ///
    /// - Parameters:
    ///   - blockSize: at least 1.
    ///   - cap: from 1 to 10^9 samples.
    ///   - growthPercent: from 1 to 1000.
    ///   - first: the smallest sample count from which there may be anything to decide.
    ///   - more: further checkpoints below the cap, whole blocks each.
    public init(
        blockSize: Int, cap: Int, growthPercent: Int = defaultGrowthPercent, first: Int = 1,
        including more: [Int] = []
    ) {
        precondition(more.allSatisfy { 0 < $0 && $0 < cap && $0 % blockSize == 0 }, "whole blocks")
        precondition(blockSize >= 1, "a block has a sample")
        precondition(1...1_000_000_000 ~= cap, "from 1 to 10^9 samples")
        precondition(1...1000 ~= growthPercent, "growth from 1 to 1000 percent")
        self.blockSize = blockSize
        self.cap = cap
        self.growthPercent = growthPercent
        func blocks(_ samples: Int, per divisor: Int) -> Int {
            (samples + divisor - 1) / divisor
        }
        var checkpoints: [Int] = []
        var block = max(1, blocks(max(1, first), per: blockSize))
        while block <= (cap - 1) / blockSize {
            checkpoints.append(block * blockSize)
            block = max(block + 1, blocks(block * (100 + growthPercent), per: 100))
        }
        self.checkpoints =
            (checkpoints + more.filter { !checkpoints.contains($0) }).sorted() + [cap]
    }

    /// The last checkpoint among the first `samples` samples, if there is one: what a contiguous
    /// prefix of that length has to be looked at.
    public func last(within samples: Int) -> Int? {
        let index = indexAfter(samples)
        return index == 0 ? nil : checkpoints[index - 1]
    }

    /// The first checkpoint after `samples` samples; nil at the cap.
    public func next(after samples: Int) -> Int? {
        let index = indexAfter(samples)
        return index == checkpoints.count ? nil : checkpoints[index]
    }

    /// The index of the first checkpoint greater than `samples`.
    private func indexAfter(_ samples: Int) -> Int {
        var (low, high) = (0, checkpoints.count)
        while low < high {
            let middle = (low + high) / 2
            if checkpoints[middle] <= samples { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
