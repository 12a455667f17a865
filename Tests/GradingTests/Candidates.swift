import Curriculum
import Foundation
import Testing

@testable import Grading

/// Writes candidates' files and has them graded.
enum Candidates {
  static let exercise = Exercise.rocIsNotAccuracy

  /// More memory than the tests themselves take, and much time, as all of them run at once.
  static let limits = CheckLimits(seconds: 30, clockSeconds: 300, megabytes: 2_048)

  static func grader(seed: UInt64 = 1, limits: CheckLimits = limits) throws -> Grader {
    var grader = try known.get()
    grader.seed = seed
    grader.limits = limits
    return grader
  }

  private static let known = Result {
    try Grader(seed: 1, references: ["ROCIsNotAccuracy": ROCIsNotAccuracy.self])
  }

  /// A right implementation whose `recall` first does something else; `found` holds 8 there.
  static func text(recall statements: String = "", declarations: String = "") throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "ROCIsNotAccuracy.swift")
    let marker = "    let found = confusion.truePositives\n"
    let right = try String(contentsOf: file, encoding: .utf8)
    try #require(right.contains(marker))
    return right.replacing(marker, with: "\(marker)    \(statements)\n") + declarations
  }

  /// Grades a text. Its file is gone afterwards.
  static func grade(_ text: String, seed: UInt64 = 1, limits: CheckLimits = limits) throws -> ExerciseResult {
    try withFile(Data(text.utf8)) { try grader(seed: seed, limits: limits).grade(exercise, file: $0) }
  }

  static func withFile<Result>(_ content: Data, _ body: (URL) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder("dojo-tests")
    defer { folder.remove() }
    let file = folder.url.appending(path: "ROCIsNotAccuracy.swift")
    try content.write(to: file)
    return try body(file)
  }

  /// The first check that did not pass, where every check that did not pass ended in the same way, and every check
  /// that has nothing to do with `recall` passed all the same.
  static func failure(_ result: ExerciseResult) throws -> Verdict {
    let failure = try #require(result.firstFailure)
    #expect(result.checks.filter { $0.outcome != .passed }.allSatisfy { $0.outcome == failure.outcome })
    #expect(result.checks.count == exercise.checks.count)
    #expect(result.checks.count == 1 || result.score > 0)
    #expect(failure.score == 0)
    return failure
  }
}
