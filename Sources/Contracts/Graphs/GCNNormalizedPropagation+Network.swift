import Learning
import Tensors

/// A network of two layers in training: its parameters and what Adam remembers of earlier gradients.
public struct GCN: Sendable {
  /// The weights and biases.
  public var parameters: GCNParameters

  private var adam = Adam()

  /// A network with the given parameters.
  public init(_ parameters: GCNParameters) {
    self.parameters = parameters
  }

  /// A network with Glorot's uniform weights (Glorot & Bengio 2010) and biases of zero.
  public init(features: Int, hidden: Int, classes: Int, using random: inout SeededRandom) {
    self.init(
      GCNParameters(
        w1: .glorot([features, hidden], using: &random), b1: .zeros([hidden]),
        w2: .glorot([hidden, classes], using: &random), b2: .zeros([classes])))
  }

  /// One step of Adam (Kingma & Ba 2015, β₁ = 0.9, β₂ = 0.999, ε = 1e-8).
  ///
  /// - Parameters:
  ///   - gradients: of the whole loss, penalty included, one for each parameter.
  ///   - learningRate: the step.
  public mutating func adamStep(_ gradients: GCNParameters, learningRate: Float) {
    var updated = [parameters.w1, parameters.b1, parameters.w2, parameters.b2]
    adam.learningRate = learningRate
    adam.update(&updated, gradients: [gradients.w1, gradients.b1, gradients.w2, gradients.b2])
    parameters = GCNParameters(w1: updated[0], b1: updated[1], w2: updated[2], b2: updated[3])
  }
}

extension Tensor {
  package static func glorot(_ shape: [Int], using random: inout SeededRandom) -> Tensor {
    Initializer.glorotUniform(shape, fanIn: shape[0], fanOut: shape[1], using: &random)
  }
}
