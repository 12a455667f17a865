import Foundation
import Tensors

extension IsolationForestPathLengthExercise {
  /// Trees from random subsamples without repetition, each at most ⌈log₂ ψ⌉ high.
  package func forest(
    _ x: Matrix, trees: Int, sampleSize: Int, using random: inout SeededRandom
  ) throws -> [ITree] {
    let size = min(sampleSize, x.rows)
    return try (0..<trees).map { _ in
      let rows = Array(random.permutation(of: x.rows).prefix(size))
      return try growTree(x, rows: rows, height: 0, limit: heightLimit(size), using: &random)
    }
  }

  /// The score of each row.
  package func scores(_ forest: [ITree], of x: Matrix, sampleSize: Int) throws -> [Double] {
    try (0..<x.rows).map { try anomalyScore(forest, x.row($0), sampleSize: sampleSize) }
  }

  /// Grows a forest and scores other rows, with ψ fitted to the number of rows.
  package func scores(
    of test: Matrix, grownFrom x: Matrix, trees: Int = 100, sampleSize: Int = 256, using random: inout SeededRandom
  ) throws -> [Double] {
    let grown = try forest(x, trees: trees, sampleSize: sampleSize, using: &random)
    return try scores(grown, of: test, sampleSize: min(sampleSize, x.rows))
  }
}

/// ⌈log₂ ψ⌉.
package func heightLimit(_ sampleSize: Int) -> Int {
  var limit = 0
  while 1 << limit < sampleSize { limit += 1 }
  return limit
}

/// The largest absolute z-score of each row: how many standard deviations its oddest feature is from the mean.
package struct LargestDeviation {
  private let means, deviations: [Double]

  package init(_ x: Matrix) {
    var means = [Double](repeating: 0, count: x.columns)
    var squares = means
    for row in 0..<x.rows { for column in 0..<x.columns { means[column] += x[row, column] / Double(x.rows) } }
    for row in 0..<x.rows {
      for column in 0..<x.columns {
        let distance = x[row, column] - means[column]
        squares[column] += distance * distance / Double(x.rows)
      }
    }
    self.means = means
    deviations = squares.map { max(1e-9, $0.squareRoot()) }
  }

  package func scores(of x: Matrix) -> [Double] {
    (0..<x.rows).map { row in
      (0..<x.columns).reduce(0) { max($0, abs(x[row, $1] - means[$1]) / deviations[$1]) }
    }
  }
}

/// What `contamination` does: how many of the scores are above their own (1 − fraction) quantile.
///
/// The quantile is interpolated as in NumPy's `percentile`, on which scikit-learn's forest sets its offset.
package func flaggedByContamination(_ scores: [Double], fraction: Double) -> [Int] {
  guard !scores.isEmpty else { return [] }
  let sorted = scores.sorted()
  let place = (1 - fraction) * Double(sorted.count - 1)
  let below = Int(place)
  let above = min(below + 1, sorted.count - 1)
  let offset = sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  return scores.indices.filter { scores[$0] > offset }
}
