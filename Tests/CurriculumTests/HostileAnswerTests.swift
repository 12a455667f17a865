import Contracts
import Curriculum
import Foundation
import Solutions
import Testing

/// What a candidate's process may answer is not trusted: a judge must reject nonsense, and never trap on it, because
/// it runs in the runner.
@Suite("Hostile answers")
struct HostileAnswerTests {
  /// Checks that train are left out: their references run in `ReferenceTests`, once.
  static let checks = Exercise.all.flatMap { exercise in
    exercise.checks.indices.filter { exercise.checks[$0].limits == .standard }.map { HostileCase(exercise, $0) }
  }

  @Test("nonsense in the form of an answer is rejected", arguments: checks)
  func nonsense(_ hostile: HostileCase) throws {
    let check = hostile.check
    let reference = try #require(references[hostile.exercise.name]).init()
    let trial = try check.trial(seed: 3, reference: reference)
    guard case .output(let right) = check.answer(reference, to: trial.input) else {
      Issue.record("the reference has no answer")
      return
    }
    try trial.judge(right)
    let answer = try JSONSerialization.jsonObject(with: right, options: .fragmentsAllowed)
    for nonsense in mutations(of: answer) {
      let data = try JSONSerialization.data(withJSONObject: nonsense, options: .fragmentsAllowed)
      // Some small changes may still be right; what matters is that the judge comes back.
      _ = try? trial.judge(data)
    }
    for nonsense in ["", "null", "[]", "{}", "7", "\"x\"", "[[[[]]]]", "{\"shape\":[-1],\"float32\":\"\"}"] {
      #expect(throws: (any Error).self) { try trial.judge(Data(nonsense.utf8)) }
    }
  }

  /// The answer with one part replaced, part by part, at most a few hundred.
  private func mutations(of value: Any) -> [Any] {
    var results: [Any] = []
    if let array = value as? [Any] {
      results += [[], Array(array.dropLast()), array + array]
      for index in places(in: array.count) {
        for changed in mutations(of: array[index]) {
          var copy = array
          copy[index] = changed
          results.append(copy)
        }
      }
    } else if let object = value as? [String: Any] {
      for (key, part) in object.sorted(by: { $0.key < $1.key }) {
        for changed in mutations(of: part) {
          var copy = object
          copy[key] = changed
          results.append(copy)
        }
        var copy = object
        copy[key] = nil
        results.append(copy)
      }
    } else if value is NSNumber {
      results += ["nan", "inf", -1, 0, 1_000_000_000, -1e300, true, NSNull()] as [Any]
    } else {
      results += ["", "AAAA", NSNull(), []] as [Any]
    }
    return Array(results.prefix(120))
  }

  /// The first, a middle and the last place.
  private func places(in count: Int) -> [Int] {
    Set([0, count / 2, count - 1]).filter { $0 >= 0 && $0 < count }.sorted()
  }
}

struct HostileCase: Sendable, CustomTestStringConvertible {
  let exercise: Exercise
  let index: Int

  init(_ exercise: Exercise, _ index: Int) {
    self.exercise = exercise
    self.index = index
  }

  var check: ExerciseCheck { exercise.checks[index] }
  var testDescription: String { "\(exercise.id): \(check.name)" }
}
