import Contracts

/// From scores to alarms, by the definitions.
///
/// Bates, Candès, Lei, Romano & Sesia, "Testing for outliers with conformal p-values", Annals of Statistics 51 (2023),
/// equation 1; Benjamini & Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995), procedure (1).
public struct AnomalyThresholdCalibration: AnomalyThresholdCalibrationExercise {
  /// Makes the reference.
  public init() {}

  /// Walks down the scores; at the last of each score recall has risen by a step, which counts with the precision there.
  public func averagePrecision(_ y: [Int], scores: [Double]) throws -> Double {
    try BadInput.unless(y.count == scores.count, "\(y.count) labels, but \(scores.count) scores")
    try BadInput.unless(y.allSatisfy { $0 == 0 || $0 == 1 }, "a label is neither 0 nor 1")
    try requireNumbers(scores)
    let positives = y.reduce(0, +)
    try BadInput.unless(
      positives > 0 && positives < y.count, "\(positives) of \(y.count) are anomalies: both classes are needed")
    let order = y.indices.sorted { scores[$0] > scores[$1] }
    var (found, foundBefore) = (0, 0)
    var sum = 0.0
    for (place, session) in order.enumerated() {
      found += y[session]
      let isLastOfItsScore = place + 1 == order.count || scores[order[place + 1]] != scores[session]
      guard isLastOfItsScore else { continue }
      let precision = Double(found) / Double(place + 1)
      sum += Double(found - foundBefore) / Double(positives) * precision
      foundBefore = found
    }
    return sum
  }

  /// With k alarms allowed, the (k + 1)-th largest score is the smallest threshold that no more than k exceed.
  public func contaminationThreshold(_ scores: [Double], fraction: Double) throws -> Double {
    try BadInput.unless(!scores.isEmpty, "there is no score")
    try BadInput.unless(fraction > 0 && fraction < 1, "the fraction is \(fraction), not in (0, 1)")
    try requireNumbers(scores)
    let allowed = Int((fraction * Double(scores.count)).rounded(.up))
    return allowed < scores.count ? scores.sorted(by: >)[allowed] : -.infinity
  }

  /// The session itself counts among those that score as high as it: that is the 1 above and below.
  public func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double] {
    try BadInput.unless(!calibration.isEmpty, "there is no calibration score")
    try requireNumbers(calibration)
    try requireNumbers(test)
    let ascending = calibration.sorted()
    return test.map { score in
      var (low, high) = (0, ascending.count)  // the first place that is ≥ score lies in low...high
      while low < high {
        let middle = (low + high) / 2
        if ascending[middle] < score { low = middle + 1 } else { high = middle }
      }
      return Double(1 + ascending.count - low) / Double(ascending.count + 1)
    }
  }

  /// Climbs from the largest p-value down to the first that lies under the line q·k/m; all smaller ones go with it.
  public func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] {
    try BadInput.unless(q > 0 && q < 1, "q is \(q), not in (0, 1)")
    try BadInput.unless(p.allSatisfy { (0...1).contains($0) }, "a p-value is not in [0, 1]")
    let ascending = p.sorted()
    let last = ascending.indices.last { ascending[$0] <= q * Double($0 + 1) / Double(p.count) }
    guard let last else { return p.map { _ in false } }
    return p.map { $0 <= ascending[last] }
  }

  private func requireNumbers(_ scores: [Double]) throws {
    try BadInput.unless(!scores.contains { $0.isNaN }, "a score is not a number")
  }
}
