import Contracts
import Foundation
import Learning
import Tensors

/// Deep Q-learning, the gradient of its loss by hand.
///
/// Mnih et al., "Human-level control through deep reinforcement learning", Nature 518 (2015), algorithm 1.
/// `B` transitions in a batch, `A` actions.
public struct DQNReplayTarget: DQNReplayTargetExercise {
  /// Makes the reference.
  public init() {}

  /// A ring without entries.
  public func makeMemory(capacity: Int) throws -> ReplayMemory {
    try BadInput.unless(capacity > 0, "makeMemory: a capacity of \(capacity)")
    return ReplayMemory(capacity: capacity)
  }

  /// Fills the ring, then writes over the oldest entry, at which `next` points.
  public func push(_ transition: DQNTransition, into memory: inout ReplayMemory) throws {
    if memory.count < memory.capacity {
      memory.transitions.append(transition)
    } else {
      memory.transitions[memory.next] = transition
      memory.next = (memory.next + 1) % memory.capacity
    }
  }

  /// Floyd's sampling without replacement (Bentley & Floyd, "A sample of brilliance", CACM 30, 1987): n draws, however
  /// large the memory.
  public func sample(
    _ n: Int, from memory: ReplayMemory, using random: inout SeededRandom
  ) throws -> [DQNTransition] {
    try BadInput.unless(n > 0 && n <= memory.count, "sample: \(n) of \(memory.count) transitions")
    var chosen = Set<Int>()
    var places: [Int] = []
    for last in memory.count - n..<memory.count {
      let drawn = random.below(last + 1)
      let place = chosen.contains(drawn) ? last : drawn
      chosen.insert(place)
      places.append(place)
    }
    return places.map { memory.transitions[$0] }
  }

  /// A coin for exploring, and then a die.
  public func chooseAction(_ values: [Float], epsilon: Double, using random: inout SeededRandom) throws -> Int {
    try BadInput.unless(!values.isEmpty, "chooseAction: there is no action")
    try BadInput.unless((0...1).contains(epsilon), "chooseAction: ε = \(epsilon)")
    if random.bool(probability: epsilon) { return random.below(values.count) }
    return values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
  }

  /// The one-step return; where the episode ended there is no next state to value.
  public func tdTargets(rewards: [Float], nextQ: Tensor, done: [Bool], gamma: Float) throws -> [Float] {
    try BadInput.unless((0..<1).contains(gamma), "tdTargets: γ = \(gamma)")
    try BadInput.unless(
      nextQ.rank == 2 && nextQ.shape[0] == rewards.count && done.count == rewards.count && nextQ.shape[1] > 0,
      "tdTargets: \(rewards.count) rewards, \(done.count) ends, next values \(nextQ.shape)")
    let actions = nextQ.shape[1]
    let next = nextQ.scalars
    return rewards.indices.map { i in
      if done[i] { return rewards[i] }
      return rewards[i] + gamma * (next[i * actions..<(i + 1) * actions].max() ?? 0)
    }
  }

  /// The slope of Huber's loss is the error itself, clipped to [−1, 1].
  public func dqnLoss(q: Tensor, actions: [Int], targets: [Float]) throws -> DQNLoss {
    try BadInput.unless(
      q.rank == 2 && q.shape[0] == actions.count && targets.count == actions.count && !actions.isEmpty,
      "dqnLoss: values \(q.shape), \(actions.count) actions, \(targets.count) targets")
    let width = q.shape[1]
    let values = q.scalars
    let share = 1 / Float(actions.count)
    var loss: Float = 0
    var gradient = [Float](repeating: 0, count: q.count)  // an action not taken keeps its 0
    for (i, action) in actions.enumerated() {
      try BadInput.unless((0..<width).contains(action), "dqnLoss: action \(action) of \(width)")
      let error = values[i * width + action] - targets[i]
      loss += abs(error) <= 1 ? error * error / 2 : abs(error) - 0.5
      gradient[i * width + action] = share * min(max(error, -1), 1)
    }
    return DQNLoss(loss: loss * share, gradient: Tensor(gradient, shape: q.shape))
  }

  /// Horner's rule, from the last reward back.
  public func discountedReturn(_ rewards: [Float], gamma: Float) throws -> Float {
    try BadInput.unless((0..<1).contains(gamma), "discountedReturn: γ = \(gamma)")
    return rewards.reversed().reduce(0) { later, reward in reward + gamma * later }
  }

  /// Act, remember, learn, and now and then copy.
  public func trainStep(
    _ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom
  ) throws -> Float? {
    let values = agent.online.values(of: Tensor(rows: [agent.visit.features])).scalars
    let action = try chooseAction(values, epsilon: settings.epsilon(at: agent.steps), using: &random)
    try push(agent.visit.take(action, using: &random), into: &agent.memory)

    var loss: Float?
    if agent.memory.count >= settings.batch {
      let batch = try sample(settings.batch, from: agent.memory, using: &random)
      let states = Tensor(rows: batch.map(\.state))  // [B, 6]
      let nextStates = Tensor(rows: batch.map(\.next))  // [B, 6]
      let targets = try tdTargets(
        rewards: batch.map(\.reward), nextQ: agent.target.values(of: nextStates), done: batch.map(\.isDone),
        gamma: settings.gamma)
      let found = try dqnLoss(q: agent.online.values(of: states), actions: batch.map(\.action), targets: targets)
      let gradients = agent.online.gradients(at: states, upstream: found.gradient)
      agent.adamStep(clipped(gradients, toGlobalNorm: settings.clipNorm), learningRate: settings.learningRate)
      loss = found.loss
    }

    agent.steps += 1
    if agent.steps % settings.copyEvery == 0 { agent.target = agent.online }
    return loss
  }
}
