import Contracts
import Foundation
import Tensors

// A standardiser for streams. `dojo show mergeable-standardizer` has the question, `dojo hint` helps.
//
// Legend: N rows by time, D columns. A `Matrix` holds Float64 numbers: m[row, column], m.rows, m.columns, m.values (row
// by row), Matrix(rows:columns:values:). NaN marks a missing cell: skip the cell, keep the row.
// A StandardizerState holds per column count, mean and m2, the sum of squared distances from the mean; a fresh one,
// StandardizerState(columns: D), is all zeros. Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct MergeableStandardizer: MergeableStandardizerExercise {
  /// Take the rows [N, D] into the state, in one pass and stably: values near 1e9 that differ by 1 keep their variance.
  /// Throws for another width and for an infinite cell; the state is then as it was before.
  func partialFit(_ state: inout StandardizerState, rows: Matrix) throws {
    throw Unfinished()
  }

  /// The state that one pass over both shards would have left. Either may be fresh. Throws if the widths differ.
  func merged(_ a: StandardizerState, _ b: StandardizerState) throws -> StandardizerState {
    throw Unfinished()
  }

  /// z = (x − mean) / √(m2 / count), [N, D]. A missing cell stays NaN; so does a column of which no value was seen. The
  /// scale is 1 where m2 / count ≤ (count · Double.ulpOfOne · mean)². Throws if no value was fitted at all, the widths
  /// differ, or a cell is infinite.
  func transform(_ rows: Matrix, with state: StandardizerState) throws -> Matrix {
    throw Unfinished()
  }

  /// All rows of the log [N, D], transformed by a state that has seen its first `past` rows alone. Throws for a `past`
  /// outside 1…N.
  func standardized(_ log: Matrix, fittedOnFirst past: Int) throws -> Matrix {
    throw Unfinished()
  }
}
