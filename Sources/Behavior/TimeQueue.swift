/// A binary heap of entries by time, the earliest first; of one time the lower number first.
///
/// Entries are small, whatever they stand for: what waits is kept elsewhere, at `place`. Adding and removing take
/// O(log n) (Williams, "Algorithm 232: Heapsort", Communications of the ACM 7, 1964).
package struct TimeQueue: Sendable {
  /// What is in a queue.
  package struct Entry: Sendable, Equatable {
    package var time: Double
    package var number: Int
    package var place: Int

    package init(time: Double, number: Int, place: Int) {
      (self.time, self.number, self.place) = (time, number, place)
    }

    @inline(__always)
    fileprivate func isBefore(_ other: Entry) -> Bool {
      time != other.time ? time < other.time : number < other.number
    }
  }

  private var heap: [Entry] = []

  /// Nothing waits.
  package init() {}

  /// The earliest entry.
  package var first: Entry? { heap.first }

  /// How many there are.
  package var count: Int { heap.count }

  /// Adds an entry.
  package mutating func add(_ entry: Entry) {
    heap.append(entry)
    heap.withUnsafeMutableBufferPointer { heap in
      var child = heap.count - 1
      while child > 0, entry.isBefore(heap[(child - 1) / 2]) {
        heap[child] = heap[(child - 1) / 2]
        child = (child - 1) / 2
      }
      heap[child] = entry
    }
  }

  /// Removes the earliest entry.
  ///
  /// - Precondition: there is one.
  package mutating func removeFirst() {
    let moved = heap.removeLast()
    if heap.isEmpty { return }
    heap.withUnsafeMutableBufferPointer { heap in
      var parent = 0
      while true {
        var child = 2 * parent + 1
        if child >= heap.count { break }
        if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
        guard heap[child].isBefore(moved) else { break }
        heap[parent] = heap[child]
        parent = child
      }
      heap[parent] = moved
    }
  }
}
