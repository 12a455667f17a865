import EngineTestSupport
import Foundation
import Tensors
import Testing

/// Shapes that do not fit stop the program with a sentence that names the operation and the shapes.
@Suite("the sentence about shapes that do not fit")
struct ShapeSentenceTests {
  static let sentences = [
    "+: [2, 3] and [4]",
    "-: [2, 3] and [3, 2]",
    "*: [2, 3] and [2]",
    "/: [2, 3] and [2, 2]",
    "maximum: [2, 3] and [4, 3]",
    "maximum: [2, 3] and [4, 3]",
    "matmul: [2, 3] transposed and [3, 2]",
    "affine: [2, 3], weights [4, 2] and bias [4]",
    "CSRMatrix.matmul: [2, 3] and [2, 3]",
    "sum: axis 2 of a tensor of shape [2, 3]",
    "mean: axis -3 of a tensor of shape [2, 3]",
    "max: no entries along axes [1] of [2, 0]",
    "cumulativeSum: axis 2 of a tensor of shape [2, 3]",
    "softmax: a tensor of shape [] has no last axis",
    "logSoftmax: [2, 3] and the mask [2, 4]",
    "keeping: [2, 3] and the mask [3, 2]",
    "softmaxCrossEntropy: [2, 3] and 3 labels",
    "sliced: range 2..<4 along axis 1 of a tensor of shape [2, 3]",
    "selected: index 2 along axis 0 of a tensor of shape [2, 3]",
    "split: [2, 3] along axis 1 and lengths [1, 1]",
    "concatenated: [2, 3] and [3, 3] along axis 1",
    "stacked: [2, 3] and [3, 2]",
    "rows: row -1 of a tensor of shape [2, 3]",
    "addingRows: [2, 3] and [1, 3] at 2 indices",
    "picking: [2, 3] and 1 columns",
    "reshaped: [2, 3] and [5]",
    "broadcast: [2, 3] and [2, 4]",
    "permuted: [2, 3] and the order [0, 0]",
    "transposed: a tensor of shape [3] has no two axes",
    "padded: [2, 3] and the padding -1, 0",
    "reversedSteps: [2, 3] and lengths [4, 0]",
    "conv2d: [1, 2, 5, 5] and [3, 2, 2, 7], stride 2×1, padding 0×1, dilation 1×3",
    "conv2d: [3, 2, 1, 1] and the bias [2]",
    "conv1d: [1, 2, 5] and [3, 1, 3]",
    "convTranspose2d: [1, 2, 3, 3] and [2, 1, 3, 3], stride 2, output padding 2",
    "convTranspose2d: [1, 2, 1, 1] and [2, 1, 2, 2], padding 1",
    "maxPool2d: [1, 1, 2, 2] and the window [3, 3]",
    "maxPool2d: [1, 1, 5, 5] and the window [3, 3], padding 2",
    "maxPool1d: a tensor of shape [2, 3] is not [N, C, L]",
    "averagePool2d: [2, 3] and the window [2, 2]",
    "averagePool1d: [1, 1, 1, 3] and the window [1, 4]",
    "adaptiveAveragePool2d: [1, 1, 0, 2] and [1, 1] windows",
    "maxOverSteps: [2, 3, 1] and the lengths [1]",
    "meanOverSteps: a tensor of shape [2, 3] is not [N, L, D]",
    "batchNormalized: [1, 2, 3, 3] and scale [3], shift [3]",
    "layerNormalized: [2, 3] and scale [3], shift [2]",
    "attention: queries [2, 3, 4], keys [1, 3, 4] and values [1, 3, 4]",
    "selfAttention: [2, 3] does not hold queries, keys and values side by side",
    "CSRMatrix.attention: [2, 3], features [3, 3], scores [3, 2] and [2, 2]",
    "lstm: input weights [8, 4] and recurrent weights [8, 3]",
    "gru: [2, 3, 4], 2 hidden units and state [3, 2]",
    "rnn: [2, 3, 4] and input weights [2, 5]",
    "topK: 4 entries of each row of shape [2, 3]",
    "upsampledNearest2d: [1, 1, 2, 2] and the scale 0",
    "oneHot: label 3 and 3 classes",
    "gradients: upstream [3] against [2]",
    "adaptiveMaxPool2d: [2, 3] and [1, 1] windows",
    "strongestResponses: [2, 3, 4], filters [5, 4, 4] and bias [5]",
    "binaryCrossEntropy: [2, 3] and the targets [3, 2]",
  ]

  @Test("names the operation and both shapes", arguments: sentences.indices)
  func stops(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      breakShapes(index)
    }
    let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
    #expect(text.contains("shape error in " + Self.sentences[index]))
  }

  @Test("is tested of every differentiable operation whose operands can be wrong")
  func everyOperation() throws {
    // What takes any shape, by itself or with a number, and what another operation calls.
    let cannotFail: Set = [
      "exp", "log", "sqrt", "squared", "pow", "abs", "tanh", "sigmoid", "relu", "relu6", "leakyRelu", "softplus",
      "clipped", "maxPooled", "plainConvolution", "plainTransposed",
    ]
    let found = try SourceDeclarations("Sources/Tensors").differentiable.map {
      String($0.prefix { $0 != "(" && $0 != " " })
    }
    let tested = Self.sentences.map { $0.prefix { $0 != ":" }.split(separator: ".").last.map(String.init) ?? "" }
    #expect(Set(found).subtracting(cannotFail).subtracting(tested) == [])
  }
}

