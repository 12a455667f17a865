import Behavior
import Foundation
import Tensors

/// A seeded shopping platform of any size: who comes when, does what, and who cheats.
///
/// Each user is drawn from a stream of their own. A session is a Markov chain of actions with log-normal dwell times,
/// on a daily and weekly rhythm with sale days; some users first come during the log. Three rules reach across a
/// session, so that no model of neighbouring events can see them:
///
/// 1. The channel of the login (app or web) is that of every heartbeat.
/// 2. Who takes a coupon among the first three events buys at the checkout; who does not, seldom does.
/// 3. On a device that is new to the account, `verify` comes before every purchase.
///
/// Anomalies are planted on top, with labels. An account that is in none of them does the same whatever the number of
/// users and whatever is done to others.
///
///     var simulator = PlatformSimulator(users: 2_000)
///     simulator.anomalies = [.some(10, .takeover), .some(2, .brushing, isCamouflaged: true)]
///     let log = simulator.simulate(using: &random)
///     let elsewhere = PlatformSimulator(platform: .b, users: 500).simulate(using: &random)
///
/// Complexity: about half a microsecond an event, and O(n log n) to sort them.
public struct PlatformSimulator: Sendable, Hashable {
  /// Which platform it is.
  public var platform: Platform
  /// How many accounts there are.
  public var users: Int
  /// How many days the log covers.
  public var days: Int
  /// When it begins, in seconds since 1970: midnight UTC on 2026-01-05, a Monday, unless told otherwise.
  public var start: Double = 1_767_571_200
  /// Sessions of an average user per day.
  public var sessionsPerDay = 0.8
  /// How many items the shop sells.
  public var items = 600
  /// How many categories the items fall into.
  public var categories = 12
  /// How many sellers offer them.
  public var sellers = 40
  /// The days on which everything is a third cheaper, counted from 0: more visits, and more of them buy.
  public var saleDays: [Int] = []
  /// The share of users who first come during the log.
  public var newUserShare = 0.1
  /// What is hidden in the log.
  public var anomalies: [AnomalyPlan]

  /// A platform.
  ///
  /// - Parameters:
  ///   - platform: which one.
  ///   - users: how many accounts; each makes about 8 events a day.
  ///   - days: how many days.
  ///   - anomalies: what to hide; `AnomalyPlan.standard(users:)` unless told otherwise.
  public init(platform: Platform = .a, users: Int = 1_000, days: Int = 14, anomalies: [AnomalyPlan]? = nil) {
    self.platform = platform
    self.users = users
    self.days = days
    self.anomalies = anomalies ?? AnomalyPlan.standard(users: users)
  }

  /// Writes the log of a platform.
  ///
  /// - Parameters:
  ///   - random: where the randomness comes from; one number is drawn.
  ///   - progress: is told the share that is done, from 0 to 1, now and then.
  /// - Returns: the events by time, and everything that is known about them.
  /// - Precondition: there is a day, an item for every category, and an account for every part in an anomaly.
  public func simulate(
    using random: inout SeededRandom, progress: (Double) -> Void = { _ in }
  ) -> SimulatedLog {
    precondition(users >= 0 && days > 0, "PlatformSimulator: \(users) users, \(days) days")
    precondition(
      categories > 0 && items >= categories && sellers > 0,
      "PlatformSimulator: every category needs an item, and the items need sellers")
    let root = SeededRandom(seed: random.next())
    let market = Market(self, root: root)
    let casting = Casting(self, market: market, root: root)
    var events: [Event] = []
    var causes: [Int32] = []
    events.reserveCapacity(Int(Double(users * days) * sessionsPerDay * 11))
    causes.reserveCapacity(events.capacity)
    var accounts: [Account] = []
    var spans = [ClosedRange<Double>?](repeating: nil, count: casting.schemes.count)
    for user in 0..<users {
      var life = Life(user: user, market: market, root: root)
      life.liveHonestly()
      for part in casting.parts[user] { life.play(casting.schemes[part], number: part) }
      life.finish(&events, &causes, &spans)
      accounts.append(life.account)
      if user % 1_024 == 1_023 { progress(Double(user + 1) / Double(users)) }
    }
    progress(1)
    return SimulatedLog(
      events: events, causes: causes, schemes: casting.schemes, spans: spans, accounts: accounts, items: market.items)
  }
}

