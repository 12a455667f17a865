import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

let isolationForestPathLengthMistakes = [
  Mistake(
    DecisionFunction.self, in: .isolationForestPathLength,
    rejectedBy: "a path of c(ψ) scores one half, a shorter one more",
    saying: "That grows with normality"),
  Mistake(
    ShiftedScore.self, in: .isolationForestPathLength, rejectedBy: "a path of c(ψ) scores one half, a shorter one more",
    saying: "decision_function moves the zero"),
  Mistake(
    LeafForgotten.self, in: .isolationForestPathLength,
    rejectedBy: "paths in scikit-learn's tree: edges, and c of the leaf", saying: "add c(size)"),
  Mistake(
    NodesCounted.self, in: .isolationForestPathLength,
    rejectedBy: "paths in scikit-learn's tree: edges, and c of the leaf", saying: "its length is its edges"),
  Mistake(
    StrictlyBelow.self, in: .isolationForestPathLength,
    rejectedBy: "paths in scikit-learn's tree: edges, and c of the leaf", saying: "goes left: ≤, not <"),
  Mistake(
    HarmonicOfN.self, in: .isolationForestPathLength, rejectedBy: "c(n) by the formula and by the exact sum",
    saying: "c(n) has H(n − 1)"),
  Mistake(
    MeanOfScores.self, in: .isolationForestPathLength, rejectedBy: "a path of c(ψ) scores one half, a shorter one more",
    saying: "the score is of the mean path"),
  Mistake(
    CutsAtTheMedian.self, in: .isolationForestPathLength,
    rejectedBy: "cuts are random: any feature that differs, uniform between its extremes",
    saying: "not at the median"),
  Mistake(
    RangeOfTheTable.self, in: .isolationForestPathLength,
    rejectedBy: "height limit, cuts inside the node, constants and duplicates", saying: "not the whole table's"),
  Mistake(
    ConstantsAreCut.self, in: .isolationForestPathLength,
    rejectedBy: "height limit, cuts inside the node, constants and duplicates", saying: "a constant separates nothing"),
  Mistake(
    NoLimit.self, in: .isolationForestPathLength,
    rejectedBy: "height limit, cuts inside the node, constants and duplicates", saying: "higher than ⌈log₂ ψ⌉"),
  Mistake(
    DecisionFunction.self, in: .isolationForestPathLength,
    rejectedBy: "anomalous sessions stand out, more than by the largest z-score",
    saying: "an anomaly's score must be larger"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: IsolationForestPathLengthExercise {}

extension MostlyRight {
  var right: IsolationForestPathLength { IsolationForestPathLength() }

  func averagePathLength(_ n: Int, exact: Bool) throws -> Double { try right.averagePathLength(n, exact: exact) }
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    try right.growTree(x, rows: rows, height: height, limit: limit, using: &random)
  }
  func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double { try right.pathLength(tree, p) }
  func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double {
    try right.anomalyScore(forest, p, sampleSize: sampleSize)
  }
}

/// The document prints this as the anomaly score: it grows with normality.
private struct DecisionFunction: MostlyRight {
  func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double {
    0.5 - (try right.anomalyScore(forest, p, sampleSize: sampleSize))
  }
}

/// The sign is right, the zero is scikit-learn's.
private struct ShiftedScore: MostlyRight {
  func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double {
    try right.anomalyScore(forest, p, sampleSize: sampleSize) - 0.5
  }
}

private struct LeafForgotten: MostlyRight {
  func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double {
    guard case .cut(let feature, let threshold, let left, let right) = tree else { return 0 }
    return 1 + (try pathLength(p[feature] <= threshold ? left : right, p))
  }
}

private struct NodesCounted: MostlyRight {
  func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double { try right.pathLength(tree, p) + 1 }
}

private struct StrictlyBelow: MostlyRight {
  func pathLength(_ tree: ITree, _ p: [Double]) throws -> Double {
    guard case .cut(let feature, let threshold, let left, let right) = tree else {
      return try self.right.pathLength(tree, p)
    }
    return 1 + (try pathLength(p[feature] < threshold ? left : right, p))
  }
}

private struct HarmonicOfN: MostlyRight {
  func averagePathLength(_ n: Int, exact: Bool) throws -> Double {
    if n <= 2 { return Double(n - 1) }
    let harmonic = exact ? (1...n).reduce(0) { $0 + 1 / Double($1) } : log(Double(n)) + 0.577_215_664_901_532_9
    return 2 * harmonic - 2 * Double(n - 1) / Double(n)
  }
}

private struct MeanOfScores: MostlyRight {
  func anomalyScore(_ forest: [ITree], _ p: [Double], sampleSize: Int) throws -> Double {
    try forest.reduce(0) { $0 + (try right.anomalyScore([$1], p, sampleSize: sampleSize)) } / Double(forest.count)
  }
}

/// A k-d tree: balanced, so that an outlier lies as deep as everything else.
private struct CutsAtTheMedian: MostlyRight {
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    let varying = (0..<x.columns).filter { feature in Set(rows.map { x[$0, feature] }).count > 1 }
    if height >= limit || varying.isEmpty { return .leaf(size: rows.count) }
    let feature = varying[random.below(varying.count)]
    let values = Set(rows.map { x[$0, feature] }).sorted()
    let threshold = values[(values.count - 1) / 2]
    return .cut(
      feature: feature, threshold: threshold,
      left: try growTree(
        x, rows: rows.filter { x[$0, feature] <= threshold }, height: height + 1, limit: limit, using: &random),
      right: try growTree(
        x, rows: rows.filter { x[$0, feature] > threshold }, height: height + 1, limit: limit, using: &random))
  }
}

private struct RangeOfTheTable: MostlyRight {
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    let varying = (0..<x.columns).filter { feature in Set(rows.map { x[$0, feature] }).count > 1 }
    if height >= limit || varying.isEmpty { return .leaf(size: rows.count) }
    let feature = varying[random.below(varying.count)]
    let values = (0..<x.rows).map { x[$0, feature] }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let threshold = low + random.uniform() * (high - low)
    let (left, right) = (rows.filter { x[$0, feature] <= threshold }, rows.filter { x[$0, feature] > threshold })
    return .cut(
      feature: feature, threshold: threshold,
      left: left.isEmpty
        ? .leaf(size: 0) : try growTree(x, rows: left, height: height + 1, limit: limit, using: &random),
      right: right.isEmpty
        ? .leaf(size: 0) : try growTree(x, rows: right, height: height + 1, limit: limit, using: &random))
  }
}

private struct ConstantsAreCut: MostlyRight {
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    if height >= limit || rows.count <= 1 { return .leaf(size: rows.count) }
    let feature = random.below(x.columns)
    let values = rows.map { x[$0, feature] }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let threshold = low + random.uniform() * (high - low)
    let (left, right) = (rows.filter { x[$0, feature] <= threshold }, rows.filter { x[$0, feature] > threshold })
    return .cut(
      feature: feature, threshold: threshold,
      left: left.isEmpty
        ? .leaf(size: 0) : try growTree(x, rows: left, height: height + 1, limit: limit, using: &random),
      right: right.isEmpty
        ? .leaf(size: 0) : try growTree(x, rows: right, height: height + 1, limit: limit, using: &random))
  }
}

private struct NoLimit: MostlyRight {
  func growTree(
    _ x: Matrix, rows: [Int], height: Int, limit: Int, using random: inout SeededRandom
  ) throws -> ITree {
    try right.growTree(x, rows: rows, height: 0, limit: 60, using: &random)
  }
}
