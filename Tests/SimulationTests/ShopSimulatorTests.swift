import Behavior
import Foundation
import Simulation
import Tensors
import Testing

/// One log for the tests that only look at it.
private let log: SimulatedLog = {
  var random = SeededRandom(seed: 2026)
  var configuration = ShopConfiguration(users: 600, days: 14, takeovers: 30, bots: 6, brushingRings: 4)
  configuration.sessionsPerDay = 0.7
  return ShopSimulator().simulate(configuration, using: &random)
}()

private let start = ShopConfiguration().start
private let sessions = log.labelledSessions()
private let honest = sessions.filter { $0.label == nil }.map(\.session)

private func simulate(seed: UInt64, takeovers: Int = 5) -> SimulatedLog {
  var random = SeededRandom(seed: seed)
  return ShopSimulator().simulate(ShopConfiguration(users: 120, days: 5, takeovers: takeovers), using: &random)
}

@Test("the same seed gives the same log, another seed another one")
func simulatorIsReproducible() {
  let (one, two, other) = (simulate(seed: 3), simulate(seed: 3), simulate(seed: 4))
  #expect(one.events == two.events && one.anomalies == two.anomalies && one.items == two.items)
  #expect(one.events != other.events)
}

@Test("events come in order of time, and honest sessions begin with a login")
func eventsAreOrdered() {
  let times = log.events.map(\.time)
  #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
  #expect(honest.count > 4_000)
  #expect(honest.allSatisfy { [.loginApp, .loginWeb].contains($0.events[0].action) })
  #expect(honest.allSatisfy { session in Set(session.events.map(\.device)).count == 1 })
}

@Test("what others do changes nothing in an honest account's behaviour")
func accountsAreIndependent() {
  let (quiet, busy) = (simulate(seed: 6, takeovers: 1), simulate(seed: 6, takeovers: 9))
  let touched = Set((quiet.anomalies + busy.anomalies).flatMap(\.users))
  let (left, right) = (quiet, busy)
  let rest = left.events.filter { !touched.contains($0.user) }
  #expect(rest.count > 1_000)
  #expect(rest == right.events.filter { !touched.contains($0.user) })
}

@Test("people come in the evening, seldom before dawn, and more often at the weekend")
func dailyAndWeeklyRhythm() {
  var hours = [Double](repeating: 0, count: 24)
  var days = [Double](repeating: 0, count: 7)
  for session in honest {
    let seconds = session.start - start
    hours[Int(seconds / 3_600) % 24] += 1
    days[Int(seconds / 86_400) % 7] += 1  // the log begins on a Monday
  }
  #expect(hours[20] > 4 * hours[4], "\(hours)")
  #expect(hours[12] > 2 * hours[4], "\(hours)")
  let ratio = (days[5] + days[6]) / 2 / (days[0...4].reduce(0, +) / 5)
  #expect((1.2..<1.5).contains(ratio), "weekend against weekday: \(ratio)")
}

@Test("dwell times are log-normal: the logarithm is symmetric about the median with a spread of 0.74")
func dwellTimes() {
  var logarithms: [Double] = []
  for session in honest {
    for (event, next) in zip(session.events, session.events.dropFirst()) where event.action == .view {
      logarithms.append(Foundation.log(max(1, next.time - event.time)))
    }
  }
  let (mean, deviation) = moments(logarithms)
  #expect(logarithms.count > 10_000)
  #expect(abs(exp(median(logarithms)) - 28) < 3, "median \(exp(median(logarithms))) s")
  #expect(abs(mean - median(logarithms)) < 0.05, "mean \(mean), median \(median(logarithms))")
  #expect(abs(deviation - (0.7 * 0.7 + 0.25 * 0.25).squareRoot()) < 0.05, "spread \(deviation)")
}

@Test("what comes next depends on what was done last")
func actionsFormAChain() {
  var after: [Action: [Action: Double]] = [:]
  for session in honest {
    let actions = session.events.map(\.action).filter { $0 != .heartbeatApp && $0 != .heartbeatWeb }
    for (action, next) in zip(actions, actions.dropFirst()) { after[action, default: [:]][next, default: 0] += 1 }
  }
  func share(_ next: Action, after action: Action) -> Double {
    let row = after[action] ?? [:]
    return (row[next] ?? 0) / row.values.reduce(0, +)
  }
  #expect(share(.purchase, after: .cart) > 0.1)
  #expect(share(.purchase, after: .view) == 0)
  #expect(share(.review, after: .purchase) > 5 * share(.review, after: .view))
  #expect(share(.view, after: .search) > 0.5)
}

@Test("within a category the first item is viewed twice as often as the second, as Zipf has it")
func itemsHaveZipfPopularity() {
  var views: [String: Double] = [:]
  for event in honest.flatMap(\.events) where event.action == .view { views[event.item, default: 0] += 1 }
  // Items 0–11 are the first of the twelve categories, 12–23 the second, and so on.
  func total(_ rank: Int) -> Double { (0..<12).reduce(0) { $0 + (views["i\(rank * 12 + $1)"] ?? 0) } }
  #expect((1.8..<2.2).contains(total(0) / total(1)), "\(total(0)) and \(total(1))")
  #expect((7..<13).contains(total(0) / total(9)), "\(total(0)) and \(total(9))")
}

