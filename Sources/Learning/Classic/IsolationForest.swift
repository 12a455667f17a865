import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Isolation forest: a row that random cuts separate from the others early is an anomaly.
///
/// Each tree cuts a subsample of ψ rows at a random column and a uniform threshold, down to the depth ⌈log₂ ψ⌉. The score
/// is −2^(−E[h(x)] / c(ψ)), where h is the path's length, plus c(m) in a leaf of m rows: −1 is an anomaly, −0.5 is usual.
/// This is the sign and the scale of scikit-learn's `score_samples`; Liu's own score is its negative.
///
///     var random = SeededRandom(seed: 7)
///     let forest = try IsolationForest().fit(rows, using: &random)
///     let scores = try forest.scores(of: rows)
///
/// Fit: O(trees · ψ · log ψ); score: O(trees · log ψ) a row; space: O(trees · ψ).
///
/// Source: Liu, Ting & Zhou, "Isolation forest", ICDM 2008.
public struct IsolationForest: ClassicLearner {
  /// How many trees.
  public var trees: Int

  /// How many rows each tree sees (ψ), drawn without replacement; fewer where there are fewer rows.
  public var sampleSize: Int

  /// Settings; the defaults are the paper's.
  ///
  /// - Precondition: both are positive.
  public init(trees: Int = 100, sampleSize: Int = 256) {
    precondition(
      trees > 0 && sampleSize > 0, "IsolationForest: \(trees) trees of \(sampleSize) rows: both must be positive")
    self.trees = trees
    self.sampleSize = sampleSize
  }

  /// The mean path length c(n) of an unsuccessful search in a binary search tree of n rows.
  ///
  /// c(n) = 2·(ln(n − 1) + γ) − 2·(n − 1)/n with Euler's γ; c(2) = 1 and c(1) = 0, as in scikit-learn.
  public static func averagePathLength(_ n: Int) -> Double {
    if n <= 1 { return 0 }
    if n == 2 { return 1 }
    return 2 * (log(Double(n - 1)) + 0.577_215_664_901_532_9) - 2 * Double(n - 1) / Double(n)
  }

  /// The trees.
  public struct Fitted: Sendable, Equatable {
    let trees: [IsolationTree]
    let columns: Int
    let sampleSize: Int

    /// How unusual each row is: from −1, an anomaly, to 0.
    ///
    /// - Parameter x: `[n, d]`.
    /// - Returns: `[n]`.
    /// - Throws: `LearnerError` where x has other columns than the training rows, or is not finite.
    public func scores(of x: Matrix) throws -> [Double] {
      let usual = IsolationForest.averagePathLength(sampleSize)
      // One row alone is as usual as can be: scikit-learn divides 0 by 0 there, and takes 1 for it.
      return try pathLengths(of: x).map { usual > 0 ? -exp2(-$0 / usual) : -0.5 }
    }

    /// How unusual one row is, without the cost of a matrix: for streams.
    ///
    /// - Precondition: as many finite numbers as the training rows had columns.
    public func score(of row: [Double]) -> Double {
      precondition(row.count == columns, "score(of:): \(row.count) numbers, expected \(columns)")
      let usual = IsolationForest.averagePathLength(sampleSize)
      guard usual > 0 else { return -0.5 }
      var sum = 0.0
      row.withUnsafeBufferPointer { row in
        guard let row = row.baseAddress else { return }
        for tree in trees { sum += tree.length(row) }
      }
      return -exp2(-(sum / Double(trees.count)) / usual)
    }

