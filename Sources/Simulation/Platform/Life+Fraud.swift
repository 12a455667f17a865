import Behavior
import Foundation
import Tensors

// What is done in the open. Every play draws from a stream of its own, so that the honest life stays the same.
extension Life {
  mutating func play(_ scheme: Scheme, number: Int) {
    let honest = random
    random = root.fork("user \(user) in scheme \(number)")
    let cause = Int32(number)
    switch (scheme.kind, scheme.isCamouflaged) {
    case (.bot, false): runBot(scheme, cause)
    case (.bot, true): runQuietBot(cause)
    case (.takeover, false): beTakenOver(scheme, cause)
    case (.takeover, true): beTakenOverQuietly(cause)
    case (.brushing, false): brush(scheme, cause)
    case (.clickFarm, false): click(scheme, cause)
    case (.fakeReview, false): praise(scheme, cause)
    case (.couponAbuse, false): farmCoupons(scheme, cause)
    case (.cardTesting, false): testCards(scheme, cause)
    case (.brushing, true), (.clickFarm, true), (.fakeReview, true), (.couponAbuse, true), (.cardTesting, true):
      hideAmongHonest(scheme, cause)
    case (.churn, _): fade(scheme, number)
    }
    random = honest
  }

  /// Puts a session into the life. Honest ones that would touch it give way; if one with an anomaly would, there is
  /// no room.
  mutating func insert(_ visit: Visit) {
    let touches = { (other: Visit) in other.end > visit.start - 3_600 && other.start < visit.end + 3_600 }
    if visits.contains(where: { !$0.isHonest && touches($0) }) { return }
    visits.removeAll(where: touches)
    let position = visits.firstIndex { $0.start > visit.start } ?? visits.count
    visits.insert(visit, at: position)
  }

  /// A time within a scheme's window, in whole milliseconds.
  mutating func moment(of scheme: Scheme) -> Double {
    ((scheme.open + random.uniform() * scheme.window) * 1_000).rounded() / 1_000
  }

  /// The scheme's shared device and region, or with little severity the account's own.
  private mutating func place(of scheme: Scheme, at time: Double) -> Place {
    var place = Place(market, account, time: time, onApp: true)
    if random.bool(probability: scheme.severity) {
      place.device = scheme.devices[random.below(scheme.devices.count)]
      place.region = scheme.region
    }
    return place
  }

  /// A program that fills carts around the clock in sessions of 40 to 120 events with even pauses, and never buys. The
  /// less severe it is, the more of its steps look like a person's.
  private mutating func runBot(_ scheme: Scheme, _ cause: Int32) {
    visits = []
    let rhythm = random.uniform(in: 1.5..<6)
    let loop: [Action] = [.search, .view, .cart, .cart, .view, .cart, .cart, .cart]
    for day in (account.joined ?? 0)..<market.setup.days {
      for _ in 0..<(1 + random.below(2)) {
        let start = market.setup.start + (Double(day) + random.uniform() * 0.95) * 86_400
        var place = Place(market, account, time: (start * 1_000).rounded() / 1_000, onApp: false)
        var visit = Visit()
        visit.deeds.append(place.deed(.loginWeb))
        for step in 0..<(40 + random.below(81)) {
          if random.bool(probability: scheme.severity) {
            place.time += pause(median: rhythm, spread: 0.05)
            perform(loop[step % loop.count], &place, &visit, isSale: false)
          } else {
            place.time += pause(median: 20)
            perform(.view, &place, &visit, isSale: false)
          }
        }
        insert(visit.blamed(on: cause))
      }
    }
  }

  /// A stranger goes on with a session from its 6th to 14th event: new device, other region, other channel, in a hurry
  /// to spend. The channel stays the wrong one.
  private mutating func beTakenOver(_ scheme: Scheme, _ cause: Int32) {
    let step = 6 + random.below(8)
    guard let chosen = honestVisit(longerThan: step) else { return }
    var visit = visits[chosen]
    visit.deeds.removeSubrange(step...)
    var place = Place(market, account, time: visit.end, onApp: visit.deeds[0].event.action != .loginApp)
    place.device = "d\(random.below(1_000_000_000))"
    let others = Shop.regions.filter { $0 != account.region }
    place.region = others[random.below(others.count)]
    var stolen = Visit()
    let spree: [Action] = [.view, .cart, .coupon, .purchase]
    for step in 0..<(8 + random.below(8)) {
      place.time += pause(median: 14)
      if step == 0 || random.bool(probability: 0.2) {
        stolen.deeds.append(place.deed(place.onApp ? .heartbeatApp : .heartbeatWeb))
      } else if random.bool(probability: scheme.severity) {
        place.item = place.item ?? dearItem()
        perform(spree[random.below(spree.count)], &place, &stolen, isSale: false)
      } else {
        perform(.view, &place, &stolen, isSale: false)
      }
    }
    visit.deeds += stolen.blamed(on: cause).deeds
    visits[chosen] = visit
    visits.removeAll { $0.isHonest && $0.start > visit.start && $0.start < visit.end + 3_600 }
  }

  /// The position of an honest session with more events than that.
  mutating func honestVisit(longerThan count: Int, where fits: (Visit) -> Bool = { _ in true }) -> Int? {
    let fitting = visits.indices.filter { index in
      visits[index].deeds.count > count && visits[index].isHonest && visits[index].deeds[0].event.action != .register
        && fits(visits[index])
    }
    return fitting.isEmpty ? nil : fitting[random.below(fitting.count)]
  }

