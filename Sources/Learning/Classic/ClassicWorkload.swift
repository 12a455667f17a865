import Tensors

/// What the benchmark measures the classic learners on; `Tests/Peers/classic.py` gives its libraries the same numbers.
public enum ClassicWorkload: String, CaseIterable, Sendable {
  /// Ten restarts of k-means on 10,000 rows around 10 centres in 20 columns.
  case kMeans = "kmeans-10kx20-k10-init10"

  /// An isolation forest of 100 trees, fitted to 10,000 rows of 10 columns, and the scores of these rows.
  case isolationForest = "iforest-10kx10-100trees"

  /// A random forest of 100 trees on 5,000 rows of 20 columns and two classes.
  case randomForest = "rforest-5kx20-100trees"

  /// The exact likelihood fit of a series of 500 values.
  case arima = "arima111-n500"

  /// K-Shape on 100 series of 100 values, from the first three of them, at most 20 iterations.
  case kShape = "kshape-100x100-k3"

  /// Makes the data, and returns what one iteration does: one fit.
  ///
  /// - Returns: a closure that fits, and returns a number that shows that it has done the peer's work: the inertia, the
  ///   mean score, the number of all trees' nodes, or the log-likelihood.
  public func prepared() -> @Sendable () throws -> Double {
    let seed = SeededRandom(seed: 3)
    switch self {
    case .kMeans:
      let x = Self.kMeansRows()
      return {
        var random = seed
        return try KMeans(clusters: 10).fit(x, using: &random).inertia
      }
    case .isolationForest:
      let x = Self.isolationRows()
      return {
        var random = seed
        let scores = try IsolationForest().fit(x, using: &random).scores(of: x)
        return scores.reduce(0, +) / Double(scores.count)
      }
    case .randomForest:
      let examples = Self.forestRows()
      return {
        var random = seed
        let forest = try RandomForestClassifier().fit(examples, using: &random)
        return Double(forest.nodeCount)
      }
    case .arima:
      let series = Self.arimaSeries()
      return { try ARIMA111().fit(series).logLikelihood }
    case .kShape:
      let x = Self.shapes()
      let start = Matrix((0..<3).map { x.row($0) })
      return { try KShape(clusters: 3, iterations: 20).fit(x, from: start).inertia }
    }
  }

  /// `[10000, 20]`.
  package static func kMeansRows() -> Matrix {
    let centres = normal(10, 20, "centres")
    var values = normal(10_000, 20, "rows").values
    for row in 0..<10_000 {
      for column in 0..<20 { values[row * 20 + column] += centres[row % 10, column] }
    }
    return Matrix(rows: 10_000, columns: 20, values: values)
  }

  /// `[10000, 10]`; each 50th row is three times as large.
  package static func isolationRows() -> Matrix {
    var values = normal(10_000, 10, "rows").values
    for row in stride(from: 0, to: 10_000, by: 50) {
      for column in 0..<10 { values[row * 10 + column] *= 3 }
    }
    return Matrix(rows: 10_000, columns: 10, values: values)
  }

  /// `[5000, 20]` with the class of each row: x₀ + x₁·x₂ + noise > 0.
  package static func forestRows() -> LabelledRows {
    let x = normal(5_000, 20, "rows")
    let noise = normal(5_000, 1, "noise")
    return LabelledRows(x, (0..<x.rows).map { x[$0, 0] + x[$0, 1] * x[$0, 2] + 0.5 * noise[$0, 0] > 0 ? 1 : 0 })
  }

  /// `[500]`: φ = 0.6, θ = 0.3, σ² = 1.
  package static func arimaSeries() -> [Double] {
    var (level, step, before) = (0.0, 0.0, 0.0)
    return normal(500, 1, "shocks").values.map { shock in
      step = 0.6 * step + shock + 0.3 * before
      before = shock
      level += step
      return level
    }
  }

  /// `[100, 100]`: a sine, a saw and a square in turn, each begun at a random phase, with noise; z-normalised.
  package static func shapes() -> Matrix {
    var shifts = SeededRandom(seed: 3).fork("shifts")
    var values = normal(100, 100, "noise").values
    for row in 0..<100 {
      let shift = shifts.uniform()
      for t in 0..<100 {
        let turns = Double(t) / 50 + shift
        let part = turns - turns.rounded(.down)
        let clean = [sine(2 * Double.pi * turns), 2 * part - 1, part < 0.5 ? 1 : -1][row % 3]
        values[row * 100 + t] = clean + 0.5 * values[row * 100 + t]
      }
      normalize(&values, row * 100..<(row + 1) * 100)
    }
    return Matrix(rows: 100, columns: 100, values: values)
  }

  private static func normal(_ rows: Int, _ columns: Int, _ label: String) -> Matrix {
    var random = SeededRandom(seed: 3).fork(label)
    return .normal(rows: rows, columns: columns, using: &random)
  }
}
