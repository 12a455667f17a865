import Contracts
import Curriculum
import Learning
import Solutions
import Tensors

let dqnReplayTargetMistakes = [
  Mistake(
    NoReplay.self, in: .dqnReplayTarget, rejectedBy: "samples are uniform, without repetition",
    saying: "that is no replay"),
  Mistake(
    NoTargetNetwork.self, in: .dqnReplayTarget,
    rejectedBy: "a step learns from the batch with the target network's values",
    saying: "The next states are valued by the online network"),
  Mistake(
    TargetCopiedAtOnce.self, in: .dqnReplayTarget, rejectedBy: "the target network stands still between copies",
    saying: "it must stand still between copies"),
  Mistake(
    AlwaysGreedy.self, in: .dqnReplayTarget, rejectedBy: "ε = 0 is greedy, ε = 1 uniform",
    saying: "Nothing is explored"),
  Mistake(
    BootstrapsThroughTheEnd.self, in: .dqnReplayTarget,
    rejectedBy: "targets equal torch's, and an end is worth its reward alone", saying: "its target is r alone"),
  Mistake(
    SquaredError.self, in: .dqnReplayTarget, rejectedBy: "the loss and its gradient equal torch's smooth L1",
    saying: "That is the mean squared error"),
  Mistake(
    RunOfNeighbours.self, in: .dqnReplayTarget, rejectedBy: "samples are uniform, without repetition",
    saying: "a run of neighbours is not a random sample"),
  Mistake(
    WithReplacement.self, in: .dqnReplayTarget, rejectedBy: "samples are uniform, without repetition",
    saying: "draw without replacement"),
  Mistake(
    StopsRememberingWhenFull.self, in: .dqnReplayTarget, rejectedBy: "a memory of three holds the last three of five",
    saying: "The oldest are kept"),
  Mistake(
    NeverClips.self, in: .dqnReplayTarget, rejectedBy: "a step learns from the batch with the target network's values",
    saying: "clip the gradients"),
  Mistake(
    ActsAndNeverLearns.self, in: .dqnReplayTarget, rejectedBy: "three agents earn nearly what the best policy earns",
    saying: "Has the agent explored and learned at all?"),
  Mistake(
    DiscountsTheFirstReward.self, in: .dqnReplayTarget, rejectedBy: "the document's environment has nothing to learn",
    saying: "The first reward is not discounted"),
]

/// The reference's functions and its step; a mistake overrides one of them. The step is written out again so that it
/// calls what a mistake overrides.
private protocol MostlyRight: DQNReplayTargetExercise {
  func nextValues(_ agent: DQNAgent, _ states: Tensor) -> Tensor
}

extension MostlyRight {
  var right: DQNReplayTarget { DQNReplayTarget() }

  func makeMemory(capacity: Int) throws -> ReplayMemory { try right.makeMemory(capacity: capacity) }
  func push(_ transition: DQNTransition, into memory: inout ReplayMemory) throws {
    try right.push(transition, into: &memory)
  }
  func sample(_ n: Int, from memory: ReplayMemory, using random: inout SeededRandom) throws -> [DQNTransition] {
    try right.sample(n, from: memory, using: &random)
  }
  func chooseAction(_ values: [Float], epsilon: Double, using random: inout SeededRandom) throws -> Int {
    try right.chooseAction(values, epsilon: epsilon, using: &random)
  }
  func tdTargets(rewards: [Float], nextQ: Tensor, done: [Bool], gamma: Float) throws -> [Float] {
    try right.tdTargets(rewards: rewards, nextQ: nextQ, done: done, gamma: gamma)
  }
  func dqnLoss(q: Tensor, actions: [Int], targets: [Float]) throws -> DQNLoss {
    try right.dqnLoss(q: q, actions: actions, targets: targets)
  }
  func discountedReturn(_ rewards: [Float], gamma: Float) throws -> Float {
    try right.discountedReturn(rewards, gamma: gamma)
  }
  func nextValues(_ agent: DQNAgent, _ states: Tensor) -> Tensor { agent.target.values(of: states) }

