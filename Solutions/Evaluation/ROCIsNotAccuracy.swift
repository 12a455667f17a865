import Contracts

/// Precision, recall, ROC and AUC by their definitions.
///
/// Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006), algorithms 1 and 2;
/// Hanley & McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982), for AUC as a rank.
public struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  /// Makes the reference.
  public init() {}

  /// Counts the four outcomes; positive iff score ≥ threshold.
  public func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion {
    try requireLabelled(y, scores)
    var counts = Confusion(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
    for (label, score) in zip(y, scores) {
      switch (isPositive: label == 1, isPredicted: score >= threshold) {
      case (true, true): counts.truePositives += 1
      case (false, true): counts.falsePositives += 1
      case (true, false): counts.falseNegatives += 1
      case (false, false): counts.trueNegatives += 1
      }
    }
    return counts
  }

  /// TP / (TP + FP).
  public func precision(_ confusion: Confusion) throws -> Double? {
    ratio(confusion.truePositives, confusion.truePositives + confusion.falsePositives)
  }

  /// TP / (TP + FN).
  public func recall(_ confusion: Confusion) throws -> Double? {
    ratio(confusion.truePositives, confusion.truePositives + confusion.falseNegatives)
  }

  /// 2TP / (2TP + FP + FN): the harmonic mean, without dividing by a zero precision.
  public func f1(_ confusion: Confusion) throws -> Double? {
    ratio(
      2 * confusion.truePositives, 2 * confusion.truePositives + confusion.falsePositives + confusion.falseNegatives)
  }

  /// Lowers the threshold through the distinct scores; a group of ties makes one step.
  public func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] {
    let (positives, negatives) = try requireBothClasses(y, scores)
    let descending = y.indices.sorted { scores[$0] > scores[$1] }
    var curve = [ROCPoint(falsePositiveRate: 0, truePositiveRate: 0, threshold: .infinity)]
    var truePositives = 0
    var falsePositives = 0
    for (position, sample) in descending.enumerated() {
      if y[sample] == 1 { truePositives += 1 } else { falsePositives += 1 }
      let isLastOfItsScore =
        position + 1 == descending.count || scores[descending[position + 1]] != scores[sample]
      if isLastOfItsScore {
        curve.append(
          ROCPoint(
            falsePositiveRate: Double(falsePositives) / Double(negatives),
            truePositiveRate: Double(truePositives) / Double(positives), threshold: scores[sample]))
      }
    }
    return curve
  }

  /// AUC = (R₊ − n₊(n₊ + 1)/2) / (n₊ · n₋), where R₊ is the sum of the positives' mid-ranks.
  public func auc(_ y: [Int], scores: [Double]) throws -> Double {
    let (positives, negatives) = try requireBothClasses(y, scores)
    let ascending = y.indices.sorted { scores[$0] < scores[$1] }
    var rankSum = 0.0
    var start = 0
    while start < ascending.count {
      var end = start
      while end + 1 < ascending.count, scores[ascending[end + 1]] == scores[ascending[start]] { end += 1 }
      let midRank = Double(start + end) / 2 + 1  // the mean of the ranks start + 1 … end + 1
      for position in start...end where y[ascending[position]] == 1 { rankSum += midRank }
      start = end + 1
    }
    let smallestRankSum = Double(positives) * Double(positives + 1) / 2
    return (rankSum - smallestRankSum) / (Double(positives) * Double(negatives))
  }

  /// The mean of (p − y)².
  public func brier(_ y: [Int], p: [Double]) throws -> Double {
    try requireLabelled(y, p)
    try BadInput.unless(!p.isEmpty, "brier: there is no sample")
    try BadInput.unless(p.allSatisfy { (0...1).contains($0) }, "brier: a probability lies outside [0, 1]")
    var sum = 0.0
    for (label, probability) in zip(y, p) {
      let error = probability - Double(label)
      sum += error * error
    }
    return sum / Double(p.count)
  }

  private func ratio(_ numerator: Int, _ denominator: Int) -> Double? {
    denominator == 0 ? nil : Double(numerator) / Double(denominator)
  }

  private func requireLabelled(_ y: [Int], _ scores: [Double]) throws {
    try BadInput.unless(y.count == scores.count, "\(y.count) labels, but \(scores.count) scores")
    try BadInput.unless(y.allSatisfy { $0 == 0 || $0 == 1 }, "a label is neither 0 nor 1")
    try BadInput.unless(!scores.contains { $0.isNaN }, "a score is not a number")
  }

  private func requireBothClasses(_ y: [Int], _ scores: [Double]) throws -> (positives: Int, negatives: Int) {
    try requireLabelled(y, scores)
    let positives = y.count { $0 == 1 }
    try BadInput.unless(
      positives > 0 && positives < y.count, "\(positives) of \(y.count) samples are positive: ROC needs both classes")
    return (positives, y.count - positives)
  }
}
