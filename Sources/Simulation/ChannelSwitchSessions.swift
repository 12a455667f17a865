import Behavior
import Tensors

/// Sessions in which an account may silently change hands, made so that only a long memory notices it.
///
/// A session has 20 events. It opens with a login on the app or on the web. Then every event is, with probability
/// 1/4, a heartbeat that carries the channel, and otherwise the next step of a first-order Markov chain over eight
/// browsing actions, which knows nothing of channels. In a normal session the channel never changes. In a takeover
/// it changes before step 6 to 13: every heartbeat from there on shows the other channel.
///
/// A model that remembers one event sees the change only where it falls between two neighbouring events that both
/// carry a channel, which is rare.
///
///     let shop = ChannelSwitchSessions(using: &random)
///     let train = shop.normal(count: 3_000, using: &random)
///     let stolen = shop.takeovers(count: 500, using: &random)
public struct ChannelSwitchSessions: Sendable, Hashable {
  /// How many events a session has.
  public static let length = 20

  /// What the token numbers mean: eight browsing actions, then login and heartbeat on the app and on the web.
  public static let tokens = Array(Action.known.prefix(12))

  /// How many different tokens there are.
  public static let vocabularySize = 12

  /// The browsing chain: row i holds the probabilities of what follows action i.
  public let transitions: [[Double]]

  /// One session.
  public struct Sample: Codable, Sendable, Hashable {
    /// The 20 token numbers.
    public let tokens: [Int]

    /// The step from which on the channel is the other one, or nil in a normal session.
    public let switchStep: Int?

    /// The first event that shows the wrong channel, or nil if none does.
    public let firstWrongStep: Int?
  }

  private static let browsing = 8
  private static let heartbeatShare = 0.25
  private static let switchSteps = 6...13

  /// Draws the browsing chain: each row from a Dirichlet distribution with all parameters 1/2.
  public init(using random: inout SeededRandom) {
    var rows: [[Double]] = []
    for _ in 0..<Self.browsing {
      // The square of a standard normal number is gamma distributed with shape 1/2.
      let weights = (0..<Self.browsing).map { _ in
        let z = random.normal()
        return z * z
      }
      let total = weights.reduce(0, +)
      rows.append(weights.map { $0 / total })
    }
    transitions = rows
  }

  /// Sessions whose channel never changes.
  public func normal(count: Int, using random: inout SeededRandom) -> [Sample] {
    (0..<count).map { _ in session(switchStep: nil, using: &random) }
  }

  /// Sessions that were taken over at a step from 6 to 13.
  public func takeovers(count: Int, using random: inout SeededRandom) -> [Sample] {
    (0..<count).map { _ in
      let step = Self.switchSteps.lowerBound + random.below(Self.switchSteps.count)
      return session(switchStep: step, using: &random)
    }
  }

  private func session(switchStep: Int?, using random: inout SeededRandom) -> Sample {
    let channel = random.below(2)  // 0 app, 1 web
    var action = random.below(Self.browsing)
    var tokens = [8 + channel]
    var firstWrong: Int?
    for step in 1..<Self.length {
      if random.bool(probability: Self.heartbeatShare) {
        let switched = switchStep.map { step >= $0 } ?? false
        if switched && firstWrong == nil { firstWrong = step }
        tokens.append(10 + (switched ? 1 - channel : channel))
      } else {
        tokens.append(action)
        action = random.index(weights: transitions[action])
      }
    }
    return Sample(tokens: tokens, switchStep: switchStep, firstWrongStep: firstWrong)
  }
}
