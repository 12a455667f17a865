import Foundation
import Simulation
import Tensors
import Testing

private struct Sets {
  let shop: ChannelSwitchSessions
  let train: [ChannelSwitchSessions.Sample]
  let normal: [ChannelSwitchSessions.Sample]
  let stolen: [ChannelSwitchSessions.Sample]

  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    shop = ChannelSwitchSessions(using: &random)
    train = shop.normal(count: 3_000, using: &random)
    normal = shop.normal(count: 500, using: &random)
    stolen = shop.takeovers(count: 500, using: &random)
  }
}

@Test("a session opens with a login, has 20 events, and a quarter of the others are heartbeats")
func channelSessionShape() {
  let sets = Sets(seed: 1)
  var heartbeats = 0
  for sample in sets.train {
    #expect(sample.tokens.count == 20)
    #expect([8, 9].contains(sample.tokens[0]))
    #expect(sample.tokens.dropFirst().allSatisfy { (0..<8).contains($0) || $0 == 10 || $0 == 11 })
    heartbeats += sample.tokens.count { $0 >= 10 }
  }
  #expect(abs(Double(heartbeats) / Double(3_000 * 19) - 0.25) < 0.01)
  #expect(ChannelSwitchSessions.tokens.count == ChannelSwitchSessions.vocabularySize)
}

@Test("the channel never changes in a normal session and stays changed after a takeover")
func channelLatch() {
  let sets = Sets(seed: 2)
  for sample in sets.train {
    #expect(sample.switchStep == nil && sample.firstWrongStep == nil)
    #expect(sample.tokens.allSatisfy { $0 < 10 || $0 - 10 == sample.tokens[0] - 8 })
  }
  for sample in sets.stolen {
    let step = sample.switchStep ?? -1
    #expect((6...13).contains(step))
    let wrong = sample.tokens.indices.filter {
      sample.tokens[$0] >= 10 && sample.tokens[$0] - 10 != sample.tokens[0] - 8
    }
    #expect(wrong.first == sample.firstWrongStep)
    #expect(wrong.allSatisfy { $0 >= step })
    #expect(sample.tokens.indices.dropFirst(step).allSatisfy { sample.tokens[$0] < 10 || wrong.contains($0) })
  }
}

@Test("a first-order Markov model is near chance, one look back to the login is not", arguments: [3, 4, 5] as [UInt64])
func markovIsBlind(seed: UInt64) {
  let sets = Sets(seed: seed)
  var counts = [[Double]](repeating: [Double](repeating: 0.1, count: 12), count: 12)
  for sample in sets.train {
    for (from, to) in zip(sample.tokens, sample.tokens.dropFirst()) { counts[from][to] += 1 }
  }
  let totals = counts.map { $0.reduce(0, +) }
  func surprise(_ sample: ChannelSwitchSessions.Sample) -> [Double] {
    zip(sample.tokens, sample.tokens.dropFirst()).map { -log(counts[$0][$1] / totals[$0]) }
  }
  func mean(_ sample: ChannelSwitchSessions.Sample) -> Double { surprise(sample).reduce(0, +) / 19 }
  func most(_ sample: ChannelSwitchSessions.Sample) -> Double { surprise(sample).max() ?? 0 }
  func remembers(_ sample: ChannelSwitchSessions.Sample) -> Double {
    sample.tokens.contains { $0 >= 10 && $0 - 10 != sample.tokens[0] - 8 } ? 1 : 0
  }
  let byMean = areaUnderROC(negatives: sets.normal.map(mean), positives: sets.stolen.map(mean))
  let byMost = areaUnderROC(negatives: sets.normal.map(most), positives: sets.stolen.map(most))
  let byMemory = areaUnderROC(negatives: sets.normal.map(remembers), positives: sets.stolen.map(remembers))
  #expect((0.45..<0.6).contains(byMean), "mean surprise: \(byMean)")
  #expect((0.45..<0.6).contains(byMost), "largest surprise: \(byMost)")
  #expect(byMemory > 0.9, "memory of the login: \(byMemory)")
}

@Test("the same seed gives the same sessions")
func channelSessionsAreReproducible() {
  let (one, two, other) = (Sets(seed: 6), Sets(seed: 6), Sets(seed: 7))
  #expect(one.stolen == two.stolen && one.shop == two.shop)
  #expect(one.stolen != other.stolen)
}
