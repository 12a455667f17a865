import EngineTestSupport
import Foundation
import Learning
import Tensors
import Testing

/// The layers and losses of `blocks()` in `Tests/Oracles/engine_whole.py`, whose numbers lie away from kinks.
@Suite("blocks of convolutions, and losses away from their kinks, agree with PyTorch and with finite differences")
struct BlockGoldenTests {
  static let goldens = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/blocks.json"))
  static let cases = goldens?.cases ?? ["goldens are missing"]
  static let small = cases.filter { (goldens?.list($0, "in").reduce(0) { $0 + $1.count } ?? 0) <= 500 }

  @Test("results and gradients agree", arguments: cases)
  func agrees(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(blockFunction(name), "no layer called \(name)")
    let inputs = goldens.list(name, "in")
    let (result, leaves) = function(inputs.map { $0.tracked() })
    let (expected, upstream) = (try #require(goldens["\(name)/out0"]), try #require(goldens["\(name)/up0"]))
    #expect(difference(result, expected, "\(name): result", tolerance: 1e-5) == nil)
    try #require(result.shape == upstream.shape)
    let gradients = result.gradients(of: leaves, upstream: upstream)
    for (number, gradient) in goldens.list(name, "grad").enumerated() {
      #expect(difference(gradients[number], gradient, "\(name): gradient \(number)", tolerance: 2e-5) == nil)
    }
    guard Self.small.contains(name) else { return }
    let problem = gradientProblem(inputs, gradients, upstream: upstream, tolerance: 2e-3) {
      function($0).result.detached()
    }
    #expect(problem == nil, "\(name)")
  }

  @Test("no case is missing")
  func everyCaseIsThere() {
    #expect(Self.cases.count == 27 && Self.small.count == 26)
  }
}

/// From a case's inputs and parameters to its result, and to what it was computed from.
private func blockFunction(_ name: String) -> (([Tensor]) -> (result: Tensor, leaves: [Tensor]))? {
  var random = SeededRandom(seed: 1)
  let words = name.split(separator: " ").map(String.init)
  func number(_ word: String) -> Int { words.firstIndex(of: word).flatMap { Int(words[$0 + 1]) } ?? 0 }
  func layer(_ make: @escaping (_ channels: Int) -> any TensorLayer) -> ([Tensor]) -> (Tensor, [Tensor]) {
    { x in
      let layer = make(x[0].shape[1])
      let trained = layer.parameters.filter { !$0.isFrozen }
      precondition(trained.count == x.count - 1, "\(name): \(trained.map(\.name)) and \(x.count - 1) tensors")
      for (parameter, value) in zip(trained, x.dropFirst()) { parameter.value = value }
      return (layer(x[0], training: true), [x[0]] + trained.map(\.value))
    }
  }
  func plain(_ function: @escaping ([Tensor]) -> Tensor) -> ([Tensor]) -> (Tensor, [Tensor]) { { (function($0), $0) } }
  let targets = Tensor(rows: [[0.25, -1, 2], [0, 1.5, -0.5]])
  switch words[0] {
  case "separable":
    return layer { channels in
      SeparableConv2D(
        channels, number("to"), kernel: number("kernel"), stride: number("stride"), padding: number("padding"),
        dilation: number("dilation"), multiplier: number("multiplier"), hasBias: number("bias") == 1, using: &random)
    }
  case "invertedResidual":
    return layer { channels in
      InvertedResidual(
        channels, number("to"), stride: number("stride"), expansion: number("expansion"), using: &random)
    }
  case "relu6": return plain { Activation.relu6($0[0]) }
  case "Conv2D":
    return layer {
      Conv2D(
        $0, 2, kernel: (2, 3), stride: (2, 1), padding: (1, 0), dilation: (1, 2), groups: 2, using: &random)
    }
  case "Conv1D":
    return layer { Conv1D($0, 4, kernel: 3, stride: 2, padding: 2, dilation: 2, groups: 4, using: &random) }
  case "ConvTranspose2D":
    return layer { ConvTranspose2D($0, 3, kernel: 3, stride: 2, padding: 1, outputPadding: 1, using: &random) }
  case "BatchNorm2D": return layer { BatchNorm2D($0) }
  case "Embedding":
    let tokens = words.count == 1 ? [[1, 4, 1], [0, 1, 4]] : []
    return { x in
      let embedding = Embedding(5, 3, using: &random)
      embedding.table.value = x[0]
      let found = tokens.isEmpty ? embedding([Int]()).reshaped([0, 3, 3]) : embedding(tokens)
      return (found, [embedding.table.value])
    }
  case "TransformerEncoderLayer", "TransformerEncoder":
    let isOne = words[0] == "TransformerEncoderLayer"
    func encoderLayer() -> TransformerEncoderLayer {
      TransformerEncoderLayer(
        isOne ? 4 : 2, heads: isOne ? 2 : 1, inner: 3, dropout: 0, activation: .tanh,
        normalizesFirst: number("first") == 1, using: &random)
    }
    if isOne { return layer { _ in encoderLayer() } }
    return layer { _ in TransformerEncoder([encoderLayer(), encoderLayer()], norm: LayerNorm(2)) }
  case "GraphAttention":
    guard let edges = BlockGoldenTests.goldens?["edges"] else { return nil }
    return { x in
      let attention = GraphAttention(3, 2, heads: 2, using: &random)
      for (parameter, value) in zip(attention.parameters, x.dropFirst()) { parameter.value = value }
      return (attention(x[0], adjacency: CSRMatrix(edges)), [x[0]] + attention.parameters.map(\.value))
    }
  case "meanAbsoluteError": return plain { meanAbsoluteError($0[0], targets) }
  case "huber": return plain { huber($0[0], targets, delta: 0.75) }
  case "meanSquaredError": return plain { meanSquaredError($0[0], targets) }
  case "binaryCrossEntropy":
    return plain {
      binaryCrossEntropy($0[0], Tensor(rows: [[1, 0, 0.5], [0, 1, 0.25]]), weights: Tensor([2, 0.5, 1]))
    }
  case "hinge": return plain { hinge($0[0], Tensor(rows: [[1, -1, 1]])) }
  case "tripletMargin": return plain { tripletMargin($0[0], positives: $0[1], negatives: $0[2]) }
  default: return nil
  }
}

/// No layer and no loss without a gradient check: they are found in the source, the cases in the goldens.
@Suite("every layer and every loss")
struct EveryLayerTests {
  /// The first word of the golden cases of each layer.
  static let layers = [
    "Dense": "residual", "Conv1D": "Conv1D", "Conv2D": "Conv2D", "ConvTranspose2D": "ConvTranspose2D",
    "SeparableConv2D": "separable", "InvertedResidual": "invertedResidual", "SimpleRNN": "rnn", "LSTM": "bidirectional",
    "GRU": "bidirectional", "Bidirectional": "bidirectional", "RecurrentStack": "bidirectional",
    "Embedding": "Embedding", "MultiHeadAttention": "attention", "TransformerEncoderLayer": "TransformerEncoderLayer",
    "TransformerEncoder": "TransformerEncoder", "LearnedPositions": "positions",
    "SinusoidalPositions": "sinusoidalPositions", "GraphConvolution": "graphConvolution",
    "GraphAttention": "GraphAttention", "LayerNorm": "layerNorm", "BatchNorm1D": "batchNorm1d",
    "BatchNorm2D": "BatchNorm2D", "Residual": "residual", "Sequential": "residual", "Activation": "relu6",
  ]

