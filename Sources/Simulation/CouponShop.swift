import Tensors

/// A small shop as a decision process: at each step of a visit the shop decides what to show.
///
/// A state is how deep the visit is (0–5), how full the cart (0–3), how price-sensitive the visitor is (0–2) and
/// whether a coupon was shown in this visit: 144 states, all visible. A step goes like this:
///
/// 1. An item may go into the cart; a recommendation makes that likelier.
/// 2. With something in the cart the visitor may buy, which ends the visit. A coupon makes that likelier, most for
///    the price-sensitive, and costs its share of the basket. Only the first coupon works; who was shown one before
///    and is shown none now is less willing to pay the full price.
/// 3. Who did not buy may leave, and leaves for certain after the last step.
///
/// The reward is the margin of the basket, less the coupon. Because everything is a table (`transitions(state:action:)`),
/// the best policy is known exactly, and a learned one can be measured against it.
public struct CouponShop: Sendable {
  /// What the shop can do.
  public enum Action: Int, CaseIterable, Codable, Sendable {
    /// Show nothing special.
    case nothing
    /// Show a recommendation.
    case recommend
    /// Show a coupon of 5 %.
    case coupon5
    /// Show a coupon of 15 %.
    case coupon15
  }

  /// What the shop sees of a visit.
  public struct State: Codable, Sendable, Hashable {
    /// Steps so far, 0–5.
    public var depth: Int
    /// Items in the cart, 0–3 (3 means three or more).
    public var cart: Int
    /// How price-sensitive the visitor is: 0 hardly, 1 somewhat, 2 very.
    public var sensitivity: Int
    /// Whether a coupon was shown in this visit.
    public var couponUsed: Bool

    /// A state.
    public init(depth: Int, cart: Int, sensitivity: Int, couponUsed: Bool) {
      self.depth = depth
      self.cart = cart
      self.sensitivity = sensitivity
      self.couponUsed = couponUsed
    }
  }

  /// One thing that can follow an action.
  public struct Transition: Codable, Sendable, Hashable {
    /// How likely it is.
    public let probability: Double
    /// The next state, or nil when the visit ends.
    public let next: Int?
    /// What the shop earns.
    public let reward: Double
  }

  /// How many states there are.
  public static let stateCount = depths * carts * classes * 2

  /// How many actions there are.
  public static let actionCount = Action.allCases.count

  /// How many numbers describe a state to a model.
  public static let featureCount = 6

  /// The discount that the exercises use.
  public static let discount = 0.95

  /// How likely each state is to open a visit: an empty cart, no coupon, 30 % hardly, 40 % somewhat and 30 % very
  /// price-sensitive visitors.
  public let start: [Double]

  private static let depths = 6
  private static let carts = 4
  private static let classes = 3

  private let table: [[[Transition]]]

  /// The shop.
  public init() {
    var start = [Double](repeating: 0, count: Self.stateCount)
    for (sensitivity, share) in [0.3, 0.4, 0.3].enumerated() {
      start[Self.index(of: State(depth: 0, cart: 0, sensitivity: sensitivity, couponUsed: false))] = share
    }
    self.start = start
    table = (0..<Self.stateCount).map { state in
      Action.allCases.map { action in Self.outcomes(of: action, in: Self.state(at: state)) }
    }
  }

  /// The number of a state.
  public static func index(of state: State) -> Int {
    ((state.depth * carts + state.cart) * classes + state.sensitivity) * 2 + (state.couponUsed ? 1 : 0)
  }

  /// The state of a number in `0..<stateCount`.
  public static func state(at index: Int) -> State {
    precondition((0..<stateCount).contains(index), "CouponShop: state \(index) is outside 0..<\(stateCount)")
    return State(
      depth: index / (carts * classes * 2), cart: index / (classes * 2) % carts, sensitivity: index / 2 % classes,
      couponUsed: index % 2 == 1)
  }

  /// A state as six numbers in 0...1: depth, cart, one-hot sensitivity, coupon.
  public static func features(of index: Int) -> [Float] {
    let state = state(at: index)
    var features: [Float] = [Float(state.depth) / 5, Float(state.cart) / 3, 0, 0, 0, state.couponUsed ? 1 : 0]
    features[2 + state.sensitivity] = 1
    return features
  }

  /// Everything that can follow an action.
  ///
  /// - Parameters:
  ///   - state: a number in `0..<stateCount`.
  ///   - action: a number in `0..<actionCount`.
  /// - Returns: the outcomes in a fixed order; their probabilities add up to 1.
  public func transitions(state: Int, action: Int) -> [Transition] {
    precondition((0..<Self.stateCount).contains(state), "CouponShop: state \(state) is outside 0..<\(Self.stateCount)")
    precondition(
      (0..<Self.actionCount).contains(action), "CouponShop: action \(action) is outside 0..<\(Self.actionCount)")
    return table[state][action]
  }

  /// Opens a visit.
  public func reset(using random: inout SeededRandom) -> Int {
    random.index(weights: start)
  }

  /// Takes one step.
  ///
  /// - Returns: what happened; `next` is nil when the visit ended.
  public func step(state: Int, action: Int, using random: inout SeededRandom) -> (next: Int?, reward: Double) {
    let outcomes = transitions(state: state, action: action)
    var rest = random.uniform()
    for outcome in outcomes {
      rest -= outcome.probability
      if rest < 0 { return (outcome.next, outcome.reward) }
    }
    let last = outcomes[outcomes.count - 1]  // the probabilities may fall short of 1 by rounding
    return (last.next, last.reward)
  }
}

