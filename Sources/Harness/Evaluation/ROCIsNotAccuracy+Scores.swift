import Behavior
import Contracts
import Foundation
import Simulation
import Tensors

/// Scores of held-out sessions by a logistic model of their first events.
package struct PurchaseScores {
  package static let prefix = 8

  /// The scores of sessions in which something is bought after the prefix, and of the others; all in (0, 1).
  package let purchasers, others: [Double]

  package init(random: SeededRandom) throws {
    var random = random
    var configuration = ShopConfiguration()
    configuration.users = 3_000
    configuration.takeovers = 0
    configuration.bots = 0
    configuration.brushingRings = 0
    let log = ShopSimulator().simulate(configuration, using: &random)
    // Users, not sessions, are split: a user's sessions resemble each other.
    var train: [(features: [Double], isPurchase: Bool)] = []
    var test: [(features: [Double], isPurchase: Bool)] = []
    for (index, user) in log.events.groupedByUser().enumerated() {
      var history = History()
      for session in user.events.sessions() {
        let example = PurchaseScores.example(session, after: history)
        history.add(session)
        guard let example else { continue }
        if index % 2 == 0 { train.append(example) } else { test.append(example) }
      }
    }
    let weights = PurchaseScores.fit(train)
    let score = { (features: [Double]) in PurchaseScores.probability(features, weights) }
    purchasers = test.filter(\.isPurchase).map { score($0.features) }
    others = test.filter { !$0.isPurchase }.map { score($0.features) }
    try BadInput.unless(purchasers.count > 50 && others.count > 50, "the simulated shop sold too little")
  }

  /// The largest threshold that finds this share of the purchasers.
  package func threshold(recall: Double) -> Double {
    purchasers.sorted(by: >)[Int(recall * Double(purchasers.count - 1))]
  }

  /// A user's earlier sessions.
  private struct History {
    var sessions = 0.0
    var purchases = 0.0

    mutating func add(_ session: Session) {
      sessions += 1
      purchases += session.events.contains { $0.action == .purchase } ? 1 : 0
    }

    /// The share of earlier sessions with a purchase, drawn towards one third where there are few.
    var buyingRate: Double { (purchases + 1) / (sessions + 3) }
  }

  /// What a session's first events and its user's past tell: 1, counts of actions, whether the last one filled the
  /// cart, how fast they came, and how often the user bought before.
  private static func example(
    _ session: Session, after history: History
  ) -> (features: [Double], isPurchase: Bool)? {
    let seen = session.events.prefix(prefix)
    guard session.events.count > prefix, !seen.contains(where: { $0.action == .purchase }) else { return nil }
    let counted: [Action] = [.search, .view, .favourite, .cart, .coupon]
    let counts = counted.map { action in Double(seen.count { $0.action == action }) }
    let endsInCart = seen.last?.action == .cart ? 1.0 : 0.0
    let seconds = (seen.last?.time ?? 0) - session.start
    return (
      [1] + counts + [endsInCart, log(1 + seconds) / 5, 4 * history.buyingRate],
      session.events.dropFirst(prefix).contains { $0.action == .purchase }
    )
  }

  /// Logistic regression by gradient descent on the mean log loss.
  private static func fit(_ examples: [(features: [Double], isPurchase: Bool)]) -> [Double] {
    var weights = [Double](repeating: 0, count: examples.first?.features.count ?? 0)
    for _ in 0..<600 {
      var gradient = [Double](repeating: 0, count: weights.count)
      for example in examples {
        let error = probability(example.features, weights) - (example.isPurchase ? 1 : 0)
        for index in weights.indices { gradient[index] += error * example.features[index] }
      }
      for index in weights.indices { weights[index] -= 0.3 * gradient[index] / Double(examples.count) }
    }
    return weights
  }

  private static func probability(_ features: [Double], _ weights: [Double]) -> Double {
    var sum = 0.0
    for index in weights.indices { sum += weights[index] * features[index] }
    return 1 / (1 + exp(-sum))
  }
}
