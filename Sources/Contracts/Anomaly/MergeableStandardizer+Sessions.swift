import Behavior
import Foundation
import Simulation
import Tensors

/// Two weeks of a simulated shop as a table of sessions by time. Bots arrive in the second week.
package struct SessionTable {
  package static let columns = ["events", "carts", "purchases", "ln pause", "ln price"]

  /// `[N, 5]`; the pause is missing in a session of one event, the price where nothing went into the cart.
  package let rows: Matrix
  package let labels: [AnomalyKind?]
  /// The day of each session, from 0.
  package let days: [Int]
  /// How many sessions belong to the first week: the training period.
  package let past: Int
  package let daysOfPast = 7

  private let users: [String]
  private let starts: [Double]
  private let events: [Event]

  package init(random: SeededRandom) {
    var random = random
    let configuration = ShopConfiguration(users: 800, days: 14, takeovers: 80, bots: 40, brushingRings: 0)
    let log = ShopSimulator().simulate(configuration, using: &random)
    let middle = configuration.start + Double(daysOfPast) * 86_400
    // The first week is clean, as a vetted training period is; what is abnormal comes after it.
    let sessions = log.labelledSessions().filter { $0.label == nil || $0.session.start >= middle }
      .sorted { ($0.session.start, $0.session.user) < ($1.session.start, $1.session.user) }
    rows = Matrix(sessions.map { SessionTable.features($0.session) })
    labels = sessions.map(\.label)
    days = sessions.map { Int(($0.session.start - configuration.start) / 86_400) }
    past = sessions.count { $0.session.start < middle }
    users = sessions.map(\.session.user)
    starts = sessions.map(\.session.start)
    events = sessions.flatMap(\.session.events)
  }

  private static func features(_ session: Session) -> [Double] {
    var prices = 0.0
    var priced = 0
    for event in session.events where event.action == .cart && event.value > 0 {
      prices += event.value
      priced += 1
    }
    let count = Double(session.events.count)
    return [
      count, Double(session.events.count { $0.action == .cart }),
      Double(session.events.count { $0.action == .purchase }),
      session.events.count > 1 ? log(max(session.duration / (count - 1), 0.001)) : .nan,
      priced > 0 ? log(prices / Double(priced)) : .nan,
    ]
  }

  /// One shard of the log a day.
  package func shard(day: Int) -> Matrix {
    let chosen = days.indices.filter { days[$0] == day }
    return chosen.isEmpty ? Matrix(rows: 0, columns: rows.columns) : Matrix(chosen.map { rows.row($0) })
  }

  /// The test sessions (after the training period) of one kind; nil for honest ones.
  package func tested(_ kind: AnomalyKind?) -> [Int] {
    (past..<rows.rows).filter { labels[$0] == kind }
  }

  /// Which rows `dropna` would keep.
  package var complete: [Int] { (0..<rows.rows).filter { row in rows.row(row).allSatisfy { !$0.isNaN } } }

  /// The mean pause between a user's neighbouring sessions among the kept rows, in hours.
  package func hoursBetweenSessions(kept: [Int]) -> Double {
    var last: [String: Double] = [:]
    var (sum, count) = (0.0, 0)
    for row in kept {
      if let before = last[users[row]] {
        sum += (starts[row] - before) / 3_600
        count += 1
      }
      last[users[row]] = starts[row]
    }
    return sum / Double(count)
  }

  /// How many sessions a pause of half an hour cuts the log into when its integer seconds are read in another unit.
  package func sessionCount(secondsPerUnit: Double) -> Int {
    events.map { event in
      var event = event
      event.time = event.time.rounded(.down) * secondsPerUnit
      return event
    }.sessions().count
  }

  /// How far each row lies from the middle in its most unusual cell: the largest |z|.
  package static func largest(_ z: Matrix) -> [Double] {
    (0..<z.rows).map { row in z.row(row).reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) } }
  }

  /// The rows standardised by median and 1.4826 · MAD of the first `past` rows; scale 1 where the MAD is 0.
  ///
  /// 1.4826 makes the median absolute deviation of normal numbers their standard deviation (Hampel, "The influence curve
  /// and its role in robust estimation", JASA 69, 1974).
  package func robust() -> Matrix {
    var z = rows
    for column in 0..<rows.columns {
      let seen = (0..<past).map { rows[$0, column] }.filter { !$0.isNaN }
      let middle = SessionTable.median(seen)
      let spread = 1.4826 * SessionTable.median(seen.map { abs($0 - middle) })
      for row in 0..<rows.rows { z[row, column] = (rows[row, column] - middle) / (spread > 0 ? spread : 1) }
    }
    return z
  }

  package static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Smallest and largest number of each column that is not missing.
  package static func ranges(_ z: Matrix) -> [ClosedRange<Double>] {
    (0..<z.columns).map { column in
      let seen = (0..<z.rows).map { z[$0, column] }.filter { !$0.isNaN }
      return (seen.min() ?? 0)...(seen.max() ?? 0)
    }
  }
}
