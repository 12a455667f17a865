import Foundation
import Tensors

/// One anomaly as it is planned: who, when, for whom.
struct Scheme: Sendable {
  let kind: AnomalyKind
  let isCamouflaged: Bool
  let severity: Double
  let users: [Int]
  /// The items of the seller who gains, or empty.
  let goods: [Int]
  let seller: String
  let open: Double
  let window: Double
  let devices: [String]
  let region: String
}

/// Who takes part in what.
struct Casting: Sendable {
  var schemes: [Scheme] = []
  /// The numbers of each user's schemes, in the order in which they are played.
  var parts: [[Int]]

  init(_ setup: PlatformSimulator, market: Market, root: SeededRandom) {
    parts = [[Int]](repeating: [], count: setup.users)
    var random = root.fork("casting")
    // Rings and bots have accounts of their own; takeovers, card tests and churn happen to the others, to some twice.
    var deck = random.permutation(of: setup.users)[...]
    for (number, plan) in setup.anomalies.enumerated() where !plan.kind.isIncident {
      var own = root.fork("plan \(number)")
      var quarters = Quarters(root.fork("quarters \(number)"))
      for _ in 0..<plan.count {
        let size = plan.kind.isCollusive ? 6 + own.below(7) : 1
        precondition(
          deck.count >= size,
          "PlatformSimulator: \(setup.users) users are too few for the anomalies")
        let users = Array(deck.prefix(size)).sorted()
        deck = deck.dropFirst(size)
        schemes.append(Scheme(plan, users: users, quarter: quarters.next(), market: market, using: &own))
      }
    }
    let rest = deck.sorted()
    for (number, plan) in setup.anomalies.enumerated() where plan.kind.isIncident {
      var own = root.fork("plan \(number)")
      var quarters = Quarters(root.fork("quarters \(number)"))
      precondition(plan.count <= rest.count, "PlatformSimulator: \(setup.users) users are too few for the anomalies")
      for index in own.permutation(of: rest.count).prefix(plan.count) {
        schemes.append(Scheme(plan, users: [rest[index]], quarter: quarters.next(), market: market, using: &own))
      }
    }
    // Who fades away first does it first, so that what else happens to them happens in the sessions that are left.
    for first in [true, false] {
      for (number, scheme) in schemes.enumerated() where (scheme.kind == .churn) == first {
        for user in scheme.users { parts[user].append(number) }
      }
    }
  }
}

/// Deals the quarters of the log out: four anomalies of a plan that follow each other lie in four of them, so that a
/// part of the log that is cut out by time has every kind that there are four of.
private struct Quarters {
  private var random: SeededRandom
  private var left: [Int] = []

  init(_ random: SeededRandom) { self.random = random }

  mutating func next() -> Int {
    if left.isEmpty { left = random.permutation(of: 4) }
    return left.removeLast()
  }
}

extension Scheme {
  init(_ plan: AnomalyPlan, users: [Int], quarter: Int, market: Market, using random: inout SeededRandom) {
    let setup = market.setup
    kind = plan.kind
    isCamouflaged = plan.isCamouflaged && plan.kind != .churn
    self.users = users
    severity =
      plan.severity.lowerBound
      + (plan.severity.upperBound - plan.severity.lowerBound) * random.uniform()
    // The seller of few and unpopular items needs it most.
    let seller = market.itemsOfSeller[random.below(market.itemsOfSeller.count)]
    let profits = kind == .brushing || kind == .clickFarm || kind == .fakeReview
    goods = profits ? Array(seller.suffix(3)) : []
    self.seller = profits ? market.items[seller[0]].seller : ""
    devices = (0..<max(2, users.count / 4)).map { _ in "d\(random.below(1_000_000_000))" }
    region = Shop.regions[random.below(Shop.regions.count)]
    let hours: Range<Double> =
      switch kind {
      case .brushing: 2..<6
      case .fakeReview: 6..<20
      case .clickFarm: 24..<48
      case .couponAbuse: 20..<60
      case .takeover, .bot, .cardTesting, .churn: 1..<2
      }
    // Who hides also takes more time.
    let whole = Double(setup.days) * 86_400
    window = min(random.uniform(in: hours) * 3_600 * (isCamouflaged ? 2 : 1), 0.2 * whole)
    // The whole window lies in its quarter. Who comes no more needs days in which to have come, and to be missed.
    let first = kind == .churn ? 0.1 * whole : 0
    let length = kind == .churn ? 0.2 * whole : 0.25 * whole
    open = setup.start + first + Double(quarter) * length + random.uniform() * (length - window)
  }
}
