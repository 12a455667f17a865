import EngineTestSupport
import Foundation
import Tensors
import Testing

@Suite("Eigenvectors, Cholesky, least squares and FFT")
struct LinearAlgebraTests {
  let goldens: DoubleGoldens

  init() throws { goldens = try DoubleGoldens(Bundle.module.bundleURL.appending(path: "Goldens/algebra.json")) }

  // MARK: Eigenvectors

  @Test("eigenvalues and eigenvectors agree with LAPACK's up to the sign", arguments: [1, 2, 7, 24])
  func eigen(n: Int) throws {
    let matrix = try goldens.matrix("eigen \(n)/matrix")
    let eigen = try SymmetricEigen(of: matrix)
    #expect(largestDifference(eigen.values, try goldens.numbers("eigen \(n)/values")) < 1e-12)
    let expected = try goldens.matrix("eigen \(n)/vectors")
    for i in 0..<n {
      let (a, b) = (eigen.vectors.row(i), expected.row(i))
      let sign = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1.0 : 1.0
      #expect(largestDifference(a.map { sign * $0 }, b) < 1e-11, "vector \(i)")
    }
  }

  @Test("A = Σ λ·v·vᵀ, and the vectors are orthonormal, where eigenvalues repeat or are 0")
  func repeatedEigenvalues() throws {
    var random = SeededRandom(seed: 2)
    let thin = Matrix.normal(rows: 33, columns: 3, using: &random)
    var flat = Matrix(repeating: 0, rows: 9, columns: 9)
    for i in 0..<9 { flat[i, i] = i < 4 ? 2 : -1 }
    let path = Matrix((0..<40).map { i in (0..<40).map { abs(i - $0) == 1 ? 1.0 : 0 } })
    for a in [thin.times(thin.transposed()), flat, Matrix(repeating: 1, rows: 20, columns: 20), path] {
      let eigen = try SymmetricEigen(of: a)
      var scaled = eigen.vectors
      for i in 0..<a.rows { for j in 0..<a.rows { scaled[i, j] *= eigen.values[i] } }
      #expect(largestDifference(eigen.vectors.transposed().times(scaled).values, a.values) < 1e-12)
      let unit = (0..<a.rows * a.rows).map { $0 % (a.rows + 1) == 0 ? 1.0 : 0 }
      #expect(largestDifference(eigen.vectors.times(eigen.vectors.transposed()).values, unit) < 1e-13)
      #expect(eigen.values == eigen.values.sorted())
    }
  }

  @Test("very large and very small numbers keep their digits", arguments: [1e-150, 1e150])
  func eigenScale(scale: Double) throws {
    let eigen = try SymmetricEigen(
      of: Matrix([[2 * scale, scale, 0], [scale, 2 * scale, scale], [0, scale, 2 * scale]]))
    let expected = [2 - 2.0.squareRoot(), 2, 2 + 2.0.squareRoot()]
    #expect(largestDifference(eigen.values.map { $0 / scale }, expected) < 1e-14)
  }

  @Test("a matrix without rows has no eigenvalues; one with NaN throws")
  func eigenEdges() throws {
    #expect(largestDifference(try SymmetricEigen(of: Matrix([[2, 1], [1, 2]])).values, [1, 3]) < 1e-15)
    #expect(try SymmetricEigen(of: Matrix(rows: 0, columns: 0, values: [])).values.isEmpty)
    #expect(throws: LinearAlgebraError.notFinite(row: 1, column: 0)) {
      try SymmetricEigen(of: Matrix([[1, 0], [.nan, 1]]))
    }
  }

  // MARK: Cholesky and least squares

  @Test("Cholesky's factor and the solution agree with LAPACK's", arguments: [1, 2, 7, 24])
  func cholesky(n: Int) throws {
    let matrix = try goldens.matrix("cholesky \(n)/matrix")
    #expect(largestDifference(try matrix.cholesky().values, try goldens.numbers("cholesky \(n)/factor")) < 1e-12)
    let solution = try matrix.solvedPositiveDefinite(for: goldens.numbers("cholesky \(n)/right"))
    #expect(largestDifference(solution, try goldens.numbers("cholesky \(n)/solution")) < 1e-11)
  }

  @Test("a matrix that is not positive definite, or not finite, throws")
  func notPositive() throws {
    #expect(try Matrix([[4, 2], [2, 5]]).cholesky() == Matrix([[2, 0], [1, 2]]))
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 1)) { try Matrix([[1, 2], [2, 1]]).cholesky() }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 0)) { try Matrix([[0]]).cholesky() }
    #expect(throws: LinearAlgebraError.notFinite(row: 0, column: 0)) { try Matrix([[.infinity]]).cholesky() }
  }

  @Test("least squares agrees with LAPACK's", arguments: [(1, 1), (5, 2), (9, 9), (30, 4)])
  func leastSquares(n: Int, m: Int) throws {
    let key = "least squares \(n) \(m)"
    let solution = try goldens.matrix("\(key)/matrix").leastSquares(for: goldens.numbers("\(key)/right"))
    #expect(largestDifference(solution, try goldens.numbers("\(key)/solution")) < 1e-10)
  }

  @Test("a column that depends on the others throws and is named")
  func dependent() {
    #expect(throws: LinearAlgebraError.dependentColumn(2)) {
      try Matrix([[1, 2, 3], [4, 5, 9], [7, 8, 15], [1, 0, 1]]).leastSquares(for: [1, 2, 3, 4])
    }
    #expect(throws: LinearAlgebraError.dependentColumn(0)) { try Matrix([[0], [0]]).leastSquares(for: [1, 2]) }
  }

  // MARK: FFT

  @Test("the transform agrees with NumPy's, and its inverse gives the input back", arguments: [1, 2, 4, 32, 256])
  func transform(n: Int) throws {
    let input = try goldens.matrix("fft \(n)/input")
    let plan = FFT(size: n)
    let output = plan.forward(real: input.row(0), imaginary: input.row(1))
    #expect(largestDifference(output.real + output.imaginary, try goldens.numbers("fft \(n)/output")) < 1e-12)
    let back = plan.inverse(real: output.real, imaginary: output.imaginary)
    #expect(largestDifference(back.real + back.imaginary, input.values) < 1e-14)
  }

  @Test("the example in the documentation holds, and sizes are rounded up to powers of two")
  func example() {
    let output = FFT(size: 4).forward(real: [1, 2, 3, 4], imaginary: [0, 0, 0, 0])
    #expect(largestDifference(output.real + output.imaginary, [10, -2, -2, -2, 0, 2, 0, -2]) < 1e-15)
    #expect([1, 2, 3, 199, 256, 257].map { FFT.size(holding: $0) } == [1, 2, 4, 256, 256, 512])
  }
}
