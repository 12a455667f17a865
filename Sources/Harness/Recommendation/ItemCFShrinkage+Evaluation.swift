import Behavior
import Contracts
import Foundation
import Tensors

/// Users' purchases with the last one of each held out: the task of the band and of the demo.
///
/// "Last" is by time, and nothing of a user's own future is in their history. The other users' is: leave-one-out by
/// user does not cut the calendar.
package struct LastPurchaseTask: Codable {
  /// How many items there are.
  package var items: Int
  /// The purchases that are known, one user after the other, each user's by time.
  package var known: [ItemPurchase] {
    get { zip(knownItems, knownTimes).map { ItemPurchase(item: $0, time: $1) } }
    set { (knownItems, knownTimes) = (newValue.map(\.item), newValue.map(\.time)) }
  }
  /// How many of them each user made.
  package var counts: [Int]
  /// When each user's list is wanted: the time of the purchase that is held out.
  package var times: [Double]

  private var knownItems: [Int] = []  // two flat lists of numbers cross between processes faster than many pairs
  private var knownTimes: [Double] = []

  /// How many users there are.
  package var users: Int { counts.count }

  /// Holds out what each user bought last.
  ///
  /// - Parameters:
  ///   - purchases: each user's purchases in any order, no item twice.
  ///   - items: how many items there are.
  /// - Returns: the task, and for each user the held-out items: all that were bought at the last time.
  package static func holdingOutLast(_ purchases: [[ItemPurchase]], items: Int) -> (LastPurchaseTask, heldOut: [[Int]])
  {
    var task = LastPurchaseTask(items: items, counts: [], times: [])
    var known: [ItemPurchase] = []
    var heldOut: [[Int]] = []
    for list in purchases {
      guard let last = list.map(\.time).max() else { continue }
      let before = list.filter { $0.time < last }
      if before.isEmpty { continue }
      let ordered = before.sorted { ($0.time, $0.item) < ($1.time, $1.item) }
      known += ordered
      task.counts.append(ordered.count)
      task.times.append(last)
      heldOut.append(list.filter { $0.time == last }.map(\.item).sorted())
    }
    task.known = known
    return (task, heldOut)
  }

  /// What each user bought before, by time.
  package var histories: [[ItemPurchase]] {
    let known = known
    var start = 0
    return counts.map { count in
      defer { start += count }
      return Array(known[start..<start + count])
    }
  }

  /// The histories as a matrix of ones, `[users, items]`.
  package func matrix() throws -> CSRMatrix {
    try purchaseMatrix(histories.map { $0.map(\.item) }, items: items)
  }

  /// The items by the number of their buyers, ties to the smaller number; nothing that nobody bought.
  package var byPopularity: [Int] {
    var buyers = [Int](repeating: 0, count: items)
    for item in knownItems { buyers[item] += 1 }
    return (0..<items).filter { buyers[$0] > 0 }
      .sorted { buyers[$0] != buyers[$1] ? buyers[$0] > buyers[$1] : $0 < $1 }
  }

  /// When each item was first bought by anybody; +∞ for what never was.
  package var firstTimes: [Double] {
    var first = [Double](repeating: .infinity, count: items)
    for purchase in known { first[purchase.item] = min(first[purchase.item], purchase.time) }
    return first
  }

  /// The baseline: to everyone what most bought and they do not own.
  package func mostPopular(_ n: Int) -> [[Int]] {
    let popular = byPopularity
    return histories.map { history in
      let owned = Set(history.map(\.item))
      return Array(popular.lazy.filter { !owned.contains($0) }.prefix(n))
    }
  }

  /// Every user's list by an implementation.
  package func lists(
    _ recommender: any ItemCFShrinkageExercise, neighbours: [[SimilarItem]], halfLife: Double?, n: Int
  ) throws -> [[Int]] {
    let popular = byPopularity
    return try zip(histories, times).map { history, now in
      try recommender.recommend(
        history: history, neighbours: neighbours, now: now, halfLife: halfLife, n: n, fallback: popular)
    }
  }
}

/// Each user's ratings as purchases, whatever the stars: items numbered anew from 0, times in days, no item twice.
package func purchases(of ratings: [Rating]) -> (byUser: [[ItemPurchase]], items: Int) {
  func numbers(_ ids: [Int]) -> [Int: Int] {
    Dictionary(uniqueKeysWithValues: Set(ids).sorted().enumerated().map { ($1, $0) })
  }
  let users = numbers(ratings.map(\.user))
  let items = numbers(ratings.map(\.item))
  var byUser = [[ItemPurchase]](repeating: [], count: users.count)
  var seen = Set<Int>()
  for rating in ratings {
    guard let user = users[rating.user], let item = items[rating.item] else { continue }
    if seen.insert(user * items.count + item).inserted {
      byUser[user].append(ItemPurchase(item: item, time: Double(rating.time) / 86_400))
    }
  }
  return (byUser, items.count)
}

/// A matrix of ones, `[users, items]`, from the items of each user.
package func purchaseMatrix(_ rows: [[Int]], items: Int) throws -> CSRMatrix {
  var starts = [0]
  var columns: [Int] = []
  for row in rows {
    columns += Set(row).sorted()
    starts.append(columns.count)
  }
  return try CSRMatrix(
    rows: rows.count, columns: items, rowStarts: starts, columnIndices: columns,
    values: [Float](repeating: 1, count: columns.count))
}

/// How good ranked lists are.
package struct RankingQuality {
  /// The share of users with a held-out item in their list.
  package var hitRate: Double
  /// The mean of DCG / ideal DCG, where a hit at rank r gains 1 / log₂(r + 1).
  package var ndcg: Double
  /// The share of all items that stand in any list.
  package var coverage: Double

  /// Compares lists with what was held out.
  ///
  /// - Parameters:
  ///   - lists: each user's, the best first.
  ///   - heldOut: each user's, at least one.
  ///   - items: how many items there are.
  ///   - n: how many items of a list count.
  package init(_ lists: [[Int]], heldOut: [[Int]], items: Int, n: Int = 10) {
    var hits = 0.0
    var gain = 0.0
    var listed = Set<Int>()
    for (list, wanted) in zip(lists, heldOut) {
      let wanted = Set(wanted)
      var own = 0.0
      for (position, item) in list.prefix(n).enumerated() {
        listed.insert(item)
        if wanted.contains(item) { own += 1 / log2(Double(position + 2)) }
      }
      let ideal = (0..<min(n, wanted.count)).reduce(0.0) { $0 + 1 / log2(Double($1 + 2)) }
      hits += own > 0 ? 1 : 0
      gain += own / ideal
    }
    let users = Double(max(1, heldOut.count))
    hitRate = hits / users
    ndcg = gain / users
    coverage = Double(listed.count) / Double(items)
  }
}
