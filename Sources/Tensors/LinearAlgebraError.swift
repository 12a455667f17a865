/// Why a decomposition of a matrix failed: the data, not the program, is at fault.
public enum LinearAlgebraError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A number is NaN or infinite.
  case notFinite(row: Int, column: Int)

  /// A Cholesky factor would need the root of a number that is not positive.
  case notPositiveDefinite(pivot: Int)

  /// A column is a combination of the columns before it, to rounding.
  case dependentColumn(Int)

  /// An iteration that should end did not.
  case noConvergence

  /// A sentence that says what was found, and where.
  public var description: String {
    switch self {
    case .notFinite(let row, let column): "the number in row \(row), column \(column) is not finite"
    case .notPositiveDefinite(let pivot): "the matrix is not positive definite: pivot \(pivot) is not positive"
    case .dependentColumn(let column): "column \(column) depends linearly on the columns before it"
    case .noConvergence: "the eigenvalue iteration did not converge"
    }
  }
}

/// Throws where a number of the matrix is NaN or infinite.
func requireFinite(_ matrix: Matrix) throws {
  guard let index = matrix.values.firstIndex(where: { !$0.isFinite }) else { return }
  throw LinearAlgebraError.notFinite(row: index / matrix.columns, column: index % matrix.columns)
}