  /// The same of each loss.
  static let losses = [
    "softmaxCrossEntropy": "crossEntropy", "binaryCrossEntropy": "binaryCrossEntropy",
    "meanSquaredError": "meanSquaredError", "meanAbsoluteError": "meanAbsoluteError", "huber": "huber",
    "klDivergence": "klDivergence", "gaussianKLDivergence": "gaussianKL", "hinge": "hinge",
    "tripletMargin": "tripletMargin", "infoNCE": "infoNCE",
  ]

  @Test("has a case against PyTorch that finite differences check at every entry")
  func isChecked() throws {
    // Dropout's mask is drawn anew at each call: its gradient is held to the mask in LayerTests.
    let found = Set(
      try SourceDeclarations("Sources/Learning/Layers").types(
        conformingTo: ["Layer", "TensorLayer", "ActivatedLayer", "RecurrentLayer"])
    ).subtracting(["Dropout"])
    #expect(found == Set(Self.layers.keys))
    let functions = Set(try SourceDeclarations("Sources/Learning/Training").freeFunctions)
    let others: Set = ["train", "step", "valueWithGradients", "globalNorm", "clipped"]
    #expect(functions.subtracting(others) == Set(Self.losses.keys))
    let words = Set((LayerGoldenTests.smooth + BlockGoldenTests.small).map { String($0.prefix { $0 != " " }) })
    #expect(Set(Self.layers.values).union(Self.losses.values).subtracting(words) == [])
  }

  @Test("an inverted residual block has torchvision's parameter names")
  func names() {
    var random = SeededRandom(seed: 1)
    let block = InvertedResidual(4, 4, expansion: 2, using: &random)
    let trained = block.parameters.filter { !$0.isFrozen }.map(\.name)
    #expect(
      trained == [
        "conv.0.0.weight", "conv.0.1.weight", "conv.0.1.bias", "conv.1.0.weight", "conv.1.1.weight", "conv.1.1.bias",
        "conv.2.weight", "conv.3.weight", "conv.3.bias",
      ])
    #expect(block.addsInput && !InvertedResidual(4, 4, stride: 2, using: &random).addsInput)
    #expect(block(Tensor.zeros([0, 4, 5, 3])).shape == [0, 4, 5, 3])
  }
}
