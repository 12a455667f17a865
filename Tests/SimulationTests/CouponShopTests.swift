import Behavior
import Simulation
import Tensors
import Testing

private let shop = CouponShop()
private let states = 0..<CouponShop.stateCount

@Test("the probabilities of what follows add up to one, and a visit only gets deeper")
func couponTableIsStochastic() {
  #expect(CouponShop.stateCount == 144)
  #expect(abs(shop.start.reduce(0, +) - 1) < 1e-12)
  for state in states {
    for action in 0..<CouponShop.actionCount {
      let outcomes = shop.transitions(state: state, action: action)
      #expect(outcomes.allSatisfy { $0.probability >= 0 })
      #expect(abs(outcomes.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
      for next in outcomes.compactMap(\.next) {
        #expect(CouponShop.state(at: next).depth == CouponShop.state(at: state).depth + 1)
      }
    }
  }
}

@Test("every state has a number and features of its own")
func couponStatesAreVisible() {
  #expect(states.allSatisfy { CouponShop.index(of: CouponShop.state(at: $0)) == $0 })
  let features = states.map(CouponShop.features)
  #expect(Set(features).count == 144)
  #expect(features.allSatisfy { $0.count == CouponShop.featureCount && $0.allSatisfy { (0...1).contains($0) } })
}

@Test("steps come as often as the table says", arguments: CouponShop.Action.allCases)
func couponStepsFollowTheTable(action: CouponShop.Action) {
  var random = SeededRandom(seed: 5)
  let state = CouponShop.index(of: .init(depth: 2, cart: 1, sensitivity: 1, couponUsed: false))
  var earned = 0.0
  var ended = 0.0
  for _ in 0..<20_000 {
    let (next, reward) = shop.step(state: state, action: action.rawValue, using: &random)
    earned += reward / 20_000
    ended += next == nil ? 1 / 20_000 : 0
  }
  let table = shop.transitions(state: state, action: action.rawValue)
  #expect(abs(earned - table.reduce(0) { $0 + $1.probability * $1.reward }) < 0.12)
  #expect(abs(ended - table.reduce(0) { $0 + ($1.next == nil ? $1.probability : 0) }) < 0.02)
}

@Test("the best policy beats every fixed action by more than 15 %, the myopic one by more, chance by far")
func couponPoliciesDiffer() {
  let best = shop.bestPolicy()
  let optimum = shop.expectedReturn(actions: best.policy)
  let fixed = (0..<CouponShop.actionCount).map { action in
    shop.expectedReturn(actions: [Int](repeating: action, count: CouponShop.stateCount))
  }
  let myopic = shop.expectedReturn(actions: shop.bestPolicy(discount: 0).policy)
  let chance = shop.expectedReturn(of: [[Double]](repeating: [0.25, 0.25, 0.25, 0.25], count: CouponShop.stateCount))
  #expect(abs(optimum - zip(shop.start, best.values).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-9)
  #expect(fixed.allSatisfy { optimum > 1.15 * $0 }, "\(optimum) against \(fixed)")
  #expect(optimum > 1.3 * myopic, "\(optimum) against \(myopic)")
  #expect(optimum > 1.8 * chance, "\(optimum) against \(chance)")
  #expect(Set(best.policy).count == 4, "each action is the best one somewhere")
  // The figures in docs/data.md.
  let published = [3.10, 2.24, 2.43, 1.18, 0.87, 2.05, 1.54]
  #expect(zip([optimum] + fixed + [myopic, chance], published).allSatisfy { abs($0 - $1) < 0.006 })
}

@Test("what a policy earns in play is what the table says")
func couponReturnInPlay() {
  var random = SeededRandom(seed: 9)
  let policy = shop.bestPolicy().policy
  var total = 0.0
  for _ in 0..<20_000 {
    var state: Int? = shop.reset(using: &random)
    var weight = 1.0
    while let current = state {
      let (next, reward) = shop.step(state: current, action: policy[current], using: &random)
      total += weight * reward
      weight *= CouponShop.discount
      state = next
    }
  }
  #expect(abs(total / 20_000 - shop.expectedReturn(actions: policy)) < 0.12)
}
