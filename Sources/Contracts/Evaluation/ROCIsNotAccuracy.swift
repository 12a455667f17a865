/// Precision, recall, ROC and AUC, defined so that each can be computed.
///
/// `y` holds labels 0 and 1, `scores` one number a sample; larger means more likely positive.
public protocol ROCIsNotAccuracyExercise: ExerciseContract {
  /// Counts the four outcomes when a sample is predicted positive iff its score ≥ `threshold`.
  ///
  /// - Throws: if the lengths differ, a label is not 0 or 1, or a score is NaN.
  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion

  /// TP / (TP + FP): of what was predicted positive, the share that is. Nil when nothing was predicted positive.
  func precision(_ confusion: Confusion) throws -> Double?

  /// TP / (TP + FN): of what is positive, the share that was found. Nil when nothing is positive.
  func recall(_ confusion: Confusion) throws -> Double?

  /// The harmonic mean of precision and recall, 2TP / (2TP + FP + FN). Nil when the denominator is 0.
  func f1(_ confusion: Confusion) throws -> Double?

  /// The points (false-positive rate, true-positive rate) as the threshold falls through the distinct scores.
  ///
  /// Samples of one score move together, so ties make one point. The first point is (0, 0, +∞), the last (1, 1).
  /// No point is dropped, not even one on a straight line.
  ///
  /// - Throws: as `confusion`, and if only one class is present.
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint]

  /// The probability that a random positive scores above a random negative, ties counting one half.
  ///
  /// By mid-ranks (the Mann–Whitney U statistic divided by n₊·n₋) in O(n log n); Fawcett, "An introduction to ROC
  /// analysis", Pattern Recognition Letters 27 (2006).
  ///
  /// - Throws: as `rocCurve`.
  func auc(_ y: [Int], scores: [Double]) throws -> Double

  /// The mean of (p − y)²: the mean squared error of probabilities (Brier 1950).
  ///
  /// - Throws: if the lengths differ, a label is not 0 or 1, a probability lies outside [0, 1], or there are none.
  func brier(_ y: [Int], p: [Double]) throws -> Double
}

/// The four outcomes of a yes/no prediction, counted.
public struct Confusion: Codable, Sendable, Hashable {
  /// Positives predicted positive.
  public var truePositives: Int
  /// Negatives predicted positive.
  public var falsePositives: Int
  /// Positives predicted negative.
  public var falseNegatives: Int
  /// Negatives predicted negative.
  public var trueNegatives: Int

  /// Four counts.
  public init(truePositives: Int, falsePositives: Int, falseNegatives: Int, trueNegatives: Int) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
    self.trueNegatives = trueNegatives
  }

  /// The share of all samples predicted rightly.
  public var accuracy: Double {
    Double(truePositives + trueNegatives)
      / Double(truePositives + falsePositives + falseNegatives + trueNegatives)
  }
}

/// One point of a ROC curve.
public struct ROCPoint: Codable, Sendable, Hashable {
  /// The share of negatives with a score ≥ `threshold`.
  public var falsePositiveRate: Double
  /// The share of positives with a score ≥ `threshold`.
  public var truePositiveRate: Double
  /// The threshold; +∞ at the first point.
  public var threshold: Double

  /// A point.
  public init(falsePositiveRate: Double, truePositiveRate: Double, threshold: Double) {
    self.falsePositiveRate = falsePositiveRate
    self.truePositiveRate = truePositiveRate
    self.threshold = threshold
  }
}
