import Contracts
import Curriculum
import Foundation
import Learning
import Solutions
import Tensors
import Testing

@Suite("One isolation forest to be read, one to be fast")
struct IsolationForestAgreementTests {
  @Test("c(n) is the same number")
  func normaliser() throws {
    for n in [1, 2, 3, 7, 256, 10_000] {
      try expectClose(
        IsolationForest.averagePathLength(n), try IsolationForestPathLength().averagePathLength(n, exact: false),
        "c(\(n))")
    }
  }

  @Test("a thousand trees of each score the same rows alike, up to the sign")
  func scores() throws {
    var random = SeededRandom(seed: 31)
    var rows = Matrix.normal(rows: 400, columns: 4, using: &random)
    for row in 0..<8 { for column in 0..<4 { rows[row, column] *= 5 } }
    for row in 8..<400 { rows[row, 3] = (rows[row, 3] * 2).rounded() }  // many ties in one feature
    let plain = try IsolationForestPathLength().scores(
      of: rows, grownFrom: rows, trees: 1_000, sampleSize: 128, using: &random)
    let fast = try IsolationForest(trees: 1_000, sampleSize: 128).fit(rows, using: &random).scores(of: rows)
    // Two forests of 1,000 trees differ by chance: a path's deviation of about 2 edges over √1000, in a score about 0.005.
    try expectClose(plain, fast.map { -$0 }, "scores", tolerance: Tolerance(absolute: 0.02))
    let bias = zip(plain, fast).reduce(0) { $0 + $1.0 + $1.1 } / 400
    #expect(abs(bias) < 0.002, "the mean difference over the rows, which chance does not move so far")
  }

  @Test("the sessions of the contract are those that the oracle saw")
  func sessions() throws {
    var random = SeededRandom(seed: SessionHalves.oracleSeed)
    let halves = SessionHalves(using: &random)
    let goldens = try Goldens("IsolationForestPathLength")
    #expect(
      [halves.first.x.rows, halves.second.x.rows, halves.second.labels.reduce(0, +)]
        == (try goldens.integers("sessions.count")))
    let count = halves.first.x.rows + halves.second.x.rows
    let means = (0..<10).map { column in
      [halves.first.x, halves.second.x].reduce(0.0) { sum, x in
        (0..<x.rows).reduce(sum) { $0 + x[$1, column] }
      } / Double(count)
    }
    try expectClose(means, try goldens.numbers("sessions.means"), "means", tolerance: Tolerance(absolute: 1e-6))
  }
}
