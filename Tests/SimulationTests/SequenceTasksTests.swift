import Foundation
import Simulation
import Tensors
import Testing

private typealias Sample = SequenceTasks.Sample

/// The area under the ROC curve of a first-order chain that was fitted on some samples of label 0.
private func orderArea(train: [Sample], normal: [Sample], anomalous: [Sample], states: Int) -> Double {
  var counts = [[Double]](repeating: [Double](repeating: 0.1, count: states), count: states)
  for sample in train { for (from, to) in zip(sample.tokens, sample.tokens.dropFirst()) { counts[from][to] += 1 } }
  func score(_ sample: Sample) -> Double {
    zip(sample.tokens, sample.tokens.dropFirst()).reduce(0) { sum, pair in
      sum - log(counts[pair.0][pair.1] / counts[pair.0].reduce(0, +))
    } / Double(sample.tokens.count - 1)
  }
  return areaUnderROC(negatives: normal.map(score), positives: anomalous.map(score))
}

private func split(_ samples: [Sample]) -> (train: [Sample], normal: [Sample], anomalous: [Sample]) {
  let half = samples.count / 2
  return (
    samples.prefix(half).filter { $0.label == 0 }, samples.dropFirst(half).filter { $0.label == 0 },
    samples.dropFirst(half).filter { $0.label == 1 }
  )
}

@Test("a reversed twin has the same counts, and a first-order chain tells it apart")
func reversedTwins() {
  var random = SeededRandom(seed: 1)
  let samples = SequenceTasks.reversedTwins(pairs: 600, using: &random)
  for pair in stride(from: 0, to: samples.count, by: 2) {
    #expect(samples[pair].tokens == samples[pair + 1].tokens.reversed())
  }
  let parts = split(samples)
  #expect(orderArea(train: parts.train, normal: parts.normal, anomalous: parts.anomalous, states: 10) > 0.9)
}

@Test("a count-matched bot has the same counts, and a first-order chain tells it apart")
func countMatchedBots() {
  var random = SeededRandom(seed: 2)
  let samples = SequenceTasks.countMatchedBots(pairs: 600, using: &random)
  for pair in stride(from: 0, to: samples.count, by: 2) {
    #expect(samples[pair].tokens.sorted() == samples[pair + 1].tokens.sorted())
  }
  let parts = split(samples)
  #expect(orderArea(train: parts.train, normal: parts.normal, anomalous: parts.anomalous, states: 8) > 0.85)
}

@Test("the coupon decides the last event; the event before it and the counts do not")
func couponRuleIsLong() {
  var random = SeededRandom(seed: 3)
  let samples = SequenceTasks.couponRule(count: 1_000, using: &random)
  for sample in samples {
    let early = sample.tokens.prefix(3).contains(4)
    #expect(early == (sample.label == 1) && sample.tokens.last == (early ? 5 : 12))
    #expect(sample.tokens[sample.tokens.count - 2] == 3)
    #expect(sample.tokens.count { $0 == 4 } == 1 && sample.tokens.allSatisfy { (0...12).contains($0) })
  }
  #expect((450..<550).contains(samples.count { $0.label == 1 }))
}

@Test("a new device that pays quickly looks normal to a first-order chain")
func deviceLatchIsLong() {
  var random = SeededRandom(seed: 4)
  let (normal, anomalous) = SequenceTasks.deviceLatch(count: 1_000, using: &random)
  #expect(normal.allSatisfy { !($0.tokens[0] == 1 && $0.tokens[7] == 8) })
  #expect(anomalous.allSatisfy { $0.tokens[0] == 1 && $0.tokens[7] == 8 && $0.step == 7 })
  let area = orderArea(
    train: Array(normal.prefix(500)), normal: Array(normal.dropFirst(500)), anomalous: anomalous, states: 10)
  #expect((0.35..<0.65).contains(area), "\(area)")
}

@Test("each motif occurs once, and the label says which is first")
func motifs() {
  var random = SeededRandom(seed: 5)
  let samples = SequenceTasks.motifOrder(count: 400, using: &random)
  func places(_ motif: [Int], in tokens: [Int]) -> [Int] {
    (0..<(tokens.count - 2)).filter { Array(tokens[$0..<($0 + 3)]) == motif }
  }
  var extra = 0
  for sample in samples {
    let (one, two) = (places([0, 1, 2], in: sample.tokens), places([3, 4, 5], in: sample.tokens))
    extra += one.count + two.count - 2
    #expect(sample.tokens.count == 96 && !one.isEmpty && !two.isEmpty)
    if one.count == 1 && two.count == 1 { #expect((one[0] > two[0]) == (sample.label == 1)) }
  }
  #expect(extra <= 4, "\(extra) motifs by chance")
}

@Test("an intent is a path: sessions of one are nearer to each other than to others'")
func intents() {
  var random = SeededRandom(seed: 6)
  let samples = SequenceTasks.intents(40, sessionsEach: 3, using: &random)
  #expect(samples.count == 120 && samples.allSatisfy { (8...24).contains($0.tokens.count) })
  func first(_ sample: Sample) -> [Int] { (0..<8).map { sample.tokens.firstIndex(of: $0) ?? 24 } }
  func distance(_ a: Sample, _ b: Sample) -> Double {
    let (x, y) = (first(a), first(b))
    return zip(x, y).reduce(0) { $0 + abs(Double($1.0 - $1.1)) }
  }
  var hits = 0
  for index in stride(from: 0, to: 120, by: 3) {
    let nearest = samples.indices.filter { $0 != index }.min {
      distance(samples[index], samples[$0]) < distance(samples[index], samples[$1])
    }
    hits += samples[nearest ?? 0].label == samples[index].label ? 1 : 0
  }
  #expect(hits > 15, "\(hits) of 40")
}

@Test("a misfit may follow what came before and cannot lead to what comes after")
func misfits() {
  var random = SeededRandom(seed: 7)
  let (normal, anomalous) = SequenceTasks.misfits(count: 2_000, using: &random)
  var seen = Set<[Int]>()
  for sample in normal { for (from, to) in zip(sample.tokens, sample.tokens.dropFirst()) { seen.insert([from, to]) } }
  #expect(seen.count <= 30)
  for sample in anomalous {
    let step = sample.step ?? 0
    #expect(seen.contains([sample.tokens[step - 1], sample.tokens[step]]))
    #expect(!seen.contains([sample.tokens[step], sample.tokens[step + 1]]))
  }
}

@Test("a culprit is in every session of label 1 and in no other")
func culprits() {
  var random = SeededRandom(seed: 8)
  for sample in SequenceTasks.culprits(count: 300, using: &random) {
    #expect(sample.tokens.contains(11) == (sample.label == 1))
    #expect(sample.step.map { sample.tokens[$0] == 11 } ?? (sample.label == 0))
  }
}
