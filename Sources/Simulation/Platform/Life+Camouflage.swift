import Behavior
import Tensors

// What hides: each of these leaves the counts of an honest life as they are, or draws an honest session and changes only
// what no count shows.
extension Life {
  /// The round of a quiet bot; heartbeats and what else there is come last in each.
  private static let loop: [Action] = [
    .search, .favourite, .purchase, .cart, .review, .coupon, .live, .groupBuy, .service, .view,
  ]

  /// A program that does what an honest user does, as often and with the same pauses, but in the fixed order of a loop.
  /// Sessions that have no room for a loop, with fewer than ten events or five kinds, stay as they are.
  mutating func runQuietBot(_ cause: Int32) {
    let opening: [Action] = [.register, .loginApp, .loginWeb]
    for index in visits.indices {
      let deeds = visits[index].deeds
      if deeds.count < 10 || Set(deeds.map(\.event.action)).count < 5 { continue }
      let first = deeds.prefix { opening.contains($0.event.action) }.count
      let last = deeds.count - (deeds[deeds.count - 1].event.action == .logout ? 1 : 0)
      var piles = [[Deed]](repeating: [], count: Self.loop.count + 1)
      for deed in deeds[first..<last] {
        piles[Self.loop.firstIndex(of: deed.event.action) ?? Self.loop.count].append(deed)
      }
      // One of each kind in turn, and again.
      var ordered: [Deed] = []
      while ordered.count < last - first {
        for pile in piles.indices where !piles[pile].isEmpty { ordered.append(piles[pile].removeFirst()) }
      }
      for (offset, deed) in ordered.enumerated() {
        var event = deed.event
        event.time = deeds[first + offset].event.time
        visits[index].deeds[first + offset].event = event
      }
      visits[index] = visits[index].blamed(on: cause)
    }
  }

  /// A stranger who fakes device and region: from some event on, heartbeats show the other channel, and the `verify`
  /// that an honest change of device has first comes last.
  mutating func beTakenOverQuietly(_ cause: Int32) {
    let heartbeats: [Action] = [.heartbeatApp, .heartbeatWeb]
    let fits = { (visit: Visit) in
      visit.deeds.dropFirst(6).contains { heartbeats.contains($0.event.action) }
        && !visit.deeds.contains { $0.event.action == .verify }
    }
    guard let chosen = honestVisit(longerThan: 8, where: fits) else { return }
    var visit = visits[chosen]
    let seen = visit.deeds.indices.dropFirst(6).filter { heartbeats.contains(visit.deeds[$0].event.action) }
    let switchStep = max(6, seen[random.below(seen.count)] - random.below(3))
    for index in switchStep..<visit.deeds.count {
      let action = visit.deeds[index].event.action
      if action == .heartbeatApp { visit.deeds[index].event.action = .heartbeatWeb }
      if action == .heartbeatWeb { visit.deeds[index].event.action = .heartbeatApp }
      visit.deeds[index].cause = cause
    }
    if visit.deeds[visit.deeds.count - 1].event.action == .logout { visit.deeds.removeLast() }
    var place = Place(market, account, time: visit.end + pause(median: 20), onApp: true)
    (place.device, place.region) = (visit.deeds[0].event.device, visit.deeds[0].event.region)
    visit.deeds.append(place.deed(.verify, cause: cause))
    visits[chosen] = visit
  }

  /// Honest sessions at the scheme's time, in which only the goods, the stars or the amounts serve the scheme.
  mutating func hideAmongHonest(_ scheme: Scheme, _ cause: Int32) {
    let wanted: Action? =
      switch scheme.kind {
      case .clickFarm: nil
      case .fakeReview: .review
      default: .purchase
      }
    let count = scheme.kind == .clickFarm || scheme.kind == .cardTesting ? 3 : 1
    let registers = scheme.kind == .couponAbuse
    for _ in 0..<count {
      let time = likelyMoment(of: scheme)
      guard var visit = honestVisit(at: time, registers: registers, with: wanted) else { continue }
      if registers {
        visits.removeAll { $0.start < time }
        join(at: time)
      }
      if scheme.kind == .cardTesting { addRefusal(&visit) }
      if !scheme.goods.isEmpty { redirect(&visit, to: scheme, wanted: wanted ?? .view) }
      insert(visit.blamed(on: cause))
    }
  }

  /// A time within a scheme's window, give or take a day, at an hour at which the customer likes to come.
  private mutating func likelyMoment(of scheme: Scheme) -> Double {
    let kind = Customer.allCases.firstIndex(of: account.customer) ?? 0
    let day = ((moment(of: scheme) - market.setup.start) / 86_400).rounded(.down)
    let hour = Double(market.hours[kind].draw(&random)) + random.uniform()
    return ((market.setup.start + (24 * day + hour) * 3_600) * 1_000).rounded() / 1_000
  }

  /// An honest session that has an action, or nil if sixty have not.
  private mutating func honestVisit(at time: Double, registers: Bool, with wanted: Action?) -> Visit? {
    for _ in 0..<60 {
      let visit = honestVisit(at: time, registers: registers)
      guard let wanted else { return visit }
      if visit.deeds.contains(where: { $0.event.action == wanted }) { return visit }
    }
    return nil
  }

  /// One small payment fails before the purchase, as one in sixteen honest ones does.
  private mutating func addRefusal(_ visit: inout Visit) {
    guard let step = visit.deeds.firstIndex(where: { $0.event.action == .purchase }) else { return }
    var refusal = visit.deeds[step]
    refusal.event.action = .payFailed
    refusal.event.value = (100 * random.uniform(in: 0.5..<3)).rounded() / 100
    visit.deeds.insert(refusal, at: step)
    let delay = pause(median: 25)
    for index in (step + 1)..<visit.deeds.count { visit.deeds[index].event.time += delay }
  }

  /// Every event about one of the items that matter is now about one of the scheme's.
  private mutating func redirect(_ visit: inout Visit, to scheme: Scheme, wanted: Action) {
    let target = market.items[scheme.goods[random.below(scheme.goods.count)]]
    let wantedDeeds = visit.deeds.filter { $0.event.action == wanted && !$0.event.item.isEmpty }
    guard !wantedDeeds.isEmpty else { return }
    let old = wantedDeeds[random.below(wantedDeeds.count)].event.item
    for index in visit.deeds.indices where visit.deeds[index].event.item == old {
      var event = visit.deeds[index].event
      (event.item, event.category) = (target.id, target.category)
      if event.action == .cart || event.action == .purchase { event.value = target.price }
      if event.action == .review { event.value = 5 }
      visit.deeds[index].event = event
    }
  }
}