    /// The mean path length E[h(x)] of each row over the trees.
    ///
    /// - Parameter x: `[n, d]`.
    /// - Returns: `[n]`.
    /// - Throws: `LearnerError` where x has other columns than the training rows, or is not finite.
    public func pathLengths(of x: Matrix) throws -> [Double] {
      try requireColumns(x, columns)
      let block = 256  // rows that stay in the first cache while all trees pass over them
      var lengths = [Double](repeating: 0, count: x.rows)
      let pieces = (x.rows + block - 1) / block
      lengths.withUnsafeMutableBufferPointer { lengths in
        x.values.withUnsafeBufferPointer { values in
          nonisolated(unsafe) let (lengths, values) = (lengths, values)  // each piece writes its own rows
          Threads.forEach(pieces, work: x.rows * trees.count * 10) { piece in
            guard let rows = values.baseAddress else { return }
            let range = piece * block..<min(lengths.count, (piece + 1) * block)
            for tree in trees { tree.addLengths(rows, columns, range, to: lengths) }
            for row in range { lengths[row] /= Double(trees.count) }
          }
        }
      }
      return lengths
    }
  }

  /// Grows the trees.
  ///
  /// - Parameters:
  ///   - x: `[n, d]`.
  ///   - random: draws subsamples, columns and thresholds.
  /// - Returns: the trees.
  /// - Throws: `LearnerError` where there is no row or column, or a number is not finite.
  public func fit(_ x: Matrix, using random: inout SeededRandom) throws -> Fitted {
    try requireExamples(x)
    let size = min(sampleSize, x.rows)
    let generators = (0..<trees).map { _ in SeededRandom(seed: random.next()) }
    var grown = [IsolationTree?](repeating: nil, count: trees)
    grown.withUnsafeMutableBufferPointer { grown in
      nonisolated(unsafe) let grown = grown  // each piece writes one place
      Threads.forEach(trees, work: trees * size * 64) { piece in
        var own = generators[piece]
        grown[piece] = IsolationTree(x, sampleSize: size, using: &own)
      }
    }
    return Fitted(trees: grown.compactMap { $0 }, columns: x.columns, sampleSize: size)
  }
}

/// One tree of an isolation forest.
struct IsolationTree: Sendable, Equatable {
  private let nodes: [TreeNode]
  private let lengths: [Double]  // of the path to each node, with c(m) in a leaf of m rows
  private let depth: Int

  init(_ x: Matrix, sampleSize: Int, using random: inout SeededRandom) {
    var limit = 0
    while 1 << limit < sampleSize { limit += 1 }
    var nodes = [TreeNode.leaf(at: 0)]
    var lengths = [0.0]
    var deepest = 0
    var rows = Self.sample(sampleSize, of: x.rows, using: &random)
    var columns = Array(0..<x.columns)
    var open = [(node: 0, rows: 0..<sampleSize, depth: 0)]
    x.values.withUnsafeBufferPointer { values in
      rows.withUnsafeMutableBufferPointer { rows in
        while let (node, range, depth) = open.popLast() {
          deepest = max(deepest, depth)
          let cut = depth < limit ? Self.cut(values, x.columns, rows, range, &columns, &random) : nil
          guard let (column, threshold) = cut else {
            lengths[node] = Double(depth) + IsolationForest.averagePathLength(range.count)
            continue
          }
          var middle = range.lowerBound
          for i in range where values[rows[i] * x.columns + column] <= threshold {
            rows.swapAt(i, middle)
            middle += 1
          }
          let left = nodes.count
          nodes[node] = TreeNode(
            threshold: threshold, feature: Int32(truncatingIfNeeded: column), left: Int32(truncatingIfNeeded: left))
          nodes += [.leaf(at: left), .leaf(at: left + 1)]
          lengths += [0, 0]
          open.append((left + 1, middle..<range.upperBound, depth + 1))
          open.append((left, range.lowerBound..<middle, depth + 1))
        }
      }
    }
    self.nodes = nodes
    self.lengths = lengths
    self.depth = deepest
  }

  /// `size` different row numbers below `count` (Floyd's method: as many draws as numbers).
  private static func sample(_ size: Int, of count: Int, using random: inout SeededRandom) -> [Int] {
    var chosen: Set<Int> = []
    var rows: [Int] = []
    for last in count - size..<count {
      let row = random.below(last + 1)
      rows.append(chosen.insert(row).inserted ? row : last)
      chosen.insert(rows[rows.count - 1])
    }
    return rows
  }

