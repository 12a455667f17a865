import Contracts
import Curriculum
import Solutions

let anomalyThresholdCalibrationMistakes = [
  Mistake(
    ContaminationAsAlarm.self, in: .anomalyThresholdCalibration,
    rejectedBy: "false alarms keep to a tenth of the alarms, and a clean week stays silent",
    saying: "the share of false alarms among the alarms"),
  Mistake(
    PlainShare.self, in: .anomalyThresholdCalibration, rejectedBy: "conformal p-values count the session itself",
    saying: "Count the session itself"),
  Mistake(
    PlainShare.self, in: .anomalyThresholdCalibration,
    rejectedBy: "honest sessions have small p-values no oftener than they should",
    saying: "Is the session itself counted?"),
  Mistake(
    NormalityPValue.self, in: .anomalyThresholdCalibration, rejectedBy: "conformal p-values count the session itself",
    saying: "That grows with the score"),
  Mistake(
    TiesNotCounted.self, in: .anomalyThresholdCalibration, rejectedBy: "conformal p-values count the session itself",
    saying: "≥, not >"),
  Mistake(
    FirstFailure.self, in: .anomalyThresholdCalibration, rejectedBy: "Benjamini–Hochberg steps up",
    saying: "You stop at the first p-value above its line"),
  Mistake(
    Bonferroni.self, in: .anomalyThresholdCalibration, rejectedBy: "Benjamini–Hochberg steps up",
    saying: "That is Bonferroni"),
  Mistake(
    Uncorrected.self, in: .anomalyThresholdCalibration, rejectedBy: "Benjamini–Hochberg steps up",
    saying: "Nothing is corrected"),
  Mistake(
    OnItsOwnLine.self, in: .anomalyThresholdCalibration, rejectedBy: "Benjamini–Hochberg steps up",
    saying: "You reject what lies under its own line"),
  Mistake(
    RoundedDown.self, in: .anomalyThresholdCalibration, rejectedBy: "contamination flags its share, whatever is there",
    saying: "Round fraction·n up"),
  Mistake(
    OneTooMany.self, in: .anomalyThresholdCalibration, rejectedBy: "contamination flags its share, whatever is there",
    saying: "one score too low"),
  Mistake(
    TiesOneByOne.self, in: .anomalyThresholdCalibration,
    rejectedBy: "average precision with ties equals scikit-learn's", saying: "a tie is one step"),
  Mistake(
    AreaUnderROC.self, in: .anomalyThresholdCalibration, rejectedBy: "random scores have the precision of chance",
    saying: "One half is what ROC-AUC gives to chance"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: AnomalyThresholdCalibrationExercise {}

extension MostlyRight {
  var right: AnomalyThresholdCalibration { AnomalyThresholdCalibration() }

  func averagePrecision(_ y: [Int], scores: [Double]) throws -> Double {
    try right.averagePrecision(y, scores: scores)
  }
  func contaminationThreshold(_ scores: [Double], fraction: Double) throws -> Double {
    try right.contaminationThreshold(scores, fraction: fraction)
  }
  func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double] {
    try right.conformalPValues(calibration: calibration, test: test)
  }
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] { try right.benjaminiHochberg(p, q: q) }

  /// (plus + how many calibration scores are counted) / (n + plus).
  func share(_ calibration: [Double], _ test: [Double], plus: Double, _ isCounted: (Double, Double) -> Bool) -> [Double]
  {
    test.map { score in
      (plus + Double(calibration.count { isCounted($0, score) })) / (Double(calibration.count) + plus)
    }
  }
}

/// The document's alarm: the top tenth, whatever it is.
private struct ContaminationAsAlarm: MostlyRight {
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] {
    let threshold = try right.contaminationThreshold(p.map { -$0 }, fraction: q)
    return p.map { -$0 > threshold }
  }
}

private struct PlainShare: MostlyRight {
  func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double] {
    share(calibration, test, plus: 0) { $0 >= $1 }
  }
}

private struct NormalityPValue: MostlyRight {
  func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double] {
    share(calibration, test, plus: 1) { $0 <= $1 }
  }
}

private struct TiesNotCounted: MostlyRight {
  func conformalPValues(calibration: [Double], test: [Double]) throws -> [Double] {
    share(calibration, test, plus: 1) { $0 > $1 }
  }
}

private struct FirstFailure: MostlyRight {
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] {
    let sorted = p.sorted()
    let count = sorted.indices.first { sorted[$0] > q * Double($0 + 1) / Double(p.count) } ?? p.count
    return p.map { count > 0 && $0 <= sorted[count - 1] }
  }
}

private struct Bonferroni: MostlyRight {
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] { p.map { $0 <= q / Double(p.count) } }
}

private struct Uncorrected: MostlyRight {
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] { p.map { $0 <= q } }
}

private struct OnItsOwnLine: MostlyRight {
  func benjaminiHochberg(_ p: [Double], q: Double) throws -> [Bool] {
    var alarms = p.map { _ in false }
    for (rank, index) in p.indices.sorted(by: { (p[$0], $0) < (p[$1], $1) }).enumerated() {
      alarms[index] = p[index] <= q * Double(rank + 1) / Double(p.count)
    }
    return alarms
  }
}

private struct RoundedDown: MostlyRight {
  func contaminationThreshold(_ scores: [Double], fraction: Double) throws -> Double {
    scores.sorted(by: >)[Int(fraction * Double(scores.count))]
  }
}

private struct OneTooMany: MostlyRight {
  func contaminationThreshold(_ scores: [Double], fraction: Double) throws -> Double {
    let allowed = Int((fraction * Double(scores.count)).rounded(.up))
    return scores.sorted(by: >)[allowed - 1].nextDown
  }
}

private struct TiesOneByOne: MostlyRight {
  func averagePrecision(_ y: [Int], scores: [Double]) throws -> Double {
    var (found, sum) = (0, 0.0)
    for (place, session) in y.indices.sorted(by: { (-scores[$0], $0) < (-scores[$1], $1) }).enumerated()
    where y[session] == 1 {
      found += 1
      sum += Double(found) / Double(place + 1)
    }
    return sum / Double(found)
  }
}

private struct AreaUnderROC: MostlyRight {
  func averagePrecision(_ y: [Int], scores: [Double]) throws -> Double { try ROCIsNotAccuracy().auc(y, scores: scores) }
}
