import Curriculum
import Foundation
import Testing

@testable import Classroom

@Suite("Marks")
struct MarkTests {
  @Test(
    "a half is rounded up, in decimal",
    arguments: [
      ("62.45", 1, "62.5"), ("62.449", 1, "62.4"), ("0.125", 2, "0.13"), ("2.675", 2, "2.68"), ("1.005", 2, "1.01"),
      ("99.995", 2, "100"), ("49.5", 0, "50"), ("-0.5", 0, "-1"), ("8", 4, "8"),
    ])
  func rounding(number: String, decimals: Int, expected: String) throws {
    let fraction = try #require(Fraction(decimal: number))
    #expect("\(fraction.rounded(decimals: decimals))" == expected)
  }

  @Test("thirds and sevenths add up exactly")
  func exactSums() {
    let parts = (1...30).map { Fraction(1, $0) } + (1...30).map { Fraction(Int128($0) - 1, Int128($0)) }
    #expect(parts.reduce(.zero, +) == Fraction(30))
    #expect(Fraction(1, 3) * Fraction(3, 7) / Fraction(1, 7) == Fraction(1))
    #expect(Fraction(1, 3) / .zero == .zero)
  }

  @Test("fractions that do not fit are rounded, never a trap")
  func hugeDenominators() {
    let primes: [Int128] = [999_983, 999_979, 999_961, 999_959, 999_953, 999_931, 999_917, 999_907, 999_883]
    let sum = primes.map { Fraction(1, $0) }.reduce(.zero, +)
    #expect("\(sum.rounded(decimals: 4))" == "0")
    #expect("\((sum * Fraction(1_000_000)).rounded(decimals: 1))" == "9")
  }

  @Test(
    "numbers that are no decimal are none",
    arguments: ["", ".", "1.", ".5", "1e3", "+1", "0x1", "1234567890", "1.0000001"])
  func badDecimals(text: String) {
    #expect(Fraction(decimal: text) == nil)
  }

  @Test("without a policy points are weights and the mark is their part")
  func standard() throws {
    let mark = try #require(Policy.standard.marks(classOf(["ann": [(3, 7), (1, 3)]])).first)
    #expect(mark.score == 4)
    #expect(mark.points == 10)
    #expect(mark.mark == 40)
    #expect(mark.penalty == 0)
    #expect(mark.isPassed == nil)
  }

  @Test("an exercise's weight goes before its topic's, and both before its points")
  func weights() throws {
    var policy = Policy()
    policy.weights = ["lstm-cell": Fraction(2), "Foundations": Fraction(5), "Behavior": Fraction(3)]
    // lstm-cell is in Foundations, sessionization in Behavior.
    let mark = try #require(policy.marks(classOf(["ann": [(10, 10), (0, 5)]])).first)
    #expect(mark.perExercise.map(\.weight) == [2, 3])
    #expect(mark.mark == 40)
  }

  @Test("an exercise that a submission lacks counts as 0 of its points")
  func missingExercise() throws {
    var graded = classOf(["ann": [(5, 5), (5, 5)], "bo": [(5, 5), (5, 5)]])
    graded.students[1].exercises.removeLast()
    let marks = Policy.standard.marks(graded)
    #expect(marks.map(\.mark) == [100, 50])
    #expect(marks[1].points == 10)
  }

  @Test(
    "the lowest exercises are dropped, but never the last one", arguments: [(0, "50"), (1, "75"), (2, "75"), (9, "75")])
  func dropLowest(count: Int, expected: String) throws {
    var policy = Policy()
    policy.dropLowest = count
    let mark = try #require(policy.marks(classOf(["ann": [(3, 4), (1, 4)]])).first)
    #expect("\(mark.mark)" == expected)
    #expect(mark.perExercise.map(\.isDropped) == [false, count > 0])
    #expect(mark.score == 4)
  }

  @Test(
    "attempts: best by the mark after its penalty, last, first",
    arguments: [
      (Policy.Attempts.best, "ann@2", 2), (.last, "ann@10", 10), (.first, "ann", 1),
    ])
  func attempts(rule: Policy.Attempts, submission: String, number: Int) throws {
    var policy = Policy()
    policy.attempts = rule
    policy.deadline = Deadline(due: try time("2026-11-20T12:00:00Z"), percent: Fraction(50))
    policy.deadline?.submitted = [
      "ann": try time("2026-11-20T11:00:00Z"), "ann@2": try time("2026-11-20T12:00:00Z"),
      "ann@10": try time("2026-11-20T12:00:01Z"),
    ]
    let graded = classOf(["ann": [(1, 10)], "ann@2": [(6, 10)], "ann@10": [(10, 10)], "bo@uni.example": [(1, 10)]])
    let marks = policy.marks(graded)
    #expect(marks.map(\.student) == ["ann", "bo@uni.example"])
    #expect(marks[0].submission == submission)
    #expect(marks[0].attempt == number)
    #expect(marks[0].attempts == 3)
    #expect(marks[0].isPassed == nil)
  }

