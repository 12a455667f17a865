import EngineTestSupport
import Foundation
import Tensors

/// The numbers that `Tests/Oracles/classic.py` wrote.
func classicGoldens() throws -> DoubleGoldens {
  try DoubleGoldens(Bundle.module.bundleURL.appending(path: "Goldens/classic.json"))
}

extension Matrix {
  /// The first rows and columns.
  func top(_ rows: Int, columns: Int? = nil) -> Matrix {
    let width = columns ?? self.columns
    return Matrix(
      rows: rows, columns: width,
      values: (0..<rows).flatMap { Array(values[$0 * self.columns..<$0 * self.columns + width]) })
  }

  /// The rows from `start` on.
  func bottom(from start: Int) -> Matrix {
    Matrix(rows: rows - start, columns: columns, values: Array(values[(start * columns)...]))
  }
}

func correlation(_ a: [Double], _ b: [Double]) -> Double {
  let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
  var (ab, aa, bb) = (0.0, 0.0, 0.0)
  for (a, b) in zip(a, b) {
    ab += (a - meanA) * (b - meanB)
    aa += (a - meanA) * (a - meanA)
    bb += (b - meanB) * (b - meanB)
  }
  return ab / (aa * bb).squareRoot()
}
