import Behavior
import Foundation
import Tensors

// The forms in which exercises use a log.
extension SimulatedLog {
  /// Events per hour.
  ///
  /// - Parameters:
  ///   - actions: which actions count; nil for all.
  ///   - from: when the first hour begins, in seconds.
  ///   - hours: how many hours.
  /// - Returns: one count an hour.
  public func hourly(_ actions: Set<Action>? = nil, from: Double, hours: Int) -> [Double] {
    var counts = [Double](repeating: 0, count: hours)
    for event in events where actions?.contains(event.action) ?? true {
      let hour = ((event.time - from) / 3_600).rounded(.down)
      if hour >= 0 && hour < Double(hours) { counts[Int(hour)] += 1 }
    }
    return counts
  }

  /// Who used which device, without repetition, in the order of first use.
  public var logins: [(user: String, device: String)] { links { $0.device } }

  /// Who bought or reviewed goods of which seller, without repetition, in the order of first purchase.
  public var dealings: [(user: String, seller: String)] {
    let sellers = Dictionary(items.map { ($0.id, $0.seller) }, uniquingKeysWith: { first, _ in first })
    return links { event in
      event.value > 0 && !event.item.isEmpty && event.action != .cart ? sellers[event.item] ?? "" : ""
    }.map { (user: $0.user, seller: $0.device) }
  }

  private func links(_ other: (Event) -> String) -> [(user: String, device: String)] {
    var seen: Set<[String]> = []
    var links: [(user: String, device: String)] = []
    for event in events {
      let name = other(event)
      if !name.isEmpty, seen.insert([event.user, name]).inserted { links.append((event.user, name)) }
    }
    return links
  }

  /// The graph of accounts that share a device.
  ///
  /// - Parameter maximum: devices with more accounts than this, such as a café's, link nobody.
  /// - Returns: links between positions in `accounts`, sorted, without repetition.
  public func sharedDevices(maximum: Int = 30) -> [Edge] {
    let position = Dictionary(accounts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var users: [String: [Int]] = [:]
    for login in logins { position[login.user].map { users[login.device, default: []].append($0) } }
    var edges: Set<Edge> = []
    for group in users.values where group.count <= maximum {
      for (index, one) in group.enumerated() {
        for other in group[(index + 1)...] { edges.insert(Edge(one, other)) }
      }
    }
    return edges.sorted()
  }

  /// Which accounts take part in a collusive anomaly, in the order of `accounts`.
  public var isInRing: [Bool] {
    let members = Set(anomalies.filter { $0.kind.isCollusive }.flatMap(\.users))
    return accounts.map { members.contains($0.name) }
  }

  /// A user's activity as a picture: the share of the busiest hour, day by day.
  ///
  /// - Parameters:
  ///   - user: whose.
  ///   - from: when the first day begins, in seconds.
  ///   - days: how many days.
  /// - Returns: numbers in 0...1, `days` rows of 24.
  public func calendar(of user: String, from: Double, days: Int) -> [[Double]] {
    var counts = [[Double]](repeating: [Double](repeating: 0, count: 24), count: days)
    for event in events where event.user == user {
      let hour = Int(((event.time - from) / 3_600).rounded(.down))
      if (0..<(24 * days)).contains(hour) { counts[hour / 24][hour % 24] += 1 }
    }
    let most = counts.flatMap { $0 }.max() ?? 0
    return most > 0 ? counts.map { $0.map { $0 / most } } : counts
  }
}

/// Numbers that describe a session without its order.
///
///     SessionFeatures.names                      // "events", "mean pause", …
///     SessionFeatures.row(of: session)           // 10 numbers
public enum SessionFeatures {
  /// What the ten numbers are.
  public static let names = [
    "events", "log mean pause", "log pause spread", "cart share", "distinct items", "action entropy",
    "pause regularity", "at night", "device changes", "price spread",
  ]

  /// The numbers of a session with at least one event.
  public static func row(of session: Session) -> [Double] {
    let events = session.events
    let pauses = zip(events, events.dropFirst()).map { max(0.001, $1.time - $0.time) }
    let mean = pauses.isEmpty ? 0 : pauses.reduce(0, +) / Double(pauses.count)
    let variance = pauses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, pauses.count))
    let counts = session.actionCounts
    let entropy = counts.reduce(0.0) { sum, entry in
      let share = Double(entry.count) / Double(events.count)
      return sum - share * log(share)
    }
    let values = events.filter { $0.action == .cart || $0.action == .purchase }.map(\.value)
    return [
      Double(events.count), log1p(mean), log1p(variance.squareRoot()),
      Double(events.count { $0.action == .cart }) / Double(max(1, events.count)),
      Double(Set(events.map(\.item)).subtracting([""]).count), entropy,
      mean > 0 ? mean / (variance.squareRoot() + 0.2 * mean) : 0,
      Int(session.start / 3_600) % 24 < 6 ? 1 : 0,
      Double(zip(events, events.dropFirst()).count { $0.device != $1.device }),
      log1p((values.max() ?? 0) - (values.min() ?? 0)),
    ]
  }
}

extension Session {
  /// How often each action occurs, in the order of first occurrence.
  public var actionCounts: [(action: Action, count: Int)] {
    var counts: [(action: Action, count: Int)] = []
    for event in events {
      if let index = counts.firstIndex(where: { $0.action == event.action }) {
        counts[index].count += 1
      } else {
        counts.append((event.action, 1))
      }
    }
    return counts
  }

  /// Whether something was bought, on any platform.
  public var hasPurchase: Bool {
    events.contains { $0.action == .purchase || $0.action.rawValue == "order_paid" }
  }
}
