import Contracts
import Foundation
import Tensors

// A ring of users that is abnormal only together. `dojo show collective-anomaly-ring` has the question, `dojo hint` helps.
//
// U users, each with a basket: a set of items out of `0..<universe`. Where an input makes no sense (see each function),
// throw an error: `throw BadInput("…")`.

struct CollectiveAnomalyRing: CollectiveAnomalyRingExercise {
  /// −log₁₀ of the probability that two baskets of `sizeA` and `sizeB` items share `overlap` items or more, if the second is
  /// picked blindly out of `universe` items (the hypergeometric tail); 0 for an overlap of 0.
  ///
  /// Universes of 100,000 items and probabilities of 1e-500 occur: work with logarithms of factorials.
  /// Throw if a number is negative, a basket is larger than the universe, or the overlap is larger than a basket.
  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    throw Unfinished()
  }

  /// W `[U, U]`: max(0, surprise − cutoff) of each pair of users; symmetric, with zeros on the diagonal.
  ///
  /// Throw if there is no user, or an item lies outside the universe.
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    throw Unfinished()
  }

  /// Greedy peeling: remove the node of the smallest weighted degree among those left (of equals the lowest index), again and
  /// again; of all groups met on the way, the one with the highest density (sum of the weights within, each link once) / |S|.
  ///
  /// Throw if `weights` is not square, has no node, is not symmetric, or holds a negative or non-finite number.
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    throw Unfinished()
  }
}
