import Foundation
import Synchronization

/// How far a command is with one step after the other, on standard error: a line that is drawn again on a
/// terminal, a line a minute elsewhere.
final class StepDisplay: Sendable {
    private struct State {
        var lastShown = ContinuousClock.now
        var drawn = 0
    }

    private let state = Mutex(State())

    /// Shows how far a step is, unless something was shown a moment ago.
    func show(_ step: String, _ done: Int, of total: Int) {
        let terminal = Terminal.ofStandardError()
        let pause = terminal == nil ? Duration.seconds(60) : .milliseconds(200)
        state.withLock { state in
            guard ContinuousClock.now - state.lastShown >= pause else { return }
            state.lastShown = .now
            let line = "\(done) of \(total) \(step)"
            guard let terminal else { return Console.say(line) }
            guard terminal.isOurs else { return }
            let text = String(line.prefix(max(0, terminal.columns - 1)))
            Console.write(terminal.erasing(state.drawn) + text)
            state.drawn = text.count
        }
    }

    /// Takes the line away.
    func clear() {
        guard let terminal = Terminal.ofStandardError() else { return }
        state.withLock { state in
            guard state.drawn > 0 else { return }
            Console.write(terminal.erasing(state.drawn))
            state.drawn = 0
        }
    }
}
