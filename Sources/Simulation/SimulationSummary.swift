import Foundation

/// What a log looks like, in the numbers that a report plots.
public struct SimulationSummary: Sendable, Hashable {
  /// How many events there are.
  public var events = 0
  /// How many sessions, cut at pauses of half an hour.
  public var sessions = 0
  /// How many users have an event.
  public var users = 0
  /// The share of each action, in the order of the platform's actions; those that do not occur have 0.
  public var actionShares: [Double] = []
  /// The share of sessions that open in each hour of a working day, and of a weekend's day.
  public var weekdayHours = [Double](repeating: 0, count: 24)
  /// The share of sessions that open in each hour of a Saturday or Sunday.
  public var weekendHours = [Double](repeating: 0, count: 24)
  /// Sessions on each day of the log.
  public var sessionsPerDay: [Double] = []
  /// The share of the times after an item was opened, in ten bins a decade from 0.1 to 1,000 seconds.
  public var dwell = [Double](repeating: 0, count: 40)
  /// The mean of the natural logarithm of those times.
  public var dwellMean = 0.0
  /// The standard deviation of it.
  public var dwellSpread = 0.0
  /// The share of sessions with 1, 2, … 60 events; the last bin has the longer ones, too.
  public var lengths = [Double](repeating: 0, count: 60)
  /// The share of sessions that buy.
  public var purchaseShare = 0.0
  /// How often a purchase, its refusal or its verification follows the cart: without and with a coupon among the first
  /// three events.
  public var checkout = [0.0, 0.0]

  /// The middle of each bin of `dwell`, in seconds.
  public static let dwellBins = (0..<40).map { pow(10, -1 + (Double($0) + 0.5) / 10) }

  /// Looks at a log once.
  ///
  /// - Parameters:
  ///   - log: the log.
  ///   - simulator: what made it.
  public init(_ log: SimulatedLog, of simulator: PlatformSimulator) {
    let platform = simulator.platform
    let vocabulary = platform.vocabulary
    let view = platform.name(of: .view)
    let cart = platform.name(of: .cart)
    let coupon = platform.name(of: .coupon)
    let paying = [platform.name(of: .purchase), .verify, .payFailed]
    var counts = [Double](repeating: 0, count: vocabulary.count)
    var carts = [0.0, 0.0]
    var logarithms: [Double] = []
    var seen: Set<String> = []
    sessionsPerDay = [Double](repeating: 0, count: simulator.days)
    for (session, _) in log.flaggedSessions() {
      let list = session.events
      seen.insert(session.user)
      events += list.count
      sessions += 1
      lengths[min(60, list.count) - 1] += 1
      if session.hasPurchase { purchaseShare += 1 }
      let day = Int(((session.start - simulator.start) / 86_400).rounded(.down))
      let hour = Int(session.start / 3_600) % 24
      if sessionsPerDay.indices.contains(day) { sessionsPerDay[day] += 1 }
      if (Int(session.start / 86_400) + 3) % 7 >= 5 { weekendHours[hour] += 1 } else { weekdayHours[hour] += 1 }
      let early = list.prefix(3).contains { $0.action == coupon } ? 1 : 0
      for (step, event) in list.enumerated() {
        counts[vocabulary.index(of: event.action.rawValue)] += 1
        guard step + 1 < list.count else { break }
        if event.action == cart {
          carts[early] += 1
          checkout[early] += paying.contains(list[step + 1].action) ? 1 : 0
        }
        if event.action == view { logarithms.append(log10(max(1e-3, list[step + 1].time - event.time))) }
      }
    }
    users = seen.count
    actionShares = counts.dropFirst().map { $0 / Double(max(1, events)) }
    for value in logarithms { dwell[min(39, max(0, Int((value + 1) * 10)))] += 1 }
    let count = Double(max(1, logarithms.count))
    let perDecade = 2.302_585_092_994_046  // ln 10
    let mean = logarithms.reduce(0, +) / count
    var variance = 0.0
    for value in logarithms { variance += (value - mean) * (value - mean) / count }
    dwellMean = perDecade * mean
    dwellSpread = perDecade * variance.squareRoot()
    dwell = dwell.map { $0 / count }
    lengths = lengths.map { $0 / Double(max(1, sessions)) }
    purchaseShare /= Double(max(1, sessions))
    weekdayHours = SimulationSummary.shares(weekdayHours)
    weekendHours = SimulationSummary.shares(weekendHours)
    checkout = zip(checkout, carts).map { $0 / max(1, $1) }
  }

  private static func shares(_ counts: [Double]) -> [Double] {
    let total = max(1, counts.reduce(0, +))
    return counts.map { $0 / total }
  }
}
