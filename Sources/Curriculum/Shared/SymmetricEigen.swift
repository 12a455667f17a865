import Tensors

/// Eigenvalues and eigenvectors of a symmetric matrix: A = V · diag(values) · Vᵀ.
///
/// Cyclic Jacobi rotations (Golub & Van Loan, "Matrix Computations", 4th ed., §8.5.5): each rotation makes one pair of
/// off-diagonal numbers zero; a few sweeps leave nothing but the diagonal. O(k³) a sweep.
///
///     let root = SymmetricEigen(covariance).mapped { max($0, 0).squareRoot() }    // Σ^½
public struct SymmetricEigen: Sendable {
  /// The eigenvalues, in no particular order.
  public let values: [Double]

  /// The eigenvectors, one a column, in the order of the values.
  public let vectors: Matrix

  /// Decomposes a symmetric matrix; only its symmetry is taken on trust.
  public init(_ matrix: Matrix) {
    let k = matrix.rows
    precondition(matrix.columns == k, "SymmetricEigen: a \(k)×\(matrix.columns) matrix is not square")
    var a = matrix.values
    var v = [Double](repeating: 0, count: k * k)
    for i in 0..<k { v[i * k + i] = 1 }
    let scale = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var rest = 0.0
      for i in 0..<k {
        for j in 0..<i { rest += 2 * a[i * k + j] * a[i * k + j] }
      }
      if rest <= 1e-30 * scale { break }
      for p in 0..<k {
        for q in p + 1..<max(k, p + 1) where a[p * k + q] != 0 {
          // The angle that makes a[p, q] zero; t is its tangent, the smaller root.
          let theta = (a[q * k + q] - a[p * k + p]) / (2 * a[p * k + q])
          let t = (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for i in 0..<k {
            let (left, right) = (a[i * k + p], a[i * k + q])
            a[i * k + p] = c * left - s * right
            a[i * k + q] = s * left + c * right
          }
          for j in 0..<k {
            let (upper, lower) = (a[p * k + j], a[q * k + j])
            a[p * k + j] = c * upper - s * lower
            a[q * k + j] = s * upper + c * lower
            let (first, second) = (v[j * k + p], v[j * k + q])
            v[j * k + p] = c * first - s * second
            v[j * k + q] = s * first + c * second
          }
        }
      }
    }
    values = (0..<k).map { a[$0 * k + $0] }
    vectors = Matrix(rows: k, columns: k, values: v)
  }

  /// The symmetric matrix with the same eigenvectors and changed eigenvalues: V · diag(f(values)) · Vᵀ.
  public func mapped(_ function: (Double) -> Double) -> Matrix {
    let k = values.count
    var scaled = vectors
    for (column, value) in values.enumerated() {
      let factor = function(value)
      for row in 0..<k { scaled.values[row * k + column] *= factor }
    }
    return scaled.times(vectors.transposed())
  }
}
