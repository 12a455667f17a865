import Behavior
import Foundation
import Simulation
import Tensors
import Testing

private func simulate(_ simulator: PlatformSimulator, seed: UInt64 = 7) -> SimulatedLog {
  var random = SeededRandom(seed: seed)
  return simulator.simulate(using: &random)
}

/// One honest log for the tests that only look at it, with a sale on the second Tuesday and Wednesday.
private let honest: SimulatedLog = {
  var simulator = PlatformSimulator(users: 1_500, days: 14, anomalies: [])
  simulator.saleDays = [8, 9]
  return simulate(simulator)
}()
private let sessions = honest.flaggedSessions().map(\.session)
private let start = PlatformSimulator().start

private let heartbeats: [Action] = [.heartbeatApp, .heartbeatWeb]

@Test("the same seed gives the same log, another seed another one")
func platformIsReproducible() {
  let simulator = PlatformSimulator(users: 150, days: 5)
  let (one, two, other) = (simulate(simulator), simulate(simulator), simulate(simulator, seed: 8))
  #expect(one.events == two.events && one.anomalies == two.anomalies && one.causes == two.causes)
  #expect(one.events != other.events)
}

@Test("the first users are the same whatever their number, and honest ones whatever is done to others")
func platformExtends() {
  let small = simulate(PlatformSimulator(users: 100, days: 6, anomalies: []))
  let large = simulate(PlatformSimulator(users: 400, days: 6, anomalies: []))
  let first = Set(small.accounts.map(\.name))
  #expect(large.accounts.prefix(100) == small.accounts[...])
  #expect(large.events.filter { first.contains($0.user) } == small.events)

  let busy = simulate(PlatformSimulator(users: 400, days: 6, anomalies: [.some(20, .takeover), .some(2, .brushing)]))
  let touched = Set(busy.anomalies.flatMap(\.users))
  #expect(touched.count > 20)
  #expect(busy.events.filter { !touched.contains($0.user) } == large.events.filter { !touched.contains($0.user) })
}

@Test("a million events come in order of time, in whole milliseconds, each of a known account")
func platformHasAnySize() {
  let log = simulate(PlatformSimulator(users: 6_000, days: 14))
  #expect(log.events.count > 1_000_000)
  #expect(zip(log.events, log.events.dropFirst()).allSatisfy { $0.time <= $1.time })
  #expect(log.events.prefix(10_000).allSatisfy { abs($0.time * 1_000 - ($0.time * 1_000).rounded()) < 0.01 })
  let names = Set(log.accounts.map(\.name))
  #expect(names.count == 6_000 && log.events.allSatisfy { names.contains($0.user) })
  #expect(log.causes.count == log.events.count)
}

@Test("an empty platform has an empty log")
func platformMayBeEmpty() {
  let log = simulate(PlatformSimulator(users: 0))
  #expect(log.events.isEmpty && log.anomalies.isEmpty && log.flaggedSessions().isEmpty)
}

@Test("people come in the evening and at the weekend, night owls around midnight, gift buyers at the weekend")
func platformRhythm() {
  let customer = Dictionary(uniqueKeysWithValues: honest.accounts.map { ($0.name, $0.customer) })
  var hours: [Customer: [Double]] = [:]
  var days: [Customer: [Double]] = [:]
  for session in sessions {
    guard let kind = customer[session.user] else { continue }
    let seconds = session.start - start
    hours[kind, default: [Double](repeating: 0, count: 24)][Int(seconds / 3_600) % 24] += 1
    if seconds < 7 * 86_400 { days[kind, default: [Double](repeating: 0, count: 7)][Int(seconds / 86_400)] += 1 }
  }
  func hour(_ kind: Customer, _ hour: Int) -> Double { hours[kind]?[hour] ?? 0 }
  #expect(hour(.windowShopper, 20) > 4 * hour(.windowShopper, 4))
  #expect(hour(.nightOwl, 23) > 4 * hour(.nightOwl, 12) && hour(.loyalBuyer, 12) > 4 * hour(.loyalBuyer, 23))
  func weekend(_ kind: Customer) -> Double {
    let counts = days[kind] ?? []
    return (counts[5] + counts[6]) / 2 / (counts[0...4].reduce(0, +) / 5)
  }
  #expect((1.15..<1.55).contains(weekend(.windowShopper)), "\(weekend(.windowShopper))")
  #expect((1.7..<2.7).contains(weekend(.giftBuyer)), "\(weekend(.giftBuyer))")
}

