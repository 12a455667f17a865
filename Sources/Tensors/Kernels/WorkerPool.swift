import Dispatch
import Foundation
import Synchronization

/// The threads that help with numeric work.
///
/// Waking a sleeping thread took 40 to 55 µs where it was measured, as long as a whole step of a small recurrent
/// network. So a helper that has nothing more to do looks out for the next piece of work for a while before it sleeps,
/// and within a training step it seldom sleeps.
final class WorkerPool: Sendable {
  static let shared = WorkerPool()

  /// How long a helper looks out for work before it sleeps, and how often it looks before it lets others run.
  private static let (patience, looks) = (Duration.microseconds(200), 64)

  /// One helping thread.
  private final class Helper: Sendable {
    let sleeps = Atomic<Bool>(false)
    let bell = DispatchSemaphore(value: 0)
  }

  /// What is to be done; written only while no helper is inside.
  private struct Job {
    var body: (Int) -> Void
    var pieces: Int
    var helpers: Int
  }

  private nonisolated(unsafe) var job = Job(body: { _ in }, pieces: 0, helpers: 0)
  private let owned = Atomic<Bool>(false)
  private nonisolated(unsafe) var helpers: [Helper] = []  // touched by the owner alone
  /// The number of jobs so far: what a helper looks out for.
  private let jobs = Atomic<Int>(0)
  /// Twice the number of helpers inside the job, plus 1 while others may enter.
  private let inside = Atomic<Int>(0)
  private let nextPiece = Atomic<Int>(0)

  /// Runs `body(0) … body(pieces - 1)` on the calling thread and up to `helping` others.
  ///
  /// Nobody waits for a helper that has not begun: on a busy machine the calling thread does all the work itself. So it
  /// does if the pool already works for somebody else.
  func run(_ pieces: Int, helping: Int, _ body: (Int) -> Void) {
    guard owned.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
      for piece in 0..<pieces { body(piece) }
      return
    }
    defer { owned.store(false, ordering: .releasing) }
    withoutActuallyEscaping(body) { body in
      job = Job(body: body, pieces: pieces, helpers: helping)
      nextPiece.store(0, ordering: .relaxed)
      inside.store(1, ordering: .releasing)
      jobs.add(1, ordering: .sequentiallyConsistent)
      wake(helping)
      work()
      inside.subtract(1, ordering: .acquiringAndReleasing)
      wait(for: .seconds(1 << 30)) { inside.load(ordering: .acquiring) == 0 }
      job.body = { _ in }
    }
  }

  /// Takes pieces until none is left.
  private func work() {
    while true {
      let piece = nextPiece.add(1, ordering: .relaxed).oldValue
      if piece >= job.pieces { return }
      job.body(piece)
    }
  }

  /// Rings for the first `count` helpers, as far as they sleep.
  private func wake(_ count: Int) {
    while helpers.count < count {
      let (helper, number) = (Helper(), helpers.count)
      helpers.append(helper)
      Thread.detachNewThread { self.help(helper, number) }
    }
    for helper in helpers.prefix(count)
    where helper.sleeps.exchange(false, ordering: .sequentiallyConsistent) { helper.bell.signal() }
  }

  /// The life of a helper.
  private func help(_ helper: Helper, _ number: Int) {
    var seen = 0
    while true {
      let news = { self.jobs.load(ordering: .sequentiallyConsistent) != seen }
      if !wait(for: Self.patience, until: news) {
        helper.sleeps.store(true, ordering: .sequentiallyConsistent)
        // Whoever takes the mark away either rings or, if the helper saw the news itself, need not.
        if !news() || !helper.sleeps.exchange(false, ordering: .sequentiallyConsistent) { helper.bell.wait() }
      }
      seen = jobs.load(ordering: .sequentiallyConsistent)
      if enter() {
        if number < job.helpers { work() }
        inside.subtract(2, ordering: .releasing)
      }
    }
  }

  /// Whether the job is still open; then its owner waits for the helper.
  private func enter() -> Bool {
    var now = inside.load(ordering: .relaxed)
    while now & 1 == 1 {
      let (exchanged, original) = inside.compareExchange(
        expected: now, desired: now + 2, ordering: .acquiringAndReleasing)
      if exchanged { return true }
      now = original
    }
    return false
  }

  /// Looks until `condition` holds or the time is over.
  @discardableResult
  private func wait(for time: Duration, until condition: () -> Bool) -> Bool {
    let start = ContinuousClock.now
    repeat {
      for _ in 0..<Self.looks where condition() { return true }
      sched_yield()
    } while ContinuousClock.now - start < time
    return false
  }
}
