import Curriculum
import Foundation

/// One submission's `results.json` as Gradescope's autograder specification has it
/// (<https://gradescope-autograders.readthedocs.io/en/latest/specs/>).
///
/// The score is the mark, penalty included, in units of all weights: give the assignment as many points as that (the
/// sum of the checks' points where the policy has no weights). A check that the policy hides has the visibility
/// `hidden`; Gradescope then shows no total to the student either. What the grader itself prints is never shown, and
/// the seed is nowhere in the file, as later submissions can read it.
public struct GradescopeExport: Sendable {
  private let record: StudentRecord
  private let policy: Policy
  private let settings: ClassSettings?

  /// The export of one submission.
  ///
  /// - Parameters:
  ///   - record: the graded submission.
  ///   - policy: makes the score of the points, and says what the student may see.
  ///   - settings: the class's, so that an exercise that is missing counts; nil for the record's own exercises.
  public init(_ record: StudentRecord, policy: Policy = .standard, settings: ClassSettings? = nil) {
    self.record = record
    self.policy = policy
    self.settings = settings
  }

  /// The file: JSON with sorted keys.
  ///
  /// - Throws: what the encoder throws; nothing in a record makes it.
  public var data: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      return try encoder.encode(results) + Data("\n".utf8)
    }
  }

  private var results: Results {
    let mark = policy.mark(of: record, settings: settings)
    let possible = mark.perExercise.reduce(Decimal(0)) { $0 + $1.weight }
    let hidden = record.exercises.compactMap { exercise in
      VisibleChecks(exercise, policy: policy).hiddenSummary.map { "\(exercise.id): \($0)" }
    }
    let lateness = mark.penalty == 0 ? [] : ["late: \(mark.penalty) percent points off, \(mark.mark) % left"]
    return Results(
      score: mark.mark * possible / 100,
      output: (lateness + hidden).joined(separator: "\n").withVisibleControls,
      extraData: [
        "mark": "\(mark.mark)", "submission": record.student.withVisibleControls, "tier": record.tier.rawValue,
      ],
      tests: record.exercises.enumerated().flatMap { index, exercise in tests(of: exercise, number: index + 1, in: mark)
      })
  }

  private func tests(of exercise: ExerciseRecord, number: Int, in mark: StudentMark) -> [Test] {
    let weight = policy.weight(of: exercise.id, points: exercise.points)
    let topic = Exercise.named(exercise.id)?.topic.folder
    return exercise.checks.enumerated().map { index, check in
      let visibility = policy.visibility(ofCheck: check.name, in: exercise.id)
      func share(_ points: Int) -> Decimal {
        (weight * Fraction(Int128(points), Int128(exercise.points))).rounded(decimals: 6)
      }
      var output = check.output(visibility)
      if visibility == .full, check.outcome == .doesNotCompile, !exercise.compilerLog.isEmpty {
        output += "\n\n" + exercise.compilerLog.withVisibleControls
      }
      return Test(
        score: share(check.score), maximum: share(check.points),
        status: check.outcome == .passed ? "passed" : "failed",
        name: "\(exercise.id): \(check.name)".onOneVisibleLine, number: "\(number).\(index + 1)",
        output: output.shortened(to: 20_000), tags: [exercise.id.onOneVisibleLine] + (topic.map { [$0] } ?? []),
        visibility: visibility == .hidden ? "hidden" : "visible")
    }
  }

  private struct Results: Encodable {
    let score: Decimal
    let output: String
    let outputFormat = "text"
    let testOutputFormat = "text"
    let testNameFormat = "text"
    let visibility = "visible"
    let stdoutVisibility = "hidden"
    let extraData: [String: String]
    let tests: [Test]

    enum CodingKeys: String, CodingKey {
      case score, output, visibility, tests
      case outputFormat = "output_format"
      case testOutputFormat = "test_output_format"
      case testNameFormat = "test_name_format"
      case stdoutVisibility = "stdout_visibility"
      case extraData = "extra_data"
    }
  }

  private struct Test: Encodable {
    let score: Decimal
    let maximum: Decimal
    let status: String
    let name: String
    let nameFormat = "text"
    let number: String
    let output: String
    let outputFormat = "text"
    let tags: [String]
    let visibility: String

    enum CodingKeys: String, CodingKey {
      case score, status, name, number, output, tags, visibility
      case maximum = "max_score"
      case nameFormat = "name_format"
      case outputFormat = "output_format"
    }
  }
}
