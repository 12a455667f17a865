import Tensors

extension CouponShop {
  /// One step of a logged visit.
  public struct LoggedStep: Sendable, Hashable {
    /// Where the visit stood, in `0..<stateCount`.
    public let state: Int
    /// What was shown, in `0..<actionCount`.
    public let action: Int
    /// How likely the logging policy was to show it.
    public let propensity: Double
    /// What the shop earned.
    public let reward: Double
    /// The next state, or nil when the visit ended.
    public let next: Int?
  }

  /// Visits under a policy that draws its actions, with the probability of each recorded.
  ///
  /// - Parameters:
  ///   - count: how many visits.
  ///   - policy: for each state the probability of each action, `stateCount` rows of `actionCount`.
  ///   - random: where the randomness comes from.
  /// - Returns: the steps of each visit.
  public func loggedEpisodes(
    count: Int, policy: [[Double]], using random: inout SeededRandom
  ) -> [[LoggedStep]] {
    precondition(
      policy.count == Self.stateCount, "loggedEpisodes: \(Self.stateCount) rows expected, found \(policy.count)")
    return (0..<count).map { _ in
      var steps: [LoggedStep] = []
      var state: Int? = reset(using: &random)
      while let current = state {
        let action = random.index(weights: policy[current])
        let (next, reward) = step(state: current, action: action, using: &random)
        steps.append(
          LoggedStep(
            state: current, action: action, propensity: policy[current][action], reward: reward, next: next))
        state = next
      }
      return steps
    }
  }

  /// A policy that mostly does one thing and now and then anything.
  ///
  /// - Parameters:
  ///   - actions: for each state the usual action.
  ///   - epsilon: how often it chooses evenly among all actions instead.
  /// - Returns: for each state the probability of each action.
  public static func soft(_ actions: [Int], epsilon: Double) -> [[Double]] {
    precondition((0...1).contains(epsilon), "soft: epsilon must be in 0...1, found \(epsilon)")
    return actions.map { usual in
      (0..<actionCount).map { ($0 == usual ? 1 - epsilon : 0) + epsilon / Double(actionCount) }
    }
  }

  /// The old recommender whose logs the exercises have: coupons for the price-sensitive, pages for the rest.
  public static let recommender: [Int] = (0..<stateCount).map { index in
    let state = state(at: index)
    if state.couponUsed || state.cart == 0 { return Action.recommend.rawValue }
    return [Action.nothing, .coupon5, .coupon15][state.sensitivity].rawValue
  }
}
