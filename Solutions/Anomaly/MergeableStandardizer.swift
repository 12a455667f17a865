import Contracts
import Tensors

/// Welford's recurrence for one row at a time, and the pairwise formula of Chan, Golub & LeVeque for two shards.
///
/// Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962); Chan,
/// Golub & LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).
public struct MergeableStandardizer: MergeableStandardizerExercise {
  /// Makes the reference.
  public init() {}

  /// Moves the mean towards each value, and adds its two distances, from the mean before and after, multiplied.
  public func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    try requireWidth(rows.columns, state)
    try requireNoInfinity(rows)  // before anything changes
    for row in 0..<rows.rows {
      for column in 0..<rows.columns where !rows[row, column].isNaN {
        let value = rows[row, column]
        state.count[column] += 1
        let before = value - state.mean[column]
        state.mean[column] += before / Double(state.count[column])
        let after = value - state.mean[column]
        state.m2[column] += before * after
      }
    }
  }

  /// Within the shards, and between their means: m2 = m2ₐ + m2ᵦ + δ² · nₐ·nᵦ / (nₐ + nᵦ).
  public func merged(_ a: StandardizerState, _ b: StandardizerState) throws -> StandardizerState {
    try requireWidth(b.count.count, a)
    var both = a
    for column in a.count.indices where b.count[column] > 0 {
      let (countA, countB) = (Double(a.count[column]), Double(b.count[column]))
      let difference = b.mean[column] - a.mean[column]
      both.count[column] += b.count[column]
      both.mean[column] += difference * countB / (countA + countB)
      both.m2[column] += b.m2[column] + difference * difference * countA * countB / (countA + countB)
    }
    return both
  }

  /// (x − mean) / scale.
  public func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix {
    try requireWidth(rows.columns, state)
    try requireNoInfinity(rows)
    try BadInput.unless(state.count.contains { $0 > 0 }, "transform: nothing has been fitted")
    var z = rows
    for column in 0..<rows.columns {
      let mean = state.count[column] > 0 ? state.mean[column] : .nan
      let scale = scale(column, state)
      for row in 0..<rows.rows { z[row, column] = (rows[row, column] - mean) / scale }
    }
    return z
  }

  /// Fits on what was known when the training period ended.
  public func standardized(_ log: Matrix, fittedOnFirst past: Int) throws -> Matrix {
    try BadInput.unless(past >= 1 && past <= log.rows, "the past has \(past) rows, the log \(log.rows)")
    let known = Matrix(rows: past, columns: log.columns, values: Array(log.values[..<(past * log.columns)]))
    var state = StandardizerState(columns: log.columns)
    try partialFit(&state, rows: known)
    return try transform(log, with: state)
  }

  /// √(m2 / count), or 1 where that is only rounding: a sum of n equal numbers is off by n·ε·|mean| at most.
  private func scale(_ column: Int, _ state: StandardizerState) -> Double {
    let count = Double(state.count[column])
    guard count > 0 else { return 1 }
    let variance = state.m2[column] / count
    let rounding = count * Double.ulpOfOne * state.mean[column]
    return variance > rounding * rounding ? variance.squareRoot() : 1
  }

  private func requireWidth(_ columns: Int, _ state: StandardizerState) throws {
    try BadInput.unless(
      columns == state.count.count, "\(columns) columns, but the state has \(state.count.count)")
  }

  private func requireNoInfinity(_ rows: Matrix) throws {
    try BadInput.unless(!rows.values.contains { $0.isInfinite }, "a cell is infinite")
  }
}
