import EngineTestSupport
import Learning
import Tensors
import Testing

@Suite("KShape")
struct KShapeTests {
  @Test("shape-based distances agree with tslearn's to 1e-9")
  func distances() throws {
    let x = ClassicWorkload.shapes()
    let distances = try KShape.distances(x.top(12), x.top(20).bottom(from: 12))
    #expect(largestDifference(distances.values, try classicGoldens().numbers("kshape/distances")) < 1e-9)
  }

  @Test("from the same series a run ends where tslearn's does", arguments: [(3, 100), (5, 37), (2, 64)])
  func sameAsPeer(clusters: Int, length: Int) throws {
    let goldens = try classicGoldens()
    let key = "kshape \(clusters) \(length)"
    let x = ClassicWorkload.shapes().top(60, columns: length)
    let fit = try KShape(clusters: clusters, iterations: 20).fit(x, from: x.top(clusters))
    #expect(fit.labels == (try goldens.labels("\(key)/labels")))
    #expect(largestDifference(fit.centroids.values, try goldens.numbers("\(key)/centroids")) < 1e-8)
    #expect(largestDifference([fit.inertia], [try goldens.number("\(key)/inertia")]) < 1e-9)
    #expect(Double(fit.iterations) == (try goldens.number("\(key)/iterations")))
  }

  @Test("a distance is 0 for a scaled and shifted copy, the same both ways, and 1 from a series of zeros")
  func distanceByDefinition() throws {
    let pulse = [0, 0, 1, 3, 2, 0, 0, 0].map { Double($0) }
    let later = [0, 0, 0, 0, 2, 6, 4, 0].map { Double($0) }
    let other = [5, -1, 0, 2, 0, 0, -3, 1].map { Double($0) }
    let zero = [Double](repeating: 0, count: 8)
    let all = Matrix([pulse, later, other, zero])
    let distances = try KShape.distances(all, all)
    #expect(abs(distances[0, 1]) < 1e-15)
    for i in 0..<4 {
      #expect(distances[i, 3] == 1 && distances[3, i] == 1)
      for j in 0..<4 { #expect(abs(distances[i, j] - distances[j, i]) < 1e-15) }
    }
    // By definition, shift by shift.
    var best = -Double.infinity
    for shift in -7...7 {
      var sum = 0.0
      for t in 0..<8 where t + shift >= 0 && t + shift < 8 { sum += pulse[t + shift] * other[t] }
      best = max(best, sum)
    }
    let norms = (14.0 * 40).squareRoot()
    #expect(abs(distances[0, 2] - (1 - best / norms)) < 1e-14)
  }

  @Test("random starts find the three shapes whatever their phase")
  func findsShapes() throws {
    var random = SeededRandom(seed: 4)
    let x = Matrix(
      (0..<45).map { row in
        let start = 10 + random.below(30)
        let noise = (0..<80).map { _ in 0.05 * random.normal() }
        return (0..<80).map { t in
          let u = Double(t - start)
          let shape = u < 0 || u >= 30 ? 0 : row % 3 == 0 ? 1 : row % 3 == 1 ? u / 15 : u < 15 ? 1 : -1
          return shape * Double(1 + row % 4) + noise[t]
        }
      })
    let fit = try KShape(clusters: 3, restarts: 8).fit(x, using: &random)
    for row in 3..<45 { #expect(fit.labels[row] == fit.labels[row % 3], "series \(row)") }
    #expect(Set(fit.labels).count == 3)
    #expect(try fit.labels(of: x) == fit.labels)
  }

  @Test("constant series, one series, series of one value and an empty cluster are no trouble")
  func edges() throws {
    var random = SeededRandom(seed: 1)
    let flat = try KShape(clusters: 2).fit(Matrix(repeating: 0.1, rows: 4, columns: 6), using: &random)
    #expect(flat.inertia == 1 && flat.labels.count == 4)
    let one = try KShape(clusters: 1).fit(Matrix([[1, 2, 4, 3]]), using: &random)
    #expect(one.labels == [0] && one.inertia < 1e-20)
    #expect(try KShape(clusters: 1).fit(Matrix([[1], [2]]), using: &random).labels == [0, 0])
    let x = ClassicWorkload.shapes().top(6)
    let start = Matrix([x.row(0), [Double](repeating: 0, count: 100)])
    #expect(Set(try KShape(clusters: 2).fit(x, from: start).labels) == [0, 1])
  }

  @Test("more clusters than series, other lengths and NaN throw")
  func badInput() throws {
    var random = SeededRandom(seed: 1)
    #expect(throws: LearnerError.tooFewExamples(needed: 3, found: 1)) {
      try KShape(clusters: 3).fit(Matrix([[1, 2]]), using: &random)
    }
    #expect(throws: LearnerError.notFinite(row: 0, column: 1)) {
      try KShape(clusters: 1).fit(Matrix([[1, .nan]]), using: &random)
    }
    #expect(throws: LearnerError.columns(needed: 2, found: 3)) {
      try KShape.distances(Matrix([[1, 2]]), Matrix([[1, 2, 3]]))
    }
  }
}
