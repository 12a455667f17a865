import Curriculum

/// How one check ended.
public struct Verdict: Codable, Sendable, Hashable {
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

  /// The beginning of what the candidate's code printed, for debugging with `print`. It is not part of the JSON form.
  public var printed = ""

  /// Whether a fault of ours or of this machine kept the check from being run: it says nothing of the candidate's code.
  public var isFaultOfOurs = false

  private enum CodingKeys: String, CodingKey {
    case name, points, score, outcome, message
  }

  /// A verdict: only a pass scores.
  ///
  /// - Parameters:
  ///   - check: the check.
  ///   - outcome: how it ended.
  ///   - message: what the learner reads.
  ///   - printed: the beginning of what the candidate's code printed.
  init(_ check: ExerciseCheck, _ outcome: Outcome, _ message: String = "", printed: String = "") {
    name = check.name
    points = check.points
    score = outcome == .passed ? check.points : 0
    self.outcome = outcome
    self.message = message
    self.printed = printed
  }
}

/// How one exercise was graded.
public struct ExerciseResult: Codable, Sendable, Hashable {
  /// The exercise's id.
  public var id: String

  /// The points of the checks that passed.
  public var score: Int

  /// The points of all checks that were run.
  public var points: Int

  /// The seed from which every check drew its input.
  public var seed: UInt64

  /// The checks, in the exercise's order.
  public var checks: [Verdict]

  /// Everything that the compiler had to say if the file does not compile. It is not part of the JSON form.
  public var compilerLog = ""

  private enum CodingKeys: String, CodingKey {
    case id, score, points, seed, checks
  }

  /// A result: the sum of its verdicts.
  init(_ exercise: Exercise, seed: UInt64, checks: [Verdict], compilerLog: String = "") {
    id = exercise.id
    score = checks.reduce(0) { $0 + $1.score }
    points = checks.reduce(0) { $0 + $1.points }
    self.seed = seed
    self.checks = checks
    self.compilerLog = compilerLog
  }

  /// Whether nothing has been written yet.
  public var isNotStarted: Bool { !checks.isEmpty && checks.allSatisfy { $0.outcome == .notStarted } }

  /// Whether every check passed.
  public var isPassed: Bool { !checks.isEmpty && checks.allSatisfy { $0.outcome == .passed } }

  /// The first check that did not pass.
  public var firstFailure: Verdict? { checks.first { $0.outcome != .passed } }
}
