import Learning
import Tensors

extension Workload {
  /// A convolution over embedded words and the maximum over time (Kim 2014).
  static let textConvolution = Workload(
    "textcnn-v10k-e128-t100-b32", multiplyAdds: 32 * 3 * (96 * 128 * 128 * 5 + 128 * 2)
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
      let words = embedding(texts).permuted([0, 2, 1])  // [32, 128, 100]
      let found = words.conv1d(filters.value, bias: bias.value).relu().max(axis: 2)  // [32, 128]
      return softmaxCrossEntropy(answer(found), answers)
    }
  }
}
