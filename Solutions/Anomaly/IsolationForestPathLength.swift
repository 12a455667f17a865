import Contracts
import Foundation
import Tensors

/// The isolation forest as its paper has it: algorithms 2 (iTree) and 3 (PathLength), equations 1 and 2.
///
/// Liu, Ting & Zhou, "Isolation forest", ICDM 2008. `Learning`'s `IsolationForest` is the fast one.
public struct IsolationForestPathLength: IsolationForestPathLengthExercise {
  /// Makes the reference.
  public init() {}

  /// c(n) = 2·H(n − 1) − 2·(n − 1)/n.
  public func averagePathLength(_ n: Int, exact: Bool) throws -> Double {
    try BadInput.unless(n >= 1, "c(\(n)): at least one row is needed")
    if n == 1 { return 0 }
    if n == 2 { return 1 }  // the sum gives 1; the logarithm would give 0.15
    let harmonic = exact ? (1..<n).reduce(0) { $0 + 1 / Double($1) } : log(Double(n - 1)) + Self.gamma
    return 2 * harmonic - 2 * Double(n - 1) / Double(n)
  }

  private static let gamma = 0.577_215_664_901_532_9

  /// A random feature, a uniform cut, and the same again on both sides.
  public func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    try BadInput.unless(!rows.isEmpty && x.columns > 0, "\(rows.count) rows of \(x.columns) features: nothing to cut")
    try BadInput.unless(rows.allSatisfy { (0..<x.rows).contains($0) }, "a row is not in 0..<\(x.rows)")
    var varying: [(feature: Int, low: Double, high: Double)] = []
    for feature in 0..<x.columns {
      var (low, high) = (Double.infinity, -Double.infinity)
      for row in rows {
        let value = x[row, feature]
        try BadInput.unless(value.isFinite, "row \(row), feature \(feature) is \(value)")
        low = min(low, value)
        high = max(high, value)
      }
      if low < high { varying.append((feature, low, high)) }
    }
    if height >= limit || varying.isEmpty { return .leaf(size: rows.count) }

    let (feature, low, high) = varying[random.below(varying.count)]
    let drawn = low + random.uniform() * (high - low)
    let threshold = drawn < high ? drawn : low  // rounding may reach the upper end, and then nothing would go right
    let left = rows.filter { x[$0, feature] <= threshold }
    let right = rows.filter { x[$0, feature] > threshold }
    return .cut(
      feature: feature, threshold: threshold,
      left: try growTree(x, rows: left, height: height + 1, limit: limit, using: &random),
      right: try growTree(x, rows: right, height: height + 1, limit: limit, using: &random))
  }

  /// Edges to the leaf, plus what the height limit cut off.
  public func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double {
    try BadInput.unless(p.allSatisfy(\.isFinite), "a number of the point is not finite")
    var node = tree
    var edges = 0.0
    while case .cut(let feature, let threshold, let left, let right) = node {
      try BadInput.unless(p.indices.contains(feature), "a point of \(p.count) numbers has no feature \(feature)")
      node = p[feature] <= threshold ? left : right
      edges += 1
    }
    guard case .leaf(let size) = node else { return edges }
    return edges + (try averagePathLength(size, exact: false))
  }

  /// 2^(−E[h] / c(ψ)).
  public func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double {
    try BadInput.unless(!forest.isEmpty, "there is no tree")
    try BadInput.unless(sampleSize >= 2, "trees of \(sampleSize) rows have no path: ψ must be at least 2")
    var sum = 0.0
    for tree in forest { sum += try pathLength(tree, p) }
    return exp2(-sum / Double(forest.count) / (try averagePathLength(sampleSize, exact: false)))
  }
}