  /// A random column in which the rows differ, and a threshold uniform between its extremes; nil where none differs.
  private static func cut(
    _ values: UnsafeBufferPointer<Double>, _ width: Int, _ rows: UnsafeMutableBufferPointer<Int>, _ range: Range<Int>,
    _ columns: inout [Int], _ random: inout SeededRandom
  ) -> (column: Int, threshold: Double)? {
    if range.count < 2 { return nil }
    for tried in 0..<width {
      columns.swapAt(tried, tried + random.below(width - tried))
      let column = columns[tried]
      var (low, high) = (Double.infinity, -Double.infinity)
      for i in range {
        let value = values[rows[i] * width + column]
        low = min(low, value)
        high = max(high, value)
      }
      if low < high {
        let threshold = low + random.uniform() * (high - low)
        // Rounding may reach the upper end, and then nothing would go right; an infinite range has no middle.
        return (column, threshold < high ? threshold : low)
      }
    }
    return nil
  }

  /// The path length of one row.
  func length(_ row: UnsafePointer<Double>) -> Double {
    nodes.withUnsafeBufferPointer { nodes in
      guard let first = nodes.baseAddress else { return 0 }
      return lengths[TreeNode.walk(first, row, depth: depth)]
    }
  }

  /// Adds the path lengths of some rows.
  func addLengths(
    _ x: UnsafePointer<Double>, _ width: Int, _ rows: Range<Int>, to sums: UnsafeMutableBufferPointer<Double>
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      lengths.withUnsafeBufferPointer { lengths in
        guard let nodes = nodes.baseAddress else { return }
        for row in rows { sums[row] += lengths[TreeNode.walk(nodes, x + row * width, depth: depth)] }
      }
    }
  }
}

// MARK: - Saving

extension IsolationForest.Fitted: Codable {}

extension IsolationTree: Codable {
  private enum CodingKeys: CodingKey { case thresholds, features, left, lengths, depth }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    // JSON has no infinity; a leaf is known by its left child.
    try container.encode(nodes.map { $0.threshold.isFinite ? $0.threshold : 0 }, forKey: .thresholds)
    try container.encode(nodes.map(\.feature), forKey: .features)
    try container.encode(nodes.map(\.left), forKey: .left)
    try container.encode(lengths, forKey: .lengths)
    try container.encode(depth, forKey: .depth)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let thresholds = try container.decode([Double].self, forKey: .thresholds)
    let features = try container.decode([Int32].self, forKey: .features)
    let left = try container.decode([Int32].self, forKey: .left)
    lengths = try container.decode([Double].self, forKey: .lengths)
    depth = try container.decode(Int.self, forKey: .depth)
    let count = thresholds.count
    func fail(_ what: String) -> DecodingError {
      .dataCorruptedError(forKey: .left, in: container, debugDescription: what)
    }
    guard count > 0, features.count == count, left.count == count, lengths.count == count, (0...64).contains(depth)
    else { throw fail("a tree of \(count) nodes whose lists differ in length") }
    var nodes: [TreeNode] = []
    for index in 0..<count {
      if Int(left[index]) == index {
        nodes.append(.leaf(at: index))
      } else if Int(left[index]) > index, Int(left[index]) + 1 < count, features[index] >= 0 {
        nodes.append(TreeNode(threshold: thresholds[index], feature: features[index], left: left[index]))
      } else {
        throw fail("node \(index) has the child \(left[index])")
      }
    }
    self.nodes = nodes
  }

  /// Whether every cut is on one of so many columns.
  func fits(columns: Int) -> Bool { nodes.allSatisfy { Int($0.feature) < columns } }
}

extension IsolationForest.Fitted {
  /// Whether the trees, read from a file, can be walked with rows of so many columns.
  public func fits(columns: Int) -> Bool {
    self.columns == columns && sampleSize > 0 && !trees.isEmpty && trees.allSatisfy { $0.fits(columns: columns) }
  }
}
