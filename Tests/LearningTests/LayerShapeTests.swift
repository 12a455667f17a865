import Foundation
import Learning
import Tensors
import Testing

/// Shapes that do not fit stop the program with a sentence that names the operation and the shapes.
@Suite("shapes that do not fit a layer are named")
struct LayerShapeTests {
  static let sentences = [
    "layerNormalized: [2, 3] and scale [2], shift [2]",
    "attention: queries [2, 3, 4], keys [2, 5, 6] and values [2, 5, 6]",
    "attention: 3 heads do not divide the width 4",
    "attention: keys [2, 3, 4] and padding [2, 4]",
    "selfAttention: [2, 3, 4] does not hold queries, keys and values side by side",
    "gru: [2, 3, 4] and input weights [6, 5]",
    "rnn: [2, 3, 4] and lengths [4, 1]",
    "reversedSteps: [2, 3] and lengths [1]",
    "softmaxCrossEntropy: [2, 3] and 1 labels",
    "softmaxCrossEntropy: [1, 3] and 2 class weights",
    "CSRMatrix.attention: [2, 2], features [2, 3], scores [2, 2] and [2, 2]",
    "BatchNorm1D: [2, 3] and 4 channels",
    "Residual: body [2, 3] and shortcut [2, 4]",
    "LearnedPositions: [1, 3, 4] and the table [2, 4]",
    "infoNCE: queries [3, 2] and keys [2, 2]",
    "tripletMargin: [3, 2] and [2, 2]",
    "klDivergence: [3, 2] and [2, 2]",
    "affine: [2, 3], weights [5, 4] and bias [5]",
    "globalMaxPool1d: a tensor of shape [2, 3] is not [N, C, L]",
    "Conv2D: 4 channels and 6 filters in 3 groups",
    "Conv1D: 4 channels and 3 filters in 2 groups",
    "conv2d: [1, 3, 5, 5] and [4, 1, 3, 3], padding 1, groups 4",
    "conv2d: [1, 3, 5, 5] and [8, 4, 1, 1]",
    "MultiHeadAttention: 3 heads do not divide the width 4",
    "SinusoidalPositions: a tensor of shape [2, 3] is not [N, L, D]",
    "CSRMatrix.matmul: [2, 2] and [3, 4]",
    "rows: row 5 of a tensor of shape [5, 2]",
    "binaryCrossEntropy: [2, 3] and [2, 2]",
    "meanSquaredError: [2, 3] and [2, 2]",
    "meanAbsoluteError: [2, 3] and [2, 2]",
    "huber: [2, 3] and [2, 2]",
    "hinge: [2, 3] and [2, 2]",
    "gaussianKLDivergence: [2, 3] and [2, 2]",
    "batchNormalized: [1, 3, 5, 5] and scale [4], shift [4]",
    "convTranspose2d: [1, 3, 5, 5] and [4, 2, 3, 3]",
  ]

  @Test("in the sentence that stops the program", arguments: sentences.indices)
  func stops(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      breakShapes(index)
    }
    let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
    #expect(text.contains("shape error in " + Self.sentences[index]))
  }
}

/// Does what sentence `index` complains of.
private func breakShapes(_ index: Int) {
  var random = SeededRandom(seed: 1)
  let x = Tensor.ones([2, 3, 4])
  let (wide, square) = (Tensor.ones([2, 3]), Tensor.ones([2, 2]))
  switch index {
  case 0: _ = wide.layerNormalized(scale: Tensor.ones([2]), shift: Tensor.ones([2]))
  case 1: _ = x.attention(keys: Tensor.ones([2, 5, 6]), values: Tensor.ones([2, 5, 6]), heads: 1)
  case 2: _ = x.attention(keys: x, values: x, heads: 3)
  case 3: _ = x.attention(keys: x, values: x, heads: 2, keyPadding: Tensor.ones([2, 4]))
  case 4: _ = x.selfAttention(heads: 1)
  case 5:
    _ = x.gru(
      inputWeights: Tensor.ones([6, 5]), recurrentWeights: Tensor.ones([6, 2]), inputBias: Tensor.ones([6]),
      recurrentBias: Tensor.ones([6]), hidden: square)
  case 6: _ = SimpleRNN(4, 2, using: &random).run(x, lengths: [4, 1])
  case 7: _ = wide.reversedSteps(lengths: [1])
  case 8: _ = softmaxCrossEntropy(wide, [1])
  case 9: _ = softmaxCrossEntropy(Tensor.ones([1, 3]), [1], classWeights: [1, 2])
  case 10: _ = CSRMatrix(square).attention(features: wide, sourceScores: square, targetScores: square)
  case 11: _ = BatchNorm1D(4)(wide)
  case 12: _ = Residual(Dense(4, 3, using: &random))(Tensor.ones([2, 4]))
  case 13: _ = LearnedPositions(2, 4, using: &random)(Tensor.ones([1, 3, 4]))
  case 14: _ = infoNCE(Tensor.ones([3, 2]), keys: square)
  case 15: _ = tripletMargin(Tensor.ones([3, 2]), positives: square, negatives: square)
  case 16: _ = klDivergence(Tensor.ones([3, 2]), square)
  case 17: _ = Dense(4, 5, using: &random)(wide)
  case 18: _ = Activation.globalMaxPool1d(wide)
  default: breakMoreShapes(index)
  }
}

private func breakMoreShapes(_ index: Int) {
  var random = SeededRandom(seed: 1)
  let (wide, square, image) = (Tensor.ones([2, 3]), Tensor.ones([2, 2]), Tensor.ones([1, 3, 5, 5]))
  switch index {
  case 19: _ = Conv2D(4, 6, kernel: 3, groups: 3, using: &random)
  case 20: _ = Conv1D(4, 3, kernel: 3, groups: 2, using: &random)
  case 21: _ = SeparableConv2D(4, 2, kernel: 3, padding: 1, using: &random)(image)
  case 22: _ = InvertedResidual(4, 2, expansion: 2, using: &random)(image)
  case 23: _ = MultiHeadAttention(4, heads: 3, using: &random)
  case 24: _ = SinusoidalPositions()(wide)
  case 25: _ = GraphConvolution(3, 4, using: &random)(Tensor.ones([3, 3]), adjacency: CSRMatrix(square))
  case 26: _ = Embedding(5, 2, using: &random)([5])
  case 27: _ = binaryCrossEntropy(wide, square)
  case 28: _ = meanSquaredError(wide, square)
  case 29: _ = meanAbsoluteError(wide, square)
  case 30: _ = huber(wide, square)
  case 31: _ = hinge(wide, square)
  case 32: _ = gaussianKLDivergence(mean: wide, logVariance: square)
  case 33: _ = BatchNorm2D(4)(image, training: true)
  default: _ = ConvTranspose2D(4, 2, kernel: 3, using: &random)(image)
  }
}