  /// The dearest of eight random items.
  private mutating func dearItem() -> Int {
    var best = random.below(market.items.count)
    for _ in 0..<7 {
      let other = random.below(market.items.count)
      if market.items[other].price > market.items[best].price { best = other }
    }
    return best
  }

  /// Follows a script on one item.
  private mutating func follow(
    _ script: [Action], item: Int, median: Double, _ place: inout Place, _ visit: inout Visit
  ) {
    for action in script {
      place.item = item
      let paid = action == .cart || action == .purchase
      let goods = action == .search || action == .coupon || action == .loginApp || action == .register ? nil : item
      visit.deeds.append(
        place.deed(action, item: goods, value: paid ? market.items[item].price : action == .review ? 5 : 0))
      place.time += pause(median: median, spread: 0.3)
    }
  }

  /// One account of a ring that buys a seller's goods and praises them, by a script.
  private mutating func brush(_ scheme: Scheme, _ cause: Int32) {
    var place = place(of: scheme, at: moment(of: scheme))
    var visit = Visit()
    var script: [Action] = [.loginApp, .search, .view, .view, .favourite, .cart, .coupon, .purchase, .review]
    script.removeAll { ($0 == .favourite || $0 == .coupon) && random.bool(probability: 0.3) }
    follow(script, item: scheme.goods[random.below(scheme.goods.count)], median: 9, &place, &visit)
    insert(visit.blamed(on: cause))
  }

  /// One account of a farm that clicks a seller's goods, several times a day.
  private mutating func click(_ scheme: Scheme, _ cause: Int32) {
    for _ in 0..<(3 + random.below(4)) {
      var place = place(of: scheme, at: moment(of: scheme))
      var visit = Visit()
      follow([.loginApp, .search], item: scheme.goods[0], median: 5, &place, &visit)
      for _ in 0..<(8 + random.below(10)) {
        let action: Action = random.bool(probability: 0.8) ? .view : .favourite
        follow([action], item: scheme.goods[random.below(scheme.goods.count)], median: 6, &place, &visit)
      }
      insert(visit.blamed(on: cause))
    }
  }

  /// One account that praises a seller's goods without having bought them.
  private mutating func praise(_ scheme: Scheme, _ cause: Int32) {
    var place = place(of: scheme, at: moment(of: scheme))
    var visit = Visit()
    follow([.loginApp], item: scheme.goods[0], median: 6, &place, &visit)
    for item in scheme.goods.prefix(1 + random.below(3)) {
      follow([.search, .view, .review], item: item, median: 15, &place, &visit)
    }
    insert(visit.blamed(on: cause))
  }

  /// An account opened for its welcome coupon.
  private mutating func farmCoupons(_ scheme: Scheme, _ cause: Int32) {
    let time = moment(of: scheme)
    visits.removeAll { $0.start < time }
    join(at: time)
    var place = place(of: scheme, at: time)
    var visit = Visit()
    let cheap = (0..<12).map { _ in random.below(market.items.count) }
      .min { market.items[$0].price < market.items[$1].price }
    follow(
      [.register, .loginApp, .coupon, .coupon, .search, .view, .cart, .purchase], item: cheap ?? 0, median: 8, &place,
      &visit)
    insert(visit.blamed(on: cause))
    visits.removeAll { $0.isHonest && random.bool(probability: 0.8) }
  }

  /// The account is as old as its first session.
  mutating func join(at time: Double) {
    account = Account(
      name: account.name, customer: account.customer, devices: account.devices, region: account.region,
      joined: Int((time - market.setup.start) / 86_400))
  }

  /// A stranger finds out which of many card numbers work.
  private mutating func testCards(_ scheme: Scheme, _ cause: Int32) {
    guard let last = visits.last?.end else { return }
    let time = min(moment(of: scheme), last - 7_200)
    guard time > market.setup.start else { return }
    var place = Place(market, account, time: time, onApp: false)
    if random.bool(probability: scheme.severity) { place.device = "d\(random.below(1_000_000_000))" }
    var visit = Visit()
    let item = dearItem()
    follow([.loginWeb, .view, .cart], item: item, median: 8, &place, &visit)
    for _ in 0..<Int(4 + 20 * scheme.severity) {
      let amount = (100 * random.uniform(in: 0.5..<3)).rounded() / 100
      visit.deeds.append(place.deed(.payFailed, item: item, value: amount))
      place.time += pause(median: 4, spread: 0.3)
    }
    if random.bool(probability: 0.6) { follow([.purchase], item: item, median: 4, &place, &visit) }
    insert(visit.blamed(on: cause))
  }

  /// The customer comes less and less, and then no more.
  private mutating func fade(_ scheme: Scheme, _ number: Int) {
    let setup = market.setup
    let end = setup.start + Double(setup.days) * 86_400
    let onset = max(scheme.open, visits.first?.end ?? scheme.open)
    guard onset < end, !visits.isEmpty else { return }
    let patience = (1.25 - scheme.severity) * 2 * 86_400
    visits.removeAll { visit in
      visit.start > onset && !random.bool(probability: exp(-(visit.start - onset) / patience))
    }
    fading = (number, onset...end)
  }
}

extension Life.Visit {
  /// The session with every event made by a scheme.
  func blamed(on cause: Int32) -> Life.Visit {
    var visit = self
    for index in visit.deeds.indices { visit.deeds[index].cause = cause }
    return visit
  }
}
