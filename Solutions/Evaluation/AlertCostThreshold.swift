import Contracts

/// From what errors cost to when to raise an alert.
///
/// Elkan, "The foundations of cost-sensitive learning", IJCAI 2001: the closed form is his equation 2.
public struct AlertCostThreshold: AlertCostThresholdExercise {
  /// Makes the reference.
  public init() {}

  /// With probability p, an alert costs p·tp + (1 − p)·fp and silence p·fn + (1 − p)·tn; at t* they are equal.
  public func bayesThreshold(_ costs: CostMatrix) throws -> Double {
    try requireTradeOff(costs)
    let harm = costs.fp - costs.tn  // what an alert loses on an innocent item
    let help = costs.fn - costs.tp  // what it saves on the others
    return harm / (harm + help)
  }

  /// The mean cost of all items' outcomes.
  public func expectedCost(
    scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix
  ) throws -> Double {
    try requireItems(scores, labels)
    try requireTradeOff(costs)
    try BadInput.unless(!threshold.isNaN, "the threshold is not a number")
    var sum = 0.0
    for (score, label) in zip(scores, labels) {
      switch (isAlerted: score >= threshold, isPositive: label) {
      case (true, true): sum += costs.tp
      case (true, false): sum += costs.fp
      case (false, true): sum += costs.fn
      case (false, false): sum += costs.tn
      }
    }
    return sum / Double(scores.count)
  }

  /// Lowers the threshold from +∞ through the distinct scores, and keeps the sum of costs up to date.
  public func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    try requireItems(scores, labels)
    try requireTradeOff(costs)
    let budget = maxAlerts ?? scores.count
    try BadInput.unless(budget >= 0, "the budget is negative: \(budget)")
    let descending = scores.indices.sorted { scores[$0] > scores[$1] }
    var sum = labels.reduce(0) { $0 + ($1 ? costs.fn : costs.tn) }  // nobody is alerted
    var best = (sum: sum, threshold: Double.infinity)
    for (place, item) in descending.enumerated() where place < budget {
      sum += labels[item] ? costs.tp - costs.fn : costs.fp - costs.tn
      let isLastOfItsScore = place + 1 == descending.count || scores[descending[place + 1]] != scores[item]
      // Only a lower sum wins: of equal ones the first stays, which has the fewest alerts.
      if isLastOfItsScore && sum < best.sum { best = (sum, scores[item]) }
    }
    return ThresholdChoice(threshold: best.threshold, cost: best.sum / Double(scores.count))
  }

  private func requireItems(_ scores: [Double], _ labels: [Bool]) throws {
    try BadInput.unless(scores.count == labels.count, "\(scores.count) scores, but \(labels.count) labels")
    try BadInput.unless(!scores.isEmpty, "there is no item")
    try BadInput.unless(scores.allSatisfy(\.isFinite), "a score is not finite")
  }

  private func requireTradeOff(_ costs: CostMatrix) throws {
    let all = [costs.tp, costs.fp, costs.fn, costs.tn]
    try BadInput.unless(all.allSatisfy(\.isFinite), "a cost is not finite: \(all)")
    try BadInput.unless(
      costs.fn > costs.tp, "a miss costs \(costs.fn), a right alert \(costs.tp): an alert never helps")
    try BadInput.unless(
      costs.fp > costs.tn, "a false alarm costs \(costs.fp), silence \(costs.tn): an alert never harms")
  }
}
