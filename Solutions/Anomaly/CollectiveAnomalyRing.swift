import Contracts
import Foundation
import Tensors

/// A ring of users that is abnormal only together.
///
/// The hypergeometric tail is Fisher's exact test of an overlap; peeling is Charikar's (APPROX 2000). Both together are how
/// CopyCatch and FRAUDAR look for groups (Beutel et al., WWW 2013; Hooi et al., KDD 2016).
public struct CollectiveAnomalyRing: CollectiveAnomalyRingExercise {
  /// Makes the reference.
  public init() {}

  /// −log₁₀ Σ_{x ≥ k} C(a, x)·C(N − a, b − x) / C(N, b), summed as exponents of the largest term.
  public func overlapSurprise(universe: Int, sizeA: Int, sizeB: Int, overlap: Int) throws -> Double {
    let (n, a, b, k) = (universe, sizeA, sizeB, overlap)
    try BadInput.unless(a >= 0 && b >= 0 && k >= 0, "a negative number: baskets of \(a) and \(b), overlap \(k)")
    try BadInput.unless(max(a, b) <= n, "baskets of \(a) and \(b) items out of \(n)")
    try BadInput.unless(k <= min(a, b), "baskets of \(a) and \(b) items cannot share \(k)")
    if k <= a + b - n || k == 0 { return 0 }  // they share so many in any case
    let terms = (k...min(a, b)).map { x in
      logBinomial(a, x) + logBinomial(n - a, b - x) - logBinomial(n, b)
    }
    let largest = terms.reduce(-.infinity, max)
    let sum = terms.reduce(0) { $0 + exp($1 - largest) }
    return max(0, -(largest + log(sum)) / log(10))
  }

  /// ln C(n, k) by log-factorials: ln n! = lgamma(n + 1).
  private func logBinomial(_ n: Int, _ k: Int) -> Double {
    lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
  }

  /// One weight for each pair of users.
  public func suspicionGraph(_ baskets: [Set<Int>], universe: Int, cutoff: Double) throws -> Tensor {
    let users = baskets.count
    try BadInput.unless(users > 0, "there is no user")
    for (user, basket) in baskets.enumerated() {
      for item in basket where item < 0 || item >= universe {
        throw BadInput("user \(user) has item \(item), but the universe is 0..<\(universe)")
      }
    }
    var weights = [Float](repeating: 0, count: users * users)
    for i in 0..<users {
      for j in 0..<i {
        let overlap = baskets[i].count { baskets[j].contains($0) }
        if overlap == 0 { continue }
        let surprise = try overlapSurprise(
          universe: universe, sizeA: baskets[i].count, sizeB: baskets[j].count, overlap: overlap)
        let weight = Float(max(0, surprise - cutoff))
        weights[i * users + j] = weight
        weights[j * users + i] = weight
      }
    }
    return Tensor(weights, shape: [users, users])
  }

  /// Peels the node that holds least to the others, again and again, and remembers the densest group met.
  public func densestGroup(_ weights: Tensor) throws -> DenseGroup {
    let nodes = try requireGraph(weights)
    let w = weights.scalars
    var degrees = (0..<nodes).map { i in (0..<nodes).reduce(0.0) { $0 + Double(w[i * nodes + $1]) } }
    var inside = degrees.reduce(0, +) / 2  // each link once
    var isLeft = [Bool](repeating: true, count: nodes)
    var removed: [Int] = []
    var best = (density: inside / Double(nodes), removals: 0)
    while removed.count < nodes - 1 {
      var weakest = -1
      for i in 0..<nodes where isLeft[i] && (weakest < 0 || degrees[i] < degrees[weakest]) { weakest = i }
      isLeft[weakest] = false
      removed.append(weakest)
      inside -= degrees[weakest]
      for i in 0..<nodes { degrees[i] -= Double(w[weakest * nodes + i]) }
      let density = inside / Double(nodes - removed.count)
      if density > best.density { best = (density, removed.count) }
    }
    return DenseGroup(
      members: Set(0..<nodes).subtracting(removed.prefix(best.removals)), density: best.density)
  }

  private func requireGraph(_ weights: Tensor) throws -> Int {
    try BadInput.unless(
      weights.rank == 2 && weights.shape[0] == weights.shape[1] && weights.count > 0,
      "weights of shape \(weights.shape), expected a square with at least one node")
    let nodes = weights.shape[0]
    let w = weights.scalars
    for i in 0..<nodes {
      for j in 0...i {
        let weight = w[i * nodes + j]
        try BadInput.unless(weight.isFinite && weight >= 0, "the weight of \(i) and \(j) is \(weight)")
        try BadInput.unless(weight == w[j * nodes + i], "the weights of \(i), \(j) and of \(j), \(i) differ")
      }
      try BadInput.unless(w[i * nodes + i] == 0, "node \(i) is linked to itself")
    }
    return nodes
  }
}