@Test("on a sale day four fifths more come, more of them buy, and a third is off")
func saleDays() {
  func chosen(_ days: [Int]) -> [Session] { sessions.filter { days.contains(Int(($0.start - start) / 86_400)) } }
  let (sale, before) = (chosen([8, 9]), chosen([1, 2]))  // the same weekdays
  #expect((1.6..<2.0).contains(Double(sale.count) / Double(before.count)))
  func share(_ sessions: [Session]) -> Double { Double(sessions.count { $0.hasPurchase }) / Double(sessions.count) }
  #expect(share(sale) > 1.2 * share(before), "\(share(sale)) and \(share(before))")
  let price = Dictionary(uniqueKeysWithValues: honest.items.map { ($0.id, $0.price) })
  let carts = sale.dropLast(sale.count / 2).flatMap(\.events).filter {
    $0.action == .cart && $0.time < start + 9.9 * 86_400
  }
  #expect(carts.count > 100)
  #expect(carts.allSatisfy { abs($0.value / (price[$0.item] ?? 1) - 0.67) < 0.01 || $0.value < 1 })
}

@Test("dwell times are log-normal: symmetric logarithms with a spread of 0.74 about 28 seconds after a view")
func platformDwell() {
  var logarithms: [Double] = []
  for session in sessions {
    for (event, next) in zip(session.events, session.events.dropFirst()) where event.action == .view {
      logarithms.append(log(max(0.1, next.time - event.time)))
    }
  }
  let (mean, deviation) = moments(logarithms)
  #expect(logarithms.count > 10_000)
  #expect(abs(exp(median(logarithms)) - 28) < 1.5, "median \(exp(median(logarithms))) s")
  #expect(abs(mean - median(logarithms)) < 0.03, "mean \(mean), median \(median(logarithms))")
  #expect(abs(deviation - (0.7 * 0.7 + 0.25 * 0.25).squareRoot()) < 0.03, "spread \(deviation)")
}

@Test("a coupon among the first three events decides what follows the cart, however long ago it was")
func couponReachesFar() {
  var bought = [0.0, 0.0]
  var carts = [0.0, 0.0]
  for session in sessions {
    let events = session.events
    let early = events.prefix(3).contains { $0.action == .coupon }
    for step in events.indices.dropLast() where step >= 7 && events[step].action == .cart {
      // No other coupon near: the two events before say the same in both groups.
      if events[(step - 2)..<step].contains(where: { $0.action == .coupon }) { continue }
      carts[early ? 1 : 0] += 1
      bought[early ? 1 : 0] += [.purchase, .verify, .payFailed].contains(events[step + 1].action) ? 1 : 0
    }
  }
  #expect(carts[0] > 1_000 && carts[1] > 300)
  #expect(bought[1] / carts[1] > 3 * bought[0] / carts[0], "\(bought) of \(carts)")
}

@Test("heartbeats keep the login's channel and purchases its device, unless a verify came between")
func rulesHold() {
  var verified = 0
  for session in sessions {
    var onApp: Bool?
    var device: String?
    for event in session.events {
      switch event.action {
      case .loginApp, .loginWeb: (onApp, device) = (event.action == .loginApp, event.device)
      case .verify:
        (onApp, device) = (nil, nil)
        verified += 1
      case .heartbeatApp, .heartbeatWeb: #expect(onApp == nil || onApp == (event.action == .heartbeatApp))
      case .purchase: #expect(device == nil || device == event.device)
      default: break
      }
    }
  }
  #expect(verified > 100)
  // A device that the account does not own is verified before it buys.
  let own = Dictionary(uniqueKeysWithValues: honest.accounts.map { ($0.name, $0.devices) })
  let strange = sessions.filter { !(own[$0.user] ?? []).contains($0.events[0].device) && $0.hasPurchase }
  #expect(strange.count > 20)
  for session in strange {
    let purchase = session.events.firstIndex { $0.action == .purchase } ?? 0
    #expect(session.events[..<purchase].contains { $0.action == .verify })
  }
}

