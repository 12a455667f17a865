import Contracts

// From what errors cost to when to raise an alert. `dojo show alert-cost-threshold` has the question, `dojo hint` helps.
//
// An alert is raised iff the score ≥ the threshold; +∞ alerts nobody. `CostMatrix` holds what each outcome costs: `tp`
// (a right alert), `fp` (a false alarm), `fn` (a miss), `tn` (silence about an innocent item). Where an input makes no
// sense (lengths differ, no item, a score not finite, no trade-off in the costs, a negative budget), throw an error:
// `throw BadInput("…")`.

struct AlertCostThreshold: AlertCostThresholdExercise {
  /// The probability from which on an alert has the lower expected cost, in (0, 1).
  ///
  /// There is no trade-off, and an error is thrown, if fn ≤ tp or fp ≤ tn, or a cost is not finite.
  func bayesThreshold(_ costs: CostMatrix) throws -> Double {
    throw Unfinished()
  }

  /// The mean over all items of what their outcomes cost; `scores` and `labels` are `[n]`, n ≥ 1.
  func expectedCost(scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix) throws -> Double {
    throw Unfinished()
  }

  /// The cheapest of the distinct scores and +∞, and its mean cost; of equal costs the one with the fewest alerts.
  ///
  /// Items of one score are alerted together or not at all. With `maxAlerts`, only thresholds that raise at most so many
  /// alerts are choices. O(n log n).
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice {
    throw Unfinished()
  }
}
