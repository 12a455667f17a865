import Foundation

/// Hands out what is to be done, and collects what was done: the shared state of the workers of a run.
final class UnitQueue: @unchecked Sendable {
  /// One exercise of one submission.
  struct Unit: Sendable {
    let submission: Int
    let exercise: Int
    let content: Data
    let digest: String
  }

  enum Task: Sendable {
    /// Read a submission.
    case open(Int)
    case grade(Unit)
  }

  /// A submission all of whose exercises are graded.
  struct Finished {
    let notes: [String]
    let exercises: [ExerciseRecord]
  }

  private struct Opened {
    var notes: [String]
    var slots: [ExerciseRecord?]
  }

  private let condition = NSCondition()
  private let submissionCount: Int
  private let exerciseCount: Int
  private let stop: StopSwitch

  private var nextSubmission = 0
  private var units: ArraySlice<Unit> = []
  private var again: [Task] = []
  private var deferred: [(task: Task, fault: ClassRun.Ungraded)] = []
  private var isLastRound = false
  private var busy = 0
  private var opened: [Int: Opened] = [:]
  private var settled = 0
  private var gradedRecords: [StudentRecord] = []
  private var firstFailure: (any Error)?
  private let telling = NSLock()

  init(submissions: Int, exercises: Int, stop: StopSwitch) {
    submissionCount = submissions
    exerciseCount = exercises
    self.stop = stop
  }

  // MARK: - Handing out

  /// What a worker does next; nil when there is nothing more to do. The worker then says what became of it by one of
  /// `opened`, `graded`, `defer`, `abandon` and `fail`.
  func next() -> Task? {
    condition.withLock {
      while true {
        if firstFailure != nil || stop.isRaised { return nil }
        if let task = take() {
          busy += 1
          return task
        }
        if busy == 0 {
          guard !isLastRound, !deferred.isEmpty else { return nil }
          isLastRound = true
          again = deferred.map(\.task)
          deferred = []
          continue
        }
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
      }
    }
  }

  private func take() -> Task? {
    if let unit = units.popFirst() { return .grade(unit) }
    if nextSubmission < submissionCount {
      nextSubmission += 1
      return .open(nextSubmission - 1)
    }
    return again.popLast()
  }

  /// How many units may be graded at once from now on, counting the one that asks.
  var unitsLeft: Int {
    condition.withLock { units.count + busy + again.count + (submissionCount - nextSubmission) * exerciseCount }
  }

  var isStopped: Bool { stop.isRaised }

  // MARK: - Collecting

  func opened(_ index: Int, notes: [String], slots: [ExerciseRecord?], units: [Unit]) -> Finished? {
    release {
      settled += slots.count { $0 != nil }
      if units.isEmpty { return Finished(notes: notes, exercises: slots.compactMap(\.self)) }
      opened[index] = Opened(notes: notes, slots: slots)
      self.units += units
      return nil
    }
  }

  func graded(_ unit: Unit, _ record: ExerciseRecord) -> Finished? {
    release {
      settled += 1
      opened[unit.submission]?.slots[unit.exercise] = record
      guard let submission = opened[unit.submission], !submission.slots.contains(nil) else { return nil }
      opened[unit.submission] = nil
      return Finished(notes: submission.notes, exercises: submission.slots.compactMap(\.self))
    }
  }

  /// A fault of ours: tried once more when everything else is done.
  func `defer`(_ task: Task, _ fault: ClassRun.Ungraded) {
    release { deferred.append((task, fault)) }
  }

  /// A task whose result does not count.
  func abandon() {
    release {}
  }

  /// Ends the run: a result cannot be kept.
  func fail(_ error: any Error) {
    condition.withLock {
      firstFailure = firstFailure ?? error
      condition.broadcast()
    }
  }

  /// Adds a record that is kept, and tells of it, one at a time.
  func add(_ record: StudentRecord, tell: () throws -> Void) throws {
    condition.withLock { gradedRecords.append(record) }
    try telling.withLock { try tell() }
  }

  private func release<Result>(_ body: () -> Result) -> Result {
    condition.withLock {
      busy -= 1
      defer { condition.broadcast() }
      return body()
    }
  }

  // MARK: - Results

  /// How many units are settled.
  var done: Int { condition.withLock { settled } }

  var records: [StudentRecord] { condition.withLock { gradedRecords.sorted { $0.student < $1.student } } }

  /// What failed twice.
  var faults: [ClassRun.Ungraded] { condition.withLock { deferred.map(\.fault) } }

  var failure: (any Error)? { condition.withLock { firstFailure } }
}
