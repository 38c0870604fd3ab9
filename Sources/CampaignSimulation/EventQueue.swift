/// What is going to happen, in order of time; what happens at the same time, in order of adding.
struct EventQueue<Event: Sendable>: Sendable {
    private struct Entry {
        let time: Duration
        let number: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : number < other.number
        }
    }

    /// A binary heap: the first entry is the earliest.
    private var heap: [Entry] = []
    private var added = 0

    /// Adds an event.
    ///
    /// - Complexity: O(log n).
    mutating func add(_ event: Event, at time: Duration) {
        heap.append(Entry(time: time, number: added, event: event))
        added += 1
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].isBefore(heap[parent]) else { return }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    /// Takes the earliest event.
    ///
    /// - Complexity: O(log n).
    mutating func next() -> (event: Event, time: Duration)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return (first.event, first.time) }
        heap[0] = last
        var place = 0
        while true {
            var earliest = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && heap[child].isBefore(heap[earliest]) {
                earliest = child
            }
            guard earliest != place else { return (first.event, first.time) }
            heap.swapAt(place, earliest)
            place = earliest
        }
    }
}
