import Behavior
import Foundation
import Tensors

/// One user's life on the platform while it is written.
struct Life {
  let market: Market
  let user: Int
  let root: SeededRandom
  var random: SeededRandom
  var account: Account
  var visits: [Visit] = []
  /// The span of a churn, which no event shows.
  var fading: (part: Int, span: ClosedRange<Double>)?

  private let usesApp: Bool
  private let tastes: Cumulative  // over categories
  private let pace: Double  // multiplies every dwell time
  private let spend: Double  // how many pieces a purchase has, about

  /// One event, and the number of the scheme that made it, or -1.
  struct Deed {
    var event: Event
    var cause: Int32 = -1
  }

  /// One session.
  struct Visit {
    var deeds: [Deed] = []
    var isHonest: Bool { deeds.allSatisfy { $0.cause < 0 } }
    var start: Double { deeds.first?.event.time ?? 0 }
    var end: Double { deeds.last?.event.time ?? 0 }
  }

  init(user: Int, market: Market, root: SeededRandom) {
    self.market = market
    self.user = user
    self.root = root
    let setup = market.setup
    var random = root.fork("user \(user)")
    let customer = Customer.allCases[market.personas.draw(&random)]
    let region = Shop.regions[market.regions.draw(&random)]
    usesApp = random.bool(probability: customer.appShare)
    var weights: [Double] = []
    for _ in 0..<setup.categories { weights.append(exp(1.5 * random.normal())) }
    tastes = Cumulative(weights: weights)
    pace = setup.platform.dwellFactor * exp(0.25 * random.normal())
    spend = exp(0.2 + 0.6 * random.normal())
    // One account in six uses the family's device, which is the previous account's.
    let isFamily = user % 4 != 0 && random.bool(probability: 1.0 / 6)
    var devices = [Life.device("\(isFamily ? user - 1 : user)", root)]
    if random.bool(probability: 0.4) { devices.append(Life.device("second \(user)", root)) }
    let joined = random.bool(probability: setup.newUserShare) ? random.below(setup.days) : nil
    account = Account(name: "u\(user)", customer: customer, devices: devices, region: region, joined: joined)
    self.random = random
  }

  /// A device's identifier, which tells nothing about whose it is.
  static func device(_ owner: String, _ root: SeededRandom) -> String {
    var random = root.fork("device \(owner)")
    return "d\(random.below(1_000_000_000))"
  }

  /// All the honest sessions of the account.
  mutating func liveHonestly() {
    let setup = market.setup
    let customer = account.customer
    let kind = Customer.allCases.firstIndex(of: customer) ?? 0
    var free = setup.start
    let first = account.joined ?? 0
    for day in first..<setup.days {
      let weekday = (Int(setup.start / 86_400) + day + 3) % 7  // 0 is Monday; 1970 began on a Thursday
      let rhythm = (weekday >= 5 ? customer.weekend : 1) * (market.isSale[day] ? 1.8 : 1)
      var count = random.poisson(setup.sessionsPerDay * customer.visits * rhythm)
      if day == account.joined { count = max(1, count) }
      var starts: [Double] = []
      for _ in 0..<count {
        let hour = Double(market.hours[kind].draw(&random)) + random.uniform()
        starts.append(((setup.start + (Double(day) * 24 + hour) * 3_600) * 1_000).rounded() / 1_000)
      }
      for start in starts.sorted() where start >= free {
        let visit = honestVisit(at: start, registers: visits.isEmpty && account.joined != nil)
        visits.append(visit)
        free = visit.end + 3_600  // the next session is a session of its own
      }
    }
  }

  /// One honest session.
  mutating func honestVisit(at start: Double, registers: Bool = false) -> Visit {
    let (coupon, cart, purchase, review) = (4, 3, 5, 6)
    let kind = Customer.allCases.firstIndex(of: account.customer) ?? 0
    let day = min(max(0, Int((start - market.setup.start) / 86_400)), market.setup.days - 1)
    let isSale = market.isSale[day]
    var place = Place(market, account, time: start, onApp: usesApp)
    var isNewDevice = false
    if random.bool(probability: 0.03) {  // a friend's device, or a new one
      place.device = "d\(random.below(1_000_000_000))"
      isNewDevice = true
    } else if account.devices.count > 1, random.bool(probability: 0.25) {
      place.device = account.devices[1]
    }
    if random.bool(probability: 0.02) { place.region = Shop.regions[market.regions.draw(&random)] }  // on a journey
    var visit = Visit()
    if registers {
      visit.deeds.append(place.deed(.register))
      place.time += pause(median: 20)
    }
    visit.deeds.append(place.deed(place.onApp ? .loginApp : .loginWeb))
    place.time += pause(median: 4)
    var state = market.openings[kind].draw(&random)
    var earlyCoupon = false
    var hasPaid = false
    for _ in 0..<60 {
      if random.bool(probability: 0.12) {
        visit.deeds.append(place.deed(place.onApp ? .heartbeatApp : .heartbeatWeb))
        place.time += pause(median: 5)
      }
      if account.devices.count > 1, !isNewDevice, random.bool(probability: 0.012) { handOver(&place, &visit) }
      if state == review && !hasPaid { state = 1 }
      if state == coupon && visit.deeds.count < 3 { earlyCoupon = true }
      if state == purchase { prepareToPay(isNewDevice, &place, &visit) }
      perform(Customer.states[state], &place, &visit, isSale: isSale)
      hasPaid = state == purchase
      if Customer.states[state] == .logout { break }
      place.time += pause(median: Customer.dwell[state])
      let next =
        state == cart
        ? market.checkouts[kind][earlyCoupon ? 1 : 0][isSale ? 1 : 0].draw(&random)
        : market.chains[kind][state].draw(&random)
      state = next == purchase && state != cart ? cart : next
      // Most people just go away.
      if Customer.states[state] == .logout && random.bool(probability: 0.7) { break }
    }
    return visit
  }

