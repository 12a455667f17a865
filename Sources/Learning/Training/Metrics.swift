/// Measures of predictions, in Double. Labels of two classes are 0 and 1; a larger score means more likely 1.
public enum Metrics {
  /// The share of equal labels.
  ///
  /// - Throws: `MetricError` if the lengths differ or there are none.
  public static func accuracy(_ labels: [Int], predicted: [Int]) throws -> Double {
    try check(labels.count, predicted.count)
    var right = 0
    for (label, guess) in zip(labels, predicted) where label == guess { right += 1 }
    return Double(right) / Double(labels.count)
  }

  /// How often each label (row) was predicted as each (column).
  ///
  /// - Throws: `MetricError` if the lengths differ or a label lies outside 0..<classes.
  public static func confusionMatrix(_ labels: [Int], predicted: [Int], classes: Int) throws -> [[Int]] {
    try check(labels.count, predicted.count, mayBeEmpty: true)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (label, guess) in zip(labels, predicted) {
      for found in [label, guess] where found < 0 || found >= classes {
        throw MetricError.label(found, classes: classes)
      }
      counts[label][guess] += 1
    }
    return counts
  }

  /// The points of the ROC curve as the threshold falls through the distinct scores, from (0, 0) to (1, 1).
  ///
  /// Samples of one score move together. Fawcett, Pattern Recognition Letters 27 (2006).
  ///
  /// - Throws: `MetricError` if the lengths differ, a label is not 0 or 1, a score is NaN, or a class is missing.
  public static func rocCurve(
    _ labels: [Int], scores: [Double]
  ) throws -> [(falsePositiveRate: Double, truePositiveRate: Double, threshold: Double)] {
    let (order, positives, negatives) = try ranked(labels, scores)
    var curve = [(falsePositiveRate: 0.0, truePositiveRate: 0.0, threshold: Double.infinity)]
    var (truePositives, falsePositives) = (0, 0)
    for (place, index) in order.enumerated() {
      if labels[index] == 1 { truePositives += 1 } else { falsePositives += 1 }
      if place + 1 < order.count && scores[order[place + 1]] == scores[index] { continue }
      curve.append(
        (
          Double(falsePositives) / Double(negatives), Double(truePositives) / Double(positives), scores[index]
        ))
    }
    return curve
  }

  /// The probability that a random positive scores above a random negative, ties counting one half: the Mann–Whitney
  /// statistic by mid-ranks, in O(n log n).
  ///
  /// - Throws: as `rocCurve`.
  public static func auc(_ labels: [Int], scores: [Double]) throws -> Double {
    let (order, positives, negatives) = try ranked(labels, scores)
    // From the highest score down: each group of one score wins against all negatives below and half of its own.
    var below = negatives
    var wins = 0.0
    var place = 0
    while place < order.count {
      var (groupPositives, groupNegatives) = (0, 0)
      let score = scores[order[place]]
      while place < order.count && scores[order[place]] == score {
        if labels[order[place]] == 1 { groupPositives += 1 } else { groupNegatives += 1 }
        place += 1
      }
      below -= groupNegatives
      wins += Double(groupPositives) * (Double(below) + 0.5 * Double(groupNegatives))
    }
    return wins / (Double(positives) * Double(negatives))
  }

  /// Σ (recall step) · precision as the threshold falls through the distinct scores (scikit-learn's definition).
  ///
  /// - Throws: as `rocCurve`.
  public static func averagePrecision(_ labels: [Int], scores: [Double]) throws -> Double {
    try RankedSamples(labels, scores: scores).averagePrecision
  }

  /// The mean of −log of the probability given to what happened; probabilities are kept 1e-15 away from 0 and 1.
  ///
  /// - Throws: `MetricError` if the lengths differ, there are none, or a label or probability is outside its range.
  public static func logLoss(_ labels: [Int], probabilities: [Double]) throws -> Double {
    try check(labels, probabilities)
    var sum = 0.0
    for (label, p) in zip(labels, probabilities) {
      let q = min(max(label == 1 ? p : 1 - p, 1e-15), 1 - 1e-15)
      sum -= naturalLogarithm(q)
    }
    return sum / Double(labels.count)
  }

  /// The mean of (p − y)² (Brier 1950).
  ///
  /// - Throws: as `logLoss`.
  public static func brier(_ labels: [Int], probabilities: [Double]) throws -> Double {
    try check(labels, probabilities)
    var sum = 0.0
    for (label, p) in zip(labels, probabilities) { sum += (p - Double(label)) * (p - Double(label)) }
    return sum / Double(labels.count)
  }

