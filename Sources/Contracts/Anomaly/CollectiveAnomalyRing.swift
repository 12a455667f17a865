import Tensors

/// A ring of users that is abnormal only together: improbable overlaps, and the densest group that they span.
///
/// `U` users, each with a basket of items out of a universe of `N`.
public protocol CollectiveAnomalyRingExercise: ExerciseContract {
  /// How surprising it is that two baskets share `k` items or more: −log₁₀ P(X ≥ k), where X follows the
  /// hypergeometric distribution: of `N` items the first user picked `a`; the second picks `b` blindly.
  ///
  /// P(X = x) = C(a, x)·C(N − a, b − x) / C(N, b). The result is finite also where P is below the smallest Double, and
  /// 0 for k = 0.
  ///
  /// - Parameters:
  ///   - universe: N, how many items there are.
  ///   - sizeA: a, how many items the first basket holds.
  ///   - sizeB: b, how many the second holds.
  ///   - overlap: k, how many they share.
  /// - Returns: a number ≥ 0; 3 means one chance in a thousand.
  /// - Throws: if a number is negative, a basket is larger than the universe, or k is larger than a basket.
  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double

  /// The graph of suspicious pairs: W_ij = max(0, surprise − cutoff) of the overlap of users i and j.
  ///
  /// - Parameters:
  ///   - baskets: one set of items in `0..<universe` a user.
  ///   - universe: N.
  ///   - cutoff: how much surprise is no evidence yet. Of 160 users there are 12,720 pairs, of which a dozen get past 3 by
  ///     chance, and more where some items are popular.
  /// - Returns: `[U, U]`, symmetric, with a diagonal of zeros.
  /// - Throws: if there is no user, or an item lies outside the universe.
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor

  /// A group S of high density: (the sum of the weights of the links within S, each counted once) / |S|.
  ///
  /// Greedy peeling: remove the node of the smallest weighted degree among those that are left (of equals the one with
  /// the lowest index), until one is left; of all the groups met on the way the densest is the answer. Its density is at
  /// least half of the best possible. Charikar, "Greedy approximation algorithms for finding dense components in a graph",
  /// APPROX 2000.
  ///
  /// - Parameter weights: `[U, U]`, symmetric, not negative, with a diagonal of zeros.
  /// - Returns: the members by index, and their density. In O(U²) time.
  /// - Throws: if the tensor is not square, has no node, is not symmetric, or holds a negative or non-finite weight.
  func densestGroup(_ weights: Tensor) throws -> DenseGroup
}

extension CollectiveAnomalyRingExercise {
  /// The graph with a cutoff of 3: one chance in a thousand is no evidence yet.
  public func suspicionGraph(_ baskets: [Set<Int>], universe: Int) throws -> Tensor {
    try suspicionGraph(baskets, universe: universe, cutoff: 3)
  }
}

/// Some nodes of a graph, and how tightly they hold together.
public struct DenseGroup: Codable, Sendable, Hashable {
  /// The nodes, by index.
  public var members: Set<Int>
  /// The weight within, divided by the number of members.
  public var density: Double

  /// A group.
  public init(members: Set<Int>, density: Double) {
    self.members = members
    self.density = density
  }
}
