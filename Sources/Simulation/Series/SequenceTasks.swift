import Foundation
import Tensors

/// Sessions of numbered events whose label hides in the order alone. Counts of events say nothing about any of them;
/// the comment of each tells what does.
public enum SequenceTasks {
  /// A session and what is to be found out about it.
  public struct Sample: Codable, Sendable, Hashable {
    /// The events.
    public var tokens: [Int]
    /// The class.
    public var label: Int
    /// The step that decides it, where there is one.
    public var step: Int?
  }

  /// A chain of first order: rows of probabilities, each state with the given number of successors.
  ///
  /// - Parameters:
  ///   - states: how many states.
  ///   - successors: how many can follow each, none of them seldom; nil for all, with Dirichlet(1/2) weights.
  ///   - random: where the randomness comes from.
  /// - Returns: `states` rows of `states` probabilities.
  public static func chain(states: Int, successors: Int? = nil, using random: inout SeededRandom) -> [[Double]] {
    (0..<states).map { _ in
      let allowed = successors.map { Set(random.permutation(of: states).prefix($0)) }
      // The square of a normal number is gamma distributed with shape 1/2.
      let weights = (0..<states).map { state -> Double in
        let z = random.normal()
        if let allowed { return allowed.contains(state) ? z * z + 0.3 : 0 }
        return z * z
      }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
  }

  /// A walk along a chain, from a state drawn evenly.
  public static func walk(_ chain: [[Double]], length: Int, using random: inout SeededRandom) -> [Int] {
    var tokens: [Int] = []
    for _ in 0..<length {
      tokens.append(tokens.last.map { random.index(weights: chain[$0]) } ?? random.below(chain.count))
    }
    return tokens
  }

  /// Walks (label 0) each followed by itself read backwards (label 1): a model of first order tells them apart.
  public static func reversedTwins(
    pairs: Int, states: Int = 10, length: ClosedRange<Int> = 8...20, using random: inout SeededRandom
  ) -> [Sample] {
    let chain = chain(states: states, using: &random)
    return (0..<pairs).flatMap { _ in
      let tokens = walk(chain, length: length.lowerBound + random.below(length.count), using: &random)
      return [Sample(tokens: tokens, label: 0), Sample(tokens: tokens.reversed(), label: 1)]
    }
  }

  /// Two motifs of three events, far apart, among noise of the same events; the label says which came first. Only what
  /// remembers the first motif can know.
  public static func motifOrder(
    count: Int, length: Int = 96, events: Int = 12, using random: inout SeededRandom
  ) -> [Sample] {
    precondition(length >= 24 && events >= 6, "motifOrder: at least 24 steps and 6 events are needed")
    let motifs = [[0, 1, 2], [3, 4, 5]]
    return (0..<count).map { _ in
      var tokens = (0..<length).map { _ in random.below(events) }
      // A chance motif would spoil the label.
      for start in 0..<(length - 2) where motifs.contains(Array(tokens[start..<(start + 3)])) {
        tokens[start + 1] = events - 1 - tokens[start + 1] % (events - 5)
      }
      let label = random.below(2)
      let early = random.below(length / 3 - 3)
      let late = 2 * length / 3 + random.below(length / 3 - 3)
      tokens.replaceSubrange(early..<(early + 3), with: motifs[label])
      tokens.replaceSubrange(late..<(late + 3), with: motifs[1 - label])
      return Sample(tokens: tokens, label: label, step: late)
    }
  }

  /// An intent is an order of the same eight events; a session repeats each one to three times and inserts a quarter of
  /// random events. The label is the intent's number.
  public static func intents(
    _ intents: Int, sessionsEach: Int, events: Int = 8, using random: inout SeededRandom
  ) -> [Sample] {
    (0..<intents).flatMap { intent in
      let path = random.permutation(of: events)
      return (0..<sessionsEach).map { _ in
        var tokens: [Int] = []
        for event in path {
          for _ in 0..<(1 + random.below(3)) {
            tokens.append(event)
            if random.bool(probability: 1.0 / 3) { tokens.append(random.below(events)) }
          }
        }
        return Sample(tokens: Array(tokens.prefix(24)), label: intent)
      }
    }
  }

  /// A coupon among the first three events decides the checkout at the end: with it the session ends in cart, purchase;
  /// without in cart, logout. What is between is the same chain, so only what remembers the start can know the last
  /// event. Tokens as `Action.known`, without logins and heartbeats; `step` is the last event's.
  public static func couponRule(
    count: Int, length: ClosedRange<Int> = 10...20, using random: inout SeededRandom
  ) -> [Sample] {
    let (cart, coupon, purchase, logout) = (3, 4, 5, 12)
    let middle = [0, 1, 2, 6, 7]  // search, view, favourite, review, service
    let chain = chain(states: middle.count, using: &random)
    return (0..<count).map { _ in
      let label = random.below(2)
      let total = length.lowerBound + random.below(length.count)
      var tokens = walk(chain, length: total - 3, using: &random).map { middle[$0] }
      // A coupon later on is in every session, so that its presence says nothing.
      let late = 5 + random.below(max(1, tokens.count - 5))
      tokens.insert(coupon, at: label == 1 ? random.below(3) : min(late, tokens.count))
      tokens += [cart, label == 1 ? purchase : logout]
      return Sample(tokens: tokens, label: label, step: tokens.count - 1)
    }
  }

  /// Sessions that open with a known or a new device and end in quick payment or verified payment, with six browsing
  /// events between. Normally a new device verifies and a known one does either. The anomaly (label 1) is a new device
  /// that pays quickly; each pair of neighbours is normal. Tokens: 0 known, 1 new, 2–7 browsing, 8 quick, 9 verified.
  public static func deviceLatch(
    count: Int, using random: inout SeededRandom
  ) -> (normal: [Sample], anomalous: [Sample]) {
    let chain = chain(states: 6, using: &random)
    func sample(isNew: Bool, quick: Bool, _ random: inout SeededRandom) -> Sample {
      let browsing = walk(chain, length: 6, using: &random).map { $0 + 2 }
      let isAnomalous = isNew && quick
      return Sample(
        tokens: [isNew ? 1 : 0] + browsing + [quick ? 8 : 9], label: isAnomalous ? 1 : 0, step: isAnomalous ? 7 : nil)
    }
    let normal = (0..<count).map { _ in
      let isNew = random.bool(probability: 0.5)
      return sample(isNew: isNew, quick: !isNew && random.bool(probability: 0.9), &random)
    }
    return (normal, (0..<count).map { _ in sample(isNew: true, quick: true, &random) })
  }

  /// Walks on a sparse chain (three successors each) in which one event was replaced by one that may follow what came
  /// before and does not lead to what comes after. `step` is the culprit; label 1. A model that reads forwards blames
  /// the next event.
  public static func misfits(
    count: Int, states: Int = 10, length: Int = 14, using random: inout SeededRandom
  ) -> (normal: [Sample], anomalous: [Sample]) {
    let chain = chain(states: states, successors: 3, using: &random)
    let normal = (0..<count).map { _ in Sample(tokens: walk(chain, length: length, using: &random), label: 0) }
    var anomalous: [Sample] = []
    while anomalous.count < count {
      var tokens = walk(chain, length: length, using: &random)
      let step = 1 + random.below(length - 2)
      let others = (0..<states).filter {
        chain[tokens[step - 1]][$0] > 0 && chain[$0][tokens[step + 1]] == 0 && $0 != tokens[step]
      }
      if others.isEmpty { continue }
      tokens[step] = others[random.below(others.count)]
      anomalous.append(Sample(tokens: tokens, label: 1, step: step))
    }
    return (normal, anomalous)
  }

  /// Sessions of people (label 0), each followed by a bot's with the very same events (label 1): the bot goes round in
  /// a loop, one event of each kind in turn.
  public static func countMatchedBots(
    pairs: Int, states: Int = 8, length: ClosedRange<Int> = 16...32, using random: inout SeededRandom
  ) -> [Sample] {
    let chain = chain(states: states, using: &random)
    return (0..<pairs).flatMap { _ in
      let person = walk(chain, length: length.lowerBound + random.below(length.count), using: &random)
      var left = [Int](repeating: 0, count: states)
      for token in person { left[token] += 1 }
      let loop = random.permutation(of: states)
      var bot: [Int] = []
      while bot.count < person.count {
        for token in loop where left[token] > 0 {
          bot.append(token)
          left[token] -= 1
        }
      }
      return [Sample(tokens: person, label: 0), Sample(tokens: bot, label: 1)]
    }
  }

  /// Sessions in which one guilty event at a random place, and nothing else, makes the label 1. The guilty event is the
  /// last number.
  public static func culprits(
    count: Int, length: Int = 16, events: Int = 12, using random: inout SeededRandom
  ) -> [Sample] {
    (0..<count).map { index in
      var tokens = (0..<length).map { _ in random.below(events - 1) }
      if index % 2 == 0 { return Sample(tokens: tokens, label: 0) }
      let step = random.below(length)
      tokens[step] = events - 1
      return Sample(tokens: tokens, label: 1, step: step)
    }
  }
}