/// What is known about an account of a simulated log.
public struct Account: Sendable, Hashable {
  /// Its name.
  public let name: String
  /// What kind of customer it is.
  public let customer: Customer
  /// The devices that the customer uses; the first is the usual one.
  public let devices: [String]
  /// Where the customer lives.
  public let region: String
  /// The day of the log, counted from 0, on which the account was opened, or nil if it was there before.
  public let joined: Int?
}

/// What does not change while the users live: goods, tastes and tables.
final class Market: Sendable {
  let setup: PlatformSimulator
  let items: [ShopItem]
  let itemsOfCategory: [[Int]]
  let itemsOfSeller: [[Int]]
  let popularity: [Cumulative]  // of the items of each category
  let regions: Cumulative
  let personas: Cumulative
  let chains: [[Cumulative]]  // by customer and state
  let checkouts: [[[Cumulative]]]  // by customer, early coupon, sale: what follows the cart
  let openings: [Cumulative]
  let hours: [Cumulative]
  let isSale: [Bool]

  init(_ setup: PlatformSimulator, root: SeededRandom) {
    self.setup = setup
    var random = root.fork("market")
    let categories = setup.categories
    items = (0..<setup.items).map { index in
      let price = setup.platform.priceFactor * exp(3.5 + 0.8 * random.normal())
      return ShopItem(
        id: "i\(index)", category: "c\(index % categories)", seller: "s\(random.below(setup.sellers))",
        price: (price * 100).rounded() / 100)
    }
    itemsOfCategory = (0..<categories).map { Array(stride(from: $0, to: setup.items, by: categories)) }
    var bySeller = [[Int]](repeating: [], count: setup.sellers)
    for (index, item) in items.enumerated() { bySeller[Int(item.seller.dropFirst()) ?? 0].append(index) }
    itemsOfSeller = bySeller.filter { !$0.isEmpty }
    popularity = itemsOfCategory.map { list in Cumulative(weights: list.indices.map { 1 / Double($0 + 1) }) }
    regions = Cumulative(weights: Shop.regions.indices.map { 1 / Double($0 + 2) })
    personas = Cumulative(weights: setup.platform.personaShares)
    chains = Customer.allCases.map { $0.chain(on: setup.platform).map { Cumulative(weights: $0) } }
    checkouts = Customer.allCases.map { customer in
      [false, true].map { early in
        [false, true].map { sale in
          Cumulative(weights: Market.checkout(customer, platform: setup.platform, earlyCoupon: early, sale: sale))
        }
      }
    }
    openings = Customer.allCases.map { Cumulative(weights: $0.opening) }
    hours = Customer.allCases.map { customer in
      Cumulative(
        weights: (0..<24).map { hour in
          customer.peaks.reduce(0.02) { sum, peak in
            let away = abs(Double(hour) - peak.hour)
            let distance = min(away, 24 - away) / 2.2
            return sum + peak.weight * exp(-distance * distance / 2)
          }
        })
    }
    isSale = (0..<setup.days).map { setup.saleDays.contains($0) }
  }

  /// The second long-range rule: what follows the cart depends on a coupon at the session's start.
  static func checkout(_ customer: Customer, platform: Platform, earlyCoupon: Bool, sale: Bool) -> [Double] {
    let (cart, purchase) = (3, 5)
    var row = customer.chain(on: platform)[cart]
    row[purchase] *= (earlyCoupon ? 4 : 0.3) * (sale ? 2 : 1) * platform.purchaseFactor
    return row
  }
}
