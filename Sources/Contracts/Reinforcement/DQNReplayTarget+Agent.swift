import Learning
import Simulation
import Tensors

/// A network of two hidden layers from what is seen of a state to the value of each action.
public struct QNetwork: Codable, Sendable, Equatable {
  /// W₁ `[6, D]`, b₁ `[D]`, W₂ `[D, D]`, b₂ `[D]`, W₃ `[D, A]`, b₃ `[A]`.
  public var parameters: [Tensor]

  /// A network with Glorot's uniform weights and biases of zero.
  public init(hidden: Int = 64, using random: inout SeededRandom) {
    let widths = [CouponShop.featureCount, hidden, hidden, CouponShop.actionCount]
    parameters = zip(widths, widths.dropFirst()).flatMap { inputs, outputs in
      [
        Initializer.glorotUniform([inputs, outputs], fanIn: inputs, fanOut: outputs, using: &random), .zeros([outputs]),
      ]
    }
  }

  /// Q of each action.
  ///
  /// - Parameter states: `[B, 6]`.
  /// - Returns: `[B, A]`.
  public func values(of states: Tensor) -> Tensor {
    Self.forward(states, parameters)
  }

  /// The gradients of Σ upstream · values(of: states), one of each parameter's shape.
  ///
  /// - Parameters:
  ///   - states: `[B, 6]`.
  ///   - upstream: the gradient of the values, `[B, A]`.
  /// - Returns: six gradients.
  public func gradients(at states: Tensor, upstream: Tensor) -> [Tensor] {
    let tracked = parameters.map { $0.tracked() }
    return Self.forward(states, tracked).gradients(of: tracked, upstream: upstream)
  }

  private static func forward(_ states: Tensor, _ p: [Tensor]) -> Tensor {
    let first = (states.matmul(p[0]) + p[1]).relu()  // [B, D]
    let second = (first.matmul(p[2]) + p[3]).relu()  // [B, D]
    return second.matmul(p[4]) + p[5]  // [B, A]
  }
}

/// Everything that a learner keeps between steps.
public struct DQNAgent: Sendable {
  /// The network that acts and learns.
  public var online: QNetwork
  /// The network that values the next states; a copy of an earlier `online`.
  public var target: QNetwork
  /// What happened lately.
  public var memory: ReplayMemory
  /// The visit at hand.
  public var visit: ShopVisit
  /// How many steps were taken.
  public var steps = 0

  private var adam = Adam()

  /// An agent before its first step.
  public init(online: QNetwork, memory: ReplayMemory, visit: ShopVisit) {
    self.online = online
    target = online
    self.memory = memory
    self.visit = visit
  }

  /// One step of Adam for the online network.
  ///
  /// - Parameters:
  ///   - gradients: one for each of `online.parameters`.
  ///   - learningRate: the step.
  public mutating func adamStep(_ gradients: [Tensor], learningRate: Float) {
    adam.learningRate = learningRate
    adam.update(&online.parameters, gradients: gradients)
  }
}

/// A visit to the shop; when one ends, the next visitor comes.
public struct ShopVisit: Sendable {
  private static let shop = CouponShop()

  /// The number of the shop's state.
  public private(set) var state: Int

  private let rewardUnit: Float

  /// The first visit.
  ///
  /// - Parameters:
  ///   - rewardUnit: what counts as a reward of 1.
  ///   - random: where the visitors come from.
  public init(rewardUnit: Float, using random: inout SeededRandom) {
    self.rewardUnit = rewardUnit
    state = Self.shop.reset(using: &random)
  }

  /// What is seen of the state: 6 numbers in 0...1.
  public var features: [Float] { CouponShop.features(of: state) }

  /// Takes one step.
  ///
  /// - Parameters:
  ///   - action: in `0..<CouponShop.actionCount`.
  ///   - random: where the visitor's reaction comes from.
  /// - Returns: what happened.
  public mutating func take(_ action: Int, using random: inout SeededRandom) -> DQNTransition {
    let before = features
    let (next, reward) = Self.shop.step(state: state, action: action, using: &random)
    let after = next.map { CouponShop.features(of: $0) } ?? [Float](repeating: 0, count: CouponShop.featureCount)
    state = next ?? Self.shop.reset(using: &random)
    return DQNTransition(
      state: before, action: action, reward: Float(reward) / rewardUnit, next: after, isDone: next == nil)
  }
}
