import Contracts
import Foundation
import Tensors

// Item-to-item collaborative filtering. `dojo show item-cf-shrinkage` has the question, `dojo hint` helps.
//
// There are U users and M items, numbered from 0. A `CSRMatrix` keeps only what is not zero: user u bought the items
//
//     purchases.columnIndices[purchases.rowStarts[u]..<purchases.rowStarts[u + 1]]        (in increasing order)
//
// and `purchases.rows` is U, `purchases.columns` is M. Where an input makes no sense, throw: `throw BadInput("…")`.

struct ItemCFShrinkage: ItemCFShrinkageExercise {
  /// s(i, j) = |Uᵢ ∩ Uⱼ| / √(|Uᵢ|·|Uⱼ|) · |Uᵢ ∩ Uⱼ| / (|Uᵢ ∩ Uⱼ| + β), where Uᵢ are the users who bought item i.
  ///
  /// The result is `[M, M]`, made by `Matrix(rows: M, columns: M, values: …)`, row by row, with zeros on the diagonal
  /// and for an item that nobody bought. Throw if β is negative or not finite, or if a stored value
  /// (`purchases.values`) is not 1.
  func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    throw Unfinished()
  }

  /// For each of the M items the `k` most similar ones with a similarity above 0, the most similar first, ties to the
  /// smaller number. Throw if the matrix is not square or k ≤ 0.
  func topNeighbours(_ similarity: Matrix, k: Int) throws -> [[SimilarItem]] {
    throw Unfinished()
  }

  /// The `n` items with the highest score(c) = Σ over purchases p of 2^(−(now − time(p)) / halfLife) · s(item(p), c),
  /// where s(j, c) is the similarity in the list `neighbours[j]`. Without a half-life every purchase weighs 1.
  ///
  /// Only items that are not in the history and score above 0; ties to the smaller number. If they are too few, go on
  /// with `fallback`, without what is owned or already listed. Throw if an item (of the history, of a list, of the
  /// fallback) lies outside 0..<M, a time is not finite or later than `now`, n ≤ 0, or the half-life is not above 0.
  func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    throw Unfinished()
  }
}
