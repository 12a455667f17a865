import Behavior
import Foundation
import Simulation
import Tensors

/// A simulated week of clicks as it is delivered, and the visits that really took place.
package struct ClickWeek {
  /// A visit by what can be seen of it from outside.
  package struct Visit: Hashable {
    package let user: String
    package let start, end: Int

    package init?(_ session: [LoggedEvent]) {
      guard let first = session.first, let last = session.last else { return nil }
      (user, start, end) = (first.user, first.time, last.time)
    }
  }

  /// The account that acts every 1,801 seconds, and the guest who comes once, from 23:50 to 00:10.
  package static let bot = "bot", guest = "guest"

  /// The pause of the bot in seconds.
  package static let botPause = 1_801

  /// The share of visits that an errand interrupts.
  package static let interrupted = 0.2

  /// The errands' lengths in seconds: 6 to 40 minutes. The simulator leaves an hour between two visits of a user, so
  /// that no visit runs into the next.
  package static let errand = 360.0...2_400

  /// The rows, shuffled; about one in ten was delivered a second time.
  package let log: [LoggedEvent]

  /// The visits of the simulated users, each from its login on.
  package let visits: Set<Visit>

  /// The midnight in the guest's visit, in seconds since 1970.
  package let midnight: Int

  package init(random: SeededRandom) {
    var random = random
    var configuration = ShopConfiguration(users: 50, days: 7, takeovers: 0, bots: 0, brushingRings: 0)
    configuration.sessionsPerDay = 3  // enough for visits that lie near each other
    let shop = ShopSimulator().simulate(configuration, using: &random)
    var rows: [LoggedEvent] = []
    var visits = Set<Visit>()
    for (_, events) in shop.events.groupedByUser() {
      // In the simulator each visit opens with a login, and holds no other.
      let logins = events.indices.filter { [.loginApp, .loginWeb].contains(events[$0].action) }
      for (start, end) in zip(logins, logins.dropFirst() + [events.count]) {
        var visit = events[start..<end].map {
          LoggedEvent(user: $0.user, time: Int($0.time), action: $0.action.rawValue, item: $0.item, arrival: 0)
        }
        if visit.count > 3 && random.bool(probability: Self.interrupted) {
          let errand = Int(
            Self.errand.lowerBound * pow(Self.errand.upperBound / Self.errand.lowerBound, random.uniform()))
          for index in 2 + random.below(visit.count - 2)..<visit.count { visit[index].time += errand }
        }
        if let seen = Visit(visit) { visits.insert(seen) }
        rows += visit
      }
    }
    self.visits = visits

    let start = Int(configuration.start)
    for step in 0...(7 * 86_400 / Self.botPause) {
      rows.append(
        LoggedEvent(user: Self.bot, time: start + step * Self.botPause, action: "cart", item: "i\(step)", arrival: 0))
    }
    midnight = start + 3 * 86_400
    for minute in stride(from: -10, through: 10, by: 2) {
      rows.append(
        LoggedEvent(user: Self.guest, time: midnight + 60 * minute, action: "view", item: "i\(minute)", arrival: 0))
    }
    let repeated = rows.filter { _ in random.bool(probability: 0.1) }
    rows = rows.sorted { ($0.time, $0.user) < ($1.time, $1.user) } + repeated
    for index in rows.indices { rows[index].arrival = index }
    log = random.permutation(of: rows.count).map { rows[$0] }
  }

  /// How many of the simulated visits a rule finds from their first event to their last, and how many sessions it
  /// makes of the simulated users' events.
  package func score(_ sessions: [[LoggedEvent]]) -> (found: Int, made: Int) {
    let made = sessions.compactMap(Visit.init).filter { $0.user != Self.bot && $0.user != Self.guest }
    return (made.count { visits.contains($0) }, made.count)
  }

  /// The lengths of the simulated users' sessions, in events.
  package func lengths(_ sessions: [[LoggedEvent]]) -> [Double] {
    sessions.filter { $0[0].user != Self.bot && $0[0].user != Self.guest }.map { Double($0.count) }
  }

  /// The pauses of a simulated user between one event of a cleaned log and the next, in minutes.
  package func pauses(_ cleaned: [LoggedEvent]) -> [Double] {
    zip(cleaned, cleaned.dropFirst())
      .filter { $0.user == $1.user && $0.user != Self.bot && $0.user != Self.guest }
      .map { Double($1.time - $0.time) / 60 }
  }
}
