import Curriculum
import Foundation
import Grading

/// Grades submissions: each exercise of each submission is a unit, and several are graded at once.
///
/// Submissions are begun in order, and the units of one come before those of the next, so results come as the run goes
/// on. What a run writes depends neither on the time nor on how many units are graded at once.
public struct ClassRun: Sendable {
  /// The submissions.
  public var submissions: [Submission]

  /// The exercises.
  public var exercises: [Exercise]

  /// Grades one exercise; its seed is the class's.
  public var grader: Grader

  /// How many units are graded at once.
  public var jobs: Int

  /// Is told what was read of each submission, several at a time.
  public var onRead: @Sendable (Submission, SubmittedFiles) throws -> Void = { _, _ in }

  /// Is told each submission that is graded whole, one at a time.
  public var onStudent: @Sendable (GradedSubmission) throws -> Void = { _ in }

  /// Is told how many units are done, of how many.
  public var onProgress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }

  /// Reads a submission, and grades a unit: replaced in tests.
  var read: @Sendable (Submission, [Exercise]) throws -> SubmittedFiles = { try $0.read($1) }
  var gradeUnit: (@Sendable (Exercise, Data, String) throws -> ExerciseRecord)?

  /// A run.
  public init(submissions: [Submission], exercises: [Exercise], grader: Grader, jobs: Int) {
    self.submissions = submissions
    self.exercises = exercises
    self.grader = grader
    self.jobs = jobs
  }

  /// A submission that is graded whole.
  public struct GradedSubmission: Sendable {
    /// The record.
    public let record: StudentRecord
    /// The name for its files.
    public let fileName: String
    /// All records so far.
    public let all: @Sendable () -> [StudentRecord]
  }

  /// What could not be graded, and why.
  public struct Ungraded: Sendable, Hashable {
    /// The submission's name.
    public let student: String
    /// The exercise's id; nil where the submission could not be read.
    public let exercise: String?
    /// The fault.
    public let reason: String
  }

  /// What a run came to.
  public struct Outcome: Sendable {
    /// The submissions that are graded whole.
    public var students: [StudentRecord]
    /// What is not graded because of a fault of ours.
    public var ungraded: [Ungraded]
    /// Whether it was stopped before its end.
    public var isStopped: Bool
  }

  /// Grades.
  ///
  /// - Parameters:
  ///   - results: where the records go. What an earlier run graded there, and has not changed since, is taken over.
  ///   - stop: ends the run before its end when it is raised.
  /// - Returns: what was graded. A fault of ours is no error: the exercise is tried again at the end, and told.
  /// - Throws: `ResultsError` if a result cannot be kept, or what `onStudent` throws; whatever was kept before stays.
  public func run(into results: ResultsFolder, stop: StopSwitch = StopSwitch()) throws -> Outcome {
    let queue = UnitQueue(submissions: submissions.count, exercises: exercises.count, stop: stop)
    let group = DispatchGroup()
    for _ in 0..<max(1, min(jobs, submissions.count * max(1, exercises.count))) {
      // A thread of its own: these wait most of the time, and would hold up a pool that others use.
      let thread = Thread {
        work(queue, results)
        group.leave()
      }
      thread.stackSize = 16 << 20
      group.enter()
      thread.start()
    }
    group.wait()
    if let failure = queue.failure { throw failure }
    let outcome = Outcome(
      students: queue.records,
      ungraded: queue.faults.sorted { ($0.student, $0.exercise ?? "") < ($1.student, $1.exercise ?? "") },
      isStopped: stop.isRaised)
    if !outcome.isStopped, outcome.ungraded.isEmpty { results.conclude() }
    return outcome
  }

  // MARK: - One worker

  private func work(_ queue: UnitQueue, _ results: ResultsFolder) {
    while let task = queue.next() {
      do {
        switch task {
        case .open(let index): try open(index, queue, results)
        case .grade(let unit): try grade(unit, queue, results)
        }
      } catch {
        queue.fail(error)
      }
      onProgress(queue.done, submissions.count * exercises.count)
    }
  }

  /// Reads a submission and settles what needs no grading.
  private func open(_ index: Int, _ queue: UnitQueue, _ results: ResultsFolder) throws {
    let submission = submissions[index]
    let files: SubmittedFiles
    do {
      files = try read(submission, exercises)
    } catch {
      queue.defer(.open(index), Ungraded(student: submission.name, exercise: nil, reason: "\(error)"))
      return
    }
    try onRead(submission, files)
    let known = (results.known[submission.name]?.exercises ?? []) + (results.knownExercises[submission.name] ?? [])
    var slots: [ExerciseRecord?] = []
    var units: [UnitQueue.Unit] = []
    for (place, exercise) in exercises.enumerated() {
      if let content = files.contents[exercise.id] {
        let digest = contentHash(content)
        let record = known.first { $0.id == exercise.id && $0.digest == digest }
        slots.append(record)
        if record == nil {
          units.append(UnitQueue.Unit(submission: index, exercise: place, content: content, digest: digest))
        }
      } else {
        slots.append(Self.record(of: exercise, without: files.refusals[exercise.id]))
      }
    }
    try conclude(queue.opened(index, notes: files.notes, slots: slots, units: units), index, queue, results)
  }

  private func grade(_ unit: UnitQueue.Unit, _ queue: UnitQueue, _ results: ResultsFolder) throws {
    let exercise = exercises[unit.exercise]
    let student = submissions[unit.submission].name
    let record: ExerciseRecord
    do {
      if let gradeUnit {
        record = try gradeUnit(exercise, unit.content, unit.digest)
      } else {
        // Where fewer units are left than could be graded at once, the checks of one are.
        let share = max(1, jobs / max(1, queue.unitsLeft))
        record = try UnitGrader(grader: grader).grade(exercise, unit.content, digest: unit.digest, jobs: share)
      }
    } catch {
      queue.defer(.grade(unit), Ungraded(student: student, exercise: exercise.id, reason: "\(error)"))
      return
    }
    // A stop ends the students' processes, and what they then answer is not theirs.
    if queue.isStopped { return queue.abandon() }
    try results.journal.append(Journal.Entry(student: student, exercise: record))
    try conclude(queue.graded(unit, record), unit.submission, queue, results)
  }

  private func conclude(
    _ finished: UnitQueue.Finished?, _ index: Int, _ queue: UnitQueue, _ results: ResultsFolder
  ) throws {
    guard let finished else { return }
    let submission = submissions[index]
    let record = StudentRecord(
      student: submission.name, seed: results.settings.seed, tier: results.settings.tier,
      exercises: finished.exercises, notes: finished.notes)
    try results.write(record, fileName: submission.fileName)
    try queue.add(record) {
      try onStudent(GradedSubmission(record: record, fileName: submission.fileName) { queue.records })
    }
  }

  /// The record of an exercise of which there is no file.
  private static func record(of exercise: Exercise, without refusal: String?) -> ExerciseRecord {
    let file = "\(exercise.name).swift"
    let message = refusal.map { "\(file) is \($0)" } ?? "there is no \(file) in the submission"
    let outcome = refusal == nil ? Curriculum.Outcome.notStarted : .doesNotCompile
    return ExerciseRecord(
      id: exercise.id, digest: "",
      checks: exercise.checks.map {
        CheckRecord(name: $0.name, points: $0.points, score: 0, outcome: outcome, message: message)
      },
      compilerLog: refusal == nil ? "" : message)
  }
}

/// A wish to end a run early.
public final class StopSwitch: Sendable {
  private let raised: @Sendable () -> Bool

  /// A switch.
  ///
  /// - Parameter raised: whether it is raised; it is never lowered again.
  public init(_ raised: @escaping @Sendable () -> Bool = { false }) {
    self.raised = raised
  }

  /// Whether it is raised.
  public var isRaised: Bool { raised() }
}
