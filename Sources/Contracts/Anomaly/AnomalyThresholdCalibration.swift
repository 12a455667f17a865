/// From scores to alarms: how good an order is, where to cut it, and what a guarantee costs.
///
/// A larger score is more anomalous. Average precision as in scikit-learn; conformal p-values after Bates, Candès, Lei,
/// Romano & Sesia, "Testing for outliers with conformal p-values", Annals of Statistics 51 (2023); the step-up procedure
/// of Benjamini & Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
public protocol AnomalyThresholdCalibrationExercise: ExerciseContract {
  /// AP = Σ (Rₖ − Rₖ₋₁)·Pₖ as the threshold falls through the *distinct* scores, where Rₖ is the recall and Pₖ the
  /// precision of everything that scores at least the k-th of them: no interpolation, and a tie is one step.
  ///
  /// - Parameters:
  ///   - y: 1 for an anomaly, 0 for an honest session.
  ///   - scores: one a session.
  /// - Returns: the average precision, in (0, 1].
  /// - Throws: if the lengths differ, a label is not 0 or 1, a class is missing, or a score is NaN.
  func averagePrecision(_ y: [Int], scores: [Double]) throws -> Double

  /// The threshold that a guessed share of anomalies amounts to: the smallest t such that at most ⌈fraction·n⌉ of the n
  /// scores are > t; −∞ where that is all of them.
  ///
  /// - Parameters:
  ///   - scores: the scores of the sessions to be judged.
  ///   - fraction: the share that is said to be anomalous, in (0, 1).
  /// - Returns: t.
  /// - Throws: if there is no score, one is NaN, or the fraction is not in (0, 1).
  func contaminationThreshold(_ scores: [Double], fraction: Double) throws -> Double

  /// How surprising each score is among those of sessions known to be honest: p = (1 + #{calibration ≥ s}) / (n + 1).
  ///
  /// - Parameters:
  ///   - calibration: n scores of honest sessions that the detector was *not* fitted to.
  ///   - test: the scores to be judged, in any order.
  /// - Returns: a p-value for each of `test`, in its order; in O((n + m) log n).
  /// - Throws: if there is no calibration score, or a score is NaN.
  func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double]

  /// Which hypotheses to reject so that at most a share q of the rejections is expected to be false: with p₍₁₎ ≤ … ≤
  /// p₍ₘ₎, reject the k smallest for the *largest* k with p₍ₖ₎ ≤ q·k/m.
  ///
  /// - Parameters:
  ///   - p: p-values, in any order.
  ///   - q: the share of false alarms among all alarms, in (0, 1).
  /// - Returns: for each of `p`, in its order, whether it is rejected (an alarm).
  /// - Throws: if a p-value is NaN or not in [0, 1], or q is not in (0, 1).
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool]
}