  /// The samples by falling score, and how many are 1 and 0.
  fileprivate static func ranked(_ labels: [Int], _ scores: [Double]) throws -> ([Int], positives: Int, negatives: Int)
  {
    try check(labels.count, scores.count)
    var positives = 0
    for (label, score) in zip(labels, scores) {
      guard label == 0 || label == 1 else { throw MetricError.label(label, classes: 2) }
      guard !score.isNaN else { throw MetricError.notANumber }
      positives += label
    }
    guard positives > 0, positives < labels.count else { throw MetricError.oneClass(labels.count) }
    let order = labels.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    return (order, positives, labels.count - positives)
  }

  private static func check(_ labels: [Int], _ probabilities: [Double]) throws {
    try check(labels.count, probabilities.count)
    for (label, p) in zip(labels, probabilities) {
      guard label == 0 || label == 1 else { throw MetricError.label(label, classes: 2) }
      guard p >= 0, p <= 1 else { throw MetricError.probability(p) }
    }
  }

  private static func check(_ labels: Int, _ predictions: Int, mayBeEmpty: Bool = false) throws {
    guard labels == predictions else { throw MetricError.lengths(labels: labels, predictions: predictions) }
    guard labels > 0 || mayBeEmpty else { throw MetricError.empty }
  }
}

/// Samples by falling score, sorted once and measured under many weights, as resampling asks for.
///
///     let ranked = try RankedSamples([1, 0, 1], scores: [0.9, 0.8, 0.7])
///     ranked.averagePrecision                     // 5/6
///     ranked.averagePrecision(weights: [1, 0, 1]) // 1: the second sample is left out
public struct RankedSamples: Sendable {
  private let order: [Int]
  private let isPositive: [Bool]  // in that order
  private let endsTie: [Bool]  // in that order: whether the next score is another

  /// Samples.
  ///
  /// - Parameters:
  ///   - labels: 0 or 1.
  ///   - scores: as many; a larger one means more likely 1.
  /// - Throws: as `Metrics.rocCurve`.
  public init(_ labels: [Int], scores: [Double]) throws {
    let order = try Metrics.ranked(labels, scores).0
    self.order = order
    isPositive = order.map { labels[$0] == 1 }
    endsTie = order.indices.map { $0 + 1 == order.count || scores[order[$0 + 1]] != scores[order[$0]] }
  }

  /// `Metrics.averagePrecision`.
  public var averagePrecision: Double { averagePrecision(weights: [Double](repeating: 1, count: order.count)) }

  /// `Metrics.averagePrecision` where a sample counts as often as its weight says.
  ///
  /// - Parameter weights: one a sample, not negative; with 0 it is left out.
  /// - Returns: a number in 0...1, or NaN where the positives weigh nothing.
  public func averagePrecision(weights: [Double]) -> Double {
    precondition(weights.count == order.count, "\(weights.count) weights for \(order.count) samples")
    var positives = 0.0
    for (place, index) in order.enumerated() where isPositive[place] { positives += weights[index] }
    guard positives > 0 else { return .nan }
    var (found, seen, before, sum) = (0.0, 0.0, 0.0, 0.0)
    for (place, index) in order.enumerated() {
      seen += weights[index]
      if isPositive[place] { found += weights[index] }
      guard endsTie[place], found > before else { continue }
      sum += (found - before) / positives * (found / seen)
      before = found
    }
    return min(1, sum)  // which rounding may pass
  }
}

/// Why predictions cannot be measured.
public enum MetricError: Error, Hashable, CustomStringConvertible {
  /// Not as many predictions as labels.
  case lengths(labels: Int, predictions: Int)
  /// No samples.
  case empty
  /// A label outside its classes.
  case label(Int, classes: Int)
  /// A probability outside [0, 1].
  case probability(Double)
  /// A score that is not a number.
  case notANumber
  /// All samples have one label, where two are needed.
  case oneClass(Int)

  /// What was found and what was expected.
  public var description: String {
    switch self {
    case .lengths(let labels, let predictions): "\(labels) labels and \(predictions) predictions"
    case .empty: "no samples to measure"
    case .label(let label, let classes): "label \(label), expected one in 0..<\(classes)"
    case .probability(let p): "probability \(p), expected one in [0, 1]"
    case .notANumber: "a score is not a number"
    case .oneClass(let count): "all \(count) samples have one label; both 0 and 1 are needed"
    }
  }
}
