/// From what errors cost to when to raise an alert.
///
/// `scores` holds one number an item (a session, an account), `labels` whether the item really is what is looked for.
/// An alert is raised iff the score ≥ the threshold; a threshold of +∞ alerts nobody.
///
/// Elkan, "The foundations of cost-sensitive learning", IJCAI 2001.
public protocol AlertCostThresholdExercise: ExerciseContract {
  /// The probability from which on an alert is cheaper than silence, given a calibrated probability of each item.
  ///
  /// t* = (fp − tn) / ((fp − tn) + (fn − tp)): there both have the same expected cost.
  ///
  /// - Parameter costs: what each outcome costs.
  /// - Returns: a threshold in (0, 1).
  /// - Throws: if a cost is not finite, or there is no trade-off: fn ≤ tp (an alert never helps) or fp ≤ tn (it never
  ///   harms).
  func bayesThreshold(_ costs: CostMatrix) throws -> Double

  /// What a threshold costs: the mean over all items of the cost of their outcomes, the right ones included.
  ///
  /// - Parameters:
  ///   - scores: `[n]`.
  ///   - labels: `[n]`.
  ///   - threshold: where alerts begin; may be ±∞.
  ///   - costs: what each outcome costs.
  /// - Returns: money an item.
  /// - Throws: if the lengths differ, there is no item, a score is not finite, the threshold is NaN, or as
  ///   `bayesThreshold`.
  func expectedCost(scores: [Double], labels: [Bool], threshold: Double, _ costs: CostMatrix) throws -> Double

  /// The threshold that costs least on labelled items.
  ///
  /// The choices are the distinct scores and +∞. Items of one score are alerted together or not at all. Of thresholds
  /// of equal cost the one with the fewest alerts wins.
  ///
  /// - Parameters:
  ///   - scores: `[n]`; they need not be probabilities.
  ///   - labels: `[n]`.
  ///   - costs: what each outcome costs.
  ///   - maxAlerts: how many alerts somebody has the time for; nil for any number. Only thresholds that raise at most so
  ///     many are choices.
  /// - Returns: the threshold and its mean cost, as `expectedCost` has it. O(n log n).
  /// - Throws: as `expectedCost`, and if `maxAlerts` is negative.
  func bestThreshold(
    scores: [Double], labels: [Bool], _ costs: CostMatrix, maxAlerts: Int?
  ) throws -> ThresholdChoice
}

/// What each outcome of an alert rule costs, in money; a gain is negative.
public struct CostMatrix: Codable, Sendable, Hashable {
  /// An alert on what is looked for: the review, and what is lost although it was caught.
  public var tp: Double
  /// An alert on an innocent item: the review, and what the innocent suffer.
  public var fp: Double
  /// No alert on what is looked for: the damage.
  public var fn: Double
  /// No alert on an innocent item; mostly 0.
  public var tn: Double

  /// Four costs.
  public init(tp: Double, fp: Double, fn: Double, tn: Double = 0) {
    self.tp = tp
    self.fp = fp
    self.fn = fn
    self.tn = tn
  }
}

/// A threshold and what it costs.
public struct ThresholdChoice: Codable, Sendable, Hashable {
  /// Where alerts begin: a score, or +∞ for no alert at all.
  public var threshold: Double
  /// The mean cost of an item.
  public var cost: Double

  /// A threshold and what it costs.
  public init(threshold: Double, cost: Double) {
    self.threshold = threshold
    self.cost = cost
  }
}
