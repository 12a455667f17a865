import Tensors

/// k-means: centres c and labels that make the inertia Σᵢ |xᵢ − c(labelᵢ)|² small.
///
/// Lloyd's two steps in turn: each row goes to its nearest centre, each centre to the mean of its rows. A run ends when
/// no label changes, or when the centres move by no more than `tolerance` times the mean variance of the columns, as
/// scikit-learn's does. A centre that has lost all rows moves to the row that is farthest from its own centre. The best
/// of `restarts` runs counts; each starts from k-means++ seeds.
///
///     var random = SeededRandom(seed: 7)
///     let fit = try KMeans(clusters: 2, restarts: 3).fit(Matrix([[0], [1], [10], [11]]), using: &random)
///     fit.inertia                  // 1
///
/// O(n·k·d) time an iteration, O(n·d) space. Restarts run on several threads; one run stays on one.
///
/// Sources: Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28 (1982); Arthur &
/// Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007 (greedy form, 2 + ⌊ln k⌋ trials a seed).
public struct KMeans: ClassicLearner {
  /// How many centres.
  public var clusters: Int

  /// How many runs, each from seeds of its own.
  public var restarts: Int

  /// How many iterations a run may take.
  public var iterations: Int

  /// How far the centres may still move, in mean column variances: |new − old|² ≤ tolerance · variance.
  public var tolerance: Double

  /// Settings; the defaults are scikit-learn's.
  ///
  /// - Precondition: `clusters`, `restarts` and `iterations` are positive.
  public init(clusters: Int, restarts: Int = 10, iterations: Int = 300, tolerance: Double = 1e-4) {
    precondition(
      clusters > 0 && restarts > 0 && iterations > 0,
      "KMeans: \(clusters) clusters, \(restarts) restarts, \(iterations) iterations: each must be positive")
    self.clusters = clusters
    self.restarts = restarts
    self.iterations = iterations
    self.tolerance = tolerance
  }

  /// Centres, and the rows that belong to each.
  public struct Fitted: Sendable, Equatable {
    /// `[clusters, d]`.
    public let centres: Matrix

    /// The centre of each training row, `[n]`.
    public let labels: [Int]

    /// Σ of squared distances of the training rows to their centres.
    public let inertia: Double

    /// How many iterations the best run took.
    public let iterations: Int

    /// The nearest centre of each row; on a tie the one with the lower number.
    ///
    /// - Parameter x: `[n, d]`.
    /// - Returns: `[n]`.
    /// - Throws: `LearnerError` where x has other columns than the training rows, or is not finite.
    public func labels(of x: Matrix) throws -> [Int] {
      try requireColumns(x, centres.columns)
      let run = LloydRun(x, clusters: centres.rows)
      return run.labels(centres: centres)
    }
  }

  /// Fits from k-means++ seeds.
  ///
  /// - Parameters:
  ///   - x: `[n, d]`, n ≥ clusters.
  ///   - random: draws the seeds.
  /// - Returns: the best run.
  /// - Throws: `LearnerError` where there are fewer rows than clusters, or a number is not finite.
  public func fit(_ x: Matrix, using random: inout SeededRandom) throws -> Fitted {
    try requireExamples(x, atLeast: clusters)
    let run = LloydRun(x, clusters: clusters)
    let generators = (0..<restarts).map { _ in SeededRandom(seed: random.next()) }
    var fits = [Fitted?](repeating: nil, count: restarts)
    let work = restarts * x.values.count * clusters * 10
    fits.withUnsafeMutableBufferPointer { fits in
      nonisolated(unsafe) let fits = fits  // each piece writes one place
      Threads.forEach(restarts, work: work) { piece in
        var own = generators[piece]
        let seeds = run.seeds(using: &own)
        fits[piece] = run.fit(from: seeds, iterations: iterations, tolerance: tolerance)
      }
    }
    let best = fits.compactMap { $0 }.min { $0.inertia < $1.inertia }
    guard let best else { throw LearnerError.noConvergence }
    return best
  }

  /// Fits from given centres, in one run without randomness.
  ///
  /// - Parameters:
  ///   - x: `[n, d]`, n ≥ clusters.
  ///   - centres: `[clusters, d]`.
  /// - Returns: that run.
  /// - Throws: `LearnerError` where there are fewer rows than clusters, a number is not finite, or the columns differ.
  /// - Precondition: there are as many centres as clusters.
  public func fit(_ x: Matrix, from centres: Matrix) throws -> Fitted {
    precondition(centres.rows == clusters, "KMeans: \(clusters) clusters from \(centres.rows) centres")
    try requireExamples(x, atLeast: clusters)
    try requireColumns(centres, x.columns)
    return LloydRun(x, clusters: clusters).fit(from: centres, iterations: iterations, tolerance: tolerance)
  }
}
