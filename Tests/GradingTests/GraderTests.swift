import Contracts
import Curriculum
import Foundation
import Testing

@testable import Grading

@Suite("Grading one exercise")
struct GraderTests {
  @Test("a right answer gets every point, and the verdicts come in order")
  func rightAnswer() throws {
    let told = Told()
    let result = try Candidates.withFile(Data(try Candidates.text().utf8)) { file in
      try Candidates.grader().grade(Candidates.exercise, file: file) { index, verdict in told.add(index, verdict) }
    }
    #expect(result.isPassed)
    #expect(result.score == Candidates.exercise.points)
    #expect(result.id == "roc-is-not-accuracy")
    #expect(told.indices == Array(Candidates.exercise.checks.indices))
    #expect(told.verdicts == result.checks)
  }

  @Test("the JSON form has the keys that other programs read, and no others")
  func json() throws {
    let result = try Candidates.grade(try Candidates.text())
    let object = try #require(
      try JSONSerialization.jsonObject(with: try JSONEncoder().encode(result)) as? [String: Any])
    #expect(Set(object.keys) == ["id", "score", "points", "seed", "checks"])
    let checks = try #require(object["checks"] as? [[String: Any]])
    #expect(Set(try #require(checks.first).keys) == ["name", "points", "score", "outcome", "message"])
  }

  @Test("an implementation in this process is judged as a candidate's is")
  func trusted() throws {
    let grader = try Candidates.grader()
    #expect(try grader.gradeTrusted(Candidates.exercise, implementation: ROCIsNotAccuracy.self).isPassed)
    let wrong = try grader.gradeTrusted(Candidates.exercise, implementation: RecallIsPrecision.self)
    #expect(wrong.firstFailure?.outcome == .wrongValue)
    #expect(wrong.firstFailure?.message.contains("That is the precision") == true)
  }

  @Test("one check alone can be graded")
  func onlyOne() throws {
    let name = try #require(Candidates.exercise.checks.first).name
    var grader = try Candidates.grader()
    grader.jobs = 0
    let result = try grader.gradeTrusted(Candidates.exercise, implementation: ROCIsNotAccuracy.self, only: name)
    #expect(result.checks.map(\.name) == [name])
    #expect(result.isPassed)
    #expect(throws: BadInput.self) {
      try grader.gradeTrusted(Candidates.exercise, implementation: ROCIsNotAccuracy.self, only: "no such check")
    }
  }

  @Test("an untouched starter is not started, whatever it holds")
  func untouched() throws {
    var grader = try Candidates.grader()
    grader.starter = { _ in "not even Swift" }
    let result = try Candidates.withFile(Data("not even Swift".utf8)) {
      try grader.grade(Candidates.exercise, file: $0)
    }
    #expect(result.isNotStarted)
    #expect(result.score == 0)
  }

  @Test("a function that is not written yet is not started")
  func unfinished() throws {
    let result = try Candidates.grade(try Candidates.text(recall: "throw Unfinished()"))
    #expect(result.firstFailure?.outcome == .notStarted)
    #expect(result.firstFailure?.message == "recall(_:) is not written yet")
  }

  @Test("a demo runs in a worker, and a file that does not compile is told")
  func demo() throws {
    let grader = try Candidates.grader()
    let direct = try Candidates.exercise.demo(ROCIsNotAccuracy(), context: DemoContext(seed: 1))
    let isolated = try Candidates.withFile(Data(try Candidates.text().utf8)) {
      try grader.demo(Candidates.exercise, file: $0)
    }
    #expect(isolated.report == direct)
    #expect(throws: CompileFailure.self) {
      try Candidates.withFile(Data("let".utf8)) { try grader.demo(Candidates.exercise, file: $0) }
    }
  }

  @Test("a library that has been compiled is used again for the same text only")
  func cache() throws {
    let compiler = try Candidates.grader().compiler
    let first = try compiler.compile(Candidates.exercise, text: try Candidates.text())
    let modified = try first.file.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
    let again = try compiler.compile(Candidates.exercise, text: try Candidates.text())
    #expect(first == again)
    #expect(
      try again.file.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate == modified)
    #expect(try compiler.compile(Candidates.exercise, text: try Candidates.text(recall: "// other")) != first)
  }
}

/// A mistake that the exercise names.
private struct RecallIsPrecision: ROCIsNotAccuracyExercise {
  private let right = ROCIsNotAccuracy()
  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion {
    try right.confusion(y, scores: scores, threshold: threshold)
  }
  func precision(_ confusion: Confusion) throws -> Double? { try right.precision(confusion) }
  func recall(_ confusion: Confusion) throws -> Double? { try right.precision(confusion) }
  func f1(_ confusion: Confusion) throws -> Double? { try right.f1(confusion) }
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] { try right.rocCurve(y, scores: scores) }
  func auc(_ y: [Int], scores: [Double]) throws -> Double { try right.auc(y, scores: scores) }
  func brier(_ y: [Int], p: [Double]) throws -> Double { try right.brier(y, p: p) }
}

private final class Told: @unchecked Sendable {
  private let lock = NSLock()
  private(set) var indices: [Int] = []
  private(set) var verdicts: [Verdict] = []

  func add(_ index: Int, _ verdict: Verdict) {
    lock.withLock {
      indices.append(index)
      verdicts.append(verdict)
    }
  }
}
