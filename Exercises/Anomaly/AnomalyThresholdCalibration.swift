import Contracts
import Foundation

// From scores to alarms. `dojo show anomaly-threshold-calibration` has the question, `dojo hint` helps.
//
// A larger score is more anomalous. Where an input makes no sense (a NaN, a missing class, nothing to calibrate on, a
// fraction or q that is not in (0, 1), a p-value that is not in [0, 1]), throw an error: `throw BadInput("…")`.

struct AnomalyThresholdCalibration: AnomalyThresholdCalibrationExercise {
  /// Σ (recall step)·precision as the threshold falls through the distinct scores; sessions of one score move together.
  /// y holds 1 for an anomaly, 0 for an honest session.
  func averagePrecision(_ y: [Int], scores: [Double]) throws -> Double {
    throw Unfinished()
  }

  /// The smallest t such that at most ⌈fraction·n⌉ of the n scores are > t; −∞ where that is all of them.
  func contaminationThreshold(_ scores: [Double], fraction: Double) throws -> Double {
    throw Unfinished()
  }

  /// For each score s of `test`: (1 + how many of the n calibration scores are ≥ s) / (n + 1). Do not go through all n
  /// for each: there may be tens of thousands of both.
  func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double] {
    throw Unfinished()
  }

  /// Sorted, p₍₁₎ ≤ … ≤ p₍ₘ₎: reject the k smallest for the largest k with p₍ₖ₎ ≤ q·k/m. The answer is in p's order.
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] {
    throw Unfinished()
  }
}
