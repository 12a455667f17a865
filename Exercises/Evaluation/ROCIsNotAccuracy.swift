import Contracts

// Precision, recall, ROC and AUC. `dojo show roc-is-not-accuracy` has the question, `dojo hint` helps.
//
// y holds labels 0 and 1, scores one number a sample; larger means more likely positive. Where an input makes no
// sense (lengths differ, a label is not 0 or 1, a score is NaN, a class is missing where both are needed), throw an
// error: `throw BadInput("…")`.

struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  /// Count the four outcomes. A sample is predicted positive iff its score ≥ threshold.
  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion {
    throw Unfinished()
  }

  /// Of what was predicted positive, the share that is; nil when nothing was predicted positive.
  func precision(_ confusion: Confusion) throws -> Double? {
    throw Unfinished()
  }

  /// Of what really is positive, the share that was found; nil when nothing is positive.
  func recall(_ confusion: Confusion) throws -> Double? {
    throw Unfinished()
  }

  /// The harmonic mean of precision and recall; nil when there is neither a positive nor a predicted one.
  func f1(_ confusion: Confusion) throws -> Double? {
    throw Unfinished()
  }

  /// The points (false-positive rate, true-positive rate, threshold) as the threshold falls through the distinct
  /// scores: from (0, 0, +∞) to (1, 1), with one point for all samples of one score.
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] {
    throw Unfinished()
  }

  /// The probability that a random positive scores above a random negative, a tie counting one half; in O(n log n).
  func auc(_ y: [Int], scores: [Double]) throws -> Double {
    throw Unfinished()
  }

  /// The mean of (p − y)²; probabilities lie in [0, 1], and there is at least one.
  func brier(_ y: [Int], p: [Double]) throws -> Double {
    throw Unfinished()
  }
}
