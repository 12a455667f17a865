import Contracts
import Foundation
import Tensors

// An isolation forest: what random cuts separate early is an anomaly. `dojo show isolation-forest-path-length` has the
// question, `dojo hint` helps.
//
// x holds n rows of d features, `x[row, feature]`; a tree is `.leaf(size:)` or `.cut(feature:threshold:left:right:)`.
// The harness draws ψ rows for each tree, calls growTree with height 0 and limit ⌈log₂ ψ⌉, and scores sessions with
// your forest. Where an input makes no sense, throw an error: `throw BadInput("…")`.

struct IsolationForestPathLength: IsolationForestPathLengthExercise {
  /// c(1) = 0, c(2) = 1, else 2·H(n − 1) − 2·(n − 1)/n. H(i) is the sum 1 + 1/2 + … + 1/i where `exact`, else ln i + γ
  /// with γ = 0.5772156649015329. Throw for n < 1.
  func averagePathLength(_ n: Int, exact: Bool) throws -> Double {
    throw Unfinished()
  }

  /// A leaf where height = limit, one row is left, or no feature differs; else a random feature among those that differ,
  /// a cut uniform between its extremes in these rows, and the same for both parts (≤ goes left). Throw for no rows, no
  /// features, a row outside 0..<n, or a number that is not finite.
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    throw Unfinished()
  }

  /// The edges from the root to the point's leaf, plus c(leaf's size), not exact. Throw for a feature that the point
  /// does not have, or a number that is not finite.
  func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double {
    throw Unfinished()
  }

  /// 2^(−mean path / c(ψ)), c not exact. Throw for no trees or ψ < 2.
  func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double {
    throw Unfinished()
  }
}
