import Contracts

/// A plausible wrong answer that the grader must reject.
public struct Mistake: Sendable {
  /// The type's name, which says what is wrong.
  public let name: String

  /// The exercise that it answers wrongly, by name.
  public let exercise: String

  /// The name of the check that must reject it.
  public let rejectedBy: String

  /// Words that the rejection must contain: the sentence that names the mistake.
  public let saying: String

  /// The wrong answer.
  public let implementation: any ExerciseContract.Type

  /// A wrong answer.
  ///
  /// - Parameters:
  ///   - implementation: the type that answers wrongly.
  ///   - exercise: the exercise.
  ///   - rejectedBy: the name of the check that must reject it.
  ///   - saying: words that the check's message must contain.
  public init(
    _ implementation: any ExerciseContract.Type, in exercise: Exercise, rejectedBy: String, saying: String
  ) {
    name = "\(implementation)"
    self.exercise = exercise.name
    self.rejectedBy = rejectedBy
    self.saying = saying
    self.implementation = implementation
  }
}
