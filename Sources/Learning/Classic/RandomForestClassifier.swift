import Tensors

/// Random forest: trees grown to pure leaves on bootstrap samples, each split the best of √d random columns.
///
/// A split is a threshold midway between two neighbouring values, chosen for the least Gini impurity
/// 1 − Σ pᵢ² of its two sides, weighted by their rows. Columns without two values in a node are passed over. The forest's
/// probability of a class is the mean of its trees' leaf shares.
///
///     var random = SeededRandom(seed: 7)
///     let forest = try RandomForestClassifier(trees: 100).fit(LabelledRows(rows, labels), using: &random)
///     let labels = try forest.labels(of: newRows)
///
/// Fit: O(trees · √d · n · depth); values are ranked once for all trees, so that a node sorts short integers.
/// Space: O(n·d + trees · n).
///
/// Source: Breiman, "Random forests", Machine Learning 45 (2001).
public struct RandomForestClassifier: ClassicLearner {
  /// How many trees.
  public var trees: Int

  /// Settings.
  ///
  /// - Precondition: `trees` is positive.
  public init(trees: Int = 100) {
    precondition(trees > 0, "RandomForestClassifier: \(trees) trees: the number must be positive")
    self.trees = trees
  }

  /// The trees.
  public struct Fitted: Sendable, Equatable {
    let trees: [ClassificationTree]
    let columns: Int

    /// How many classes there are: one more than the largest label.
    public let classes: Int

    /// How many nodes all trees have together.
    public var nodeCount: Int { trees.reduce(0) { $0 + $1.nodes.count } }

    /// The probability of each class for each row.
    ///
    /// - Parameter x: `[n, d]`.
    /// - Returns: `[n, classes]`; each row sums to 1.
    /// - Throws: `LearnerError` where x has other columns than the training rows, or is not finite.
    public func probabilities(of x: Matrix) throws -> Matrix {
      try requireColumns(x, columns)
      let block = 256
      var shares = [Double](repeating: 0, count: x.rows * classes)
      let pieces = (x.rows + block - 1) / block
      shares.withUnsafeMutableBufferPointer { shares in
        x.values.withUnsafeBufferPointer { values in
          nonisolated(unsafe) let (shares, values) = (shares, values)  // each piece writes its own rows
          Threads.forEach(pieces, work: x.rows * trees.count * 20) { piece in
            guard let rows = values.baseAddress else { return }
            let range = piece * block..<min(x.rows, (piece + 1) * block)
            for tree in trees { tree.addShares(rows, columns, range, to: shares, classes) }
            for i in range.lowerBound * classes..<range.upperBound * classes { shares[i] /= Double(trees.count) }
          }
        }
      }
      return Matrix(rows: x.rows, columns: classes, values: shares)
    }

    /// The most probable class of each row; on a tie the lower one.
    ///
    /// - Parameter x: `[n, d]`.
    /// - Returns: `[n]`.
    /// - Throws: `LearnerError` where x has other columns than the training rows, or is not finite.
    public func labels(of x: Matrix) throws -> [Int] {
      let shares = try probabilities(of: x).values
      return (0..<x.rows).map { row in
        var best = 0
        for label in 1..<max(1, classes) where shares[row * classes + label] > shares[row * classes + best] {
          best = label
        }
        return best
      }
    }
  }

  /// Grows the trees.
  ///
  /// - Parameters:
  ///   - examples: rows `[n, d]` and their labels `[n]`, which count from 0.
  ///   - random: draws bootstrap samples and columns.
  /// - Returns: the trees.
  /// - Throws: `LearnerError` where there is no row or column, a number is not finite, or labels do not fit.
  public func fit(_ examples: LabelledRows, using random: inout SeededRandom) throws -> Fitted {
    let (x, labels) = (examples.rows, examples.labels)
    try requireExamples(x)
    if labels.count != x.rows { throw LearnerError.labels(needed: x.rows, found: labels.count) }
    if let row = labels.firstIndex(where: { $0 < 0 || $0 > 0xFFFF }) {
      throw LearnerError.badLabel(row: row, label: labels[row])
    }
    let classes = (labels.max() ?? 0) + 1
    let ranked = RankedColumns(x)
    let generators = (0..<trees).map { _ in SeededRandom(seed: random.next()) }
    var grown = [ClassificationTree?](repeating: nil, count: trees)
    grown.withUnsafeMutableBufferPointer { grown in
      nonisolated(unsafe) let grown = grown  // each piece writes one place
      Threads.forEach(trees, work: trees * x.rows * 200) { piece in
        var own = generators[piece]
        var growth = TreeGrowth(ranked, labels, classes: classes)
        grown[piece] = growth.tree(using: &own)
      }
    }
    return Fitted(trees: grown.compactMap { $0 }, columns: x.columns, classes: classes)
  }
}

/// Rows with the class of each.
public struct LabelledRows: Sendable, Equatable {
  /// `[n, d]`.
  public let rows: Matrix

  /// `[n]`, counted from 0.
  public let labels: [Int]

  /// Rows `[n, d]` and their labels `[n]`, which a learner holds to each other.
  public init(_ rows: Matrix, _ labels: [Int]) {
    self.rows = rows
    self.labels = labels
  }
}

/// One tree of a random forest.
struct ClassificationTree: Sendable, Equatable {
  let nodes: [TreeNode]
  let leaves: [Int32]  // of each node: where its class shares begin, or -1
  let shares: [Double]  // [leaves, classes]

  /// Adds the class shares of some rows' leaves.
  func addShares(
    _ x: UnsafePointer<Double>, _ width: Int, _ rows: Range<Int>, to sums: UnsafeMutableBufferPointer<Double>,
    _ classes: Int
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      for row in rows {
        var index = 0
        while !nodes[index].isLeaf(at: index) {
          let node = nodes[index]
          index = Int(node.left) + (x[row * width + Int(node.feature)] > node.threshold ? 1 : 0)
        }
        let leaf = Int(leaves[index])
        for label in 0..<classes { sums[row * classes + label] += shares[leaf + label] }
      }
    }
  }
}
