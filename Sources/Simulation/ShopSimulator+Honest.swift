import Behavior
import Foundation
import Tensors

/// A kind of customer: when they come and how they browse.
struct Persona: Sendable {
  let share: Double
  /// Sessions per day relative to the average.
  let visits: Double
  let appShare: Double
  /// The weight of each hour of the day.
  let hours: Cumulative
  /// What follows each action of `Persona.actions`.
  let chain: [Cumulative]
  /// What opens a session after the login.
  let opening: Cumulative

  /// The actions of the chain; `logout` ends it.
  static let actions: [Action] = [.search, .view, .favourite, .cart, .coupon, .purchase, .review, .service, .logout]

  /// The median dwell time after each action, in seconds; the spread of its logarithm is 0.7.
  static let dwell: [Double] = [12, 28, 6, 10, 15, 40, 75, 60, 1]

  // Rows and columns in the order of `actions`.
  static let window: [[Double]] = [
    [18, 70, 0, 0, 3, 0, 0, 1, 8], [16, 58, 7, 7, 2, 0, 0, 2, 8], [12, 68, 0, 8, 4, 0, 0, 0, 8],
    [12, 48, 2, 0, 8, 20, 0, 2, 8], [15, 45, 0, 22, 0, 12, 0, 0, 6], [8, 30, 0, 0, 2, 0, 12, 4, 44],
    [10, 36, 0, 0, 0, 0, 0, 4, 50], [10, 40, 0, 4, 6, 4, 0, 0, 36], [0, 0, 0, 0, 0, 0, 0, 0, 1],
  ]
  static let hunter: [[Double]] = [
    [22, 58, 0, 0, 14, 0, 0, 1, 5], [18, 42, 12, 10, 12, 0, 0, 2, 4], [14, 46, 0, 12, 22, 0, 0, 1, 5],
    [14, 30, 4, 0, 32, 14, 0, 2, 4], [18, 36, 0, 24, 0, 16, 0, 2, 4], [10, 26, 0, 0, 16, 0, 16, 4, 28],
    [12, 34, 0, 0, 14, 0, 0, 4, 36], [14, 36, 0, 6, 16, 4, 0, 0, 24], [0, 0, 0, 0, 0, 0, 0, 0, 1],
  ]
  static let buyer: [[Double]] = [
    [8, 82, 0, 2, 0, 0, 0, 0, 8], [10, 40, 4, 28, 2, 0, 4, 2, 10], [8, 50, 0, 32, 2, 0, 0, 0, 8],
    [6, 22, 0, 0, 8, 58, 0, 2, 4], [6, 18, 0, 26, 0, 46, 0, 0, 4], [6, 20, 0, 0, 0, 0, 22, 4, 48],
    [6, 26, 0, 0, 0, 0, 0, 4, 64], [8, 30, 0, 14, 2, 12, 0, 0, 34], [0, 0, 0, 0, 0, 0, 0, 0, 1],
  ]

  private init(
    share: Double, visits: Double, appShare: Double, peaks: [(hour: Double, weight: Double)], chain: [[Double]],
    opening: [Double]
  ) {
    self.share = share
    self.visits = visits
    self.appShare = appShare
    self.chain = chain.map { Cumulative(weights: $0) }
    self.opening = Cumulative(weights: opening)
    hours = Cumulative(
      weights: (0..<24).map { hour in
        peaks.reduce(0.02) { sum, peak in
          let away = abs(Double(hour) - peak.hour)
          let distance = min(away, 24 - away) / 2.2
          return sum + peak.weight * exp(-distance * distance / 2)
        }
      })
  }

  /// Window shoppers, bargain hunters, loyal buyers and night owls.
  static let all = [
    Persona(
      share: 0.4, visits: 1.1, appShare: 0.7, peaks: [(12.5, 0.6), (20.5, 1)], chain: window,
      opening: [30, 70, 0, 0, 0, 0, 0, 0, 0]),
    Persona(
      share: 0.25, visits: 1.2, appShare: 0.8, peaks: [(9, 0.8), (20, 1)], chain: hunter,
      opening: [30, 35, 5, 0, 30, 0, 0, 0, 0]),
    Persona(
      share: 0.2, visits: 0.7, appShare: 0.5, peaks: [(12, 1), (18.5, 0.8)], chain: buyer,
      opening: [45, 50, 0, 5, 0, 0, 0, 0, 0]),
    Persona(
      share: 0.15, visits: 1, appShare: 0.75, peaks: [(23, 1), (1, 0.6)], chain: window,
      opening: [20, 70, 10, 0, 0, 0, 0, 0, 0]),
  ]
}

