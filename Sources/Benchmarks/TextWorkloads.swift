import Learning
import Tensors

extension Workload {
  /// A small transformer encoder with learned positions that says a word at each step.
  static let transformer = Workload(
    "transformer-d64h8x2-t32-b32",
    multiplyAdds: 32 * 32 * 3 * (2 * (64 * 192 + 2 * 32 * 64 + 64 * 64 + 2 * 64 * 256) + 64 * 1000)
  ) {
    var random = numbers("first")
    let embedding = Embedding(1000, 64, using: &random)
    let layers = (0..<2).map { _ in TransformerEncoderLayer(64, heads: 8, inner: 256, dropout: 0, using: &random) }
    let model = Sequential(
      LearnedPositions(32, 64, using: &random), TransformerEncoder(layers), Dense(64, 1000, using: &random))
    drawWeights(embedding.parameters + model.parameters)
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let texts = (0..<32).map { _ in inputs.labels(32, classes: 1000) }
    let words = labels.labels(32 * 32, classes: 1000)
    return trainingStep(embedding.parameters + model.parameters) {
      softmaxCrossEntropy(model(embedding(texts), training: true), words)
    }
  }

  /// A convolution over embedded words and the maximum over time (Kim 2014).
  ///
  /// Forwards the filters meet 96 windows of each text, backwards the one that answered: a peer that differentiates the
  /// convolution by itself multiplies zeros for the other 95.
  static let textConvolution = Workload(
    "textcnn-v10k-e128-t100-b32", multiplyAdds: 32 * ((96 + 2) * 128 * 128 * 5 + 3 * 128 * 2)
  ) {
    var random = numbers("first")
    let embedding = Embedding(10_000, 128, initializer: .zeros, using: &random)
    let filters = Parameter("filters", Tensor.zeros([128, 128, 5]))
    let bias = Parameter("bias", Tensor.zeros([128]))
    let answer = Dense(128, 2, using: &random)
    let parameters = embedding.parameters + [filters, bias] + answer.parameters
    drawWeights(parameters)
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let texts = (0..<32).map { _ in inputs.labels(100, classes: 10_000) }
    let answers = labels.labels(32, classes: 2)
    return trainingStep(parameters) {
      let found = embedding(texts).strongestResponses(filters.value, bias: bias.value)  // [32, 128]
      return softmaxCrossEntropy(answer(found), answers)
    }
  }
}
