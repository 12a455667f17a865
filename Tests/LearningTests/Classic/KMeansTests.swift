import EngineTestSupport
import Learning
import Tensors
import Testing

@Suite("KMeans")
struct KMeansTests {
  @Test(
    "from the same centres a run ends where scikit-learn's does",
    arguments: [("one step", 4, 1), ("to the end", 10, 300), ("more", 23, 300)])
  func sameAsPeer(name: String, clusters: Int, iterations: Int) throws {
    let goldens = try classicGoldens()
    let x = ClassicWorkload.kMeansRows().top(600, columns: 5)
    let fit = try KMeans(clusters: clusters, iterations: iterations).fit(x, from: x.top(clusters))
    #expect(fit.labels == (try goldens.labels("kmeans \(name)/labels")))
    #expect(largestDifference(fit.centres.values, try goldens.numbers("kmeans \(name)/centres")) < 1e-12)
    #expect(largestDifference([fit.inertia], [try goldens.number("kmeans \(name)/inertia")]) < 1e-12)
    #expect(Double(fit.iterations) == (try goldens.number("kmeans \(name)/iterations")))
    #expect(try fit.labels(of: x) == fit.labels)
  }

  @Test("a centre without rows moves to the farthest row, as scikit-learn's does")
  func emptyCluster() throws {
    let goldens = try classicGoldens()
    let fit = try KMeans(clusters: 3).fit(goldens.matrix("kmeans empty/x"), from: goldens.matrix("kmeans empty/start"))
    #expect(fit.labels == (try goldens.labels("kmeans empty/labels")))
    #expect(largestDifference([fit.inertia], [try goldens.number("kmeans empty/inertia")]) < 1e-12)
    #expect(Set(fit.labels) == [0, 1, 2])
  }

  @Test(
    "ten restarts find an inertia among those of scikit-learn's five seeds, to 0.2 %", arguments: [1, 2, 3] as [UInt64])
  func restarts(seed: UInt64) throws {
    let peer = try classicGoldens().numbers("kmeans restarts/inertia")
    var random = SeededRandom(seed: seed)
    let fit = try KMeans(clusters: 10).fit(ClassicWorkload.kMeansRows().top(2000), using: &random)
    #expect(fit.inertia < 1.002 * (peer.max() ?? 0))
    #expect(fit.inertia > 0.998 * (peer.min() ?? .infinity))
  }

  @Test("the example in the documentation holds")
  func example() throws {
    var random = SeededRandom(seed: 7)
    let fit = try KMeans(clusters: 2, restarts: 3).fit(Matrix([[0], [1], [10], [11]]), using: &random)
    #expect(fit.inertia == 1)
    #expect(fit.labels[0] == fit.labels[1] && fit.labels[2] == fit.labels[3] && fit.labels[0] != fit.labels[2])
  }

  @Test(
    "seeds far apart are found: each of 12 tight groups gets a centre of its own", arguments: [1, 2, 3, 4] as [UInt64])
  func plusPlus(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let noise = Matrix.normal(rows: 240, columns: 2, scale: 0.01, using: &random)
    let x = Matrix((0..<240).map { [noise[$0, 0] + Double($0 % 12 * 10), noise[$0, 1]] })
    let fit = try KMeans(clusters: 12, restarts: 1).fit(x, using: &random)
    #expect(Set(fit.labels).count == 12)
    #expect(fit.inertia < 1)
  }

  @Test("rows of one kind, one row, one column and as many clusters as rows are no trouble")
  func edges() throws {
    var random = SeededRandom(seed: 1)
    let same = try KMeans(clusters: 3).fit(Matrix(repeating: 4, rows: 20, columns: 2), using: &random)
    #expect(same.inertia == 0)
    #expect(same.centres == Matrix(repeating: 4, rows: 3, columns: 2))
    let one = try KMeans(clusters: 1).fit(Matrix([[3, 5]]), using: &random)
    #expect(one.centres == Matrix([[3, 5]]) && one.inertia == 0 && one.labels == [0])
    let all = try KMeans(clusters: 17).fit(Matrix.normal(rows: 17, columns: 1, using: &random), using: &random)
    #expect(all.inertia < 1e-25)
    #expect(Set(all.labels).count == 17)
  }

  @Test("more clusters than rows, no columns, other columns and NaN throw")
  func badInput() throws {
    var random = SeededRandom(seed: 1)
    #expect(throws: LearnerError.tooFewExamples(needed: 3, found: 2)) {
      try KMeans(clusters: 3).fit(Matrix([[1], [2]]), using: &random)
    }
    #expect(throws: LearnerError.noColumns) {
      try KMeans(clusters: 1).fit(Matrix(rows: 2, columns: 0, values: []), using: &random)
    }
    #expect(throws: LearnerError.notFinite(row: 1, column: 0)) {
      try KMeans(clusters: 1).fit(Matrix([[1, 2], [.nan, 1]]), using: &random)
    }
    let fit = try KMeans(clusters: 1).fit(Matrix([[1, 2]]), using: &random)
    #expect(throws: LearnerError.columns(needed: 2, found: 1)) { try fit.labels(of: Matrix([[1]])) }
  }
}