  func trainStep(_ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom) throws -> Float? {
    let values = agent.online.values(of: Tensor(rows: [agent.visit.features])).scalars
    let action = try chooseAction(values, epsilon: settings.epsilon(at: agent.steps), using: &random)
    try push(agent.visit.take(action, using: &random), into: &agent.memory)
    var loss: Float?
    if agent.memory.count >= settings.batch {
      let batch = try sample(settings.batch, from: agent.memory, using: &random)
      let states = Tensor(rows: batch.map(\.state))
      let targets = try tdTargets(
        rewards: batch.map(\.reward), nextQ: nextValues(agent, Tensor(rows: batch.map(\.next))),
        done: batch.map(\.isDone), gamma: settings.gamma)
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

/// The document says 经验回放 and uses every transition once, in order: a "sample" of the newest.
private struct NoReplay: MostlyRight {
  func sample(_ n: Int, from memory: ReplayMemory, using random: inout SeededRandom) throws -> [DQNTransition] {
    _ = try right.sample(n, from: memory, using: &random)
    let newest = memory.transitions[memory.next...] + memory.transitions[..<memory.next]
    return Array(newest.suffix(n))
  }
}

/// The document again: one network, its own prediction for a target.
private struct NoTargetNetwork: MostlyRight {
  func nextValues(_ agent: DQNAgent, _ states: Tensor) -> Tensor { agent.online.values(of: states) }
}

private struct TargetCopiedAtOnce: MostlyRight {
  func trainStep(_ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom) throws -> Float? {
    let loss = try right.trainStep(&agent, settings: settings, using: &random)
    agent.target = agent.online
    return loss
  }
}

/// The document's `np.argmax`, without exploration.
private struct AlwaysGreedy: MostlyRight {
  func chooseAction(_ values: [Float], epsilon: Double, using random: inout SeededRandom) throws -> Int {
    try right.chooseAction(values, epsilon: 0, using: &random)
  }
}

private struct BootstrapsThroughTheEnd: MostlyRight {
  func tdTargets(rewards: [Float], nextQ: Tensor, done: [Bool], gamma: Float) throws -> [Float] {
    try right.tdTargets(rewards: rewards, nextQ: nextQ, done: done.map { _ in false }, gamma: gamma)
  }
}

/// `loss='mse'`.
private struct SquaredError: MostlyRight {
  func dqnLoss(q: Tensor, actions: [Int], targets: [Float]) throws -> DQNLoss {
    var found = try right.dqnLoss(q: q, actions: actions, targets: targets)
    found.loss = 0
    for (i, action) in actions.enumerated() {
      let error = q[i, action] - targets[i]
      found.loss += error * error / Float(actions.count)
      found.gradient[i, action] = 2 * error / Float(actions.count)
    }
    return found
  }
}

private struct RunOfNeighbours: MostlyRight {
  func sample(_ n: Int, from memory: ReplayMemory, using random: inout SeededRandom) throws -> [DQNTransition] {
    _ = try right.sample(n, from: memory, using: &random)
    let start = random.below(memory.count)
    return (0..<n).map { memory.transitions[(start + $0) % memory.count] }
  }
}

private struct WithReplacement: MostlyRight {
  func sample(_ n: Int, from memory: ReplayMemory, using random: inout SeededRandom) throws -> [DQNTransition] {
    _ = try right.sample(n, from: memory, using: &random)
    return (0..<n).map { _ in memory.transitions[random.below(memory.count)] }
  }
}

private struct StopsRememberingWhenFull: MostlyRight {
  func push(_ transition: DQNTransition, into memory: inout ReplayMemory) throws {
    if memory.count < memory.capacity { memory.transitions.append(transition) }
  }
}

private struct NeverClips: MostlyRight {
  func trainStep(_ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom) throws -> Float? {
    var settings = settings
    settings.clipNorm = .infinity
    return try right.trainStep(&agent, settings: settings, using: &random)
  }
}

private struct ActsAndNeverLearns: MostlyRight {
  func trainStep(_ agent: inout DQNAgent, settings: DQNSettings, using random: inout SeededRandom) throws -> Float? {
    var settings = settings
    settings.learningRate = 0
    return try right.trainStep(&agent, settings: settings, using: &random)
  }
}

private struct DiscountsTheFirstReward: MostlyRight {
  func discountedReturn(_ rewards: [Float], gamma: Float) throws -> Float {
    gamma * (try right.discountedReturn(rewards, gamma: gamma))
  }
}
