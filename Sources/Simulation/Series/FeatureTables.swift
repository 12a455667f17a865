import Foundation
import Tensors

/// Tables of session or user features with a planted truth.
public enum FeatureTables {
  /// Rows of numbers with a class each, and the group (segment, user) that a row belongs to.
  public struct Table: Sendable, Hashable {
    /// The features.
    public var rows: [[Double]] = []
    /// The class of each row.
    public var labels: [Int] = []
    /// The group of each row.
    public var groups: [Int] = []
  }

  /// Six segments of users in twelve features; in each another linear rule decides.
  ///
  /// - Returns: labels 0 and 1; `groups` are the segments.
  public static func segments(_ count: Int, using random: inout SeededRandom) -> Table {
    var frame = SeededRandom(seed: 20_261)  // the same truth for training and test
    let centres = (0..<6).map { _ in (0..<12).map { _ in 2.2 * frame.normal() } }
    let rules = (0..<6).map { _ in (0..<12).map { _ in frame.normal() } }
    var table = Table()
    for _ in 0..<count {
      let segment = random.below(6)
      let offsets = (0..<12).map { _ in random.normal() }
      table.rows.append(zip(centres[segment], offsets).map(+))
      table.labels.append(zip(rules[segment], offsets).reduce(0) { $0 + $1.0 * $1.1 } > 0 ? 1 : 0)
      table.groups.append(segment)
    }
    return table
  }

  /// A hundred features of six hidden factors. The anomaly (label) is an interaction of two factors, the intent (group,
  /// 0 to 3) their signs: who learns the intent learns what the anomaly needs.
  public static func factors(_ count: Int, using random: inout SeededRandom) -> Table {
    var frame = SeededRandom(seed: 20_262)
    let loadings = (0..<100).map { _ in (0..<6).map { _ in frame.normal() } }
    var table = Table()
    for _ in 0..<count {
      let hidden = (0..<6).map { _ in random.normal() }
      table.rows.append(loadings.map { loading in zip(loading, hidden).reduce(random.normal()) { $0 + $1.0 * $1.1 } })
      table.labels.append(hidden[0] * hidden[1] > 0.5 ? 1 : 0)
      table.groups.append((hidden[0] > 0 ? 1 : 0) + (hidden[1] > 0 ? 2 : 0))
    }
    return table
  }

  /// Ten sessions each of many users, in twenty features in which the user shows more than what the label is about:
  /// rows of one user in training and test leak. Three of twenty users are fraudsters, in all their sessions.
  ///
  /// - Returns: labels 0 and 1; `groups` are the users.
  public static func repeatedUsers(_ users: Int, sessions: Int = 10, using random: inout SeededRandom) -> Table {
    var table = Table()
    for user in 0..<users {
      let label = random.bool(probability: 0.15) ? 1 : 0
      let habit = (0..<20).map { 1.2 * random.normal() + ($0 < 6 && label == 1 ? 1.1 : 0) }
      for _ in 0..<sessions {
        table.rows.append(habit.map { $0 + 0.8 * random.normal() })
        table.labels.append(label)
        table.groups.append(user)
      }
    }
    return table
  }

  /// Fraud is a new device in the usual city or the usual device in a new one: two features about 0 and 1, and no line
  /// that parts them.
  public static func exclusiveOr(_ count: Int, noise: Double = 0.3, using random: inout SeededRandom) -> Table {
    var table = Table()
    for _ in 0..<count {
      let (device, city) = (random.below(2), random.below(2))
      table.rows.append([Double(device) + noise * random.normal(), Double(city) + noise * random.normal()])
      table.labels.append(device ^ city)
      table.groups.append(0)
    }
    return table
  }

  /// Baskets of items, among them those of a ring that draws from a small pool as popular as everything else.
  ///
  /// - Parameters:
  ///   - users: how many baskets.
  ///   - ring: how many of them collude; 0 for a null.
  ///   - universe: how many items there are.
  ///   - random: where the randomness comes from.
  /// - Returns: 15 items each, sorted, and whether it colludes.
  public static func baskets(
    users: Int = 160, ring: Int = 12, universe: Int = 600, using random: inout SeededRandom
  ) -> (baskets: [[Int]], isInRing: [Bool]) {
    let popularity = Cumulative(weights: (0..<universe).map { 1 / Double($0 + 10) })
    func items(_ count: Int, besides taken: Set<Int>, using random: inout SeededRandom) -> Set<Int> {
      var items: Set<Int> = []
      while items.count < count {
        let item = popularity.draw(&random)
        if !taken.contains(item) { items.insert(item) }
      }
      return items
    }
    let pool = items(18, besides: [], using: &random).sorted()
    let order = random.permutation(of: users)
    var isInRing = [Bool](repeating: false, count: users)
    for user in order.prefix(ring) { isInRing[user] = true }
    let baskets = isInRing.map { colludes -> [Int] in
      var basket: Set<Int> = []
      if colludes { basket = Set(random.permutation(of: pool.count).prefix(9).map { pool[$0] }) }
      return basket.union(items(15 - basket.count, besides: basket, using: &random)).sorted()
    }
    return (baskets, isInRing)
  }
}
