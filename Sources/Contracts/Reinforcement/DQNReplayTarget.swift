import Tensors

/// Deep Q-learning with a replay memory and a target network, on a shop that decides when to show a coupon.
///
/// Mnih et al., "Human-level control through deep reinforcement learning", Nature 518 (2015), algorithm 1.
///
/// Shapes: `B` transitions in a batch, `A` actions. Q(s, a) is what the shop will earn from state s on, discounted, if
/// it takes action a now and the best ones later.
public protocol DQNReplayTargetExercise: ExerciseContract {
  /// An empty memory.
  ///
  /// - Throws: if `capacity` is not positive.
  func makeMemory(capacity: Int) throws -> ReplayMemory

  /// Adds a transition; a full memory forgets its oldest one. In constant time.
  func push(_ transition: DQNTransition, into memory: inout ReplayMemory) throws

  /// `n` different transitions of the memory, every set of `n` equally likely.
  ///
  /// - Throws: if the memory holds fewer than `n`, or `n` is not positive.
  func sample(_ n: Int, from memory: ReplayMemory, using random: inout SeededRandom) throws -> [DQNTransition]

  /// ε-greedy: with probability ε any of the `A` actions, each equally likely, else one of largest value.
  ///
  /// - Parameters:
  ///   - values: Q(s, ·), `A` numbers.
  ///   - epsilon: ε in 0...1.
  ///   - random: where the choice comes from.
  /// - Returns: an action in `0..<A`.
  /// - Throws: if there is no action or ε lies outside 0...1.
  func chooseAction(_ values: [Float], epsilon: Double, using random: inout SeededRandom) throws -> Int

  /// What Q(s, a) should be: r + γ·max over a′ of Q⁻(s′, a′), and r alone where the episode ended.
  ///
  /// - Parameters:
  ///   - rewards: r of each transition.
  ///   - nextQ: the target network's values of the next states, `[B, A]`.
  ///   - done: whether the episode ended with the transition.
  ///   - gamma: γ in 0..<1.
  /// - Returns: `B` plain numbers: no gradient flows into them.
  /// - Throws: if the lengths differ or γ lies outside 0..<1.
  func tdTargets(rewards: [Float], nextQ: Tensor, done: [Bool], gamma: Float) throws -> [Float]

  /// The Huber loss (δ = 1) of the values of the actions taken, averaged over the batch, and its gradient.
  ///
  /// Of an error e = Q(s, a) − target the loss is e²/2 where |e| ≤ 1, and |e| − 1/2 elsewhere.
  ///
  /// - Parameters:
  ///   - q: the online network's values, `[B, A]`.
  ///   - actions: the action of each transition, in `0..<A`.
  ///   - targets: what the values should be.
  /// - Returns: the loss, and its gradient with respect to q, `[B, A]`: exactly 0 for actions not taken.
  /// - Throws: if the lengths differ, there is none, or an action is not in `0..<A`.
  func dqnLoss(q: Tensor, actions: [Int], targets: [Float]) throws -> DQNLoss

  /// r₀ + γ·r₁ + γ²·r₂ + …: what an episode was worth at its start.
  ///
  /// - Throws: if γ lies outside 0..<1.
  func discountedReturn(_ rewards: [Float], gamma: Float) throws -> Float

  /// One step in the shop, and one of learning:
  ///
  /// 1. choose an action for `agent.visit.features` by the online network's values and `settings.epsilon(at: agent.steps)`;
  /// 2. take it (`agent.visit.take`) and remember what happened;
  /// 3. once the memory holds a batch, sample `settings.batch` transitions, and change the online network against the
  ///    gradient of their loss, clipped to the global norm `settings.clipNorm`, with `agent.adamStep`;
  /// 4. count the step, and whenever `agent.steps` is a multiple of `settings.copyEvery`, copy the online network into the
  ///    target network.
  ///
  /// - Returns: the loss of the batch, or nil while the memory holds less than a batch.
  func trainStep(_ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom) throws -> Float?
}

// MARK: - The types it speaks in

/// One step of a decision process.
public struct DQNTransition: Codable, Sendable, Hashable {
  /// What was seen before.
  public var state: [Float]
  /// What was done.
  public var action: Int
  /// What it earned.
  public var reward: Float
  /// What was seen afterwards; zeros where the episode ended.
  public var next: [Float]
  /// Whether the episode ended with this step.
  public var isDone: Bool

  /// A step.
  public init(state: [Float], action: Int, reward: Float, next: [Float], isDone: Bool) {
    self.state = state
    self.action = action
    self.reward = reward
    self.next = next
    self.isDone = isDone
  }
}

/// A ring of the latest transitions. How the places are used is up to the candidate.
public struct ReplayMemory: Codable, Sendable, Hashable {
  /// How many transitions it holds at most.
  public let capacity: Int
  /// What it holds.
  public var transitions: [DQNTransition]
  /// Where the next transition goes once the memory is full.
  public var next: Int

  /// An empty memory.
  public init(capacity: Int) {
    self.capacity = capacity
    transitions = []
    next = 0
  }

  /// How many transitions it holds.
  public var count: Int { transitions.count }
}

/// A loss and the way down.
public struct DQNLoss: Codable, Sendable, Equatable {
  /// The mean Huber loss of the batch.
  public var loss: Float
  /// Its gradient with respect to the values, `[B, A]`.
  public var gradient: Tensor

  /// A loss and its gradient.
  public init(loss: Float, gradient: Tensor) {
    self.loss = loss
    self.gradient = gradient
  }
}

/// How an agent learns.
public struct DQNSettings: Codable, Sendable, Hashable {
  /// γ.
  public var gamma: Float = 0.95
  /// How many transitions a step learns from.
  public var batch = 64
  /// How many transitions are remembered.
  public var capacity = 50_000
  /// The target network is copied whenever so many steps are done.
  public var copyEvery = 250
  /// Adam's step.
  public var learningRate: Float = 1e-3
  /// The largest global norm of the gradients.
  public var clipNorm = 10.0
  /// How many steps it takes for ε to fall from 1 to 0.05.
  public var explorationSteps = 10_000
  /// The shop's earnings are counted in this unit, the margin of its largest basket, so that no error exceeds 1.
  public var rewardUnit: Float = 18

  /// The settings of the demo.
  public init() {}

  /// ε at a step: it falls linearly from 1 to 0.05, and stays there.
  public func epsilon(at step: Int) -> Double {
    max(0.05, 1 - 0.95 * Double(step) / Double(max(1, explorationSteps)))
  }
}
