import Foundation
import Simulation
import Tensors
import Testing

@Test("planted intervals show in an hourly series: bursts and nights high, silence empty, a slump only as a whole")
func activityIntervals() {
  var random = SeededRandom(seed: 1)
  var burst = 0.0
  var slumps: [Double] = []
  var worst: [Double] = []
  for _ in 0..<40 {
    let series = ActivitySeries.hourly(days: 28, planting: ActivitySeries.Kind.allCases, using: &random)
    #expect(series.values.count == 672 && series.intervals.map(\.kind) == ActivitySeries.Kind.allCases)
    #expect(
      zip(series.intervals, series.intervals.dropFirst()).allSatisfy { $0.hours.upperBound <= $1.hours.lowerBound })
    #expect(series.isAnomalous.count { $0 } == series.intervals.reduce(0) { $0 + $1.hours.count })
    // Each hour against the median of the same hour of the day.
    let usual = (0..<24).map { hour in median((0..<28).map { series.values[24 * $0 + hour] }) }
    func ratios(_ hours: Range<Int>) -> [Double] { hours.map { series.values[$0] / max(1, usual[$0 % 24]) } }
    for interval in series.intervals {
      switch interval.kind {
      case .burst: burst += median(ratios(interval.hours)) / 40
      case .nightBot: #expect(median(ratios(interval.hours)) > 1.5)
      case .silence: #expect(interval.hours.allSatisfy { series.values[$0] < 5 })
      case .slump:
        let deviations = interval.hours.map {
          (series.values[$0] - usual[$0 % 24]) / max(1, usual[$0 % 24]).squareRoot()
        }
        slumps.append(deviations.reduce(0, +) / Double(deviations.count).squareRoot())
        worst.append(deviations.min() ?? 0)
      }
    }
  }
  #expect((4..<6.5).contains(burst), "\(burst)")
  #expect(median(slumps) < -5 && median(worst) > -5, "\(median(slumps)), \(median(worst))")
}

@Test("daily curves of one shape are alike once they are aligned")
func dailyCurves() {
  var random = SeededRandom(seed: 2)
  let (curves, shapes) = ActivitySeries.dailyCurves(count: 80, using: &random)
  #expect(curves.allSatisfy { $0.count == 96 } && Set(shapes) == [0, 1, 2, 3])
  func similarity(_ x: [Double], _ y: [Double]) -> Double {
    func dot(_ x: [Double], _ y: [Double], shift: Int) -> Double {
      var sum = 0.0
      for step in max(0, shift)..<min(96, 96 + shift) { sum += x[step] * y[step - shift] }
      return sum
    }
    let norm = (dot(x, x, shift: 0) * dot(y, y, shift: 0)).squareRoot()
    return (-60...60).map { dot(x, y, shift: $0) / norm }.max() ?? 0
  }
  var (same, other): ([Double], [Double]) = ([], [])
  for one in 0..<24 {
    for two in (one + 1)..<24 {
      let value = similarity(curves[one], curves[two])
      if shapes[one] == shapes[two] { same.append(value) } else { other.append(value) }
    }
  }
  #expect(median(same) > median(other) + 0.1, "\(median(same)) and \(median(other))")
}

@Test("a bot ticks evenly and a person nearly so, as often")
func ticks() {
  var random = SeededRandom(seed: 11)
  var rates = [0.0, 0.0]
  for series in ActivitySeries.ticks(count: 200, using: &random) {
    let steps = series.ticks.indices.filter { series.ticks[$0] == 1 }
    let gaps = zip(steps, steps.dropFirst()).map { $1 - $0 }
    #expect(gaps.allSatisfy { series.isBot ? $0 == 20 : (17...23).contains($0) })
    rates[series.isBot ? 1 : 0] += Double(steps.count)
  }
  #expect(abs(rates[0] / rates[1] - 1) < 0.1, "\(rates)")
}

@Test("a shuffled stretch has the same values as the periodic one, and no period")
func periodicStretches() {
  var random = SeededRandom(seed: 3)
  let series = ActivitySeries.periodicStretches(pairs: 200, using: &random)
  func best(_ x: [Double]) -> Double {
    (3...6).map { lag in zip(x, x.dropFirst(lag)).reduce(0.0) { $0 + $1.0 * $1.1 } }.max() ?? 0
  }
  for pair in stride(from: 0, to: series.count, by: 2) {
    #expect(series[pair].values.sorted() == series[pair + 1].values.sorted())
  }
  let area = areaUnderROC(
    negatives: series.filter { !$0.isPeriodic }.map { best($0.values) },
    positives: series.filter(\.isPeriodic).map { best($0.values) })
  #expect(area > 0.85, "\(area)")
}

