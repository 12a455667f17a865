import EngineTestSupport
import Learning
import Tensors
import Testing

@Suite("RandomForestClassifier")
struct RandomForestClassifierTests {
  @Test(
    "held-out accuracy and probabilities agree with scikit-learn's forests as these do with each other",
    arguments: [1, 2] as [UInt64])
  func agreesWithPeer(seed: UInt64) throws {
    let goldens = try classicGoldens()
    let all = ClassicWorkload.forestRows()
    var random = SeededRandom(seed: seed)
    let train = LabelledRows(all.rows.top(2000), Array(all.labels[..<2000]))
    let forest = try RandomForestClassifier().fit(train, using: &random)
    let test = all.rows.bottom(from: 2000)
    let found = zip(try forest.labels(of: test), all.labels[2000...]).filter { $0 == $1 }.count
    let peer = try goldens.numbers("rforest/accuracy")
    #expect(abs(Double(found) / 3000 - peer.reduce(0, +) / 5) < 0.015)
    let probabilities = try forest.probabilities(of: test)
    let second = (0..<3000).map { probabilities[$0, 1] }
    let expected = try goldens.numbers("rforest/mean probabilities")
    let correlations = try goldens.numbers("rforest/correlations")
    #expect(correlation(second, expected) > (correlations.min() ?? 1))
    // Trees are as large as the peer's: grown to the end, and no further.
    let nodes = try goldens.numbers("rforest/nodes").reduce(0, +) / 5
    #expect(abs(Double(forest.nodeCount) / nodes - 1) < 0.02)
  }

  @Test("three classes that a square of cuts separates are learned without an error")
  func threeClasses() throws {
    var random = SeededRandom(seed: 3)
    let x = Matrix((0..<400).map { _ in [random.uniform(), random.uniform(), random.uniform()] })
    let labels = (0..<400).map { x[$0, 0] < 0.4 ? 2 : x[$0, 1] < 0.5 ? 0 : 1 }
    let forest = try RandomForestClassifier(trees: 60).fit(LabelledRows(x, labels), using: &random)
    #expect(forest.classes == 3)
    #expect(try forest.labels(of: x) == labels)
    #expect(try forest.labels(of: Matrix([[0.1, 0.1, 0.5], [0.9, 0.1, 0.5], [0.9, 0.9, 0.5]])) == [2, 0, 1])
    let probabilities = try forest.probabilities(of: x)
    for row in 0..<400 { #expect(abs(probabilities.row(row).reduce(0, +) - 1) < 1e-12) }
  }

  @Test("a cut lies midway between two values, and equal values stay together")
  func threshold() throws {
    var random = SeededRandom(seed: 5)
    let x = Matrix((0..<40).map { [$0 < 20 ? 1.0 : 3.0] })
    let labels = (0..<40).map { $0 < 20 ? 0 : 1 }
    let forest = try RandomForestClassifier(trees: 25).fit(LabelledRows(x, labels), using: &random)
    #expect(try forest.labels(of: Matrix([[-9], [1], [2], [2.001], [9]])) == [0, 0, 0, 1, 1])
  }

  @Test("where no column helps, the forest gives the shares of the classes; constant columns are passed over")
  func constantColumns() throws {
    var random = SeededRandom(seed: 5)
    let x = Matrix(repeating: 1, rows: 100, columns: 3)
    let labels = (0..<100).map { $0 < 75 ? 1 : 0 }
    let forest = try RandomForestClassifier(trees: 200).fit(LabelledRows(x, labels), using: &random)
    #expect(abs(try forest.probabilities(of: x.top(1))[0, 1] - 0.75) < 0.02)
    // √9 = 3 columns a node, eight of nine constant: the ninth is found every time.
    let y = Matrix((0..<50).map { row in (0..<9).map { $0 == 4 ? Double(row) : 0 } })
    let half = (0..<50).map { $0 < 25 ? 0 : 1 }
    let found = try RandomForestClassifier(trees: 30).fit(LabelledRows(y, half), using: &random)
    #expect(try found.labels(of: y) == half)
  }

  @Test("one row and one class are learned")
  func oneRow() throws {
    var random = SeededRandom(seed: 5)
    let forest = try RandomForestClassifier(trees: 3).fit(LabelledRows(Matrix([[1, 2]]), [0]), using: &random)
    #expect(try forest.probabilities(of: Matrix([[5, 5]])).values == [1])
    #expect(try forest.labels(of: Matrix(rows: 0, columns: 2, values: [])) == [])
  }

  @Test("labels that do not fit, no rows, other columns and NaN throw")
  func badInput() throws {
    var random = SeededRandom(seed: 5)
    let learner = RandomForestClassifier(trees: 1)
    let x = Matrix([[1, 2], [3, 4]])
    #expect(throws: LearnerError.labels(needed: 2, found: 1)) { try learner.fit(LabelledRows(x, [0]), using: &random) }
    #expect(throws: LearnerError.badLabel(row: 1, label: -1)) {
      try learner.fit(LabelledRows(x, [0, -1]), using: &random)
    }
    #expect(throws: LearnerError.badLabel(row: 0, label: 65_536)) {
      try learner.fit(LabelledRows(x, [65_536, 0]), using: &random)
    }
    #expect(throws: LearnerError.tooFewExamples(needed: 1, found: 0)) {
      try learner.fit(LabelledRows(Matrix(rows: 0, columns: 1, values: []), []), using: &random)
    }
    #expect(throws: LearnerError.notFinite(row: 1, column: 1)) {
      try learner.fit(LabelledRows(Matrix([[1, 2], [3, .nan]]), [0, 1]), using: &random)
    }
    let forest = try learner.fit(LabelledRows(x, [0, 1]), using: &random)
    #expect(throws: LearnerError.columns(needed: 2, found: 1)) { try forest.labels(of: Matrix([[1]])) }
  }
}
