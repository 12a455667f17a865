import Contracts
import Curriculum
import Foundation
import Grading
import Mistakes
import Solutions
import Testing

/// The references and the wrong answers, graded by the checks that grade a candidate.
@Suite("References and wrong answers", .serialized)
struct ReferenceTests {
  private func grader(seed: UInt64) throws -> Grader {
    try Grader(seed: seed, references: references)
  }

  @Test("every exercise has a reference that keeps its contract", arguments: Exercise.all)
  func referenceExists(_ exercise: Exercise) throws {
    let reference = try #require(references[exercise.name])
    #expect(exercise.accepts(reference.init()))
  }

  @Test("a reference has full marks", arguments: Exercise.all)
  func referencePasses(_ exercise: Exercise) throws {
    let reference = try #require(references[exercise.name])
    let result = try grader(seed: 20).gradeTrusted(exercise, implementation: reference)
    #expect(result.score == exercise.points)
    for verdict in result.checks where verdict.outcome != .passed {
      Issue.record("\(exercise.id), \(verdict.name): \(verdict.outcome.rawValue): \(verdict.message)")
    }
  }

  @Test("a wrong answer is rejected by the check that it names, in the words that name it", arguments: allMistakes)
  func mistakeIsRejected(_ mistake: Mistake) throws {
    let exercise = try #require(Exercise.named(mistake.exercise))
    let result = try grader(seed: 20).gradeTrusted(
      exercise, implementation: mistake.implementation, only: mistake.rejectedBy)
    let verdict = try #require(result.checks.first)
    #expect(verdict.outcome != .passed && verdict.score == 0)
    #expect(verdict.message.contains(mistake.saying))
  }

  static let allMistakes = mistakes.values.flatMap { $0 }.sorted { ($0.exercise, $0.name) < ($1.exercise, $1.name) }
}

extension Exercise: CustomTestStringConvertible {
  /// The id.
  public var testDescription: String { id }
}

extension Mistake: CustomTestStringConvertible {
  /// The exercise and the mistake.
  public var testDescription: String { "\(exercise): \(name)" }
}
