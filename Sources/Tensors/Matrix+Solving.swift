extension Matrix {
  /// The lower triangular L with L·Lᵀ = A, for a symmetric positive definite A; only the lower triangle of A is read.
  ///
  ///     try Matrix([[4, 2], [2, 5]]).cholesky()      // [[2, 0], [1, 2]]
  ///
  /// n³/3 operations. Source: Golub & Van Loan, "Matrix Computations", §4.2.
  ///
  /// - Returns: `[n, n]`, zero above the diagonal.
  /// - Throws: `LinearAlgebraError` where A is not positive definite, or a number is not finite.
  /// - Precondition: the matrix is square.
  public func cholesky() throws -> Matrix {
    requireShape(rows == columns, "cholesky of a \(rows)×\(columns) matrix")
    try requireFinite(self)
    let n = rows
    var factor = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = values[i * n + j]
        for k in 0..<j { sum -= factor[i * n + k] * factor[j * n + k] }
        if i == j {
          guard sum > 0 else { throw LinearAlgebraError.notPositiveDefinite(pivot: i) }
          factor[i * n + i] = sum.squareRoot()
        } else {
          factor[i * n + j] = sum / factor[j * n + j]
        }
      }
    }
    return Matrix(rows: n, columns: n, values: factor)
  }

  /// The x with A·x = b for a symmetric positive definite A, by Cholesky's factor.
  ///
  /// - Parameter b: `[n]`.
  /// - Returns: x, `[n]`.
  /// - Throws: `LinearAlgebraError` where A is not positive definite, or a number is not finite.
  /// - Precondition: A is `[n, n]`.
  public func solvedPositiveDefinite(for b: [Double]) throws -> [Double] {
    requireShape(rows == b.count, "solvedPositiveDefinite: \(rows)×\(columns) and \(b.count) numbers")
    let factor = try cholesky().values
    let n = rows
    var x = b
    for i in 0..<n {
      for k in 0..<i { x[i] -= factor[i * n + k] * x[k] }
      x[i] /= factor[i * n + i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in i + 1..<n { x[i] -= factor[k * n + i] * x[k] }
      x[i] /= factor[i * n + i]
    }
    return x
  }

  /// The x that makes |A·x − b|² least, by Householder reflections: better conditioned than the normal equations.
  ///
  /// 2·n·m² operations. Source: Golub & Van Loan, "Matrix Computations", §5.3.
  ///
  /// - Parameter b: `[n]`.
  /// - Returns: x, `[m]`, where A is `[n, m]`.
  /// - Throws: `LinearAlgebraError` where a column depends on those before it, or a number is not finite.
  /// - Precondition: A has as many rows as b has numbers, and at least as many rows as columns.
  public func leastSquares(for b: [Double]) throws -> [Double] {
    requireShape(rows == b.count && rows >= columns, "leastSquares: \(rows)×\(columns) and \(b.count) numbers")
    try requireFinite(self)
    let (n, m) = (rows, columns)
    var a = values
    var right = b
    for j in 0..<m {
      var whole = 0.0  // the column's length in A itself, which no reflection changes
      for i in 0..<n { whole += a[i * m + j] * a[i * m + j] }
      var squared = 0.0
      for i in j..<n { squared += a[i * m + j] * a[i * m + j] }
      guard squared > whole * 1e-24, squared > 0 else { throw LinearAlgebraError.dependentColumn(j) }
      let length = a[j * m + j] > 0 ? -squared.squareRoot() : squared.squareRoot()
      let scale = squared - a[j * m + j] * length  // |u|²/2
      a[j * m + j] -= length  // u stands in column j from row j on
      for column in j + 1..<m {
        var product = 0.0
        for i in j..<n { product += a[i * m + j] * a[i * m + column] }
        for i in j..<n { a[i * m + column] -= product / scale * a[i * m + j] }
      }
      var product = 0.0
      for i in j..<n { product += a[i * m + j] * right[i] }
      for i in j..<n { right[i] -= product / scale * a[i * m + j] }
      for i in j + 1..<n { a[i * m + j] = 0 }
      a[j * m + j] = length
    }
    var x = [Double](repeating: 0, count: m)
    for i in stride(from: m - 1, through: 0, by: -1) {
      var sum = right[i]
      for k in i + 1..<m { sum -= a[i * m + k] * x[k] }
      x[i] = sum / a[i * m + i]
    }
    return x
  }
}
