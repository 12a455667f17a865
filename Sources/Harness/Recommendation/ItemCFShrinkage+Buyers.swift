import Contracts
import Tensors

/// Who bought each item, to count the evidence behind a similarity.
package struct BuyerSets {
  package let byItem: CSRMatrix

  package init(_ purchases: CSRMatrix) { byItem = purchases.transposed() }

  /// How many bought both.
  package func both(_ i: Int, _ j: Int) -> Int {
    var (a, b) = (byItem.rowStarts[i], byItem.rowStarts[j])
    let (endA, endB) = (byItem.rowStarts[i + 1], byItem.rowStarts[j + 1])
    var count = 0
    while a < endA && b < endB {
      let (userA, userB) = (byItem.columnIndices[a], byItem.columnIndices[b])
      if userA == userB { count += 1 }
      if userA <= userB { a += 1 }
      if userB <= userA { b += 1 }
    }
    return count
  }

  /// The median of `both` over all items and their neighbours.
  package func median(_ neighbours: [[SimilarItem]]) -> Int {
    var counts: [Int] = []
    for (item, list) in neighbours.enumerated() { counts += list.map { both(item, $0.item) } }
    counts.sort()
    return counts.isEmpty ? 0 : counts[counts.count / 2]
  }

  /// The pairs of neighbours with cosine 1 that one user alone bought.
  package func coincidences(_ neighbours: [[SimilarItem]]) -> Int {
    var count = 0
    for (item, list) in neighbours.enumerated() {
      count += list.count { $0.item > item && $0.similarity > 1 - 1e-9 && both(item, $0.item) == 1 }
    }
    return count
  }
}

extension LastPurchaseTask {
  /// The share of the items in each user's list that nobody had bought `days` before the list is wanted.
  package func shareOfNewItems(in lists: [[Int]], days: Double) -> Double {
    let firstTimes = firstTimes
    var all = 0
    var new = 0
    for (user, list) in lists.enumerated() {
      all += list.count
      new += list.count { times[user] - firstTimes[$0] < days }
    }
    return Double(new) / Double(max(1, all))
  }
}
