import Curriculum
import Foundation
import Grading

/// What one submission earned: the whole content of `results/<student>.json`.
///
/// It holds no time of day and no duration, so that the same submission graded with the same seed gives the same bytes.
public struct StudentRecord: Codable, Sendable, Hashable {
  /// The submission's name: the student, and the attempt where there are several (`ann`, `bo@2`).
  public var student: String

  /// The seed from which every check drew its input.
  public var seed: UInt64

  /// How far the submission was shut off while it was graded.
  public var tier: SandboxTier

  /// The graded exercises, in the catalogue's order.
  public var exercises: [ExerciseRecord]

  /// What was left out of the submission or refused, in sentences for the instructor.
  public var notes: [String]

  /// A record.
  public init(
    student: String, seed: UInt64, tier: SandboxTier, exercises: [ExerciseRecord] = [], notes: [String] = []
  ) {
    self.student = student
    self.seed = seed
    self.tier = tier
    self.exercises = exercises
    self.notes = notes
  }

  /// The points of the checks that passed.
  public var score: Int { exercises.reduce(0) { $0 + $1.score } }

  /// The points of all checks.
  public var points: Int { exercises.reduce(0) { $0 + $1.points } }
}

/// How one exercise of a submission was graded.
public struct ExerciseRecord: Codable, Sendable, Hashable {
  /// The exercise's id.
  public var id: String

  /// A short name for the graded file's content; empty if the submission has no such file.
  public var digest: String

  /// The checks, in the exercise's order.
  public var checks: [CheckRecord]

  /// What the compiler had to say if the file does not compile; empty otherwise.
  public var compilerLog: String

  /// A record.
  public init(id: String, digest: String, checks: [CheckRecord], compilerLog: String = "") {
    self.id = id
    self.digest = digest
    self.checks = checks
    self.compilerLog = compilerLog
  }

  /// The record of a graded file.
  public init(_ result: ExerciseResult, digest: String) {
    self.init(
      id: result.id, digest: digest, checks: result.checks.map(CheckRecord.init), compilerLog: result.compilerLog)
  }

  /// The points of the checks that passed.
  public var score: Int { checks.reduce(0) { $0 + $1.score } }

  /// The points of all checks.
  public var points: Int { checks.reduce(0) { $0 + $1.points } }

  /// Whether nothing has been written yet.
  public var isNotStarted: Bool { !checks.isEmpty && checks.allSatisfy { $0.outcome == .notStarted } }
}

/// How one check of a submission ended.
public struct CheckRecord: Codable, Sendable, Hashable {
  /// The check's name.
  public var name: String

  /// What a pass is worth.
  public var points: Int

  /// All the points, or none.
  public var score: Int

  /// How it ended.
  public var outcome: Outcome

  /// Where, what was expected, what was seen; empty for a pass.
  public var message: String

  /// The beginning of what the student's code printed.
  public var printed: String

  /// A record.
  public init(
    name: String, points: Int, score: Int, outcome: Outcome, message: String = "", printed: String = ""
  ) {
    self.name = name
    self.points = points
    self.score = score
    self.outcome = outcome
    self.message = message
    self.printed = printed
  }

  /// The record of a verdict.
  public init(_ verdict: Verdict) {
    self.init(
      name: verdict.name, points: verdict.points, score: verdict.score, outcome: verdict.outcome,
      message: verdict.message, printed: verdict.printed)
  }
}
