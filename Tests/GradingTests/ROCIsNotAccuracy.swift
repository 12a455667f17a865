import Contracts
import Foundation

/// A right implementation. It stands for the reference in these tests, and its text, changed here and there, for
/// what candidates write.
struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {
  init() {}

  func confusion(_ y: [Int], scores: [Double], threshold: Double) throws -> Confusion {
    try validate(y, scores)
    var counts = Confusion(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
    for (label, score) in zip(y, scores) {
      switch (score >= threshold, label == 1) {
      case (true, true): counts.truePositives += 1
      case (true, false): counts.falsePositives += 1
      case (false, true): counts.falseNegatives += 1
      case (false, false): counts.trueNegatives += 1
      }
    }
    return counts
  }

  func precision(_ confusion: Confusion) throws -> Double? {
    ratio(confusion.truePositives, confusion.truePositives + confusion.falsePositives)
  }

  func recall(_ confusion: Confusion) throws -> Double? {
    let found = confusion.truePositives
    return ratio(found, found + confusion.falseNegatives)
  }

  func f1(_ confusion: Confusion) throws -> Double? {
    let twice = 2 * confusion.truePositives
    return ratio(twice, twice + confusion.falsePositives + confusion.falseNegatives)
  }

  func rocCurve(_ y: [Int], scores: [Double]) throws -> [ROCPoint] {
    try validate(y, scores)
    let positives = y.count { $0 == 1 }
    let negatives = y.count - positives
    try BadInput.unless(positives > 0 && negatives > 0, "only one class is present")
    var points = [ROCPoint(falsePositiveRate: 0, truePositiveRate: 0, threshold: .infinity)]
    var (above, wrongly) = (0, 0)
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    for (rank, index) in order.enumerated() {
      if y[index] == 1 { above += 1 } else { wrongly += 1 }
      if rank + 1 < order.count && scores[order[rank + 1]] == scores[index] { continue }
      points.append(
        ROCPoint(
          falsePositiveRate: Double(wrongly) / Double(negatives), truePositiveRate: Double(above) / Double(positives),
          threshold: scores[index]))
    }
    return points
  }

  func auc(_ y: [Int], scores: [Double]) throws -> Double {
    let points = try rocCurve(y, scores: scores)
    return zip(points, points.dropFirst()).reduce(0) { area, ends in
      area + (ends.1.falsePositiveRate - ends.0.falsePositiveRate)
        * (ends.1.truePositiveRate + ends.0.truePositiveRate) / 2
    }
  }

  func brier(_ y: [Int], p: [Double]) throws -> Double {
    try validate(y, p)
    try BadInput.unless(!p.isEmpty && p.allSatisfy { (0...1).contains($0) }, "no probabilities")
    return zip(y, p).reduce(0) { $0 + ($1.1 - Double($1.0)) * ($1.1 - Double($1.0)) } / Double(p.count)
  }

  private func ratio(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }

  private func validate(_ y: [Int], _ scores: [Double]) throws {
    try BadInput.unless(y.count == scores.count, "\(y.count) labels for \(scores.count) scores")
    try BadInput.unless(y.allSatisfy { $0 == 0 || $0 == 1 }, "labels must be 0 or 1")
    try BadInput.unless(!scores.contains { $0.isNaN }, "a score is not a number")
  }
}
