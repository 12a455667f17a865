import Curriculum
import Foundation
import Testing

@testable import Classroom

@Suite("Gradescope's results.json")
struct GradescopeExportTests {
  /// The keys and types of the specification, <https://gradescope-autograders.readthedocs.io/en/latest/specs/>.
  private static let formats: Set = ["text", "html", "simple_format", "md", "ansi"]
  private static let visibilities: Set = ["hidden", "after_due_date", "after_published", "visible"]

  private enum Kind {
    case number, text, oneOf(Set<String>), texts, object, tests
  }

  private static let topLevel: [String: Kind] = [
    "score": .number, "execution_time": .number, "output": .text, "output_format": .oneOf(formats),
    "test_output_format": .oneOf(formats), "test_name_format": .oneOf(formats), "visibility": .oneOf(visibilities),
    "stdout_visibility": .oneOf(visibilities), "extra_data": .object, "tests": .tests, "leaderboard": .object,
  ]
  private static let test: [String: Kind] = [
    "score": .number, "max_score": .number, "status": .oneOf(["passed", "failed"]), "name": .text,
    "name_format": .oneOf(formats), "number": .text, "output": .text, "output_format": .oneOf(formats), "tags": .texts,
    "visibility": .oneOf(visibilities), "extra_data": .object,
  ]

  @Test("every key and value is one that Gradescope knows, whatever a submission says", arguments: 1...20)
  func hostile(seed: Int) throws {
    for record in HostileClass.record(seed: UInt64(seed)).students {
      let results = try parsed(GradescopeExport(record))
      validate(results, Self.topLevel)
      #expect(results["score"] as? Double == Double(record.score))
      let tests = try #require(results["tests"] as? [[String: Any]])
      #expect(tests.count == record.exercises.reduce(0) { $0 + $1.checks.count })
      #expect(tests.allSatisfy { $0["visibility"] as? String == "visible" })
      let text = String(decoding: try GradescopeExport(record).data, as: UTF8.self)
      #expect(HostileClass.controls(in: text).isEmpty)
      #expect(HostileClass.controls(in: tests.compactMap { $0["output"] as? String }.joined()).isEmpty)
    }
  }

  @Test("hidden checks are hidden, and of an outcome nothing but the outcome is told")
  func visibility() throws {
    var policy = Policy()
    policy.visibilityRules = [
      VisibilityRule(exercise: "*", check: "one", visibility: .outcome),
      VisibilityRule(exercise: "*", check: "two", visibility: .hidden),
    ]
    let results = try parsed(GradescopeExport(ExportSamples.record, policy: policy))
    let tests = try #require(results["tests"] as? [[String: Any]])
    #expect(tests.map { $0["visibility"] as? String } == ["visible", "hidden", "visible"])
    #expect(tests.map { $0["output"] as? String } == ["", "", "wrong value: expected 1, seen 3"])
    #expect(tests.map { $0["status"] as? String } == ["failed", "passed", "failed"])
    #expect(results["output"] as? String == "lstm-cell: hidden checks: 1 of 1 passed")
    let text = String(decoding: try GradescopeExport(ExportSamples.record, policy: policy).data, as: UTF8.self)
    #expect(!text.contains("4711"))
  }

  @Test("the score is the mark in units of the weights, and late is late")
  func score() throws {
    var policy = Policy()
    policy.weights = ["lstm-cell": Fraction(30)]
    let due = try #require(SubmissionTimes.time("2026-11-20T12:00:00Z"))
    policy.deadline = Deadline(due: due, percent: Fraction(10))
    policy.deadline?.submitted = ["ann": due.addingTimeInterval(60)]
    let results = try parsed(GradescopeExport(ExportSamples.record, policy: policy))
    let tests = try #require(results["tests"] as? [[String: Any]])
    // 2 of 6 points is 33.33 %, less a tenth 30 %, of 30 points.
    #expect(results["score"] as? Double == 9)
    #expect(tests.map { $0["max_score"] as? Double } == [15, 10, 5])
    #expect(tests.map { $0["score"] as? Double } == [0, 10, 0])
    #expect(results["output"] as? String == "late: 3.33 percent points off, 30 % left")
  }

  // MARK: - Helpers

  private func parsed(_ export: GradescopeExport) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: export.data) as? [String: Any])
  }

  private func validate(_ object: [String: Any], _ schema: [String: Kind]) {
    for (key, value) in object {
      switch schema[key] {
      case nil: Issue.record("Gradescope knows no key \(key)")
      case .number: #expect(value is Double && !(value is Bool), "\(key)")
      case .text: #expect(value is String, "\(key)")
      case .oneOf(let words): #expect(words.contains(value as? String ?? ""), "\(key)")
      case .texts: #expect(value is [String], "\(key)")
      case .object: #expect(value is [String: Any], "\(key)")
      case .tests:
        for test in value as? [[String: Any]] ?? [] {
          validate(test, Self.test)
          #expect(test["score"] != nil && test["max_score"] != nil)
        }
      }
    }
  }
}

/// A small graded submission.
enum ExportSamples {
  static let record = StudentRecord(
    student: "ann", seed: 4_711, tier: .limits,
    exercises: [
      ExerciseRecord(
        id: "lstm-cell", digest: "1",
        checks: [
          CheckRecord(name: "one", points: 3, score: 0, outcome: .crashed, message: "signal 4", printed: "debug"),
          CheckRecord(name: "two", points: 2, score: 2, outcome: .passed),
          CheckRecord(name: "three", points: 1, score: 0, outcome: .wrongValue, message: "expected 1, seen 3"),
        ])
    ])
}
