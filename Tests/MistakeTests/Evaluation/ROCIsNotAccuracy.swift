import Contracts
import Curriculum
import Solutions

let rocIsNotAccuracyMistakes = [
  Mistake(
    RecallOfPredicted.self, in: .rocIsNotAccuracy, rejectedBy: "recall is of the real positives",
    saying: "That is the precision"),
  Mistake(
    ROCOfAccuracy.self, in: .rocIsNotAccuracy, rejectedBy: "the ROC curve with ties equals scikit-learn's",
    saying: "That is the accuracy"),
  Mistake(
    StaircaseThroughTies.self, in: .rocIsNotAccuracy,
    rejectedBy: "a constant score has AUC one half and two ROC points", saying: "One point a sample is a staircase"),
  Mistake(
    TiesCountNothing.self, in: .rocIsNotAccuracy, rejectedBy: "AUC is the chance that a positive outranks a negative",
    saying: "Ties between a positive and a negative count one half"),
  Mistake(
    ZeroForUndefined.self, in: .rocIsNotAccuracy, rejectedBy: "undefined is nil, not zero", saying: "expected nil"),
  Mistake(
    StrictThreshold.self, in: .rocIsNotAccuracy, rejectedBy: "a score at the threshold is predicted positive",
    saying: "a score equal to it counts as positive too"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: ROCIsNotAccuracyExercise {}

extension MostlyRight {
  var right: ROCIsNotAccuracy { ROCIsNotAccuracy() }

  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion {
    try right.confusion(y, scores: scores, threshold: threshold)
  }
  func precision(_ confusion: Confusion) throws -> Double? { try right.precision(confusion) }
  func recall(_ confusion: Confusion) throws -> Double? { try right.recall(confusion) }
  func f1(_ confusion: Confusion) throws -> Double? { try right.f1(confusion) }
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] { try right.rocCurve(y, scores: scores) }
  func auc(_ y: [Int], scores: [Double]) throws -> Double { try right.auc(y, scores: scores) }
  func brier(_ y: [Int], p: [Double]) throws -> Double { try right.brier(y, p: p) }
}

/// The document's recall: its sentence is that of the precision.
private struct RecallOfPredicted: MostlyRight {
  func recall(_ confusion: Confusion) throws -> Double? { try right.precision(confusion) }
}

/// The document's ROC: "the accuracy at different thresholds".
private struct ROCOfAccuracy: MostlyRight {
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] {
    try right.rocCurve(y, scores: scores).map { point in
      var point = point
      point.truePositiveRate =
        point.threshold == .infinity
        ? 1 : try right.confusion(y, scores: scores, threshold: point.threshold).accuracy
      return point
    }
  }
}

private struct StaircaseThroughTies: MostlyRight {
  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] {
    let positives = y.count { $0 == 1 }
    var curve = [ROCPoint(falsePositiveRate: 0, truePositiveRate: 0, threshold: .infinity)]
    var found = 0
    for (position, sample) in y.indices.sorted(by: { scores[$0] > scores[$1] }).enumerated() {
      found += y[sample]
      curve.append(
        ROCPoint(
          falsePositiveRate: Double(position + 1 - found) / Double(y.count - positives),
          truePositiveRate: Double(found) / Double(positives), threshold: scores[sample]))
    }
    return curve
  }
}

private struct TiesCountNothing: MostlyRight {
  func auc(_ y: [Int], scores: [Double]) throws -> Double {
    var wins = 0
    var pairs = 0
    for i in y.indices where y[i] == 1 {
      for j in y.indices where y[j] == 0 {
        pairs += 1
        if scores[i] > scores[j] { wins += 1 }
      }
    }
    return Double(wins) / Double(pairs)
  }
}

private struct ZeroForUndefined: MostlyRight {
  func precision(_ confusion: Confusion) throws -> Double? { try right.precision(confusion) ?? 0 }
}

private struct StrictThreshold: MostlyRight {
  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion {
    try right.confusion(y, scores: scores, threshold: threshold.nextUp)
  }
}
