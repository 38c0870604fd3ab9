import ConfidenceBounds
import Testing

@Suite struct CheckpointGridTests {
    @Test func `the grid of the documentation is the grid`() {
        let grid = CheckpointGrid(blockSize: 50, cap: 1000, growthPercent: 50)
        #expect(grid.checkpoints == [50, 100, 150, 250, 400, 600, 900, 1000])
    }

    @Test func `law 4: checkpoints are whole blocks, some five percent apart, and the cap is last`()
    {
        for (blockSize, cap, first) in [(50, 100_000, 1), (64, 99_999, 700), (1, 1000, 10)] {
            let grid = CheckpointGrid(blockSize: blockSize, cap: cap, first: first)
            #expect(grid.checkpoints.last == cap)
            #expect(grid.checkpoints.first.map { $0 >= first && $0 < first + blockSize } == true)
            #expect(grid.checkpoints.dropLast().allSatisfy { $0.isMultiple(of: blockSize) })
            for (now, next) in zip(grid.checkpoints, grid.checkpoints.dropFirst()) {
                #expect(next > now)
                #expect(100 * next < 105 * now + 100 * blockSize)
                #expect(next == cap || 100 * next >= 105 * now)
            }
        }
    }

    @Test func `a small or odd cap is itself a checkpoint, once`() {
        #expect(CheckpointGrid(blockSize: 50, cap: 1).checkpoints == [1])
        #expect(CheckpointGrid(blockSize: 50, cap: 50).checkpoints == [50])
        #expect(CheckpointGrid(blockSize: 50, cap: 51).checkpoints == [50, 51])
        #expect(CheckpointGrid(blockSize: 50, cap: 100, first: 400).checkpoints == [100])
        #expect(CheckpointGrid(blockSize: 1, cap: 1_000_000_000).checkpoints.count < 450)
    }

    @Test func `the checkpoint before and after any number of samples is found`() {
        let grid = CheckpointGrid(blockSize: 50, cap: 1000, growthPercent: 50)
        for samples in 0...1100 {
            #expect(grid.last(within: samples) == grid.checkpoints.last { $0 <= samples })
            #expect(grid.next(after: samples) == grid.checkpoints.first { $0 > samples })
        }
    }
}
