import Contracts
import Curriculum
import Solutions

private let closedForm = "the closed form weighs harm against help"
private let meanCost = "the mean cost counts all four outcomes"
private let bruteForce = "the best threshold equals brute force, ties together"

let alertCostThresholdMistakes = [
  Mistake(
    CostsIgnored.self, in: .alertCostThreshold, rejectedBy: closedForm, saying: "One half ignores the cost matrix"),
  Mistake(
    CostsIgnored.self, in: .alertCostThreshold, rejectedBy: "on held-out items the money follows the costs",
    saying: "a miss costs forty times a review"),
  Mistake(OddsForProbability.self, in: .alertCostThreshold, rejectedBy: closedForm, saying: "Those are the odds"),
  Mistake(
    RightAlertsAreFree.self, in: .alertCostThreshold, rejectedBy: closedForm,
    saying: "A right alert costs something too"),
  Mistake(
    StrictlyAbove.self, in: .alertCostThreshold, rejectedBy: meanCost, saying: "a score equal to it raises an alert too"
  ),
  Mistake(
    ErrorsAlone.self, in: .alertCostThreshold, rejectedBy: meanCost, saying: "Only the errors are counted"),
  Mistake(PerAlert.self, in: .alertCostThreshold, rejectedBy: meanCost, saying: "You divide by the alerts"),
  Mistake(
    SomebodyMustBeAlerted.self, in: .alertCostThreshold, rejectedBy: "to alert nobody is a choice",
    saying: "+∞ is a choice too"),
  Mistake(
    MostAlerts.self, in: .alertCostThreshold, rejectedBy: "at equal cost the fewest alerts win",
    saying: "raises more alerts"),
  Mistake(TiesSplit.self, in: .alertCostThreshold, rejectedBy: bruteForce, saying: "splits a tie"),
  Mistake(BestF1.self, in: .alertCostThreshold, rejectedBy: bruteForce, saying: "maximises F1"),
  Mistake(
    BestF1.self, in: .alertCostThreshold, rejectedBy: "on held-out items the money follows the costs",
    saying: "maximises F1"),
  Mistake(
    BudgetForgotten.self, in: .alertCostThreshold, rejectedBy: "an alert budget is kept", saying: "over the budget"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: AlertCostThresholdExercise {}

extension MostlyRight {
  var right: AlertCostThreshold { AlertCostThreshold() }

  func bayesThreshold(_ costs: CostMatrix) throws -> Double { try right.bayesThreshold(costs) }
  func expectedCost(scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix) throws -> Double {
    try right.expectedCost(scores: scores, labels: labels, threshold: threshold, costs)
  }
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    try right.bestThreshold(scores: scores, labels: labels, costs, maxAlerts: maxAlerts)
  }

  /// The mean cost at every choice, from the highest threshold down.
  func choices(_ scores: [Double], _ labels: [Bool], _ costs: CostMatrix) throws -> [ThresholdChoice] {
    try ([.infinity] + Set(scores).sorted(by: >)).map {
      ThresholdChoice(
        threshold: $0, cost: try right.expectedCost(scores: scores, labels: labels, threshold: $0, costs))
    }
  }
}

/// The document's: it lists applications and no costs, so one half must do for all of them.
private struct CostsIgnored: MostlyRight {
  func bayesThreshold(_ costs: CostMatrix) throws -> Double { 0.5 }
}

private struct OddsForProbability: MostlyRight {
  func bayesThreshold(_ costs: CostMatrix) throws -> Double { (costs.fp - costs.tn) / (costs.fn - costs.tp) }
}

private struct RightAlertsAreFree: MostlyRight {
  func bayesThreshold(_ costs: CostMatrix) throws -> Double { costs.fp / (costs.fp + costs.fn) }
}

private struct StrictlyAbove: MostlyRight {
  func expectedCost(scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix) throws -> Double {
    try right.expectedCost(scores: scores, labels: labels, threshold: threshold.nextUp, costs)
  }
}

private struct ErrorsAlone: MostlyRight {
  func expectedCost(scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix) throws -> Double {
    let errors = CostMatrix(tp: 0, fp: costs.fp, fn: costs.fn)
    return try right.expectedCost(scores: scores, labels: labels, threshold: threshold, errors)
  }
}

private struct PerAlert: MostlyRight {
  func expectedCost(scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix) throws -> Double {
    let mean = try right.expectedCost(scores: scores, labels: labels, threshold: threshold, costs)
    return mean * Double(scores.count) / Double(max(1, scores.count { $0 >= threshold }))
  }
}

private struct SomebodyMustBeAlerted: MostlyRight {
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    let choices = try choices(scores, labels, costs).dropFirst()
    return choices.min { $0.cost < $1.cost } ?? ThresholdChoice(threshold: .infinity, cost: 0)
  }
}

private struct MostAlerts: MostlyRight {
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    let choices = try choices(scores, labels, costs).reversed()
    return choices.min { $0.cost < $1.cost } ?? ThresholdChoice(threshold: .infinity, cost: 0)
  }
}

private struct TiesSplit: MostlyRight {
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    var sum = labels.reduce(0) { $0 + ($1 ? costs.fn : costs.tn) }
    var best = (sum: sum, threshold: Double.infinity)
    for item in scores.indices.sorted(by: { (scores[$0], $1) > (scores[$1], $0) }) {
      sum += labels[item] ? costs.tp - costs.fn : costs.fp - costs.tn
      if sum < best.sum { best = (sum, scores[item]) }
    }
    return ThresholdChoice(threshold: best.threshold, cost: best.sum / Double(scores.count))
  }
}

private struct BestF1: MostlyRight {
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let positives = labels.count { $0 }
    var (found, best, threshold) = (0, -1.0, Double.infinity)
    for (place, item) in order.enumerated() {
      if labels[item] { found += 1 }
      if place + 1 < order.count, scores[order[place + 1]] == scores[item] { continue }
      let f1 = 2 * Double(found) / Double(place + 1 + positives)
      if f1 > best { (best, threshold) = (f1, scores[item]) }
    }
    return ThresholdChoice(
      threshold: threshold,
      cost: try right.expectedCost(scores: scores, labels: labels, threshold: threshold, costs))
  }
}

private struct BudgetForgotten: MostlyRight {
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    try right.bestThreshold(scores: scores, labels: labels, costs, maxAlerts: nil)
  }
}