  /// An honest change of device in mid-session, which `verify` announces.
  private mutating func handOver(_ place: inout Place, _ visit: inout Visit) {
    visit.deeds.append(place.deed(.verify))
    place.time += pause(median: 20)
    place.device = account.devices[place.device == account.devices[0] ? 1 : 0]
    place.onApp.toggle()
  }

  private mutating func prepareToPay(_ isNewDevice: Bool, _ place: inout Place, _ visit: inout Visit) {
    if isNewDevice {
      visit.deeds.append(place.deed(.verify))
      place.time += pause(median: 20)
    }
    if random.bool(probability: 0.06) {
      visit.deeds.append(place.deed(.payFailed, item: place.item, value: place.price(isSale: false)))
      place.time += pause(median: 25)
    }
  }

  /// Chooses the item that the action is about, and records the event.
  mutating func perform(_ action: Action, _ place: inout Place, _ visit: inout Visit, isSale: Bool) {
    if action == .search || action == .logout || action == .service {
      if action == .search { place.item = nil }
      visit.deeds.append(place.deed(action))
      return
    }
    if action == .view || action == .live || place.item == nil {
      let category = tastes.draw(&random)
      place.item = market.itemsOfCategory[category][market.popularity[category].draw(&random)]
    }
    var value = 0.0
    if action == .review { value = Double(min(5, 2 + random.below(3) + random.below(2))) }
    if action == .cart || action == .groupBuy { value = place.price(isSale: isSale) }
    if action == .purchase {
      let pieces = max(1, (spend * exp(0.4 * random.normal())).rounded())
      value = (100 * pieces * place.price(isSale: isSale)).rounded() / 100
    }
    visit.deeds.append(place.deed(action, item: action == .coupon ? nil : place.item, value: value))
  }

  /// A log-normal time, at most 15 minutes, in whole milliseconds.
  mutating func pause(median: Double, spread: Double = 0.7) -> Double {
    (min(900, median * pace * exp(spread * random.normal())) * 1_000).rounded() / 1_000
  }

  /// Hands the user's events over.
  func finish(_ events: inout [Event], _ causes: inout [Int32], _ spans: inout [ClosedRange<Double>?]) {
    let platform = market.setup.platform
    let renames = platform.renames
    func widen(_ part: Int, _ low: Double, _ high: Double) {
      guard let known = spans[part] else { return spans[part] = low...high }
      spans[part] = min(low, known.lowerBound)...max(high, known.upperBound)
    }
    for visit in visits {
      for deed in visit.deeds {
        var event = deed.event
        event.time = (event.time * 1_000).rounded() / 1_000
        if deed.cause >= 0 { widen(Int(deed.cause), event.time, event.time) }
        if let rename = renames.first(where: { $0.from == event.action }) { event.action = rename.to }
        events.append(event)
        causes.append(deed.cause)
      }
    }
    if let fading { widen(fading.part, fading.span.lowerBound, fading.span.upperBound) }
  }
}

/// Where a session stands.
struct Place {
  let market: Market
  let user: String
  var time: Double
  var item: Int?
  var device: String
  var region: String
  var onApp: Bool

  init(_ market: Market, _ account: Account, time: Double, onApp: Bool) {
    self.market = market
    user = account.name
    self.time = time
    device = account.devices[0]
    region = account.region
    self.onApp = onApp
  }

  func price(isSale: Bool) -> Double {
    guard let item else { return 0 }
    return isSale ? (market.items[item].price * 67).rounded() / 100 : market.items[item].price
  }

  func deed(_ action: Action, item: Int? = nil, value: Double = 0, cause: Int32 = -1) -> Life.Deed {
    let goods = item.map { market.items[$0] }
    return Life.Deed(
      event: Event(
        user: user, time: time, action: action, item: goods?.id ?? "", category: goods?.category ?? "", value: value,
        device: device, region: region),
      cause: cause)
  }
}
