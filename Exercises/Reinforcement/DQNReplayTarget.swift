import Contracts
import Learning
import Tensors

// Deep Q-learning on a shop that decides when to show a coupon. `dojo show dqn-replay-target` has the question,
// `dojo hint` helps.
//
// B transitions in a batch, A actions. Where an input makes no sense, throw an error: `throw BadInput("…")`.
// Given: `QNetwork` (values(of:), gradients(at:upstream:)), `DQNAgent` (adamStep), `ShopVisit` (features, take),
// and from Learning `clipped(_:toGlobalNorm:)`.

struct DQNReplayTarget: DQNReplayTargetExercise {
  /// An empty memory; refuse a capacity that is not positive.
  func makeMemory(capacity: Int) throws -> ReplayMemory {
    throw Unfinished()
  }

  /// Add a transition; a full memory forgets its oldest one. In constant time.
  func push(_ transition: DQNTransition, into memory: inout ReplayMemory) throws {
    throw Unfinished()
  }

  /// n different transitions, every set of n equally likely. Refuse n below 1 or above what the memory holds.
  func sample(_ n: Int, from memory: ReplayMemory, using random: inout SeededRandom) throws -> [DQNTransition] {
    throw Unfinished()
  }

  /// With probability ε any action, each equally likely, else one of largest value. Refuse no actions, and ε outside 0...1.
  func chooseAction(_ values: [Float], epsilon: Double, using random: inout SeededRandom) throws -> Int {
    throw Unfinished()
  }

  /// r + γ·max of Q⁻(s′, ·) for each of B transitions, and r alone where the episode ended; nextQ is [B, A].
  /// Refuse lengths that differ and γ outside 0..<1.
  func tdTargets(rewards: [Float], nextQ: Tensor, done: [Bool], gamma: Float) throws -> [Float] {
    throw Unfinished()
  }

  /// The mean Huber loss (δ = 1) of q [B, A] at the actions taken, and its gradient [B, A], 0 for actions not taken.
  /// Refuse lengths that differ, no transition, and an action outside 0..<A.
  func dqnLoss(q: Tensor, actions: [Int], targets: [Float]) throws -> DQNLoss {
    throw Unfinished()
  }

  /// r₀ + γ·r₁ + γ²·r₂ + …; refuse γ outside 0..<1.
  func discountedReturn(_ rewards: [Float], gamma: Float) throws -> Float {
    throw Unfinished()
  }

  /// One step: act by `settings.epsilon(at: agent.steps)` on the online network's values of `agent.visit.features`,
  /// take the action and push what happened; once the memory holds `settings.batch`, sample a batch, clip the
  /// gradients of its loss to `settings.clipNorm` and call `agent.adamStep`; count the step in `agent.steps`, and at every
  /// multiple of `settings.copyEvery` copy the online network into the target network.
  ///
  /// Return the batch's loss, or nil while the memory holds less than a batch.
  func trainStep(_ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom) throws -> Float? {
    throw Unfinished()
  }
}
