import Tensors

/// Mean and variance of each column in one pass, mergeable across shards of a log, fitted on the past only.
///
/// Legend: N rows (events or sessions by time), D columns. A NaN marks a missing cell: it is skipped in its own column,
/// and its row is kept.
public protocol MergeableStandardizerExercise: ExerciseContract {
  /// Takes N more rows into the state, without keeping them.
  ///
  /// Numerically stable: Welford's recurrence, or the moments of the chunk merged into the state (`merged`). Whether a
  /// log comes in one chunk or row by row must not show: count exactly, mean and m2 to ten digits.
  ///
  /// Source: Welford, Technometrics 4 (1962); Chan, Golub & LeVeque, The American Statistician 37 (1983).
  ///
  /// - Parameters:
  ///   - state: what the rows so far have left, D columns.
  ///   - rows: `[N, D]`.
  /// - Throws: if the widths differ or a cell is infinite; the state is then as it was before.
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws

  /// The state that one pass over the rows of both shards would have left.
  ///
  /// - Parameters:
  ///   - a: the state of one shard; may be fresh.
  ///   - b: the state of another, of as many columns; may be fresh.
  /// - Returns: the state of both, the same (to ten digits) in whatever order shards are merged.
  /// - Throws: if the widths differ.
  func merged(_ a: StandardizerState, _ b: StandardizerState) throws -> StandardizerState

  /// z = (x − mean) / √(m2 / count), column by column.
  ///
  /// The variance divides by the count, as scikit-learn's `StandardScaler` does. A constant column has scale 1: one
  /// whose variance is nothing but rounding, m2 / count ≤ (count · ε · mean)² with ε = `Double.ulpOfOne`.
  ///
  /// - Parameters:
  ///   - rows: `[N, D]`.
  ///   - state: a fitted state.
  /// - Returns: `[N, D]`; NaN where the cell is missing, and in a column of which no value has been seen.
  /// - Throws: if no value at all has been fitted, the widths differ, or a cell is infinite.
  func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix

  /// The whole log standardised by its past.
  ///
  /// - Parameters:
  ///   - log: `[N, D]`, by time.
  ///   - past: how many rows, from the first, belong to the training period.
  /// - Returns: `[N, D]`, all rows transformed by a state that has seen the first `past` rows alone.
  /// - Throws: if `past` lies outside 1…N, or as `transform`.
  func standardized(_ log: Matrix, fittedOnFirst past: Int) throws -> Matrix
}

/// What a standardiser remembers of each column: three numbers, however many rows there were.
public struct StandardizerState: Codable, Sendable, Hashable {
  /// How many values that are not missing.
  public var count: [Int]

  /// Their mean; 0 while there is none.
  public var mean: [Double]

  /// The sum of their squared distances from the mean; 0 while there is none.
  public var m2: [Double]

  /// A fresh state: nothing seen.
  public init(columns: Int) {
    count = [Int](repeating: 0, count: columns)
    mean = [Double](repeating: 0, count: columns)
    m2 = [Double](repeating: 0, count: columns)
  }
}
