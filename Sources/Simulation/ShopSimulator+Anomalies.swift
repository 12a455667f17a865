import Behavior
import Foundation
import Tensors

extension Shop {
  /// A program that fills carts around the clock, in sessions of 40 to 120 events, and never buys.
  ///
  /// It goes round one loop of actions with pauses that hardly vary. The less severe it is, the more of its steps look
  /// like a person's: a page view after a longer pause.
  mutating func runBot(user: Int, using random: inout SeededRandom) {
    let severity = random.uniform(in: 0.5..<1)
    let rhythm = random.uniform(in: 1.5..<6)
    let loop: [Action] = [.search, .view, .cart, .cart, .view, .cart, .cart, .cart]
    let first = events.count
    for day in 0..<configuration.days {
      for _ in 0..<(1 + random.below(2)) {
        let start = configuration.start + (Double(day) + random.uniform() * 0.95) * 86_400
        var visit = Visit(
          time: (start * 1_000).rounded() / 1_000, item: nil, device: users[user].device, region: users[user].region,
          usesApp: false)
        record(.loginWeb, user: user, visit: visit)
        for step in 0..<(40 + random.below(81)) {
          if random.bool(probability: severity) {
            pause(median: rhythm, pace: 1, spread: 0.05, visit: &visit, using: &random)
            perform(loop[step % loop.count], user: user, visit: &visit, using: &random)
          } else {
            pause(median: 20, pace: 1, visit: &visit, using: &random)
            perform(.view, user: user, visit: &visit, using: &random)
          }
        }
      }
    }
    label(.bot, users: [user], from: first, severity: severity)
  }

  /// One of the user's own sessions, with which a stranger goes on from its 6th to 14th event.
  ///
  /// - Parameters:
  ///   - user: the account.
  ///   - visits: where its sessions are in `events`, in order of time.
  ///   - random: where the randomness comes from.
  mutating func takeOver(user: Int, visits: [Range<Int>], using random: inout SeededRandom) {
    let severity = random.uniform(in: 0.4..<1)
    let switchStep = 6 + random.below(8)
    let fitting = visits.filter { $0.count > switchStep }
    guard !fitting.isEmpty else { return }
    let session = fitting[random.below(fitting.count)]
    let later = Array(events[session.upperBound...])
    events.removeSubrange((session.lowerBound + switchStep)...)
    var visit = Visit(
      time: events[events.count - 1].time, item: nil, device: "x\(random.below(1_000_000))",
      region: otherRegion(than: users[user].region, using: &random), usesApp: !users[user].usesApp)
    let first = events.count
    var action = 1  // view
    for step in 0..<(8 + random.below(8)) {
      pause(median: 14, pace: 1, visit: &visit, using: &random)
      if step == 0 || random.bool(probability: 0.2) {
        record(visit.usesApp ? .heartbeatApp : .heartbeatWeb, user: user, visit: visit)
        continue
      }
      if random.bool(probability: severity) {
        let spree: [Action] = [.view, .cart, .coupon, .purchase]
        let next = spree[random.below(spree.count)]
        if next == .view || visit.item == nil { visit.item = dearItem(using: &random) }
        record(next, user: user, visit: visit)
      } else {
        perform(Persona.actions[action], user: user, visit: &visit, using: &random)
        action = users[user].persona.chain[action].draw(&random)
        if Persona.actions[action] == .logout { action = 1 }
      }
    }
    label(.takeover, users: [user], from: first, severity: severity)
    events += later
  }

  /// Accounts that all buy from one seller within two to six hours, on a few shared devices, by one script.
  mutating func brush(ring: [Int], using random: inout SeededRandom) {
    let severity = random.uniform(in: 0.6..<1)
    // The seller of an unpopular item, who needs it most; up to three items are pushed.
    let anchor = items.count / 2 + random.below(items.count - items.count / 2)
    let seller = items[anchor].seller
    let pushed = items.indices.filter { items[$0].seller == seller }.suffix(3)
    let devices = (0..<max(2, ring.count / 4)).map { _ in "x\(random.below(1_000_000))" }
    let region = Self.regions[random.below(Self.regions.count)]
    let day = Double(configuration.days) * random.uniform(in: 0.2..<0.8)
    let window = random.uniform(in: 2..<6) * 3_600
    let open = configuration.start + day * 86_400
    // The accounts do nothing else in those hours, so that every event of theirs in the span is part of the fraud.
    let accounts = Set(ring.map { users[$0].name })
    events.removeAll { accounts.contains($0.user) && $0.time > open - 3_600 && $0.time < open + window + 3_600 }
    let first = events.count
    for user in ring {
      let own = !random.bool(probability: severity)
      var visit = Visit(
        time: ((open + random.uniform() * window) * 1_000).rounded() / 1_000,
        item: pushed[pushed.startIndex + random.below(pushed.count)],
        device: own ? users[user].device : devices[random.below(devices.count)],
        region: own ? users[user].region : region, usesApp: true)
      for action in [Action.loginApp, .search, .view, .view, .favourite, .cart, .coupon, .purchase, .review] {
        if (action == .favourite || action == .coupon) && random.bool(probability: 0.3) { continue }
        let item = visit.item
        if action == .search { visit.item = nil }
        record(action, user: user, visit: visit, stars: action == .review ? 5 : 0)
        visit.item = item
        pause(median: 9, pace: 1, spread: 0.3, visit: &visit, using: &random)
      }
    }
    label(.brushing, users: ring, from: first, severity: severity, seller: seller)
  }

  private mutating func label(
    _ kind: AnomalyKind, users accounts: [Int], from first: Int, severity: Double, seller: String = ""
  ) {
    let times = events[first...].map(\.time)
    guard let start = times.min(), let end = times.max() else { return }
    anomalies.append(
      Anomaly(
        kind: kind, users: accounts.map { users[$0].name }, start: start, end: end, severity: severity, seller: seller))
  }

  private func otherRegion(than region: String, using random: inout SeededRandom) -> String {
    let others = Self.regions.filter { $0 != region }
    return others[random.below(others.count)]
  }

  /// The dearest of eight random items.
  private func dearItem(using random: inout SeededRandom) -> Int {
    var best = random.below(items.count)
    for _ in 0..<7 {
      let other = random.below(items.count)
      if items[other].price > items[best].price { best = other }
    }
    return best
  }
}
