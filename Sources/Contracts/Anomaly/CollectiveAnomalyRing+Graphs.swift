import Tensors

// Graphs for the checks and pictures of `CollectiveAnomalyRing`, and what is true of them.

/// A weighted graph as plain numbers, `[n, n]`.
package struct WeightedGraph: Codable, Sendable {
  package var weights: Tensor

  package init(_ weights: Tensor) { self.weights = weights }

  /// A graph of links with one weight each.
  package init(nodes: Int, links: [(Int, Int, Float)]) {
    var w = [Float](repeating: 0, count: nodes * nodes)
    for (i, j, weight) in links {
      w[i * nodes + j] = weight
      w[j * nodes + i] = weight
    }
    self.init(Tensor(w, shape: [nodes, nodes]))
  }

  package var nodes: Int { weights.shape[0] }

  /// Half of the pairs linked, with weights in 0.1 ..< 3.
  package static func random(nodes: Int, using random: inout SeededRandom) -> WeightedGraph {
    var links: [(Int, Int, Float)] = []
    for i in 0..<nodes {
      for j in 0..<i where random.bool(probability: 0.5) { links.append((i, j, Float(random.uniform(in: 0.1..<3)))) }
    }
    return WeightedGraph(nodes: nodes, links: links)
  }

  /// A clique with weights about 3 among weak links.
  package static func planted(
    nodes: Int, clique: Int, using random: inout SeededRandom
  ) -> WeightedGraph {
    let members = Array(random.permutation(of: nodes).prefix(clique)).sorted()
    var links: [(Int, Int, Float)] = []
    for i in 0..<nodes {
      for j in 0..<i {
        if members.contains(i) && members.contains(j) {
          links.append((i, j, Float(random.uniform(in: 2.5..<3.5))))
        } else if random.bool(probability: 0.2) {
          links.append((i, j, Float(random.uniform(in: 0.05..<0.3))))
        }
      }
    }
    return WeightedGraph(nodes: nodes, links: links)
  }

  /// The same graph with node i at `place[i]`.
  package func relabelled(_ place: [Int]) -> WeightedGraph {
    let n = nodes
    var w = [Float](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n { w[place[i] * n + place[j]] = weights[i, j] }
    }
    return WeightedGraph(Tensor(w, shape: [n, n]))
  }

  /// The weight within a group over its size; 0 for no node.
  package func density(of members: [Int]) -> Double {
    var sum = 0.0
    for (place, i) in members.enumerated() {
      for j in members[..<place] { sum += Double(weights[i, j]) }
    }
    return members.isEmpty ? 0 : sum / Double(members.count)
  }

  /// The best density of all groups, by trying all 2ⁿ: for ten nodes or so.
  package func bestDensity() -> Double {
    let n = nodes
    var inside = [Double](repeating: 0, count: 1 << n)
    var best = 0.0
    for group in 1..<(1 << n) {
      let top = Int.bitWidth - 1 - group.leadingZeroBitCount
      var sum = inside[group ^ (1 << top)]
      for j in 0..<top where group >> j & 1 == 1 { sum += Double(weights[top, j]) }
      inside[group] = sum
      best = max(best, sum / Double(group.nonzeroBitCount))
    }
    return best
  }

  /// The density after each removal of peeling, from all nodes down to one: for the picture.
  package func peelingDensities() -> [Double] {
    let (n, w) = (nodes, weights.scalars)
    var degrees = (0..<n).map { i in (0..<n).reduce(0.0) { $0 + Double(w[i * n + $1]) } }
    var inside = degrees.reduce(0, +) / 2
    var alive = [Bool](repeating: true, count: n)
    var densities = [inside / Double(n)]
    for left in stride(from: n - 1, to: 0, by: -1) {
      var node = -1
      for i in 0..<n where alive[i] && (node < 0 || degrees[i] < degrees[node]) { node = i }
      alive[node] = false
      inside -= degrees[node]
      for i in 0..<n { degrees[i] -= Double(w[node * n + i]) }
      densities.append(inside / Double(left))
    }
    return densities
  }

  /// The nodes with a link stronger than 1: the clique of `planted`.
  package var strongNodes: [Int] {
    (0..<nodes).filter { i in (0..<nodes).contains { weights[i, $0] > 1 } }
  }

  /// The sum of each node's weights.
  package var degrees: [Double] {
    (0..<nodes).map { i in (0..<nodes).reduce(0.0) { $0 + Double(weights[i, $1]) } }
  }

  /// All links, each once.
  package var links: [(Int, Int)] {
    (0..<nodes).flatMap { i in (0..<i).filter { weights[i, $0] > 0 }.map { (i, $0) } }
  }
}

/// How many items each two baskets share, `[U, U]`, zero on the diagonal: what surprise is made of, and a rival of it.
package func sharedItems(_ baskets: [[Int]]) -> Tensor {
  let sets = baskets.map { Set($0) }
  var counts = [Float](repeating: 0, count: sets.count * sets.count)
  for i in sets.indices {
    for j in 0..<i {
      let shared = Float(sets[i].count { sets[j].contains($0) })
      counts[i * sets.count + j] = shared
      counts[j * sets.count + i] = shared
    }
  }
  return Tensor(counts, shape: [sets.count, sets.count])
}
