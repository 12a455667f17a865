import Behavior
import Foundation
import Simulation
import Tensors
import Testing

private func simulate(_ simulator: PlatformSimulator, seed: UInt64 = 11) -> SimulatedLog {
  var random = SeededRandom(seed: seed)
  return simulator.simulate(using: &random)
}

/// A log with many anomalies of every kind, open and camouflaged.
private let log: SimulatedLog = {
  var simulator = PlatformSimulator(users: 2_500, days: 14)
  simulator.anomalies = AnomalyPlan.standardAndCamouflaged(users: 6_000)
  return simulate(simulator)
}()
private let flagged = log.flaggedSessions()

/// The sessions of one kind of anomaly, with the anomaly.
private func sessions(_ kind: AnomalyKind, camouflaged: Bool = false) -> [(anomaly: Anomaly, session: Session)] {
  flagged.compactMap { entry in
    guard let cause = entry.causes.first(where: { $0 >= 0 }) else { return nil }
    let anomaly = log.anomalies[Int(cause)]
    return anomaly.kind == kind && anomaly.isCamouflaged == camouflaged ? (anomaly, entry.session) : nil
  }
}

@Test("every anomaly has a kind, users, a span and a severity, and each event knows the one that made it")
func anomaliesHaveLabels() {
  for kind in AnomalyKind.allCases {
    #expect(log.anomalies.contains { $0.kind == kind && !$0.isCamouflaged }, "\(kind)")
    #expect(kind == .churn || log.anomalies.contains { $0.kind == kind && $0.isCamouflaged }, "\(kind)")
  }
  var spans = [ClosedRange<Double>?](repeating: nil, count: log.anomalies.count)
  for (index, event) in log.events.enumerated() {
    guard let anomaly = log.anomaly(ofEvent: index) else { continue }
    let number = Int(log.causes[index])
    #expect(anomaly.users.contains(event.user))
    let known = spans[number] ?? event.time...event.time
    spans[number] = min(known.lowerBound, event.time)...max(known.upperBound, event.time)
  }
  for (anomaly, span) in zip(log.anomalies, spans) {
    #expect((0...1).contains(anomaly.severity) && anomaly.start < anomaly.end && !anomaly.users.isEmpty)
    #expect(anomaly.kind.isCollusive == (anomaly.users.count > 1))
    if anomaly.kind == .churn {
      #expect(span == nil)
    } else {
      #expect(span == anomaly.start...anomaly.end)
    }
  }
  #expect(zip(log.anomalies, log.anomalies.dropFirst()).allSatisfy { $0.start <= $1.start })
}

@Test("one user can suffer several anomalies")
func severalAnomaliesPerUser() {
  var count: [String: Int] = [:]
  for anomaly in log.anomalies { for user in anomaly.users { count[user, default: 0] += 1 } }
  #expect(count.values.contains { $0 >= 2 })
}

