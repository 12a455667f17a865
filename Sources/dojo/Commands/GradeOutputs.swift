import Classroom
import Foundation
import Learning

/// Writes what is made of the records, while the run goes on and at its end.
final class GradeOutputs: @unchecked Sendable {
  private let results: ResultsFolder
  private let session: Session
  private var lastWritten = ContinuousClock.now
  private var lastTook = Duration.zero

  init(results: ResultsFolder, session: Session) {
    self.results = results
    self.session = session
  }

  /// A submission was graded; one at a time.
  func add(_ graded: ClassRun.GradedSubmission) throws {
    // The whole table is written anew at most for a twentieth of the time, however large the class is.
    let now = ContinuousClock.now
    guard now - lastWritten > max(.seconds(2), lastTook * 20) else { return }
    try writeTables(ClassRecord(settings: results.settings, students: graded.all()))
    lastWritten = .now
    lastTook = lastWritten - now
  }

  /// The run has ended.
  func finish(_ record: ClassRecord) throws {
    try writeTables(record)
  }

  private func writeTables(_ record: ClassRecord) throws {
  }
}

/// Shows how far a run is: on a terminal a line that is rewritten, elsewhere a line for every tenth.
final class GradeProgress: @unchecked Sendable {
  private let session: Session
  private let students: Int
  private let display = TerminalProgress()
  private let started = ContinuousClock.now
  private let lock = NSLock()
  private var graded = 0

  init(students: Int, session: Session) {
    self.students = students
    self.session = session
  }

  func add(_ record: StudentRecord) {
    lock.withLock { graded += 1 }
  }

  func show(_ done: Int, of count: Int) {
    let graded = lock.withLock { self.graded }
    let minutes = (ContinuousClock.now - started) / .seconds(60)
    let pace = minutes > 0.05 ? "\(Int((Double(graded) / minutes).rounded()))" : "–"
    display.show(
      ProgressUpdate(
        session.say("grading", "评分"), fraction: Double(done) / Double(max(1, count)),
        details: session.say(
          "\(graded) of \(students) students, \(pace) a minute", "\(graded)/\(students) 名学生，每分钟 \(pace) 名")))
  }

  func finish() { display.finish() }
}
