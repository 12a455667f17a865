import Tensors

/// Recommendation from item to item: similarities, neighbours, a ranked list.
///
/// U users, M items, numbered from 0. A purchase is a fact without a grade: what a user did not buy is unknown, not
/// disliked.
public protocol ItemCFShrinkageExercise: ExerciseContract {
  /// How alike two items are by who bought both: a cosine, trusted only as far as it was seen.
  ///
  ///     s(i, j) = |Uᵢ ∩ Uⱼ| / √(|Uᵢ|·|Uⱼ|) · |Uᵢ ∩ Uⱼ| / (|Uᵢ ∩ Uⱼ| + β)
  ///
  /// Uᵢ are the users who bought item i. The diagonal is 0: an item is not its own neighbour. An item that nobody
  /// bought is like no other: 0, not NaN.
  ///
  /// The shrinkage is that of Bell & Koren, "Improved neighborhood-based collaborative filtering", KDD Cup and
  /// Workshop 2007; the item-to-item cosine that of Sarwar et al., WWW 2001, and Linden et al., IEEE Internet Computing
  /// 7 (2003).
  ///
  /// - Parameters:
  ///   - purchases: `[U, M]`, a 1 for each item that a user bought, nothing else stored.
  ///   - shrink: β in co-buyers, at least 0; with β co-buyers a similarity counts half.
  /// - Returns: `[M, M]`.
  /// - Throws: if β is negative or not finite, or a stored value is not 1 (a grade is not a purchase).
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix

  /// The `k` most similar items of each item, the most similar first.
  ///
  /// Only similarities above 0 count, so a list may be shorter. Ties go to the smaller number.
  ///
  /// - Parameters:
  ///   - similarity: `[M, M]`.
  ///   - k: how many at most.
  /// - Returns: M lists of at most `k`.
  /// - Throws: if the matrix is not square or k ≤ 0.
  func topNeighbours(_ similarity: Matrix, k: Int) throws -> [[SimilarItem]]

  /// The `n` items to offer a user next, the best first.
  ///
  ///     score(c) = Σ over purchases p of 2^(−age(p) / halfLife) · s(item(p), c),   age(p) = now − time(p)
  ///
  /// s(j, c) is the similarity in the list of j, and 0 for what is not in it. Only items with a score above 0 that
  /// the user does not own are ranked; ties go to the smaller number. If these are fewer than `n`, the list goes on
  /// with `fallback` in its order, without what is owned or already listed; it may still end short of `n`.
  ///
  /// - Parameters:
  ///   - history: what the user bought, in any order; each purchase counts, also one of the same item again.
  ///   - neighbours: M lists from `topNeighbours`.
  ///   - now: when the list is wanted, in the unit of the purchases' times; no purchase is later.
  ///   - halfLife: after this time a purchase counts half; nil lets all count alike.
  ///   - n: how many items are wanted.
  ///   - fallback: items by popularity.
  /// - Returns: at most `n` different items.
  /// - Throws: if an item lies outside 0..<M, a time is not finite or later than `now`, n ≤ 0, or the half-life is not
  ///   above 0.
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int]
}

/// An item and how alike it is to the one whose list it stands in.
public struct SimilarItem: Codable, Sendable, Hashable {
  /// The item's number.
  public var item: Int
  /// The similarity, above 0 and at most 1.
  public var similarity: Double

  /// An entry of a list.
  public init(item: Int, similarity: Double) {
    self.item = item
    self.similarity = similarity
  }
}

/// One purchase of one user.
public struct ItemPurchase: Codable, Sendable, Hashable {
  /// The item's number.
  public var item: Int
  /// When; the checks and the demo count in days.
  public var time: Double

  /// A purchase.
  public init(item: Int, time: Double) {
    self.item = item
    self.time = time
  }
}
