import Contracts
import Curriculum
import Foundation
import Solutions
import Tensors

private let surprise = "the surprise of an overlap equals exact arithmetic"
private let evidence = "weights are evidence of what two users share"
private let known = "graphs whose densest group is known"

let collectiveAnomalyRingMistakes = [
  Mistake(PointScoresAsLinks.self, in: .collectiveAnomalyRing, rejectedBy: evidence, saying: "share nothing"),
  Mistake(
    PointScoresAsLinks.self, in: .collectiveAnomalyRing,
    rejectedBy: "the ring is found where no single user shows it", saying: "Innocent users are in the group"),
  Mistake(NaiveFactorials.self, in: .collectiveAnomalyRing, rejectedBy: surprise, saying: "Factorials overflow"),
  Mistake(ExactlySoMany.self, in: .collectiveAnomalyRing, rejectedBy: surprise, saying: "That is P(X = k)"),
  Mistake(MoreThanSoMany.self, in: .collectiveAnomalyRing, rejectedBy: surprise, saying: "That is P(X > k)"),
  Mistake(NaturalLogarithm.self, in: .collectiveAnomalyRing, rejectedBy: surprise, saying: "natural logarithm"),
  Mistake(
    SharedItemsCounted.self, in: .collectiveAnomalyRing, rejectedBy: evidence, saying: "That counts the shared items"),
  Mistake(CutoffForgotten.self, in: .collectiveAnomalyRing, rejectedBy: evidence, saying: "The cutoff is missing"),
  Mistake(
    CutoffForgotten.self, in: .collectiveAnomalyRing, rejectedBy: "without a ring the top density stays low",
    saying: "its density must tell a ring from chance"),
  Mistake(
    CutoffForgotten.self, in: .collectiveAnomalyRing,
    rejectedBy: "the ring is found where no single user shows it", saying: "Innocent users are in the group"),
  Mistake(
    CutoffNotSubtracted.self, in: .collectiveAnomalyRing, rejectedBy: evidence, saying: "Subtract the cutoff"),
  Mistake(
    LinkedToThemselves.self, in: .collectiveAnomalyRing, rejectedBy: evidence, saying: "nobody colludes with himself"),
  Mistake(
    DegreesOfTheWholeGraph.self, in: .collectiveAnomalyRing, rejectedBy: known,
    saying: "Judging each node alone is not collective"),
  Mistake(
    StopsAtTheFirstFall.self, in: .collectiveAnomalyRing, rejectedBy: known, saying: "falls before it rises"),
  Mistake(LinksCountedTwice.self, in: .collectiveAnomalyRing, rejectedBy: known, saying: "Each link counts once"),
  Mistake(
    DensityOfPairs.self, in: .collectiveAnomalyRing, rejectedBy: known, saying: "Divide by the number of members"),
  Mistake(
    StrongestFirst.self, in: .collectiveAnomalyRing, rejectedBy: "the density is at least half of the optimum",
    saying: "where a clique is planted"),
  Mistake(
    HalfOfEachRow.self, in: .collectiveAnomalyRing, rejectedBy: "other numbers for the users, the same group",
    saying: "depends on how users are numbered"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: CollectiveAnomalyRingExercise {}

extension MostlyRight {
  var right: CollectiveAnomalyRing { CollectiveAnomalyRing() }

  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    try right.overlapSurprise(universe: universe, sizeA: sizeA, sizeB: sizeB, overlap: overlap)
  }
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    try right.suspicionGraph(baskets, universe: universe, cutoff: cutoff)
  }
  func densestGroup(_ weights: Tensor) throws -> DenseGroup { try right.densestGroup(weights) }
}

// MARK: - The surprise

private struct NaiveFactorials: MostlyRight {
  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    func factorial(_ n: Int) -> Double { n > 170 ? .infinity : (0..<n).reduce(1) { $0 * Double($1 + 1) } }
    func binomial(_ n: Int, _ k: Int) -> Double { factorial(n) / factorial(k) / factorial(n - k) }
    let tail = (overlap...min(sizeA, sizeB)).reduce(0.0) { sum, x in
      sizeB - x > universe - sizeA
        ? sum : sum + binomial(sizeA, x) * binomial(universe - sizeA, sizeB - x) / binomial(universe, sizeB)
    }
    return -log10(tail)
  }
}

private struct ExactlySoMany: MostlyRight {
  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    func logFactorial(_ n: Int) -> Double { lgamma(Double(n) + 1) }
    func logChoices(_ n: Int, _ k: Int) -> Double { logFactorial(n) - logFactorial(k) - logFactorial(n - k) }
    let natural =
      logChoices(universe, sizeB) - logChoices(sizeA, overlap) - logChoices(universe - sizeA, sizeB - overlap)
    return natural / log(10.0)
  }
}

private struct MoreThanSoMany: MostlyRight {
  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    if overlap == min(sizeA, sizeB) { return 9_999 }
    return try right.overlapSurprise(universe: universe, sizeA: sizeA, sizeB: sizeB, overlap: overlap + 1)
  }
}