@Test("calendars of different patterns differ, whatever the hour of the user's day")
func calendars() {
  var random = SeededRandom(seed: 4)
  func share(_ pattern: CalendarPattern, days: (Int) -> Bool) -> Float {
    (0..<20).reduce(0) { sum, _ in
      let pixels = pattern.draw(using: &random)
      #expect(pixels.count == 672 && pixels.allSatisfy { (0...1).contains($0) })
      let chosen = (0..<28).filter(days).flatMap { pixels[(24 * $0)..<(24 * $0 + 24)] }
      return sum + chosen.reduce(0, +) / Float(chosen.count) / 20
    }
  }
  let weekend = { (day: Int) in day % 7 >= 5 }
  #expect(share(.weekend, days: weekend) > 4 * share(.weekend) { !weekend($0) })
  #expect(share(.weekday) { !weekend($0) } > 4 * share(.weekday, days: weekend))
  #expect(share(.churning) { $0 < 7 } > 3 * share(.churning) { $0 >= 20 })
  #expect(share(.widening) { $0 >= 21 } > 2.5 * share(.widening) { $0 < 7 })
  #expect(CalendarPattern.known.count == 8 && CalendarPattern.allCases.count == 12)
}

@Test("churn: the share, the angle, a shifted prior and shifted features are as asked")
func churnViews() {
  var random = SeededRandom(seed: 5)
  let (a, b) = (ChurnView(), ChurnView(rotation: 20))
  let dot = zip(a.weights, b.weights).reduce(0) { $0 + $1.0 * $1.1 }
  let lengths = (a.weights.reduce(0) { $0 + $1 * $1 } * b.weights.reduce(0) { $0 + $1 * $1 }).squareRoot()
  #expect(abs(acos(dot / lengths) * 180 / .pi - 20) < 1e-6)
  #expect(zip(a.weights, ChurnView(rotation: 180).weights).allSatisfy { abs($0 + $1) < 1e-9 })
  let rows = a.draw(20_000, using: &random)
  #expect(ChurnView.names.count == 12 && rows.allSatisfy { $0.features.count == 12 })
  for column in 0..<12 {
    let (mean, deviation) = moments(rows.map { $0.features[column] })
    #expect(abs(mean) < 0.03 && abs(deviation - 1) < 0.03)
  }
  let share = Double(rows.count { $0.isGone }) / 20_000
  #expect((0.25..<0.45).contains(share), "\(share)")
  let area = areaUnderROC(
    negatives: rows.prefix(3_000).filter { !$0.isGone }.map { a.probability(of: $0.features) },
    positives: rows.prefix(3_000).filter(\.isGone).map { a.probability(of: $0.features) })
  #expect((0.85..<0.95).contains(area), "\(area)")
  let rare = ChurnView(prior: 0.05).draw(10_000, using: &random)
  #expect(abs(Double(rare.count { $0.isGone }) / 10_000 - 0.05) < 0.01)
  let moved = ChurnView(featureShift: 1).draw(5_000, using: &random)
  #expect(
    abs(moments(moved.map { $0.features[3] }).mean - 1) < 0.05 && abs(moments(moved.map { $0.features[4] }).mean) < 0.05
  )
}

@Test("two sessions of a hundred are fraud; the exact decision is cheapest, and a blocked one tells nothing")
func fraudStream() {
  var random = SeededRandom(seed: 6)
  let stream = FraudStream(using: &random)
  var costs = [0.0, 0.0, 0.0, 0.0]
  var frauds = 0.0
  for _ in 0..<20_000 {
    let arrival = stream.next(using: &random)
    #expect(arrival.features.count == FraudStream.featureCount && arrival.features[0] == 1)
    #expect(stream.outcome(of: .block, arrival).isFraud == nil)
    frauds += stream.outcome(of: .allow, arrival).isFraud == true ? 1 : 0
    for decision in FraudStream.Decision.allCases {
      costs[decision.rawValue] += stream.outcome(of: decision, arrival).cost / 20_000
    }
    costs[3] += stream.outcome(of: stream.bestDecision(arrival), arrival).cost / 20_000
  }
  #expect((0.013..<0.027).contains(frauds / 20_000), "\(frauds / 20_000)")
  #expect(costs[3] < 0.6 * (costs.prefix(3).min() ?? 0), "\(costs)")
}

