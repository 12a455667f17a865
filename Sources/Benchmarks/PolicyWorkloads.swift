import Learning
import Tensors

extension Workload {
  /// An update of deep Q-learning with a target network (Mnih et al. 2015).
  static let deepQLearning = Workload(
    "dqn-mlp64x2-b64", multiplyAdds: 64 * (3 * 4 * 64 + 4 * (64 * 64 + 64 * 2))
  ) {
    func network() -> Sequential {
      var random = numbers("first")
      let model = Sequential(
        Dense(4, 64, using: &random), Activation.relu, Dense(64, 64, using: &random), Activation.relu,
        Dense(64, 2, using: &random))
      drawWeights(model.parameters)
      return model
    }
    let (online, target) = (network(), network())
    target.freeze()
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let states = Tensor.drawn([64, 4], &inputs)
    let nextStates = Tensor.drawn([64, 4], &inputs)
    let rewards = Tensor.drawn([64], &inputs)
    let actions = labels.labels(64, classes: 2)
    let goesOn = Tensor(labels.labels(64, classes: 2).map { Float($0) })
    return trainingStep(online.parameters) {
      let best = target(nextStates).max(axis: 1)
      let wanted = rewards + best * goesOn * 0.99
      return huber(online(states, training: true).picking(columns: actions), wanted)
    }
  }
}
