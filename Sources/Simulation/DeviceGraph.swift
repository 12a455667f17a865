import Behavior
import Foundation
import Tensors

/// Accounts linked by a shared device or address, among them rings of fraudsters.
///
/// An honest account shares a device with its household and now and then an address with a stranger. A fraud ring
/// shares a few devices among its members, and touches some honest accounts as well. The eight features of an account
/// say little about it alone: four differ slightly between fraudsters and honest accounts, four are noise. Whoever
/// also looks at the neighbours knows much more.
///
///     let graph = DeviceGraph(using: &random)
///     graph.features   // [2000, 8]
///     graph.training   // 40 labelled accounts
public struct DeviceGraph: Sendable, Hashable {
  /// Links without repetition, sorted.
  public let edges: [Edge]

  /// One row of `featureCount` numbers per account, with mean 0 and variance about 1.
  public let rows: [[Float]]

  /// 1 for a fraudster, 0 for an honest account.
  public let labels: [Int]

  /// The accounts whose labels may be used: as many fraudsters as honest ones.
  public let training: [Int]

  /// All other accounts.
  public let test: [Int]

  /// How many accounts there are.
  public var count: Int { labels.count }

  /// How many numbers describe an account.
  public static let featureCount = 8

  /// The features, `[accounts, 8]`.
  public var features: Tensor { Tensor(rows: rows) }

  /// Draws a graph.
  ///
  /// - Parameters:
  ///   - accounts: how many accounts; at least 200.
  ///   - fraudShare: about which part of them are fraudsters.
  ///   - labelled: how many accounts are for training; an even number.
  ///   - camouflageShare: which part of a fraudster's links lead to honest accounts, to hide the ring; nil for about
  ///     one in seven.
  ///   - random: where the randomness comes from.
  public init(
    accounts: Int = 2_000, fraudShare: Double = 0.15, labelled: Int = 40, camouflageShare: Double? = nil,
    using random: inout SeededRandom
  ) {
    precondition(
      camouflageShare.map { (0..<1).contains($0) } ?? true,
      "DeviceGraph: the share of camouflage must be in 0..<1, found \(camouflageShare ?? 0)")
    precondition(accounts >= 200, "DeviceGraph: at least 200 accounts are needed, found \(accounts)")
    precondition(
      labelled % 2 == 0 && labelled > 0, "DeviceGraph: an even number of labels is needed, found \(labelled)")
    let order = random.permutation(of: accounts)
    let frauds = Int(Double(accounts) * fraudShare)
    var labels = [Int](repeating: 0, count: accounts)
    for account in order.prefix(frauds) { labels[account] = 1 }

    var edges = Set<Edge>()
    // Rings of 8 to 16: every member on two or three of the ring's few devices.
    var rest = order.prefix(frauds)
    while !rest.isEmpty {
      let ring = Array(rest.prefix(8 + random.below(9)))
      rest = rest.dropFirst(ring.count)
      for account in ring {
        for _ in 0..<3 { edges.insert(Edge(account, ring[random.below(ring.count)])) }
        guard camouflageShare == nil else { continue }
        if random.bool(probability: Self.camouflage) {
          edges.insert(Edge(account, order[frauds + random.below(accounts - frauds)]))
        }
      }
    }
    if let share = camouflageShare {
      // A link within a ring is one of two fraudsters, a camouflage link of one.
      let within = Double(2 * edges.count(where: { $0.a != $0.b })) / Double(frauds)
      let needed = share / (1 - share) * within
      for account in order.prefix(frauds) {
        let links = Int(needed) + (random.bool(probability: needed - needed.rounded(.down)) ? 1 : 0)
        for _ in 0..<links { edges.insert(Edge(account, order[frauds + random.below(accounts - frauds)])) }
      }
    }
    // Households of 1 to 5, and addresses shared with strangers.
    rest = order.dropFirst(frauds)
    while !rest.isEmpty {
      let household = Array(rest.prefix(1 + random.below(5)))
      rest = rest.dropFirst(household.count)
      for (index, account) in household.enumerated() {
        for other in household.dropFirst(index + 1) { edges.insert(Edge(account, other)) }
        if random.bool(probability: 0.5) {
          edges.insert(Edge(account, order[frauds + random.below(accounts - frauds)]))
        }
      }
    }
    self.edges = edges.filter { $0.a != $0.b }.sorted()

    rows = labels.map { label in
      (0..<Self.featureCount).map { feature in
        let shift = feature < 4 ? Self.shift * Double(label) : 0
        return Float(random.normal() + shift)
      }
    }
    self.labels = labels
    let shuffled = random.permutation(of: accounts)
    let picked = [0, 1].flatMap { label in shuffled.filter { labels[$0] == label }.prefix(labelled / 2) }
    training = picked.sorted()
    let isTraining = Set(picked)
    test = (0..<accounts).filter { !isTraining.contains($0) }
  }

  private static let camouflage = 0.7
  private static let shift = 0.9
}
