import Curriculum
import Foundation

/// The marks of a class as a table: one row a student, sorted by name.
public struct Gradebook: Sendable {
  private let record: ClassRecord
  private let policy: Policy

  /// The table of a class.
  ///
  /// - Parameters:
  ///   - record: the graded class.
  ///   - policy: makes marks of points.
  public init(_ record: ClassRecord, policy: Policy = .standard) {
    self.record = record
    self.policy = policy
  }

  /// The table as comma-separated values (RFC 4180), in UTF-8 with a byte order mark so that Excel reads Chinese names.
  ///
  /// Columns: `student`, `submission`, one of points for each exercise by its id, `score`, `points`, `mark` (percent),
  /// `penalty` (percent points that lateness took), `late` (days or hours), `passed`, `attempt`, `attempts`, `tier`,
  /// `seed`, and how many checks ended in each way. A cell that a spreadsheet would take for a formula is defused.
  public func csv() -> String {
    let exercises = record.settings.exercises
    var table = CSVTable(
      header: ["student", "submission"] + exercises.map(CSVTable.text)
        + ["score", "points", "mark", "penalty", "late", "passed", "attempt", "attempts", "tier", "seed"]
        + Outcome.allCases.map(\.rawValue))
    let records = Dictionary(record.students.map { ($0.student, $0) }) { first, _ in first }
    for mark in policy.marks(record) {
      guard let student = records[mark.submission] else { continue }
      let outcomes = student.exercises.flatMap { $0.checks.map(\.outcome) }
      let passed = mark.isPassed.map { $0 ? "yes" : "no" } ?? ""
      table.append(
        [CSVTable.text(mark.student), CSVTable.text(mark.submission)] + mark.perExercise.map { "\($0.score)" }
          + ["\(mark.score)", "\(mark.points)", "\(mark.mark)", "\(mark.penalty)", "\(mark.unitsLate)", passed]
          + ["\(mark.attempt)", "\(mark.attempts)", student.tier.rawValue, "\(student.seed)"]
          + Outcome.allCases.map { outcome in "\(outcomes.count { $0 == outcome })" })
    }
    return table.text
  }
}