  @Test(
    "a started day counts whole, grace costs nothing, and the cap holds",
    arguments: [
      ("2026-11-20T12:00:00Z", 0, "80"), ("2026-11-20T12:10:00Z", 0, "80"), ("2026-11-20T12:10:01Z", 1, "72"),
      ("2026-11-21T12:00:00Z", 1, "72"), ("2026-11-21T12:00:01Z", 2, "64"), ("2026-12-20T12:00:00Z", 30, "56"),
    ])
  func penalty(submitted: String, days: Int, expected: String) throws {
    var policy = Policy()
    policy.deadline = Deadline(due: try time("2026-11-20T12:00:00Z"), percent: Fraction(10), graceSeconds: 600)
    policy.deadline?.cap = Fraction(30)
    policy.deadline?.submitted = ["ann": try time(submitted)]
    let mark = try #require(policy.marks(classOf(["ann": [(8, 10)]])).first)
    #expect(mark.unitsLate == days)
    #expect("\(mark.mark)" == expected)
    #expect(mark.mark + mark.penalty == 80)
  }

  @Test("percents of the possible mark, by the hour, with an extension; never below zero")
  func possibleAndExtension() throws {
    var policy = Policy()
    policy.passMark = Fraction(50)
    policy.deadline = Deadline(
      due: try time("2026-11-20T12:00:00Z"), percent: Fraction(15), unit: .hour, basis: .possible)
    policy.deadline?.extensions = ["bo": try time("2026-11-20T14:00:00Z")]
    let late = try time("2026-11-20T22:00:00+08:00")
    policy.deadline?.submitted = ["ann": late, "bo": late, "cy": try time("2026-11-21T12:00:00Z")]
    let marks = policy.marks(classOf(["ann": [(8, 10)], "bo": [(8, 10)], "cy": [(8, 10)], "di": [(8, 10)]]))
    #expect(marks.map(\.mark) == [50, 80, 0, 80])
    #expect(marks.map(\.isPassed) == [true, true, false, true])
    #expect(marks[2].penalty == 80)
    #expect(marks[3].notes == ["there is a deadline, but no time for di: taken as in time"])
  }

  @Test("whoever reads 50.0 has passed at 50")
  func passMark() throws {
    var policy = Policy()
    policy.decimals = 1
    policy.passMark = Fraction(50)
    let mark = try #require(policy.marks(classOf(["ann": [(4_996, 10_000)]])).first)
    #expect(mark.mark == 50)
    #expect(mark.isPassed == true)
  }

  @Test(
    "a name's attempt is a number from 1 to 9999 without leading zeros",
    arguments: [
      ("ann", "ann", 1), ("ann@2", "ann", 2), ("ann@02", "ann@02", 1), ("ann@", "ann@", 1), ("@2", "@2", 1),
      ("ann@uni.example@3", "ann@uni.example", 3), ("ann@10000", "ann@10000", 1), ("ann@٣", "ann@٣", 1),
    ])
  func attemptNames(name: String, student: String, number: Int) {
    #expect(Attempt(name).student == student)
    #expect(Attempt(name).number == number)
  }

  @Test(
    "the last rule that fits says what is visible",
    arguments: [
      ("lstm-cell", "gates", CheckVisibility.hidden), ("lstm-cell", "bad input is refused", .hidden),
      ("sessionization", "bad input is refused", .outcome), ("sessionization", "gates", .full),
    ])
  func visibility(exercise: String, check: String, expected: CheckVisibility) {
    var policy = Policy()
    policy.visibilityRules = [
      VisibilityRule(exercise: "*", check: "*refused", visibility: .outcome),
      VisibilityRule(exercise: "lstm-*", check: "*", visibility: .hidden),
    ]
    #expect(policy.visibility(ofCheck: check, in: exercise) == expected)
    #expect(Policy.standard.visibility(ofCheck: check, in: exercise) == .full)
  }

  @Test(
    "a star stands for any letters",
    arguments: [
      ("*", "", true), ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "acb", false), ("a*a", "a", false),
      ("*b*d*", "abcde", true), ("*d*b*", "abcde", false), ("abc", "abc", true), ("abc", "abcd", false),
      ("", "a", false),
    ])
  func patterns(pattern: String, text: String, fits: Bool) {
    #expect(VisibilityRule.matches(pattern, text) == fits)
  }

  // MARK: - Helpers

  private func time(_ text: String) throws -> Date { try #require(SubmissionTimes.time(text)) }

  /// A class graded in lstm-cell and sessionization, with points earned and possible.
  private func classOf(_ results: [String: [(earned: Int, possible: Int)]]) -> ClassRecord {
    let ids = ["lstm-cell", "sessionization"]
    let students = results.map { name, scores in
      StudentRecord(
        student: name, seed: 1, tier: .limits,
        exercises: zip(ids, scores).map { id, score in
          ExerciseRecord(
            id: id, digest: "",
            checks: [
              CheckRecord(name: "a", points: score.earned, score: score.earned, outcome: .passed),
              CheckRecord(name: "b", points: score.possible - score.earned, score: 0, outcome: .wrongValue),
            ])
        })
    }
    let count = results.values.map(\.count).max() ?? 0
    return ClassRecord(
      settings: ClassSettings(exercises: Array(ids.prefix(count)), seed: 1, tier: .limits, grader: "1"),
      students: students)
  }
}