@Test("the asked-for anomalies are there, with type, users, span and severity")
func anomaliesAreLabelled() {
  func count(_ kind: AnomalyKind) -> Int { log.anomalies.count { $0.kind == kind } }
  #expect(count(.bot) == 6 && count(.brushing) == 4)
  #expect((27...30).contains(count(.takeover)), "an account without a long session cannot be taken over")
  let users = Set(log.events.map(\.user))
  for anomaly in log.anomalies {
    #expect(anomaly.users.allSatisfy(users.contains))
    #expect(anomaly.start < anomaly.end && (0...1).contains(anomaly.severity))
    #expect(anomaly.start >= start && anomaly.end < start + 15 * 86_400)
  }
  let share = Double(sessions.count { $0.label != nil }) / Double(sessions.count)
  #expect(share < 0.06, "anomalous sessions: \(share)")
  let session = sessions.first { $0.label == .takeover }
  #expect(session.map { log.label(of: $0.session) } == .takeover)
}

@Test("a takeover changes device, region and channel in mid-session, and stays")
func takeoversLatch() {
  for anomaly in log.anomalies where anomaly.kind == .takeover {
    guard let session = sessions.first(where: { anomaly.touches($0.session) })?.session else {
      Issue.record("no session for \(anomaly)")
      continue
    }
    let step = session.events.firstIndex { $0.time >= anomaly.start } ?? 0
    let (before, after) = (session.events.prefix(step), session.events.dropFirst(step))
    #expect((6...13).contains(step), "the switch is at step \(step)")
    #expect(Set(before.map(\.device)).count == 1 && Set(after.map(\.device)).count == 1)
    #expect(before.first?.device != after.first?.device)
    #expect(before.first?.region != after.first?.region)
    let wrong: Action = before.first?.action == .loginApp ? .heartbeatWeb : .heartbeatApp
    let heartbeats = after.map(\.action).filter { $0 == .heartbeatApp || $0 == .heartbeatWeb }
    #expect(!heartbeats.isEmpty && heartbeats.allSatisfy { $0 == wrong })
  }
}

@Test("bots make many events with even pauses and buy nothing")
func botsAreMachines() {
  let people = median(honest.map { Double($0.events.count) })
  for anomaly in log.anomalies where anomaly.kind == .bot {
    let own = sessions.filter { $0.session.user == anomaly.users[0] }
    #expect(own.allSatisfy { $0.label == .bot })
    let events = own.flatMap(\.session.events)
    #expect(!events.contains { $0.action == .purchase })
    #expect(median(own.map { Double($0.session.events.count) }) > 3 * people)
    // The middle half of the pauses lies close together.
    let pauses = own.flatMap { zip($0.session.events, $0.session.events.dropFirst()).map { $1.time - $0.time } }
      .sorted()
    #expect(pauses[pauses.count / 4] * 1.6 > pauses[pauses.count / 2], "severity \(anomaly.severity)")
  }
}

@Test("a brushing ring buys one seller's items within hours, on shared devices, and praises them")
func brushingIsCollective() {
  let seller = Dictionary(uniqueKeysWithValues: log.items.map { ($0.id, $0.seller) })
  for anomaly in log.anomalies where anomaly.kind == .brushing {
    #expect((6...12).contains(anomaly.users.count))
    #expect(anomaly.end - anomaly.start < 6.5 * 3_600)
    let events = log.events.filter {
      anomaly.users.contains($0.user) && (anomaly.start...anomaly.end).contains($0.time)
    }
    let purchases = events.filter { $0.action == .purchase }
    #expect(purchases.count == anomaly.users.count)
    #expect(purchases.allSatisfy { seller[$0.item] == anomaly.seller })
    #expect(Set(purchases.map(\.device)).count < anomaly.users.count)
    #expect(events.filter { $0.action == .review }.allSatisfy { $0.value == 5 })
  }
}

@Test("one session of a brushing ring looks ordinary to a first-order model, a bot's and a thief's less so")
func whatAnOrderModelSees() {
  let vocabulary = Vocabulary.actions
  var counts = [[Double]](repeating: [Double](repeating: 0.1, count: vocabulary.count), count: vocabulary.count)
  for tokens in vocabulary.encode(honest) {
    for (from, to) in zip(tokens, tokens.dropFirst()) { counts[from][to] += 1 }
  }
  let totals = counts.map { $0.reduce(0, +) }
  func scores(_ kind: AnomalyKind?) -> [Double] {
    let chosen = sessions.filter { $0.label == kind && $0.session.events.count > 1 }.prefix(2_000).map(\.session)
    return vocabulary.encode(chosen).map { tokens in
      zip(tokens, tokens.dropFirst()).reduce(0) { $0 - Foundation.log(counts[$1.0][$1.1] / totals[$1.0]) }
        / Double(tokens.count - 1)
    }
  }
  let normal = scores(nil)
  #expect(areaUnderROC(negatives: normal, positives: scores(.takeover)) > 0.75)
  #expect(areaUnderROC(negatives: normal, positives: scores(.bot)) > 0.9)
  #expect((0.3..<0.7).contains(areaUnderROC(negatives: normal, positives: scores(.brushing))))
}