extension Shop {
  /// Where a session stands.
  struct Visit {
    var time: Double
    var item: Int?
    var device: String
    var region: String
    var usesApp: Bool
  }

  /// All the honest sessions of an account.
  ///
  /// - Returns: where they are in `events`.
  mutating func liveHonestly(user: Int, using random: inout SeededRandom) -> [Range<Int>] {
    var visits: [Range<Int>] = []
    let profile = users[user]
    var free = configuration.start
    for day in 0..<configuration.days {
      let weekday = (Int(configuration.start / 86_400) + day + 3) % 7  // 0 is Monday; 1970 began on a Thursday
      let weekend = weekday >= 5 ? 1.35 : 1
      let expected = configuration.sessionsPerDay * profile.persona.visits * weekend
      var starts: [Double] = []
      for _ in 0..<random.poisson(expected) {
        let hour = Double(profile.persona.hours.draw(&random)) + random.uniform()
        starts.append(configuration.start + (Double(day) * 24 + hour) * 3_600)
      }
      for start in starts.sorted() where start >= free {
        let first = events.count
        let end = visitHonestly(user: user, at: start, using: &random)
        visits.append(first..<events.count)
        free = end + 3_600  // the next session is a session of its own
      }
    }
    return visits
  }

  /// One honest session.
  ///
  /// - Returns: the time of its last event.
  mutating func visitHonestly(user: Int, at start: Double, using random: inout SeededRandom) -> Double {
    let profile = users[user]
    var visit = Visit(
      time: start, item: nil, device: profile.device, region: profile.region, usesApp: profile.usesApp)
    record(visit.usesApp ? .loginApp : .loginWeb, user: user, visit: visit)
    pause(median: 4, pace: profile.pace, visit: &visit, using: &random)
    var action = profile.persona.opening.draw(&random)
    for _ in 0..<60 {
      if random.bool(probability: 0.12) {
        record(visit.usesApp ? .heartbeatApp : .heartbeatWeb, user: user, visit: visit)
        pause(median: 5, pace: profile.pace, visit: &visit, using: &random)
      }
      perform(Persona.actions[action], user: user, visit: &visit, using: &random)
      if Persona.actions[action] == .logout { break }
      pause(median: Persona.dwell[action], pace: profile.pace, visit: &visit, using: &random)
      action = profile.persona.chain[action].draw(&random)
      // Most people just go away.
      if Persona.actions[action] == .logout && random.bool(probability: 0.7) { break }
    }
    return visit.time
  }

  /// Chooses the item that the action is about, and records the event.
  mutating func perform(_ action: Action, user: Int, visit: inout Visit, using random: inout SeededRandom) {
    if action == .search || action == .logout || action == .service {
      if action == .search { visit.item = nil }
      record(
        action, user: user,
        visit: Visit(
          time: visit.time, item: nil, device: visit.device, region: visit.region, usesApp: visit.usesApp))
      return
    }
    if action == .view || visit.item == nil {
      let category = users[user].tastes.draw(&random)
      visit.item = itemsOfCategory[category][popularity[category].draw(&random)]
    }
    let stars = action == .review ? Double(min(5, 2 + random.below(3) + random.below(2))) : 0
    record(action, user: user, visit: visit, stars: stars)
  }

  mutating func record(_ action: Action, user: Int, visit: Visit, stars: Double = 0) {
    let item = visit.item.map { items[$0] }
    let carriesItem = Persona.actions.contains(action) && action != .coupon
    let paid = action == .cart || action == .purchase
    events.append(
      Event(
        user: users[user].name, time: visit.time, action: action, item: carriesItem ? item?.id ?? "" : "",
        category: carriesItem ? item?.category ?? "" : "", value: paid ? item?.price ?? 0 : stars,
        device: visit.device, region: visit.region))
  }

  /// Lets a log-normal time pass, at most 15 minutes, in whole milliseconds.
  func pause(
    median: Double, pace: Double, spread: Double = 0.7, visit: inout Visit, using random: inout SeededRandom
  ) {
    let seconds = min(900, median * pace * exp(spread * random.normal()))
    visit.time = ((visit.time + seconds) * 1_000).rounded() / 1_000
  }
}