/// Does what sentence `index` complains of.
private func breakShapes(_ index: Int) {
  let (x, y) = (Tensor.ones([2, 3]), Tensor.ones([2, 3, 4]))
  let (column, tall) = (Tensor.ones([4]), Tensor.ones([3, 2]))
  func image(_ shape: Int...) -> Tensor { Tensor.ones(shape) }
  switch index {
  case 0: _ = x + column
  case 1: _ = x - tall
  case 2: _ = x * Tensor.ones([2])
  case 3: _ = x / Tensor.ones([2, 2])
  case 4: _ = Tensor.maximum(x, Tensor.ones([4, 3]))
  case 5: _ = Tensor.minimum(x, Tensor.ones([4, 3]))
  case 6: _ = x.matmul(tall, transposingFirst: true)
  case 7: _ = x.affine(Tensor.ones([4, 2]), bias: column)
  case 8: _ = CSRMatrix(x).matmul(x)
  case 9: _ = x.sum(axis: 2)
  case 10: _ = x.mean(axis: -3)
  case 11: _ = Tensor.ones([2, 0]).max(axis: 1)
  case 12: _ = x.cumulativeSum(axis: 2)
  case 13: _ = Tensor(1).softmax()
  case 14: _ = x.logSoftmax(mask: Tensor.ones([2, 4]))
  case 15: _ = x.keeping(where: tall, else: 0)
  case 16: _ = x.softmaxCrossEntropy([0, 1, 2], weights: nil, classWeights: nil, smoothing: 0)
  case 17: _ = x.sliced(2..<4, axis: 1)
  case 18: _ = x.selected(2)
  case 19: _ = x.split([1, 1], axis: 1)
  case 20: _ = Tensor.concatenated([x, Tensor.ones([3, 3])], axis: 1)
  case 21: _ = Tensor.stacked([x, tall])
  case 22: _ = x.rows([-1])
  case 23: _ = x.addingRows(Tensor.ones([1, 3]), at: [0, 1])
  case 24: _ = x.picking(columns: [0])
  case 25: _ = x.reshaped([5])
  case 26: _ = x.broadcast(to: [2, 4])
  case 27: _ = x.permuted([0, 0])
  case 28: _ = Tensor.ones([3]).transposed()
  case 29: _ = x.padded(before: -1, after: 0, axis: 0)
  case 30: _ = x.reversedSteps(lengths: [4, 0])
  case 31:
    _ = image(1, 2, 5, 5).conv2d(image(3, 2, 2, 7), stride: (2, 1), padding: (0, 1), dilation: (1, 3))
  case 32: _ = image(1, 2, 5, 5).conv2d(image(3, 2, 1, 1), bias: Tensor.ones([2]))
  case 33: _ = image(1, 2, 5).conv1d(image(3, 1, 3))
  case 34: _ = image(1, 2, 3, 3).convTranspose2d(image(2, 1, 3, 3), stride: 2, outputPadding: 2)
  case 35: _ = image(1, 2, 1, 1).convTranspose2d(image(2, 1, 2, 2), padding: 1)
  case 36: _ = image(1, 1, 2, 2).maxPool2d(3)
  case 37: _ = image(1, 1, 5, 5).maxPool2d(3, padding: 2)
  case 38: _ = x.maxPool1d(2)
  case 39: _ = x.averagePool2d(2)
  case 40: _ = image(1, 1, 3).averagePool1d(4)
  default: breakMore(index, x, y)
  }
}

private func breakMore(_ index: Int, _ x: Tensor, _ y: Tensor) {
  switch index {
  case 41: _ = Tensor.ones([1, 1, 0, 2]).adaptiveAveragePool2d(height: 1, width: 1)
  case 42: _ = Tensor.ones([2, 3, 1]).maxOverSteps(lengths: [1])
  case 43: _ = x.meanOverSteps()
  case 44:
    _ = Tensor.ones([1, 2, 3, 3]).batchNormalized(scale: Tensor.ones([3]), shift: Tensor.ones([3]), epsilon: 0)
  case 45: _ = x.layerNormalized(scale: Tensor.ones([3]), shift: Tensor.ones([2]))
  case 46: _ = y.attention(keys: Tensor.ones([1, 3, 4]), values: Tensor.ones([1, 3, 4]), heads: 1)
  case 47: _ = x.selfAttention(heads: 1)
  case 48:
    _ = CSRMatrix(x).attention(
      features: Tensor.ones([3, 3]), sourceScores: Tensor.ones([3, 2]), targetScores: Tensor.ones([2, 2]))
  case 49:
    _ = y.lstm(
      inputWeights: Tensor.ones([8, 4]), recurrentWeights: Tensor.ones([8, 3]), bias: Tensor.ones([8]),
      hidden: Tensor.ones([2, 2]), cell: Tensor.ones([2, 2]))
  case 50:
    _ = y.gru(
      inputWeights: Tensor.ones([6, 4]), recurrentWeights: Tensor.ones([6, 2]), inputBias: Tensor.ones([6]),
      recurrentBias: Tensor.ones([6]), hidden: Tensor.ones([3, 2]))
  case 51:
    _ = y.rnn(
      inputWeights: Tensor.ones([2, 5]), recurrentWeights: Tensor.ones([2, 2]), bias: Tensor.ones([2]),
      hidden: Tensor.ones([2, 2]))
  case 52: _ = x.topK(4)
  case 53: _ = Tensor.ones([1, 1, 2, 2]).upsampledNearest2d(0)
  case 54: _ = Tensor.oneHot([3], classes: 3)
  case 55: _ = Tensor.ones([2]).tracked().gradients(of: [], upstream: Tensor.ones([3]))
  case 56: _ = x.adaptiveMaxPool2d(height: 1, width: 1)
  case 57: _ = y.strongestResponses(Tensor.ones([5, 4, 4]), bias: Tensor.ones([5]))
  default: _ = x.binaryCrossEntropy(Tensor.ones([3, 2]))
  }
}
