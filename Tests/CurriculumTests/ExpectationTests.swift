import Contracts
import Curriculum
import Tensors
import Testing

@Suite("Expectations")
struct ExpectationTests {
  private func rejection(_ judge: () throws -> Void) throws -> Rejection {
    try #require(#expect(throws: Rejection.self) { try judge() })
  }

  @Test("a wrong number says where, expected, seen and the error")
  func wrongNumber() throws {
    let seen = Tensor([1, 2, 3, 4.5], shape: [2, 2])
    let rejection = try rejection { try expectClose(seen, Tensor([1, 2, 3, 4], shape: [2, 2]), "h") }
    #expect(rejection.outcome == .wrongValue)
    #expect(rejection.message == "h[1, 1]: expected 4, seen 4.5, error 0.5 (1 of 4 numbers differ).")
  }

  @Test("a wrong shape is told apart from a wrong value")
  func wrongShape() throws {
    let rejection = try rejection { try expectClose(Tensor.zeros([2, 3]), Tensor.zeros([3, 2]), "h") }
    #expect(rejection == Rejection(.wrongShape, "h: expected shape [3, 2], seen [2, 3]."))
  }

  @Test("NaN is its own outcome, and never passes", arguments: [Double.nan, .infinity])
  func notANumber(_ value: Double) throws {
    #expect(try rejection { try expectClose(value, 1, "loss") }.outcome == .notANumber)
    #expect(try rejection { try expectAtLeast(value, 0, "score") }.outcome == .notANumber)
    #expect(try rejection { try expectAtMost(-value, 0, "score") }.outcome == .notANumber)
  }

  @Test("a known mistake is named when, and only when, the answer equals its value")
  func suspects() throws {
    let suspects = [Suspect(0.8, "That is the precision.")]
    #expect(
      try rejection { try expectClose(0.8, 0.2, "recall", suspects: suspects) }.message.contains(
        "That is the precision."))
    #expect(try !rejection { try expectClose(0.7, 0.2, "recall", suspects: suspects) }.message.contains("precision"))
  }

  @Test("tolerance has an absolute and a relative part")
  func tolerance() throws {
    let tolerance = Tolerance(absolute: 0.1, relative: 0.01)
    try expectClose(101.05, 100, "x", tolerance: tolerance)
    #expect(throws: Rejection.self) { try expectClose(101.2, 100, "x", tolerance: tolerance) }
  }
}

@Suite("Names")
struct NameTests {
  @Test(
    "an id is the type's name in kebab case",
    arguments: [
      ("LSTMCell", "lstm-cell"), ("GRUCellConventions", "gru-cell-conventions"),
      ("ROCIsNotAccuracy", "roc-is-not-accuracy"), ("StackedLSTMSwitchDetector", "stacked-lstm-switch-detector"),
      ("SequenceTensorTND", "sequence-tensor-tnd"), ("CNN1dSessionClassifier", "cnn1d-session-classifier"),
    ])
  func ids(_ name: String, _ id: String) {
    #expect(Exercise.id(ofName: name) == id)
  }

  @Test("ids and names are unique, and so are a exercise's checks")
  func unique() {
    #expect(Set(Exercise.all.map(\.id)).count == Exercise.all.count)
    for exercise in Exercise.all {
      #expect(Set(exercise.checks.map(\.name)).count == exercise.checks.count, "\(exercise.id)")
    }
  }
}
