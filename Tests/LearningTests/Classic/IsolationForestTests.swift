import EngineTestSupport
import Learning
import Tensors
import Testing

@Suite("IsolationForest")
struct IsolationForestTests {
  @Test("c(n) agrees with scikit-learn's")
  func pathLength() throws {
    let goldens = try classicGoldens()
    let lengths = try goldens.labels("path length/n").map { IsolationForest.averagePathLength($0) }
    #expect(largestDifference(lengths, try goldens.numbers("path length/c")) < 1e-14)
  }

  @Test(
    "scores agree with the mean of scikit-learn's forests as well as one of those agrees with another",
    arguments: [1, 2, 3] as [UInt64])
  func agreesWithPeer(seed: UInt64) throws {
    let goldens = try classicGoldens()
    let x = ClassicWorkload.isolationRows().top(2000)
    var random = SeededRandom(seed: seed)
    let scores = try IsolationForest().fit(x, using: &random).scores(of: x)
    let expected = try goldens.numbers("iforest/mean scores")
    let correlations = try goldens.numbers("iforest/correlations")
    #expect(correlation(scores, expected) > (correlations.min() ?? 1))
    let shift = zip(scores, expected).reduce(0) { $0 + $1.0 - $1.1 } / 2000
    #expect(abs(shift) < 0.015)  // the mean score of a forest has a standard deviation of 0.004 over seeds
    // The rows that were made three times as large have the lowest scores.
    let peer = try goldens.numbers("iforest/auc")
    #expect(areaUnderCurve(scores) > (peer.min() ?? 1) - 0.005)
  }

  /// How often an odd row (each 50th) scores below a usual one.
  private func areaUnderCurve(_ scores: [Double]) -> Double {
    let odd = stride(from: 0, to: scores.count, by: 50).map { scores[$0] }
    let usual = scores.indices.filter { $0 % 50 != 0 }.map { scores[$0] }
    let wins = odd.reduce(0.0) { sum, score in
      sum + usual.reduce(0.0) { $0 + ($1 > score ? 1 : $1 == score ? 0.5 : 0) }
    }
    return wins / Double(odd.count * usual.count)
  }

  @Test("rows that never differ are all as usual as their number says")
  func constantColumns() throws {
    var random = SeededRandom(seed: 1)
    let x = Matrix(repeating: 2, rows: 40, columns: 3)
    // Every tree is one leaf of 40 rows: E[h] = c(40), and the score is −1/2.
    #expect(try IsolationForest().fit(x, using: &random).scores(of: x).allSatisfy { abs($0 + 0.5) < 1e-15 })
    // A constant column beside another is never cut.
    let y = Matrix((0..<64).map { [1, Double($0)] })
    let forest = try IsolationForest(trees: 20).fit(y, using: &random)
    #expect(try forest.pathLengths(of: Matrix([[1, 3]])) == forest.pathLengths(of: Matrix([[99, 3]])))
  }

  @Test("two rows are one cut apart; one row alone scores −1/2")
  func fewRows() throws {
    var random = SeededRandom(seed: 1)
    let two = Matrix([[0], [1]])
    let forest = try IsolationForest().fit(two, using: &random)
    #expect(try forest.pathLengths(of: two) == [1, 1])
    #expect(try forest.scores(of: two) == [-0.5, -0.5])
    #expect(try IsolationForest().fit(Matrix([[7]]), using: &random).scores(of: Matrix([[7], [8]])) == [-0.5, -0.5])
  }

  @Test("no rows, other columns and NaN throw")
  func badInput() throws {
    var random = SeededRandom(seed: 1)
    #expect(throws: LearnerError.tooFewExamples(needed: 1, found: 0)) {
      try IsolationForest().fit(Matrix(rows: 0, columns: 2, values: []), using: &random)
    }
    #expect(throws: LearnerError.notFinite(row: 0, column: 1)) {
      try IsolationForest().fit(Matrix([[1, .nan]]), using: &random)
    }
    let forest = try IsolationForest(trees: 1).fit(Matrix([[1, 2], [2, 3]]), using: &random)
    #expect(throws: LearnerError.columns(needed: 2, found: 3)) { try forest.scores(of: Matrix([[1, 2, 3]])) }
    #expect(throws: LearnerError.notFinite(row: 0, column: 0)) { try forest.scores(of: Matrix([[-.infinity, 0]])) }
  }
}
