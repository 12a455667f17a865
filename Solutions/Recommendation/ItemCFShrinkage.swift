import Contracts
import Foundation
import Tensors

/// Item-to-item collaborative filtering with shrinkage.
///
/// Sarwar, Karypis, Konstan & Riedl, "Item-based collaborative filtering recommendation algorithms", WWW 2001;
/// Deshpande & Karypis, "Item-based top-N recommendation algorithms", ACM TOIS 22 (2004), for 0/1 purchases and ranked
/// lists; Bell & Koren, "Improved neighborhood-based collaborative filtering", KDD Cup and Workshop 2007, for the
/// shrinkage; Ding & Li, "Time weight collaborative filtering", CIKM 2005, for the half-life.
public struct ItemCFShrinkage: ItemCFShrinkageExercise {
  /// Makes the reference.
  public init() {}

  /// Counts co-buyers user by user, then turns counts into similarities: O(Σᵤ nᵤ² + M²), where user u bought nᵤ items.
  public func itemCosine(_ purchases: CSRMatrix, shrink: Double) throws -> Matrix {
    try BadInput.unless(shrink >= 0 && shrink.isFinite, "itemCosine: shrink must be at least 0, found \(shrink)")
    try BadInput.unless(purchases.values.allSatisfy { $0 == 1 }, "itemCosine: a stored value is not 1")
    let items = purchases.columns
    var values = coBuyers(purchases)  // [M, M], on the diagonal the buyers of each item
    let buyers = (0..<items).map { values[$0 * items + $0] }
    values.withUnsafeMutableBufferPointer { values in
      for i in 0..<items {
        for j in 0..<items {
          let both = values[i * items + j]
          if i == j || both == 0 {
            values[i * items + j] = 0  // an item is not its own neighbour, and 0 / 0 is no similarity
          } else {
            values[i * items + j] = both / (buyers[i] * buyers[j]).squareRoot() * both / (both + shrink)
          }
        }
      }
    }
    return Matrix(rows: items, columns: items, values: values)
  }

  /// RᵀR: how many users bought both. Every user adds one to each pair of the items in their row.
  private func coBuyers(_ purchases: CSRMatrix) -> [Double] {
    let items = purchases.columns
    var counts = [Double](repeating: 0, count: items * items)
    counts.withUnsafeMutableBufferPointer { counts in
      for user in 0..<purchases.rows {
        let row = purchases.columnIndices[purchases.rowStarts[user]..<purchases.rowStarts[user + 1]]
        for i in row {
          for j in row { counts[i * items + j] += 1 }
        }
      }
    }
    return counts
  }

  /// Walks through each row with a sorted list of the best k so far; few values of a long row get into it.
  public func topNeighbours(_ similarity: Matrix, k: Int) throws -> [[SimilarItem]] {
    try BadInput.unless(
      similarity.rows == similarity.columns, "topNeighbours: \(similarity.rows)×\(similarity.columns) is not square")
    try BadInput.unless(k > 0, "topNeighbours: k must be above 0, found \(k)")
    return (0..<similarity.rows).map { item in
      var best: [SimilarItem] = []
      for (other, value) in similarity.row(item).enumerated() where value > 0 {
        if best.count == k && value <= best[k - 1].similarity { continue }
        // Behind all that are as similar: they came first, so their numbers are smaller.
        var place = best.count
        while place > 0 && best[place - 1].similarity < value { place -= 1 }
        best.insert(SimilarItem(item: other, similarity: value), at: place)
        if best.count > k { best.removeLast() }
      }
      return best
    }
  }

  /// Adds up the lists of what was bought, each weighted by its age.
  public func recommend(
    history: [ItemPurchase], neighbours: [[SimilarItem]], now: Double, halfLife: Double?, n: Int, fallback: [Int]
  ) throws -> [Int] {
    let items = neighbours.count
    try requireInside(history.map(\.item), items, "the history")
    try requireInside(fallback, items, "the fallback")
    try BadInput.unless(now.isFinite, "recommend: now must be finite, found \(now)")
    for purchase in history {
      try BadInput.unless(
        purchase.time.isFinite && purchase.time <= now,
        "recommend: a purchase at \(purchase.time), where it is \(now) now")
    }
    try BadInput.unless(n > 0, "recommend: n must be above 0, found \(n)")
    try BadInput.unless(halfLife.map { $0 > 0 } ?? true, "recommend: the half-life must be above 0")

    var scores = [Double](repeating: 0, count: items)
    for purchase in history {
      let weight = halfLife.map { exp2(-(now - purchase.time) / $0) } ?? 1
      for neighbour in neighbours[purchase.item] {
        try requireInside([neighbour.item], items, "the list of \(purchase.item)")
        scores[neighbour.item] += weight * neighbour.similarity
      }
    }

    var taken = [Bool](repeating: false, count: items)  // owned, later also listed
    for purchase in history { taken[purchase.item] = true }
    var list = scores.indices.filter { scores[$0] > 0 && !taken[$0] }
    list.sort { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
    list = Array(list.prefix(n))
    for item in list { taken[item] = true }
    for item in fallback where list.count < n && !taken[item] {
      list.append(item)
      taken[item] = true
    }
    return list
  }

  private func requireInside(_ list: [Int], _ items: Int, _ what: String) throws {
    for item in list {
      try BadInput.unless(item >= 0 && item < items, "item \(item) of \(what) lies outside 0..<\(items)")
    }
  }
}
