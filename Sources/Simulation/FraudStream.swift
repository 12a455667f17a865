import Foundation
import Tensors

/// Sessions that arrive one by one and must be allowed, challenged or blocked; whether one was fraud is seen only if it
/// was not blocked.
///
/// Fraud is 2 % of them. Eight features describe a session, the first a constant 1; the odds of fraud are a logistic
/// function of them, known exactly (`probability(of:)`), so that the least possible cost is known too.
///
///     let stream = FraudStream(using: &random)
///     for _ in 0..<20_000 {
///       let session = stream.next(using: &random)
///       let outcome = stream.outcome(of: .challenge, session)   // cost 1, and the truth
///     }
public struct FraudStream: Sendable, Hashable {
  /// What can be done with a session.
  public enum Decision: Int, CaseIterable, Sendable {
    /// Let it pass.
    case allow
    /// Ask for a code sent by text message.
    case challenge
    /// Refuse it. Nobody learns what it was.
    case block
  }

  /// A session that waits for a decision. Its truth can only be had through `outcome(of:_:)`.
  public struct Arrival: Sendable, Hashable {
    /// Eight numbers; the first is 1.
    public let features: [Double]
    fileprivate let isFraud: Bool
    fileprivate let leavesWhenChallenged: Bool
  }

  /// How many numbers describe a session.
  public static let featureCount = 8

  /// The costs: a missed fraud 100, a blocked honest customer 10, a challenge 1, a customer lost by one 10 more.
  public static let costs = (missedFraud: 100.0, blockedHonest: 10.0, challenge: 1.0, lostCustomer: 10.0)

  /// The weights of the logistic truth, one a feature.
  public let weights: [Double]

  /// Draws the truth: fraud is about 2 % of all sessions.
  public init(using random: inout SeededRandom) {
    var direction: [Double] = []
    for _ in 1..<Self.featureCount { direction.append(random.normal()) }
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // With slope 2.5 an intercept of -6.3 gives 2 % on average over normal features.
    weights = [-6.3] + direction.map { 2.5 * $0 / length }
  }

  /// The probability of fraud: exact.
  public func probability(of features: [Double]) -> Double {
    1 / (1 + exp(-zip(weights, features).reduce(0) { $0 + $1.0 * $1.1 }))
  }

  /// The next session.
  public func next(using random: inout SeededRandom) -> Arrival {
    var features = [1.0]
    for _ in 1..<Self.featureCount { features.append(random.normal()) }
    return Arrival(
      features: features, isFraud: random.bool(probability: probability(of: features)),
      leavesWhenChallenged: random.bool(probability: 0.05))
  }

  /// What a decision costs, and what is learned from it.
  ///
  /// - Returns: the cost, and whether it was fraud; nil when the session was blocked.
  public func outcome(of decision: Decision, _ arrival: Arrival) -> (cost: Double, isFraud: Bool?) {
    let costs = Self.costs
    switch decision {
    case .allow: return (arrival.isFraud ? costs.missedFraud : 0, arrival.isFraud)
    case .challenge:
      let lost = !arrival.isFraud && arrival.leavesWhenChallenged
      return (costs.challenge + (lost ? costs.lostCustomer : 0), arrival.isFraud)
    case .block: return (arrival.isFraud ? 0 : costs.blockedHonest, nil)
    }
  }

  /// The decision with the least expected cost, by the exact probability.
  public func bestDecision(_ arrival: Arrival) -> Decision {
    let p = probability(of: arrival.features)
    let costs = Self.costs
    let expected = [
      p * costs.missedFraud, costs.challenge + 0.05 * (1 - p) * costs.lostCustomer, (1 - p) * costs.blockedHonest,
    ]
    return Decision.allCases.min { expected[$0.rawValue] < expected[$1.rawValue] } ?? .allow
  }
}
