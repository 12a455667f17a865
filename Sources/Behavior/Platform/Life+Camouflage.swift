import Tensors

// What hides: each of these leaves the counts of an honest life as they are, or draws an honest session and changes only
// what no count shows.
extension Life {
  /// A program that does what an honest user does, as often and with the same pauses, but in the fixed order of a loop.
  mutating func runQuietBot(_ cause: Int32) {
    for index in visits.indices {
      let deeds = visits[index].deeds
      let fixed = deeds.prefix { [.register, .loginApp, .loginWeb].contains($0.event.action) }.count
      var piles = [[Deed]](repeating: [], count: Customer.states.count + 1)
      for deed in deeds.dropFirst(fixed) {
        piles[Customer.states.firstIndex(of: deed.event.action) ?? Customer.states.count].append(deed)
      }
      // One of each kind in turn: search, view, favourite, cart, … and again.
      var ordered: [Deed] = []
      while ordered.count < deeds.count - fixed {
        for pile in piles.indices where !piles[pile].isEmpty { ordered.append(piles[pile].removeFirst()) }
      }
      for (offset, deed) in ordered.enumerated() {
        var event = deed.event
        event.time = deeds[fixed + offset].event.time
        visits[index].deeds[fixed + offset].event = event
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
      let time = moment(of: scheme)
      guard var visit = honestVisit(at: time, registers: registers, with: wanted) else { continue }
      if registers {
        visits.removeAll { $0.start < time }
        join(at: time)
      }
      if scheme.kind == .cardTesting { addRefusal(&visit) }
      if !scheme.goods.isEmpty { redirect(&visit, to: scheme, wanted: wanted ?? .view) }
      let isFree = visits.allSatisfy { $0.isHonest || $0.end < visit.start - 3_600 || $0.start > visit.end + 3_600 }
      if isFree { insert(visit.blamed(on: cause)) }
    }
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

  /// Every event about the item that matters is now about one of the scheme's.
  private mutating func redirect(_ visit: inout Visit, to scheme: Scheme, wanted: Action) {
    let target = market.items[scheme.goods[random.below(scheme.goods.count)]]
    let items = Set(visit.deeds.filter { $0.event.action == wanted }.map(\.event.item))
    for index in visit.deeds.indices where items.contains(visit.deeds[index].event.item) {
      var event = visit.deeds[index].event
      if event.item.isEmpty { continue }
      (event.item, event.category) = (target.id, target.category)
      if event.action == .cart || event.action == .purchase { event.value = target.price }
      if event.action == .review { event.value = 5 }
      visit.deeds[index].event = event
    }
  }
}
