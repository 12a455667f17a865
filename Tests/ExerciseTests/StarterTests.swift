import Contracts
import Curriculum
import Foundation
import Grading
import Solutions
import Testing

/// The student's files in `Exercises/`, one test case a check.
///
/// A file that nobody has edited is skipped; `DOJO_STRICT=1` counts it as failed. `DOJO_SEED` sets the seed from which
/// the checks draw their inputs.
@Suite("Exercises")
struct StarterTests {
  @Test("a check of the student's file", arguments: CheckCase.counted)
  func check(_ checkCase: CheckCase) throws {
    let verdict = try Gradings.shared.verdict(for: checkCase)
    if verdict.outcome == .notStarted, !Strictness.isStrict { try Test.cancel("not started") }
    #expect(
      verdict.outcome == .passed,
      "\(checkCase): \(verdict.score) of \(verdict.points) points. \(verdict.outcome.rawValue): \(verdict.message)")
  }

  @Test(
    "every exercise is started", .disabled(if: !Strictness.isStrict && !Strictness.untouched.isEmpty, untouchedNote))
  func allStarted() {
    #expect(Strictness.untouched.isEmpty)
  }

  private static let untouchedNote: Comment =
    "not started, so not graded: \(Strictness.untouched.map(\.id).joined(separator: ", ")); DOJO_STRICT=1 counts them"
}

/// What counts: all exercises, or those whose file somebody has edited.
enum Strictness {
  static let isStrict = ProcessInfo.processInfo.environment["DOJO_STRICT"] == "1"

  /// The exercises whose file is the delivered starter.
  static let untouched: [Exercise] = Exercise.all.filter { exercise in
    guard let workspace = try? Workspace.find() else { return false }
    let text = try? String(contentsOf: workspace.starter(of: exercise), encoding: .utf8)
    return text != nil && text == PristineStarters.text(for: exercise)
  }
}

/// One check of one exercise, named in the test's output.
struct CheckCase: Sendable, CustomTestStringConvertible, CustomStringConvertible {
  let exercise: Exercise
  let index: Int

  static let counted = Exercise.all
    .filter { exercise in Strictness.isStrict || !Strictness.untouched.contains { $0.id == exercise.id } }
    .flatMap { exercise in exercise.checks.indices.map { CheckCase(exercise: exercise, index: $0) } }

  var description: String { "\(exercise.id): \(exercise.checks[index].name)" }
  var testDescription: String { description }
}

/// Grades each file once, when the first of its checks asks.
final class Gradings: @unchecked Sendable {
  static let shared = Gradings()

  private let lock = NSLock()
  private var results: [String: ExerciseResult] = [:]

  func verdict(for checkCase: CheckCase) throws -> Verdict {
    lock.lock()
    defer { lock.unlock() }
    let exercise = checkCase.exercise
    if let result = results[exercise.id] { return result.checks[checkCase.index] }
    let workspace = try Workspace.find()
    let seed = ProcessInfo.processInfo.environment["DOJO_SEED"].flatMap(UInt64.init) ?? 1
    let grader = try Grader(seed: seed, references: references)
    let result = try grader.grade(exercise, file: workspace.starter(of: exercise))
    results[exercise.id] = result
    return result.checks[checkCase.index]
  }
}
