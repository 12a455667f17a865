import Learning
import Tensors

/// Something whose speed is measured: one matrix product, one training step, one fit, or a stretch of a log.
///
/// Weights and data are drawn from `SeededRandom` as `Tests/Peers` draws them, so that a peer does the same work on the
/// same numbers, and a test can hold the losses of both to each other.
public struct Workload: Sendable {
  /// What it is called on the command line.
  public let name: String

  /// Floating-point operations of its matrix products and convolutions in one iteration, a multiply-add as two; nil
  /// where the count would say nothing, as in a sort.
  public let operations: Double?

  /// How many events of a log one iteration answers, or nil.
  public let events: Int?

  /// Builds the model and the data. The result does one iteration and gives its loss before the update, or
  /// a fit's figure.
  public let prepare: @Sendable () throws -> () throws -> Float

  /// A workload.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - multiplyAdds: multiply-adds of one iteration, or nil.
  ///   - events: how many events of a log it answers, or nil.
  ///   - prepare: what builds it.
  init(
    _ name: String, multiplyAdds: Int?, events: Int? = nil,
    prepare: @escaping @Sendable () throws -> () throws -> Float
  ) {
    self.name = name
    self.events = events
    self.operations = multiplyAdds.map { 2 * Double($0) }
    self.prepare = prepare
  }

  /// All workloads, in the order in which they are measured.
  public static let all: [Workload] =
    [
      .matrixProduct, .convolutionNetwork, .simpleRNN, .lstm, .gru, .bidirectionalLSTM, .transformer, .textConvolution,
      .autoencoder, .generativeAdversarial, .graphConvolution, .deepQLearning,
    ] + classicLearners + [.detection]
}

/// A training step as a closure: forward, backward, and Adam's update of all trainable parameters.
///
/// - Parameters:
///   - parameters: of the whole model.
///   - loss: the loss of the batch.
/// - Returns: one iteration.
func trainingStep(_ parameters: [Parameter], loss: @escaping () -> Tensor) -> () -> Float {
  var adam = Adam(learningRate: 1e-3)
  return { step(parameters, &adam, loss: loss) }
}
