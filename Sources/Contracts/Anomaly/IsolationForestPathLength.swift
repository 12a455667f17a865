import Tensors

/// An isolation forest: random cuts separate an unusual row from the others early, so its path from the root is short.
///
/// Liu, Ting & Zhou, "Isolation forest", ICDM 2008; "Isolation-based anomaly detection", ACM TKDD 6 (2012).
///
/// Shapes: `n` rows, `d` features; each tree is grown from ψ of the rows.
public protocol IsolationForestPathLengthExercise: ExerciseContract {
  /// c(n): the mean path length of an unsuccessful search in a binary search tree of n rows, which is how deep an
  /// ordinary row would lie.
  ///
  /// c(1) = 0, c(2) = 1, and for larger n c(n) = 2·H(n − 1) − 2·(n − 1)/n.
  ///
  /// - Parameters:
  ///   - n: how many rows, at least 1.
  ///   - exact: whether H(i) is the harmonic sum 1 + 1/2 + … + 1/i, or the paper's and scikit-learn's ln i + γ with
  ///     Euler's γ = 0.5772156649015329.
  /// - Returns: c(n).
  /// - Throws: if n is less than 1.
  func averagePathLength(_ n: Int, exact: Bool) throws -> Double

  /// Grows a tree: a random feature among those in which the rows differ, a cut uniform between that feature's least and
  /// largest value *in this node*, and so on in both parts.
  ///
  /// A row goes left where its value ≤ the cut, else right; both parts hold at least one row. A node is a leaf where the
  /// height limit is reached, where one row is left, or where no feature differs; it keeps the number of its rows.
  ///
  /// - Parameters:
  ///   - x: `[n, d]`.
  ///   - rows: the node's rows, by index; a row may occur several times.
  ///   - height: how many edges lie above this node; 0 at the root.
  ///   - limit: how many edges a path may have.
  ///   - random: draws features and cuts.
  /// - Returns: the tree below this node.
  /// - Throws: if there is no row or no feature, an index lies outside `0..<n`, or a number is not finite.
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree

  /// How deep a point lies: the edges from the root to its leaf, plus c(leaf's size) for the part of the tree that the
  /// height limit cut off (with `exact: false`).
  ///
  /// - Parameters:
  ///   - tree: a tree.
  ///   - p: the point, `[d]`.
  /// - Returns: h(p).
  /// - Throws: if the tree asks for a feature that the point does not have, or a number of the point is not finite.
  func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double

  /// s = 2^(−E[h(p)] / c(ψ)), where E is the mean over the trees: towards 1 for an anomaly, 0.5 for a row as deep as
  /// usual, towards 0 for one that is hard to separate.
  ///
  /// - Parameters:
  ///   - forest: the trees.
  ///   - p: the point, `[d]`.
  ///   - sampleSize: ψ, from how many rows each tree was grown.
  /// - Returns: the score, in (0, 1].
  /// - Throws: if there is no tree, if ψ is less than 2, and as `pathLength`.
  func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double
}

/// An isolation tree.
public indirect enum ITree: Codable, Sendable, Hashable {
  /// The end of a path, in which this many rows are left.
  case leaf(size: Int)

  /// A cut: left where the feature's value ≤ the threshold, else right.
  case cut(feature: Int, threshold: Double, left: ITree, right: ITree)
}
