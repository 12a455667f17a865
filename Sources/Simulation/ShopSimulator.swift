import Behavior
import Foundation
import Tensors

/// What a simulated log looks like and what is hidden in it.
public struct ShopConfiguration: Sendable, Hashable {
  /// How many accounts there are. Bots and brushing rings are among them.
  public var users = 500
  /// How many items the shop sells.
  public var items = 600
  /// How many categories the items fall into.
  public var categories = 12
  /// How many sellers offer them.
  public var sellers = 40
  /// How many days the log covers.
  public var days = 14
  /// When it begins, in seconds since 1970 (midnight UTC); 2026-01-05, a Monday, unless told otherwise.
  public var start: Double = 1_767_571_200
  /// Sessions of an average user per day.
  public var sessionsPerDay = 0.8
  /// How many accounts are taken over, once each, if one of their sessions is long enough.
  public var takeovers = 12
  /// How many accounts are bots all the time.
  public var bots = 5
  /// How many rings of accounts brush one seller's sales (刷单).
  public var brushingRings = 2

  /// The default shop: about 90,000 events.
  public init() {}

  /// The default shop with other sizes.
  public init(users: Int, days: Int, takeovers: Int = 12, bots: Int = 5, brushingRings: Int = 2) {
    self.users = users
    self.days = days
    self.takeovers = takeovers
    self.bots = bots
    self.brushingRings = brushingRings
  }
}

/// A kind of abuse that the simulator can hide in a log.
public enum AnomalyKind: String, CaseIterable, Codable, Sendable {
  /// A stranger goes on with a user's session: from one event on, another device, region and channel, and a
  /// hurry to spend.
  case takeover
  /// A program that fills carts around the clock, with machine-like pauses, and never buys.
  case bot
  /// 刷单: colluding accounts buy one seller's items and praise them, all within hours.
  case brushing
  /// Accounts that click one seller's items on a few devices for a day or two, and never buy.
  case clickFarm
  /// A burst of five-star reviews of one seller's items.
  case fakeReview
  /// A stranger tries stolen cards on an account: many small payments fail within minutes.
  case cardTesting
  /// Accounts registered for their welcome coupons, which buy next to nothing.
  case couponAbuse
  /// A customer who fades away. No event of it is wrong; the later ones are missing.
  case churn
}

/// Something that is wrong in a log, as the simulator knows it.
public struct Anomaly: Sendable, Hashable {
  /// What kind it is.
  public let kind: AnomalyKind
  /// Whose accounts are involved.
  public let users: [String]
  /// The time of the first event that belongs to it.
  public let start: Double
  /// The time of the last event that belongs to it.
  public let end: Double
  /// How blatant it is, in 0...1: the share of the behaviour that is not camouflaged.
  public let severity: Double
  /// The seller who gains by it, or empty.
  public let seller: String
  /// Whether it keeps to the marginal counts of honest users.
  public let isCamouflaged: Bool

  /// An anomaly.
  public init(
    kind: AnomalyKind, users: [String], start: Double, end: Double, severity: Double, seller: String = "",
    isCamouflaged: Bool = false
  ) {
    self.kind = kind
    self.users = users
    self.start = start
    self.end = end
    self.severity = severity
    self.seller = seller
    self.isCamouflaged = isCamouflaged
  }

  /// Whether any of the session's events belong to it.
  public func touches(_ session: Session) -> Bool {
    session.start <= end && session.end >= start && users.contains(session.user)
  }
}

/// An item of the simulated shop.
public struct ShopItem: Sendable, Hashable {
  /// Its identifier.
  public let id: String
  /// Its category.
  public let category: String
  /// Who sells it.
  public let seller: String
  /// What it costs.
  public let price: Double
}

/// A seeded online shop: who comes when, does what, and who cheats.
///
/// Users have a persona (when they come, how they browse), favourite categories and a device of their own. Sessions
/// come with a daily and weekly rhythm; within one, a Markov chain chooses the actions and log-normal dwell times
/// separate them. Items have a Zipf popularity within their category. The log is a pure function of the configuration
/// and the random numbers, and an account's honest behaviour does not depend on what is done to the others.
///
///     let log = ShopSimulator().simulate(ShopConfiguration(), using: &random)
///     log.labelledSessions().filter { $0.label == .bot }.count
public struct ShopSimulator: Sendable {
  /// A simulator.
  public init() {}