// MARK: - The numbers of the shop

extension CouponShop {
  private static func outcomes(of action: Action, in state: State) -> [Transition] {
    let addsItem = action == .recommend ? 0.50 : 0.35
    let mostItems = state.cart == carts - 1
    var outcomes: [Transition] = []
    for (added, chance) in [(1, mostItems ? 0 : addsItem), (0, mostItems ? 1 : 1 - addsItem)] where chance > 0 {
      let cart = state.cart + added
      let buys = purchaseProbability(cart: cart, action: action, state: state)
      if buys > 0 {
        outcomes.append(Transition(probability: chance * buys, next: nil, reward: margin(cart: cart, action: action)))
      }
      let stays = state.depth == depths - 1 ? 0 : 1 - leaveProbability(action: action, state: state)
      if stays > 0 {
        let next = State(
          depth: state.depth + 1, cart: cart, sensitivity: state.sensitivity,
          couponUsed: state.couponUsed || action.isCoupon)
        outcomes.append(Transition(probability: chance * (1 - buys) * stays, next: index(of: next), reward: 0))
      }
      outcomes.append(Transition(probability: chance * (1 - buys) * (1 - stays), next: nil, reward: 0))
    }
    return outcomes
  }

  private static func purchaseProbability(cart: Int, action: Action, state: State) -> Double {
    if cart == 0 { return 0 }
    let fullPrice = [0.20, 0.10, 0.02][state.sensitivity] + 0.01 * Double(cart - 1)
    if state.couponUsed { return 0.4 * fullPrice }
    switch action {
    case .nothing, .recommend: return fullPrice
    case .coupon5: return fullPrice + [0.03, 0.28, 0.08][state.sensitivity]
    case .coupon15: return fullPrice + [0.05, 0.36, 0.55][state.sensitivity]
    }
  }

  private static func leaveProbability(action: Action, state: State) -> Double {
    let base = state.cart == 0 ? 0.08 : 0.10
    return base + (action == .recommend ? 0.08 : 0)
  }

  /// A basket of n items is worth 20 n, of which 30 % is margin.
  private static func margin(cart: Int, action: Action) -> Double {
    let discount = action == .coupon5 ? 0.05 : action == .coupon15 ? 0.15 : 0
    return 20 * Double(cart) * (0.30 - discount)
  }
}

extension CouponShop.Action {
  /// Whether this shows a coupon.
  public var isCoupon: Bool { self == .coupon5 || self == .coupon15 }
}

// MARK: - Exact solutions

extension CouponShop {
  /// The best policy and what it earns, by backward sweeps until nothing changes (value iteration).
  ///
  /// - Parameter discount: γ in 0..<1. With 0 the policy is the myopic one, which looks one step ahead.
  /// - Returns: for each state the best action (the first of equally good ones) and its value.
  public func bestPolicy(discount: Double = CouponShop.discount) -> (policy: [Int], values: [Double]) {
    precondition((0..<1).contains(discount), "bestPolicy: the discount must be in 0..<1, found \(discount)")
    var values = [Double](repeating: 0, count: Self.stateCount)
    var policy = [Int](repeating: 0, count: Self.stateCount)
    var change = 1.0
    while change > 1e-12 {
      change = 0
      // A visit only gets deeper, so sweeping from the deepest state up needs a single pass.
      for state in (0..<Self.stateCount).reversed() {
        var best = -Double.infinity
        for action in 0..<Self.actionCount {
          let worth = actionValue(state: state, action: action, values: values, discount: discount)
          if worth > best {
            best = worth
            policy[state] = action
          }
        }
        change = max(change, abs(best - values[state]))
        values[state] = best
      }
    }
    return (policy, values)
  }

  /// The exact worth of a policy that may draw its actions.
  ///
  /// - Parameters:
  ///   - policy: for each state the probability of each action, `stateCount` rows of `actionCount`.
  ///   - discount: γ.
  /// - Returns: what it earns per visit, discounted, on average.
  public func expectedReturn(of policy: [[Double]], discount: Double = CouponShop.discount) -> Double {
    precondition(
      policy.count == Self.stateCount, "expectedReturn: \(Self.stateCount) rows expected, found \(policy.count)")
    var values = [Double](repeating: 0, count: Self.stateCount)
    for state in (0..<Self.stateCount).reversed() {
      for action in 0..<Self.actionCount {
        values[state] +=
          policy[state][action] * actionValue(state: state, action: action, values: values, discount: discount)
      }
    }
    return zip(start, values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The exact worth of a policy that always knows its action.
  ///
  /// - Parameters:
  ///   - actions: for each state one action.
  ///   - discount: γ.
  /// - Returns: what it earns per visit, discounted, on average.
  public func expectedReturn(actions: [Int], discount: Double = CouponShop.discount) -> Double {
    expectedReturn(
      of: actions.map { chosen in (0..<Self.actionCount).map { $0 == chosen ? 1 : 0 } }, discount: discount)
  }

  private func actionValue(state: Int, action: Int, values: [Double], discount: Double) -> Double {
    var worth = 0.0
    for outcome in table[state][action] {
      worth += outcome.probability * (outcome.reward + discount * (outcome.next.map { values[$0] } ?? 0))
    }
    return worth
  }
}
