import Foundation
import Tensors

/// Scored items with their truth.
package struct ScoredItems: Codable, Sendable, Hashable {
  /// One number an item.
  package var scores: [Double]
  /// Whether the item is what is looked for.
  package var labels: [Bool]

  /// Scores and labels of equal number.
  package init(scores: [Double], labels: [Bool]) {
    self.scores = scores
    self.labels = labels
  }

  /// Calibrated draws: p ~ Beta(0.3, 6), about 5 % on average, and a label that is true with probability p.
  package static func calibrated(_ count: Int, using random: inout SeededRandom) -> ScoredItems {
    var items = ScoredItems(scores: [], labels: [])
    for _ in 0..<count {
      // Beta(a, 1) is U^(1/a), and Beta(a, b)·Beta(a + b, c) is Beta(a, b + c): six factors make Beta(0.3, 6).
      var p = 1.0
      for step in 0..<6 { p *= pow(random.uniform(), 1 / (0.3 + Double(step))) }
      items.scores.append(p)
      items.labels.append(random.bool(probability: p))
    }
    return items
  }

  /// Overlapping scores on a grid, so that many are tied.
  package static func tied(_ count: Int, steps: Int, using random: inout SeededRandom) -> ScoredItems {
    var items = ScoredItems(scores: [], labels: [])
    for _ in 0..<count {
      let label = random.bool(probability: 0.25)
      let score = min(max((label ? 0.55 : 0.35) + 0.2 * random.normal(), 0), 1)
      items.scores.append((score * Double(steps)).rounded() / Double(steps))
      items.labels.append(label)
    }
    return items
  }

  /// How many items a threshold raises an alert on.
  package func alerts(_ threshold: Double) -> Int { scores.count { $0 >= threshold } }

  /// The mean cost by the definition, outcome by outcome.
  package func cost(_ threshold: Double, _ costs: CostMatrix) -> Double {
    var sum = 0.0
    for (score, label) in zip(scores, labels) {
      switch (score >= threshold, label) {
      case (true, true): sum += costs.tp
      case (true, false): sum += costs.fp
      case (false, true): sum += costs.fn
      case (false, false): sum += costs.tn
      }
    }
    return sum / Double(scores.count)
  }

  /// The least cost within a budget, by trying every distinct score and +∞: O(n²), for small samples.
  package func leastCost(_ costs: CostMatrix, maxAlerts: Int? = nil) -> Double {
    var least = cost(.infinity, costs)
    for threshold in Set(scores).sorted() where alerts(threshold) <= maxAlerts ?? scores.count {
      least = min(least, cost(threshold, costs))
    }
    return least
  }

  /// The least mean cost of a rule that may raise an alert on a part of the items of one score, which no threshold can:
  /// a known mistake.
  package func leastCostSplittingTies(_ costs: CostMatrix, maxAlerts: Int? = nil) -> Double {
    let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    var sum = cost(.infinity, costs) * Double(scores.count)
    var least = sum
    for (place, item) in order.enumerated() where place < maxAlerts ?? scores.count {
      sum += labels[item] ? costs.tp - costs.fn : costs.fp - costs.tn
      least = min(least, sum)
    }
    return least / Double(scores.count)
  }

  /// The distinct score that maximises F1 = 2TP / (2TP + FP + FN); of equals the highest.
  package var f1Threshold: Double {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let positives = labels.count { $0 }
    var (found, best, threshold) = (0, -1.0, Double.infinity)
    for (place, item) in order.enumerated() {
      if labels[item] { found += 1 }
      if place + 1 < order.count, scores[order[place + 1]] == scores[item] { continue }
      let f1 = 2 * Double(found) / Double(place + 1 + positives)
      if f1 > best { (best, threshold) = (f1, scores[item]) }
    }
    return threshold
  }
}