@Test("logged visits record the probability of what was shown, and weighing by it values another policy")
func loggedEpisodes() {
  var random = SeededRandom(seed: 7)
  let shop = CouponShop()
  let behaviour = CouponShop.soft(CouponShop.recommender, epsilon: 0.3)
  let target = CouponShop.soft(CouponShop.recommender, epsilon: 0.6)
  let episodes = shop.loggedEpisodes(count: 20_000, policy: behaviour, using: &random)
  var (plain, weighed) = (0.0, 0.0)
  for episode in episodes {
    var (weight, discount) = (1.0, 1.0)
    for step in episode {
      #expect(step.propensity == behaviour[step.state][step.action])
      weight *= target[step.state][step.action] / step.propensity
      plain += discount * step.reward / 20_000
      weighed += weight * discount * step.reward / 20_000
      discount *= CouponShop.discount
    }
    #expect(episode.last?.next == nil && zip(episode, episode.dropFirst()).allSatisfy { $0.next == $1.state })
  }
  #expect(abs(plain - shop.expectedReturn(of: behaviour)) < 0.1)
  #expect(abs(weighed - shop.expectedReturn(of: target)) < 0.3, "\(weighed), \(shop.expectedReturn(of: target))")
}

@Test("tables hide their truth where they say: in the segment, in the interaction, in the user, in the pair")
func featureTables() {
  var random = SeededRandom(seed: 8)
  let segments = FeatureTables.segments(600, using: &random)
  #expect(Set(segments.groups).count == 6 && segments.rows.allSatisfy { $0.count == 12 })
  let factors = FeatureTables.factors(2_000, using: &random)
  for row in zip(factors.labels, factors.groups) where row.0 == 1 { #expect(row.1 == 0 || row.1 == 3) }
  #expect((0.1..<0.3).contains(Double(factors.labels.reduce(0, +)) / 2_000))
  let users = FeatureTables.repeatedUsers(200, using: &random)
  // A user's sessions are much nearer to each other than to another's.
  func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
  #expect(distance(users.rows[0], users.rows[1]) * 1.5 < distance(users.rows[0], users.rows[10]))
  let fraud = FeatureTables.exclusiveOr(1_000, using: &random)
  for column in 0..<2 {
    let area = areaUnderROC(
      negatives: zip(fraud.rows, fraud.labels).filter { $0.1 == 0 }.map { $0.0[column] },
      positives: zip(fraud.rows, fraud.labels).filter { $0.1 == 1 }.map { $0.0[column] })
    #expect(abs(area - 0.5) < 0.05)
  }
}

@Test("a ring's baskets overlap far more than others' and are no more popular")
func basketRing() {
  var random = SeededRandom(seed: 9)
  let (baskets, isInRing) = FeatureTables.baskets(using: &random)
  #expect(baskets.allSatisfy { $0.count == 15 && Set($0).count == 15 } && isInRing.count { $0 } == 12)
  func overlap(_ members: [Int]) -> Double {
    var sum = 0.0
    for one in members {
      for two in members where two > one { sum += Double(Set(baskets[one]).intersection(baskets[two]).count) }
    }
    return sum / Double(members.count * (members.count - 1) / 2)
  }
  let (ring, others) = (baskets.indices.filter { isInRing[$0] }, baskets.indices.filter { !isInRing[$0] })
  #expect(overlap(ring) > 2.5 * overlap(others), "\(overlap(ring)), \(overlap(others))")
  func popularity(_ user: Int) -> Double { baskets[user].reduce(0) { $0 + 1 / Double($1 + 10) } }
  let area = areaUnderROC(negatives: others.map(popularity), positives: ring.map(popularity))
  #expect((0.2..<0.8).contains(area), "\(area)")
}

@Test("two fifths of a camouflaged fraudster's links lead to honest accounts; without the option nothing changes")
func camouflagedGraph() {
  func share(_ graph: DeviceGraph) -> Double {
    var (mixed, all) = (0.0, 0.0)
    for edge in graph.edges {
      let frauds = graph.labels[edge.a] + graph.labels[edge.b]
      mixed += frauds == 1 ? 1 : 0
      all += Double(frauds)
    }
    return mixed / all
  }
  var (one, two) = (SeededRandom(seed: 10), SeededRandom(seed: 10))
  let plain = DeviceGraph(using: &one)
  let hidden = DeviceGraph(camouflageShare: 0.4, using: &two)
  #expect(share(plain) < 0.25, "\(share(plain))")
  #expect((0.37..<0.47).contains(share(hidden)), "\(share(hidden))")
}