@Test("sessions are legal: one login, goods are paid after the cart and reviewed after the payment")
func sessionsAreLegal() {
  for session in sessions {
    #expect(session.events.count { $0.action == .loginApp || $0.action == .loginWeb } == 1)
    var cart: Set<String> = []
    var paid: Set<String> = []
    for event in session.events {
      if event.action == .cart { cart.insert(event.item) }
      if event.action == .purchase {
        #expect(cart.remove(event.item) != nil)
        paid.insert(event.item)
      }
      if event.action == .review { #expect(paid.contains(event.item)) }
    }
  }
}

@Test("a tenth of the users first come during the log; they register, and nothing of theirs is before")
func coldStart() {
  let new = honest.accounts.filter { $0.joined != nil }
  #expect((0.07..<0.13).contains(Double(new.count) / Double(honest.accounts.count)))
  let joined = Dictionary(uniqueKeysWithValues: new.map { ($0.name, $0.joined ?? 0) })
  var seen: Set<String> = []
  for event in honest.events {
    guard let day = joined[event.user] else {
      #expect(event.action != .register)
      continue
    }
    if seen.insert(event.user).inserted { #expect(event.action == .register) }
    #expect(event.time >= start + Double(day) * 86_400)
  }
  #expect(seen.count == new.count)
}

@Test("a shift of prices changes nothing but prices; one of the vocabulary nothing but names and two new events")
func shiftsAreSeparate() {
  func log(_ shift: Platform.Shift?, _ size: Double = 1) -> SimulatedLog {
    let platform = shift.map { Platform.a.shifted($0, by: size) } ?? .a
    return simulate(PlatformSimulator(platform: platform, users: 300, days: 7, anomalies: []))
  }
  let base = log(nil)
  let dear = log(.prices)
  #expect(dear.events.map(\.action) == base.events.map(\.action) && dear.events.map(\.time) == base.events.map(\.time))
  let ratio = zip(dear.items, base.items).map { $0.price / $1.price }
  #expect(ratio.allSatisfy { abs($0 - 2) < 0.02 })

  func words(_ log: SimulatedLog) -> Set<Action> { Set(log.events.map(\.action)) }
  let renamed = log(.vocabulary, 0.5)
  #expect(
    words(renamed).subtracting(words(base)).map(\.rawValue).sorted()
      == ["basket_add", "group_buy", "item_open", "live", "order_paid"])
  #expect(words(base).subtracting(words(renamed)).map(\.rawValue).sorted() == ["cart", "purchase", "view"])

  func pause(_ log: SimulatedLog) -> Double {
    median(
      log.flaggedSessions().flatMap { zip($0.session.events, $0.session.events.dropFirst()).map { $1.time - $0.time } })
  }
  #expect((2.0..<2.4).contains(pause(log(.dwell)) / pause(base)))

  func sales(_ log: SimulatedLog) -> Double {
    let sessions = log.flaggedSessions()
    return Double(sessions.count { $0.session.hasPurchase }) / Double(sessions.count)
  }
  #expect((0.1..<0.25).contains(sales(base)), "\(sales(base))")
  #expect(sales(log(.baseRates, 0.5)) < 0.55 * sales(base) && sales(log(.baseRates)) < 0.25 * sales(base))

  func searches(_ log: SimulatedLog) -> Double {
    Double(log.events.count { $0.action == .search }) / Double(log.events.count)
  }
  #expect(searches(log(.actionMix)) > 1.5 * searches(base))

  func windowShoppers(_ log: SimulatedLog) -> Int { log.accounts.count { $0.customer == .windowShopper } }
  #expect((80..<125).contains(windowShoppers(base)) && (25..<62).contains(windowShoppers(log(.personas))))
}

@Test("platform B has its own vocabulary, prices, pace and base rate; size 0 is platform A")
func platformPresets() {
  #expect(Platform.a.actions.count == 16 && Platform.b.actions.count == 18)
  #expect(Platform.b.renames.count == 3 && Platform.b.name == "b")
  #expect(Platform.b.vocabulary.index(of: "order_paid") != Vocabulary.unknown)
  for shift in Platform.Shift.allCases { #expect(Platform.a.shifted(shift, by: 0) == .a) }
  let small = PlatformSimulator(platform: .b, users: 200, days: 4)
  let known = Set(Platform.b.actions)
  #expect(simulate(small).events.allSatisfy { known.contains($0.action) })
}
