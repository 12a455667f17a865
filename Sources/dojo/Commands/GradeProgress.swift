import Classroom
import Foundation
import Learning

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