  /// Writes the log of a shop.
  ///
  /// - Precondition: there are more accounts than bots, ring members (at most 12 each) and takeovers together.
  public func simulate(_ configuration: ShopConfiguration, using random: inout SeededRandom) -> SimulatedLog {
    var root = SeededRandom(seed: random.next())
    var shop = Shop(configuration, using: &root)
    shop.castRoles(using: &root)
    for user in 0..<configuration.users {
      var own = root.fork("user \(user)")
      if shop.roles[user] == .bot {
        shop.runBot(user: user, using: &own)
        continue
      }
      let visits = shop.liveHonestly(user: user, using: &own)
      if shop.roles[user] == .victim { shop.takeOver(user: user, visits: visits, using: &own) }
    }
    var evil = root.fork("rings")
    for ring in shop.rings { shop.brush(ring: ring, using: &evil) }
    return SimulatedLog(
      events: shop.events.sortedByTime(),
      anomalies: shop.anomalies.sorted { ($0.start, $0.users[0]) < ($1.start, $1.users[0]) },
      items: shop.items)
  }
}

/// The shop while it is being simulated.
struct Shop {
  enum Role { case honest, bot, victim, brusher }

  let configuration: ShopConfiguration
  let items: [ShopItem]
  let itemsOfCategory: [[Int]]
  let popularity: [Cumulative]  // of the items of each category
  let users: [Profile]
  var roles: [Role]
  var rings: [[Int]] = []
  var events: [Event] = []
  var anomalies: [Anomaly] = []

  struct Profile {
    var name: String
    var persona: Persona
    var device: String
    var region: String
    var usesApp: Bool
    var tastes: Cumulative  // over categories
    var pace: Double  // multiplies every dwell time
  }

  init(_ configuration: ShopConfiguration, using random: inout SeededRandom) {
    precondition(
      configuration.items >= configuration.categories && configuration.categories > 0 && configuration.sellers > 0,
      "ShopSimulator: every category needs an item, and the items need sellers")
    self.configuration = configuration
    var random = random.fork("shop")
    var items: [ShopItem] = []
    var itemsOfCategory = [[Int]](repeating: [], count: configuration.categories)
    for index in 0..<configuration.items {
      let category = index % configuration.categories
      let price = exp(3.5 + 0.8 * random.normal())
      items.append(
        ShopItem(
          id: "i\(index)", category: "c\(category)", seller: "s\(random.below(configuration.sellers))",
          price: (price * 100).rounded() / 100))
      itemsOfCategory[category].append(index)
    }
    self.items = items
    self.itemsOfCategory = itemsOfCategory
    popularity = itemsOfCategory.map { list in Cumulative(weights: list.indices.map { 1 / Double($0 + 1) }) }
    var users: [Profile] = []
    let regions = Cumulative(weights: Self.regions.indices.map { 1 / Double($0 + 2) })
    for index in 0..<configuration.users {
      let persona = Persona.all[random.index(weights: Persona.all.map(\.share))]
      let tastes = (0..<configuration.categories).map { _ in exp(1.5 * random.normal()) }
      users.append(
        Profile(
          name: "u\(index)", persona: persona, device: "d\(index)", region: Self.regions[regions.draw(&random)],
          usesApp: random.bool(probability: persona.appShare), tastes: Cumulative(weights: tastes),
          pace: exp(0.25 * random.normal())))
    }
    self.users = users
    roles = [Role](repeating: .honest, count: configuration.users)
  }

  static let regions = [
    "Guangdong", "Jiangsu", "Zhejiang", "Shandong", "Henan", "Sichuan", "Shanghai", "Beijing", "Hubei", "Fujian",
    "Hunan", "Liaoning", "Shaanxi", "Yunnan", "Hainan",
  ]

  mutating func castRoles(using random: inout SeededRandom) {
    var random = random.fork("roles")
    let sizes = (0..<configuration.brushingRings).map { _ in 6 + random.below(7) }
    let needed = configuration.bots + configuration.takeovers + sizes.reduce(0, +)
    precondition(
      needed < configuration.users,
      "ShopSimulator: \(needed) accounts are needed for the anomalies, and there are only \(configuration.users)")
    var deck = random.permutation(of: configuration.users)[...]
    for user in deck.prefix(configuration.bots) { roles[user] = .bot }
    deck = deck.dropFirst(configuration.bots)
    for user in deck.prefix(configuration.takeovers) { roles[user] = .victim }
    deck = deck.dropFirst(configuration.takeovers)
    for size in sizes {
      rings.append(Array(deck.prefix(size)))
      for user in deck.prefix(size) { roles[user] = .brusher }
      deck = deck.dropFirst(size)
    }
  }
}
