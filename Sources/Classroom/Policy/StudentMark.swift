import Foundation

/// What a student gets: the attempt that counts, its points, and the mark that the policy makes of them.
public struct StudentMark: Sendable, Hashable {
  /// The student, without an attempt: `ann`.
  public var student: String

  /// The number of the attempt that counts: 1 for `ann`, 2 for `ann@2`.
  public var attempt: Int

  /// The name of the submission that counts, as in `StudentRecord.student`: `ann@2`.
  public var submission: String

  /// How many submissions of this student there are.
  public var attempts: Int

  /// The points of the checks that passed, as they are: no weight and no penalty.
  public var score: Int

  /// The points of all checks.
  public var points: Int

  /// The mark in percent, after weights, dropped exercises and the penalty, rounded as the policy says.
  public var mark: Decimal

  /// What lateness took, in percent points of the mark, rounded like the mark: `mark` would be this much higher.
  public var penalty: Decimal

  /// How many whole and started days or hours late, after grace; 0 in time, or where there is no deadline.
  public var unitsLate: Int

  /// Whether the mark reaches the pass mark; nil where the policy has none.
  public var isPassed: Bool?

  /// The exercises of the class, in its order.
  public var perExercise: [ExerciseMark]

  /// What the instructor should know: a deadline, but no time of submission.
  public var notes: [String]
}

/// One exercise in a student's mark.
public struct ExerciseMark: Sendable, Hashable {
  /// The exercise's id.
  public var id: String

  /// The points of the checks that passed.
  public var score: Int

  /// The points of all checks.
  public var points: Int

  /// What the exercise weighs in the mark, rounded to six decimals.
  public var weight: Decimal

  /// Whether it is one of the lowest, which the policy drops: it does not count.
  public var isDropped: Bool
}
