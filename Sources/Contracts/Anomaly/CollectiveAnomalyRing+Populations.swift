import Foundation
import Learning
import Simulation
import Tensors

/// Users with baskets, of whom some collude.
package struct RingPopulation: Codable, Sendable {
  package var baskets: [[Int]]
  package var isInRing: [Bool]
  package var universe: Int

  package init(baskets: [[Int]], isInRing: [Bool], universe: Int) {
    self.baskets = baskets
    self.isInRing = isInRing
    self.universe = universe
  }

  /// 160 users with 15 of 600 items; those of the ring draw 9 of theirs from a shared pool of 18 items that are as popular
  /// as everybody's.
  package static func drawn(ring: Int = 12, using random: inout SeededRandom) -> RingPopulation {
    let drawn = FeatureTables.baskets(ring: ring, using: &random)
    return RingPopulation(baskets: drawn.baskets, isInRing: drawn.isInRing, universe: 600)
  }

  /// The accounts of a simulated shop with one ring among them; a basket holds the devices that an account was used on.
  package static func shop(_ kind: AnomalyKind, isCamouflaged: Bool, random: SeededRandom) -> RingPopulation {
    var random = random
    var simulator = PlatformSimulator(users: 600)
    simulator.anomalies = [.some(1, kind, isCamouflaged: isCamouflaged)]
    let log = simulator.simulate(using: &random)
    let position = Dictionary(log.accounts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var numbers: [String: Int] = [:]
    var baskets = [[Int]](repeating: [], count: log.accounts.count)
    for login in log.logins {
      let device = numbers[login.device] ?? numbers.count
      numbers[login.device] = device
      if let user = position[login.user] { baskets[user].append(device) }
    }
    return RingPopulation(
      baskets: baskets.map { $0.sorted() }, isInRing: log.isInRing, universe: numbers.count)
  }

  package var sets: [Set<Int>] { baskets.map { Set($0) } }
  package var labels: [Int] { isInRing.map { $0 ? 1 : 0 } }
  package var ring: Set<Int> { Set(isInRing.indices.filter { isInRing[$0] }) }

  /// The same baskets' sizes and items, dealt out anew: how popular everything is stays, who shares with whom does not.
  package func shuffled(using random: inout SeededRandom) -> RingPopulation {
    var dealt = baskets.map { [Int]($0) }
    let slots = dealt.indices.flatMap { user in dealt[user].indices.map { (user: user, place: $0) } }
    // Swaps of two items between two users that leave both without a repetition (Gotelli 2000).
    for _ in 0..<20 * slots.count {
      let (a, b) = (slots[random.below(slots.count)], slots[random.below(slots.count)])
      let (x, y) = (dealt[a.user][a.place], dealt[b.user][b.place])
      if a.user == b.user || dealt[a.user].contains(y) || dealt[b.user].contains(x) { continue }
      dealt[a.user][a.place] = y
      dealt[b.user][b.place] = x
    }
    return RingPopulation(
      baskets: dealt.map { $0.sorted() }, isInRing: isInRing.map { _ in false }, universe: universe)
  }

  /// Precision, recall and F1 of a group that is said to be the ring; zeros where nothing is found.
  package func quality(of members: [Int]) -> (precision: Double, recall: Double, f1: Double) {
    let found = Double(Set(members).intersection(ring).count)
    guard found > 0 else { return (0, 0, 0) }
    let (precision, recall) = (found / Double(Set(members).count), found / Double(ring.count))
    return (precision, recall, 2 * precision * recall / (precision + recall))
  }
}

// MARK: - Detectors that look at one user at a time

extension RingPopulation {
  /// How rare the items are that a user holds: the mean logarithm of their rank in the shop's catalogue.
  package var rarity: [Double] {
    baskets.map { basket in basket.reduce(0) { $0 + log(Double($1 + 10)) } / Double(max(1, basket.count)) }
  }

  /// How many items a user holds.
  package var sizes: [Double] { baskets.map { Double($0.count) } }

  /// The squared error of the best linear autoencoder with `width` hidden units: what its principal components leave of a
  /// user's row of zeros and ones (Baldi & Hornik 1989).
  package func autoencoderErrors(width: Int = 4) throws -> [Double] {
    let n = baskets.count
    let shared = sharedItems(baskets)
    var gram = Matrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0..<n { gram[i, j] = i == j ? Double(baskets[i].count) : Double(shared[i, j]) }
    }
    // Rows without the mean row: double centring of the inner products.
    let means = (0..<n).map { gram.row($0).reduce(0, +) / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    for i in 0..<n {
      for j in 0..<n { gram[i, j] += mean - means[i] - means[j] }
    }
    let eigen = try SymmetricEigen(of: gram)
    return (0..<n).map { i in
      (n - width..<n).reduce(gram[i, i]) { $0 - eigen.values[$1] * eigen.vectors[$1, i] * eigen.vectors[$1, i] }
    }
  }

  /// The document's fusion of several models: the mean of the three detectors' ranks.
  package func fusedScores() throws -> [Double] {
    let ranks = [rarity, sizes, try autoencoderErrors()].map(midRanks)
    return baskets.indices.map { user in ranks.reduce(0) { $0 + $1[user] } / Double(ranks.count) }
  }
}

/// Ranks from 1; tied scores share the mean of theirs.
private func midRanks(_ scores: [Double]) -> [Double] {
  let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
  var ranks = [Double](repeating: 0, count: scores.count)
  var start = 0
  while start < order.count {
    var end = start
    while end + 1 < order.count, scores[order[end + 1]] == scores[order[start]] { end += 1 }
    for place in start...end { ranks[order[place]] = Double(start + end) / 2 + 1 }
    start = end + 1
  }
  return ranks
}

// MARK: - A graph autoencoder

/// Kipf & Welling, "Variational graph auto-encoders", 2016 (the plain one): nodes are users, edges are suspicious pairs, the
/// loss is that of telling linked pairs from others by the inner product of what two graph convolutions make of them.
package struct GraphAutoencoder {
  /// The mean error of a user's links and of his missing links: what an autoencoder calls anomalous.
  package let errors: [Double]
  /// The sum of a user's decoded link probabilities: how many partners the network believes in.
  package let strength: [Double]

  package init(_ population: RingPopulation, graph: Tensor, epochs: Int = 80, using random: inout SeededRandom) throws {
    let n = population.baskets.count
    var features = [Float](repeating: 0, count: n * population.universe)
    for (user, basket) in population.baskets.enumerated() {
      for item in basket { features[user * population.universe + item] = 1 }
    }
    let x = Tensor(features, shape: [n, population.universe])
    let linked = Tensor(graph.scalars.map { $0 > 0 ? 1 : 0 }, shape: [n, n])
    let adjacency = try CSRMatrix(linked).normalizedWithLoops()
    // A node is its own neighbour; the few links weigh as much as the many others.
    var targets = linked.scalars
    for i in 0..<n { targets[i * n + i] = 1 }
    let positives = targets.reduce(0, +)
    let weight = (Float(n * n) - positives) / max(1, positives)
    let target = Tensor(targets, shape: [n, n])
    let weights = Tensor(targets.map { $0 > 0 ? weight : 1 }, shape: [n, n])
    let first = GraphConvolution(population.universe, 32, hasBias: false, using: &random)
    let second = GraphConvolution(32, 16, hasBias: false, using: &random)
    let parameters = first.parameters + second.parameters
    let decoded = { () -> Tensor in
      let z = second(first(x, adjacency: adjacency).relu(), adjacency: adjacency)
      return z.matmul(z, transposingSecond: true)
    }
    var adam = Adam(learningRate: 0.01)
    for _ in 0..<epochs {
      let loss = binaryCrossEntropy(decoded(), target, weights: weights)
      adam.update(parameters, loss.gradients(of: parameters))
    }
    let probabilities = decoded().sigmoid().scalars
    var errors = [Double](repeating: 0, count: n)
    var strength = errors
    for i in 0..<n {
      for j in 0..<n where j != i {
        let p = Double(probabilities[i * n + j])
        let isLinked = targets[i * n + j] > 0
        errors[i] -= (isLinked ? Double(weight) : 1) * log(max(1e-7, isLinked ? p : 1 - p)) / Double(n)
        strength[i] += p
      }
    }
    self.errors = errors
    self.strength = strength
  }
}
