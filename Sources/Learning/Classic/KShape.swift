import Tensors

/// K-Shape: clusters of series that have one shape, wherever in time it begins and however tall it is.
///
/// The distance of two series is SBD(x, y) = 1 − maxₛ Σₜ xₜ₊ₛ·yₜ / (|x|·|y|), by FFT. A cluster's centroid is the shape that
/// correlates best with its series, each shifted to agree with the centroid before: the leading eigenvector of
/// Q·(Σ yᵢ·yᵢᵀ)·Q with Q = I − 1/m, z-normalised. Every series is z-normalised first; a constant one becomes 0 and is at
/// distance 1 from all.
///
/// A run ends as tslearn's does: when the inertia (the mean squared distance to the own centroid) falls by less than
/// `tolerance`, or grows, and then the centroids before count. A cluster that has lost all series takes the series that is
/// farthest from its centroid. The best of `restarts` runs counts; each starts from different series as centroids.
///
///     var random = SeededRandom(seed: 7)
///     let fit = try KShape(clusters: 3).fit(series, using: &random)
///
/// O(n·k·m·log m + k·m³ + n·m²) time an iteration, O(n·m) space.
///
/// Source: Paparrizos & Gravano, "k-Shape: efficient and accurate clustering of time series", SIGMOD 2015.
public struct KShape: ClassicLearner {
  /// How many centroids.
  public var clusters: Int

  /// How many runs, each from centroids of its own.
  public var restarts: Int

  /// How many times a run may move the centroids.
  public var iterations: Int

  /// The least fall of the inertia that is worth another iteration.
  public var tolerance: Double

  /// Settings; the defaults are tslearn's.
  ///
  /// - Precondition: `clusters`, `restarts` and `iterations` are positive.
  public init(clusters: Int, restarts: Int = 1, iterations: Int = 100, tolerance: Double = 1e-6) {
    precondition(
      clusters > 0 && restarts > 0 && iterations > 0,
      "KShape: \(clusters) clusters, \(restarts) restarts, \(iterations) iterations: each must be positive")
    self.clusters = clusters
    self.restarts = restarts
    self.iterations = iterations
    self.tolerance = tolerance
  }

  /// Centroids, and the series that belong to each.
  public struct Fitted: Sendable, Equatable {
    /// `[clusters, m]`, z-normalised.
    public let centroids: Matrix

    /// The centroid of each training series, `[n]`.
    public let labels: [Int]

    /// The mean squared distance of the training series to their centroids.
    public let inertia: Double

    /// How many times the best run moved the centroids.
    public let iterations: Int

    /// The nearest centroid of each series; on a tie the one with the lower number.
    ///
    /// - Parameter x: `[n, m]`, one series a row.
    /// - Returns: `[n]`.
    /// - Throws: `LearnerError` where the series have another length than the centroids, or are not finite.
    public func labels(of x: Matrix) throws -> [Int] {
      try requireColumns(x, centroids.columns)
      return ShapeSeries(x).assigned(to: ShapeSeries(normalized: centroids)).labels
    }
  }

  /// The shape-based distances of all series of `x` to all of `y`; nothing is normalised but the lengths.
  ///
  /// - Parameters:
  ///   - x: `[n, m]`, one series a row.
  ///   - y: `[k, m]`.
  /// - Returns: `[n, k]`: from 0, one shape, to 2.
  /// - Throws: `LearnerError` where the series' lengths differ, or a number is not finite.
  public static func distances(_ x: Matrix, _ y: Matrix) throws -> Matrix {
    try requireExamples(x)
    try requireColumns(y, x.columns)
    let distances = ShapeSeries(normalized: x).alignments(to: ShapeSeries(normalized: y)).distances
    return Matrix(rows: x.rows, columns: y.rows, values: distances)
  }

  /// Fits from random series as the first centroids.
  ///
  /// - Parameters:
  ///   - x: `[n, m]`, one series a row, n ≥ clusters.
  ///   - random: draws the first centroids.
  /// - Returns: the best run.
  /// - Throws: `LearnerError` where there are fewer series than clusters, or a number is not finite.
  public func fit(_ x: Matrix, using random: inout SeededRandom) throws -> Fitted {
    try requireExamples(x, atLeast: clusters)
    let series = ShapeSeries(x)
    var best: Fitted?
    for _ in 0..<restarts {
      let fit = try run(series, from: series.rows(Array(random.permutation(of: x.rows)[..<clusters])))
      if fit.inertia < best?.inertia ?? .infinity { best = fit }
    }
    guard let best else { throw LearnerError.noConvergence }
    return best
  }

  /// Fits from given centroids, in one run without randomness.
  ///
  /// - Parameters:
  ///   - x: `[n, m]`, one series a row, n ≥ clusters.
  ///   - centroids: `[clusters, m]`; they are z-normalised as the series are.
  /// - Returns: that run.
  /// - Throws: `LearnerError` where there are fewer series than clusters, a number is not finite, or the lengths differ.
  /// - Precondition: there are as many centroids as clusters.
  public func fit(_ x: Matrix, from centroids: Matrix) throws -> Fitted {
    precondition(centroids.rows == clusters, "KShape: \(clusters) clusters from \(centroids.rows) centroids")
    try requireExamples(x, atLeast: clusters)
    try requireColumns(centroids, x.columns)
    return try run(ShapeSeries(x), from: ShapeSeries(centroids).rows(Array(0..<clusters)))
  }

  private func run(_ series: ShapeSeries, from start: Matrix) throws -> Fitted {
    var centroids = start
    var assignment = series.assigned(to: ShapeSeries(normalized: centroids))
    var inertia = Double.infinity
    var done = 0
    while done < iterations {
      done += 1
      let moved = try series.shapes(of: assignment, count: clusters, before: centroids)
      let next = series.assigned(to: ShapeSeries(normalized: moved))
      if abs(inertia - next.inertia) < tolerance || next.inertia > inertia { break }
      (centroids, assignment, inertia) = (moved, next, next.inertia)
    }
    return Fitted(
      centroids: centroids, labels: assignment.labels, inertia: assignment.inertia, iterations: done)
  }
}
