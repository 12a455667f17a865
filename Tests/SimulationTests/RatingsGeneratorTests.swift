import Behavior
import Foundation
import Simulation
import Tensors
import Testing

private let ratings: [Rating] = {
  var random = SeededRandom(seed: 1)
  return RatingsGenerator().ratings(using: &random)
}()

@Test("943 users rate 1,682 items about 100,000 times, each item at most once, and the same seed the same way")
func ratingsHaveTheShapeOfMovieLens() {
  #expect((90_000..<110_000).contains(ratings.count))
  #expect(Set(ratings.map(\.user)).count == 943)
  #expect(Set(ratings.map { [$0.user, $0.item] }).count == ratings.count)
  #expect(ratings.allSatisfy { (1...1_682).contains($0.item) && (1...5).contains($0.stars) })
  #expect(Dictionary(grouping: ratings, by: \.user).values.allSatisfy { $0.count >= 20 })
  var random = SeededRandom(seed: 1)
  #expect(RatingsGenerator().ratings(using: &random) == ratings)
}

@Test("ratings are sorted by user and time, and a tenth of the items gets a third of them")
func ratingsAreSkewed() {
  #expect(zip(ratings, ratings.dropFirst()).allSatisfy { ($0.user, $0.time) <= ($1.user, $1.time) })
  var counts = [Int](repeating: 0, count: 1_683)
  for rating in ratings { counts[rating.item] += 1 }
  let top = counts.sorted(by: >).prefix(168).reduce(0, +)
  #expect(Double(top) / Double(ratings.count) > 0.3)
  let mean = Double(ratings.reduce(0) { $0 + $1.stars }) / Double(ratings.count)
  #expect((3.3..<4.1).contains(mean))
}

@Test("similar items find the last rated one far more often than popularity, and recent ones tell most")
func ratingsRewardItemsAndRecency() {
  let items = 1_682
  let histories = Dictionary(grouping: ratings, by: \.user).sorted { $0.key < $1.key }.map(\.value)
  var together = [Float](repeating: 0, count: items * items)
  together.withUnsafeMutableBufferPointer { together in
    for history in histories {
      let seen = history.dropLast().map { $0.item - 1 }
      for i in seen { for j in seen { together[i * items + j] += 1 } }
    }
  }
  let bought = (0..<items).map { together[$0 * items + $0] }
  func rank(of target: Int, in scores: [Float], without owned: Set<Int>) -> Int {
    var rank = 0
    for item in scores.indices where scores[item] > scores[target] && !owned.contains(item) { rank += 1 }
    return rank
  }
  var (popular, similar, recent) = (0, 0, 0)
  let judged = histories.prefix(250)
  for history in judged {
    guard let last = history.last else { continue }
    let owned = Set(history.dropLast().map { $0.item - 1 })
    var plain = [Float](repeating: 0, count: items)
    var fresh = plain
    for rating in history.dropLast() {
      let i = rating.item - 1
      let weight = Float(exp2(-Double(last.time - rating.time) / (30 * 86_400)))
      for j in 0..<items where together[i * items + j] > 0 {
        let count = together[i * items + j]
        let cosine = count / (bought[i] * bought[j]).squareRoot() * count / (count + 20)
        plain[j] += cosine
        fresh[j] += weight * cosine
      }
    }
    if rank(of: last.item - 1, in: bought, without: owned) < 10 { popular += 1 }
    if rank(of: last.item - 1, in: plain, without: owned) < 10 { similar += 1 }
    if rank(of: last.item - 1, in: fresh, without: owned) < 10 { recent += 1 }
  }
  #expect(Double(similar) > 1.5 * Double(popular), "of \(judged.count): popular \(popular), similar \(similar)")
  #expect(Double(recent) > 1.15 * Double(similar), "of \(judged.count): similar \(similar), recent \(recent)")
}