@Test("every kind begins in every quarter of the log, and none ends after it", arguments: [1 as UInt64, 2, 3])
func kindsInEveryQuarter(seed: UInt64) {
  var simulator = PlatformSimulator(users: 1_400, days: 12)
  simulator.anomalies = AnomalyPlan.standardAndCamouflaged(users: 4_000)
  let log = simulate(simulator, seed: seed)
  for kind in AnomalyKind.allCases where kind != .churn {
    for isCamouflaged in [false, true] {
      let chosen = log.anomalies.filter { $0.kind == kind && $0.isCamouflaged == isCamouflaged }
      var quarters = [0, 0, 0, 0]
      for anomaly in chosen {
        let share = (anomaly.start - simulator.start) / (Double(simulator.days) * 86_400)
        quarters[min(3, max(0, Int(4 * share)))] += 1
        #expect(anomaly.end < simulator.start + Double(simulator.days) * 86_400 + 7_200)
      }
      // A bot is at work all the time.
      if kind != .bot { #expect(quarters.allSatisfy { $0 > 0 }, "\(kind), \(isCamouflaged): \(quarters)") }
    }
  }
  let onsets = log.anomalies.filter { $0.kind == .churn }.map { ($0.start - simulator.start) / 86_400 / 12 }
  #expect(onsets.count > 20 && (onsets.min() ?? 1) < 0.25 && (onsets.max() ?? 0) > 0.7)
}

@Test("a takeover latches in mid-session: device, region and channel change, and stay")
func takeovers() {
  let all = sessions(.takeover)
  #expect(all.count > 50)
  for (anomaly, session) in all {
    let step = session.events.firstIndex { $0.time >= anomaly.start } ?? 0
    let (before, after) = (session.events.prefix(step), session.events.dropFirst(step))
    #expect((6...13).contains(step))
    #expect(Set(after.map(\.device)).count == 1 && !before.map(\.device).contains(after.first?.device ?? ""))
    #expect(after.allSatisfy { $0.region == after.first?.region })
    let wrong: Action = before.contains { $0.action == .loginApp } ? .heartbeatWeb : .heartbeatApp
    let beats = after.map(\.action).filter { $0 == .heartbeatApp || $0 == .heartbeatWeb }
    #expect(!beats.isEmpty && beats.allSatisfy { $0 == wrong })
  }
}

@Test("bots never buy; card testers fail many small payments within minutes; coupon farmers register together")
func openFrauds() {
  #expect(sessions(.bot).allSatisfy { !$0.session.hasPurchase && $0.session.events.count > 30 })
  for (_, session) in sessions(.cardTesting) {
    let failures = session.events.filter { $0.action == .payFailed }
    #expect(failures.count >= 10 && failures.allSatisfy { $0.value <= 3 })
    #expect(session.duration < 15 * 60)
  }
  for anomaly in log.anomalies where anomaly.kind == .couponAbuse && !anomaly.isCamouflaged {
    let own = log.events.filter { anomaly.users.contains($0.user) && $0.action == .register }
    #expect(own.count == anomaly.users.count && anomaly.end - anomaly.start < 61 * 3_600)
    #expect(Set(own.map(\.device)).count < own.count)
  }
}

@Test("rings serve one seller within their window", arguments: [AnomalyKind.brushing, .fakeReview, .clickFarm])
func ringsServeASeller(kind: AnomalyKind) {
  let seller = Dictionary(uniqueKeysWithValues: log.items.map { ($0.id, $0.seller) })
  let decisive: Action = kind == .brushing ? .purchase : kind == .fakeReview ? .review : .view
  for isCamouflaged in [false, true] {
    for (anomaly, session) in sessions(kind, camouflaged: isCamouflaged) {
      let acts = session.events.filter { $0.action == decisive }
      if !isCamouflaged {
        #expect(!acts.isEmpty && acts.allSatisfy { seller[$0.item] == anomaly.seller })
        #expect(anomaly.end - anomaly.start < 49 * 3_600)
      } else if kind != .clickFarm {
        #expect(acts.contains { seller[$0.item] == anomaly.seller })
      }
      #expect(acts.filter { $0.action == .review && seller[$0.item] == anomaly.seller }.allSatisfy { $0.value == 5 })
    }
  }
}

@Test("who churns comes less than a third as often from the onset on, and no event of it is flagged")
func churn() {
  let end = PlatformSimulator().start + 14 * 86_400
  var rates = [0.0, 0.0]
  for anomaly in log.anomalies where anomaly.kind == .churn {
    #expect(anomaly.end == end)
    let own = log.events.filter { $0.user == anomaly.users[0] && ($0.action == .loginApp || $0.action == .loginWeb) }
    rates[0] += Double(own.count { $0.time <= anomaly.start }) / (anomaly.start - PlatformSimulator().start)
    rates[1] += Double(own.count { $0.time > anomaly.start }) / (end - anomaly.start)
  }
  #expect(rates[0] > 0 && rates[1] < rates[0] / 3, "\(rates)")
}

@Test("a camouflaged bot has, session by session, the very actions and times of the honest life it replaces")
func quietBotsMatchCounts() {
  var simulator = PlatformSimulator(users: 60, days: 10, anomalies: [.some(20, .bot, isCamouflaged: true)])
  let bots = simulate(simulator)
  simulator.anomalies = []
  let people = simulate(simulator)
  let pairs = zip(bots.flaggedSessions(), people.flaggedSessions())
  #expect(bots.flaggedSessions().count == people.flaggedSessions().count)
  var reordered = 0
  for (bot, person) in pairs {
    #expect(bot.session.events.map(\.time) == person.session.events.map(\.time))
    let (one, other) = (bot.session.events.map(\.action.rawValue), person.session.events.map(\.action.rawValue))
    #expect(one.sorted() == other.sorted())
    if bot.causes.allSatisfy({ $0 < 0 }) { #expect(one == other) } else if one != other { reordered += 1 }
  }
  #expect(reordered > 50)
}

/// What each family of models sees, as areas under the ROC curve.
private let table = ModelFamilies.rows(log)

private func row(_ kind: AnomalyKind, camouflaged: Bool = false) -> ModelFamilies.Row? {
  table.first { $0.kind == kind && $0.isCamouflaged == camouflaged }
}

@Test("a single number shows every open anomaly but no camouflaged one")
func whatASingleFeatureSees() throws {
  for kind in AnomalyKind.allCases where kind != .churn {
    let (open, quiet) = (try #require(row(kind)), try #require(row(kind, camouflaged: true)))
    #expect(open[.feature] > 0.75, "\(kind): \(open[.feature]) by \(open.feature)")
    #expect(quiet[.feature] < 0.72, "\(kind), camouflaged: \(quiet[.feature]) by \(quiet.feature)")
  }
}

@Test("counts show all open anomalies except a click farm, and no camouflaged one")
func whatCountsSee() throws {
  for kind in AnomalyKind.allCases where kind != .churn {
    let (open, quiet) = (try #require(row(kind)), try #require(row(kind, camouflaged: true)))
    #expect(kind == .clickFarm ? open[.counts] < 0.75 : open[.counts] > 0.85, "\(kind): \(open[.counts])")
    #expect((0.3..<0.65).contains(quiet[.counts]), "\(kind), camouflaged: \(quiet[.counts])")
  }
}

@Test("order shows scripts and, weakly, the bot with an honest user's counts; it does not see who hides a switch")
func whatOrderSees() throws {
  for kind in [AnomalyKind.fakeReview, .cardTesting, .couponAbuse] {
    #expect(try #require(row(kind))[.order] > 0.9, "\(kind)")
  }
  let bot = try #require(row(.bot, camouflaged: true))
  #expect(bot[.order] > bot[.counts] + 0.05, "\(bot.areas)")
  let takeover = try #require(row(.takeover, camouflaged: true))
  #expect((0.35..<0.65).contains(takeover[.order]), "\(takeover.areas)")
}

@Test("only memory sees a quiet takeover, and only links a ring that shops like everyone")
func whatMemoryAndLinksSee() throws {
  let takeover = try #require(row(.takeover, camouflaged: true))
  #expect(takeover[.memory] > 0.95, "\(takeover.areas)")
  let ring = try #require(row(.brushing, camouflaged: true))
  #expect(ring[.links] > 0.68 && ring[.links] > ring[.counts] + 0.1, "\(ring.areas)")
  #expect(try #require(row(.brushing))[.links] > 0.75 && (try #require(row(.clickFarm)))[.links] > 0.8)
}

@Test("accounts of a ring share devices far more often than others")
func ringsShareDevices() {
  let edges = log.sharedDevices()
  let inRing = log.isInRing
  #expect(!edges.isEmpty && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 })
  let both = Double(edges.count { inRing[$0.a] && inRing[$0.b] })
  let members = Double(inRing.count { $0 })
  let others = Double(edges.count { !inRing[$0.a] && !inRing[$0.b] })
  #expect(both / members > 3 * others / (Double(inRing.count) - members), "\(both) of \(members), \(others)")
  #expect(others > 50, "honest accounts share devices, too")
}

@Test("hours, calendars and dealings hold what the events hold")
func viewsOfALog() {
  let start = PlatformSimulator().start
  let hours = log.hourly(from: start, hours: 24 * 15)
  #expect(Int(hours.reduce(0, +)) == log.events.count)
  #expect(
    Int(log.hourly([.purchase], from: start, hours: 24 * 15).reduce(0, +))
      == log.events.count { $0.action == .purchase })
  let calendar = log.calendar(of: log.events[0].user, from: start, days: 14)
  #expect(calendar.count == 14 && calendar.flatMap { $0 }.max() == 1)
  #expect(Set(log.logins.map { $0.user + $0.device }).count == log.logins.count)
  let sellers = Set(log.items.map(\.seller))
  #expect(!log.dealings.isEmpty && log.dealings.allSatisfy { sellers.contains($0.seller) })
  #expect(flagged.prefix(500).allSatisfy { SessionFeatures.row(of: $0.session).allSatisfy(\.isFinite) })
}

@Test("in the first simulator's log, asking each event gives the labels that the spans give")
func labelsOfTheFirstSimulator() {
  var random = SeededRandom(seed: 3)
  let log = ShopSimulator().simulate(ShopConfiguration(users: 200, days: 7), using: &random)
  for (session, label) in log.labelledSessions() { #expect(label == log.label(of: session)) }
  #expect(log.labelledSessions().map(\.session) == log.events.sessions())
}