private struct NaturalLogarithm: MostlyRight {
  func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    try right.overlapSurprise(universe: universe, sizeA: sizeA, sizeB: sizeB, overlap: overlap) * log(10)
  }
}

// MARK: - The graph

/// The document's: items are looked at one by one, and scores of single users are fused.
private struct PointScoresAsLinks: MostlyRight {
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    var buyers = [Float](repeating: 0, count: universe)
    for basket in baskets { for item in basket { buyers[item] += 1 } }
    let scores = baskets.map { basket in
      basket.reduce(Float(0)) { $0 + 1 / buyers[$1] } / Float(max(1, basket.count))
    }
    var weights: [Float] = []
    for i in scores.indices { for j in scores.indices { weights.append(i == j ? 0 : scores[i] * scores[j]) } }
    return Tensor(weights, shape: [scores.count, scores.count])
  }
}

private struct SharedItemsCounted: MostlyRight {
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    var weights: [Float] = []
    for (i, one) in baskets.enumerated() {
      for (j, other) in baskets.enumerated() {
        weights.append(i == j ? 0 : max(0, Float(one.intersection(other).count) - Float(cutoff)))
      }
    }
    return Tensor(weights, shape: [baskets.count, baskets.count])
  }
}

private struct CutoffForgotten: MostlyRight {
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    try right.suspicionGraph(baskets, universe: universe, cutoff: 0)
  }
}

private struct CutoffNotSubtracted: MostlyRight {
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    let whole = try right.suspicionGraph(baskets, universe: universe, cutoff: 0)
    return Tensor(whole.scalars.map { Double($0) > cutoff ? $0 : 0 }, shape: whole.shape)
  }
}

private struct LinkedToThemselves: MostlyRight {
  func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    let whole = try right.suspicionGraph(baskets, universe: universe, cutoff: cutoff)
    var weights = whole.scalars
    for (user, basket) in baskets.enumerated() {
      let count = basket.count
      let own = try right.overlapSurprise(universe: universe, sizeA: count, sizeB: count, overlap: count)
      weights[user * baskets.count + user] = Float(max(0, own - cutoff))
    }
    return Tensor(weights, shape: whole.shape)
  }
}

// MARK: - The group

/// Peeling in some order of nodes, with some measure of a group.
private func peeled(
  _ weights: Tensor, density: (_ inside: Double, _ size: Int) -> Double = { $0 / Double($1) },
  stopsAtFall: Bool = false, sees: (_ node: Int, _ other: Int) -> Bool = { _, _ in true },
  next: (_ left: [Int], _ degrees: [Double]) -> Int
) -> DenseGroup {
  let scalars = weights.scalars
  let nodes = weights.shape[0]
  func degrees(_ isSeen: (Int, Int) -> Bool) -> [Double] {
    (0..<nodes).map { i in
      (0..<nodes).reduce(0.0) { sum, j in isSeen(i, j) ? sum + Double(scalars[i * nodes + j]) : sum }
    }
  }
  var left = Array(0..<nodes)
  var whole = degrees { _, _ in true }
  var seen = degrees(sees)
  var inside = whole.reduce(0, +) / 2
  var best = DenseGroup(members: Set(left), density: density(inside, left.count))
  while left.count > 1 {
    let removed = left.remove(at: next(left, left.map { seen[$0] }))
    inside -= whole[removed]
    for node in left {
      let weight = Double(scalars[node * nodes + removed])
      whole[node] -= weight
      if sees(node, removed) { seen[node] -= weight }
    }
    let value = density(inside, left.count)
    if value > best.density {
      best = DenseGroup(members: Set(left), density: value)
    } else if stopsAtFall && value < best.density {
      return best
    }
  }
  return best
}

private func weakest(_ degrees: [Double]) -> Int {
  degrees.indices.min { (degrees[$0], $0) < (degrees[$1], $1) } ?? 0
}

private struct DegreesOfTheWholeGraph: MostlyRight {
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    let whole = WeightedGraph(weights).degrees
    return peeled(weights) { left, _ in weakest(left.map { whole[$0] }) }
  }
}

private struct StopsAtTheFirstFall: MostlyRight {
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    peeled(weights, stopsAtFall: true) { _, degrees in weakest(degrees) }
  }
}

private struct LinksCountedTwice: MostlyRight {
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    peeled(weights, density: { 2 * $0 / Double($1) }) { _, degrees in weakest(degrees) }
  }
}

private struct DensityOfPairs: MostlyRight {
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    peeled(weights, density: { $1 > 1 ? 2 * $0 / Double($1 * ($1 - 1)) : 0 }) { _, degrees in weakest(degrees) }
  }
}

private struct StrongestFirst: MostlyRight {
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    peeled(weights) { _, degrees in weakest(degrees.map { -$0 }) }
  }
}

/// Reads only what stands right of the diagonal, so that the last users seem to have no links.
private struct HalfOfEachRow: MostlyRight {
  func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    peeled(weights, sees: { $1 > $0 }) { _, degrees in weakest(degrees) }
  }
}
