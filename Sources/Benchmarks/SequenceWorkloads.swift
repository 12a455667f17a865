import Learning
import Tensors

extension Workload {
  /// Elman's network over short sequences, and one answer to each.
  static let simpleRNN = Workload(
    "rnn50-t20-b32", multiplyAdds: 32 * (20 * (2 * 16 * 50 + 3 * 50 * 50) + 3 * 50)
  ) {
    var random = numbers("first")
    return binaryAnswers(Sequential(SimpleRNN(16, 50, using: &random), Dense(50, 1, using: &random)))
  }

  /// Two LSTM layers over short sequences, and one answer to each.
  static let lstm = Workload(
    "lstm50x2-t20-b32", multiplyAdds: 32 * (20 * 4 * (2 * 16 * 50 + 3 * 3 * 50 * 50) + 3 * 50)
  ) {
    var random = numbers("first")
    return binaryAnswers(
      Sequential(
        LSTM(16, 50, returnsSequence: true, using: &random), LSTM(50, 50, using: &random), Dense(50, 1, using: &random))
    )
  }

  /// A gated recurrent unit over short sequences, and one answer to each.
  static let gru = Workload(
    "gru50-t20-b32", multiplyAdds: 32 * (20 * 3 * (2 * 16 * 50 + 3 * 50 * 50) + 3 * 50)
  ) {
    var random = numbers("first")
    return binaryAnswers(Sequential(GRU(16, 50, using: &random), Dense(50, 1, using: &random)))
  }

  /// Two layers of LSTMs in both directions, and the class of each sequence from the last states.
  static let bidirectionalLSTM = Workload(
    "bilstm128x2-t29-b32",
    multiplyAdds: 32 * (29 * 2 * 4 * (2 * 12 * 128 + 3 * 256 * 128 + 6 * 128 * 128) + 3 * 256 * 9)
  ) {
    var random = numbers("first")
    let model = Sequential(
      Bidirectional(returnsSequence: true, using: &random) { LSTM(12, 128, using: &$0) },
      Bidirectional(using: &random) { LSTM(256, 128, using: &$0) }, Dense(256, 9, using: &random))
    drawWeights(model.parameters)
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let sequences = Tensor.drawn([32, 29, 12], &inputs)
    let classes = labels.labels(32, classes: 9)
    return trainingStep(model.parameters) { softmaxCrossEntropy(model(sequences, training: true), classes) }
  }

  /// A step on 32 sequences of 20 steps with 16 numbers each, from a model that gives one logit.
  private static func binaryAnswers(_ model: Sequential) -> () -> Float {
    drawWeights(model.parameters)
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let sequences = Tensor.drawn([32, 20, 16], &inputs)
    let answers = Tensor(labels.labels(32, classes: 2).map { Float($0) }, shape: [32, 1])
    return trainingStep(model.parameters) { binaryCrossEntropy(model(sequences, training: true), answers) }
  }
}
