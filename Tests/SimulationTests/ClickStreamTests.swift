import Foundation
import Simulation
import Tensors
import Testing

private let site: ClickStream = {
  var random = SeededRandom(seed: 1)
  return ClickStream(using: &random)
}()

@Test("the Bayes scores are probabilities, and clicks come as often as they say")
func clicksFollowTheirScores() {
  var random = SeededRandom(seed: 2)
  for prefix in [[], [3], [3, 17], [17, 3], [9, 3, 17]] {
    let scores = site.probabilities(after: prefix)
    #expect(scores.count == 40 && scores.allSatisfy { $0 > 0 } && abs(scores.reduce(0, +) - 1) < 1e-9)
  }
  #expect(site.probabilities(after: [9, 3, 17]) == site.probabilities(after: [3, 17]))
  // χ² of 20,000 second clicks after page 3, on 39 degrees of freedom.
  let expected = site.probabilities(after: [3])
  var counts = [Double](repeating: 0, count: 40)
  for _ in 0..<20_000 { counts[random.index(weights: expected)] += 1 }
  let chi = zip(counts, expected).reduce(0) { $0 + ($1.0 - 20_000 * $1.1) * ($1.0 - 20_000 * $1.1) / (20_000 * $1.1) }
  #expect(chi < 80, "χ² \(chi)")
}

@Test("first-order scores beat popularity by far, and the Bayes scores beat those by as much again")
func clicksHaveSecondOrder() {
  var random = SeededRandom(seed: 3)
  let clicks = site.clicks(users: 1_500, using: &random)
  #expect(zip(clicks, clicks.dropFirst()).allSatisfy { $0.time <= $1.time })
  var sessions: [[Int]: [Int]] = [:]
  for click in clicks { sessions[[click.user, click.session], default: []].append(click.page) }
  let (train, test) = (sessions.filter { $0.key[0] < 1_000 }, sessions.filter { $0.key[0] >= 1_000 })
  var popular = [Double](repeating: 1, count: 40)
  var pairs = [[Double]](repeating: [Double](repeating: 0.1, count: 40), count: 40)
  for pages in train.values {
    for page in pages { popular[page] += 1 }
    for (from, to) in zip(pages, pages.dropFirst()) { pairs[from][to] += 1 }
  }
  var hits = [0.0, 0.0, 0.0]
  var count = 0.0
  for pages in test.values {
    for step in 1..<pages.count {
      count += 1
      let scores = [popular, pairs[pages[step - 1]], site.probabilities(after: Array(pages[..<step]))]
      for (model, scores) in scores.enumerated() where scores.count(where: { $0 > scores[pages[step]] }) < 5 {
        hits[model] += 1
      }
    }
  }
  let rates = hits.map { $0 / count }
  #expect(count > 10_000)
  #expect(rates[1] > rates[0] + 0.2 && rates[2] > rates[1] + 0.12 && rates[2] > 0.85, "HR@5 \(rates)")
}

@Test("the first users click the same whatever the number of users")
func clicksExtend() {
  var (one, two) = (SeededRandom(seed: 4), SeededRandom(seed: 4))
  let few = site.clicks(users: 20, using: &one)
  #expect(site.clicks(users: 60, using: &two).filter { $0.user < 20 } == few)
}

@Test("hourly views have a daily and a weekly season, a trend and two promotions")
func hourlyViewsHaveSeasons() {
  var random = SeededRandom(seed: 5)
  let views = ClickStream.hourlyViews(using: &random)
  func day(_ day: Int) -> Double { views[(24 * day)..<(24 * day + 24)].reduce(0, +) }
  func hour(_ hour: Int) -> Double { (0..<60).reduce(0) { $0 + views[24 * $1 + hour] } }
  #expect(views.count == 1_440 && hour(20) > 3 * hour(4))
  #expect((1.25..<1.45).contains((day(5) + day(6)) / (day(3) + day(4))))
  #expect((1.8..<2.1).contains(day(20) / day(13)) && (1.15..<1.3).contains(day(56) / day(0)))
}
