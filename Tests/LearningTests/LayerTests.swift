import EngineTestSupport
import Foundation
import Learning
import Tensors
import Testing

@Suite("layers")
struct LayerTests {
  @Test(
    "an orthogonal weight has orthonormal rows, or columns if there are more rows",
    arguments: [[3, 5], [5, 3], [4, 2, 2]])
  func orthogonal(shape: [Int]) {
    var random = SeededRandom(seed: 1)
    let w = Initializer.orthogonal(shape, fanIn: 1, fanOut: 1, using: &random).reshaped([shape[0], -1])
    let wide = w.shape[0] <= w.shape[1]
    let gram = w.matmul(w, transposingFirst: !wide, transposingSecond: wide)
    let identity = Tensor.oneHot(Array(0..<gram.shape[0]), classes: gram.shape[0])
    #expect(difference(gram, identity, "Gram matrix", tolerance: 1e-6) == nil)
  }

  @Test("initialisers have the spread they are named for")
  func spreads() {
    var random = SeededRandom(seed: 2)
    func deviation(_ initializer: Initializer) -> Double {
      Double(initializer([200, 300], fanIn: 300, fanOut: 200, using: &random).variance().scalar).squareRoot()
    }
    func bound(_ x: Double) -> Double { x / 3.0.squareRoot() }  // the deviation of uniform ±x
    #expect(abs(deviation(.glorotUniform) / bound((6 / 500.0).squareRoot()) - 1) < 0.02)
    #expect(abs(deviation(.heNormal) / (2 / 300.0).squareRoot() - 1) < 0.02)
    #expect(abs(deviation(.heUniform) / bound((6 / 300.0).squareRoot()) - 1) < 0.02)
    #expect(abs(deviation(.kaimingUniform) / bound((1 / 300.0).squareRoot()) - 1) < 0.02)
    #expect(abs(deviation(.uniform(0.3)) / bound(0.3) - 1) < 0.02)
    #expect(abs(deviation(.normal(0.5)) / 0.5 - 1) < 0.02)
  }

  @Test("dropout keeps the mean in training and changes nothing otherwise")
  func dropout() {
    var random = SeededRandom(seed: 3)
    let layer = Dropout(0.25, using: &random)
    let x = Tensor.ones([100_000]).tracked()
    let y = layer(x, training: true)
    #expect(abs(y.mean().scalar - 1) < 0.01)
    let zeros = y.scalars.count { $0 == 0 }
    #expect(abs(Double(zeros) / 100_000 - 0.25) < 0.01)
    #expect(y.sum().gradients(of: [x])[0] == y, "the gradient is the mask")
    #expect(layer(x, training: false) == x)
  }

  @Test("every layer's gradients reach every parameter, and agree with finite differences")
  func layers() {
    var random = SeededRandom(seed: 4)
    let images = Tensor.normal([2, 2, 6, 6], using: &random)
    let sequences = Tensor.normal([2, 3, 4], using: &random)
    let cases: [(String, any TensorLayer, Tensor)] = [
      ("Dense", Dense(4, 3, using: &random), sequences),
      ("Conv2D", Conv2D(2, 3, kernel: 3, stride: 2, padding: 1, using: &random), images),
      ("ConvTranspose2D", ConvTranspose2D(2, 3, kernel: 4, stride: 2, padding: 1, using: &random), images),
      ("LSTM", LSTM(4, 3, returnsSequence: true, using: &random), sequences),
      ("LSTM, last", LSTM(4, 3, using: &random), sequences),
      ("SimpleRNN", SimpleRNN(4, 3, returnsSequence: true, using: &random), sequences),
      ("SimpleRNN, last", SimpleRNN(4, 3, using: &random), sequences),
      ("GRU", GRU(4, 3, returnsSequence: true, using: &random), sequences),
      ("Bidirectional", Bidirectional(using: &random) { SimpleRNN(4, 3, using: &$0) }, sequences),
      ("LayerNorm", LayerNorm(4), sequences),
      ("BatchNorm1D", BatchNorm1D(3), sequences),
      ("Conv1D", Conv1D(3, 2, kernel: 2, padding: 1, using: &random), sequences),
      ("LearnedPositions", LearnedPositions(3, 4, using: &random), sequences),
      ("causal attention", MultiHeadAttention(4, heads: 2, isCausal: true, using: &random), sequences),
      (
        "encoder layer",
        TransformerEncoderLayer(4, heads: 2, inner: 5, dropout: 0, activation: .tanh, using: &random), sequences
      ),
      (
        "encoder layer, normalising first",
        TransformerEncoderLayer(
          4, heads: 2, inner: 5, dropout: 0, activation: .tanh, normalizesFirst: true, using: &random), sequences
      ),
      (
        "two LSTMs", Sequential(LSTM(4, 3, returnsSequence: true, using: &random), LSTM(3, 2, using: &random)),
        sequences
      ),
    ]
    for (name, layer, input) in cases {
      let parameters = layer.parameters.filter { !$0.isFrozen }
      let leaf = input.tracked()
      let result = layer(leaf, training: true)
      let upstream = Tensor.normal(result.shape, using: &random)
      let gradients = result.gradients(of: [leaf] + parameters.map(\.value), upstream: upstream)
      let values = parameters.map { $0.value.detached() }
      let problem = gradientProblem([input] + values, gradients, upstream: upstream) { x in
        for (parameter, value) in zip(parameters, x.dropFirst()) { parameter.value = value }
        return layer(x[0], training: true).detached()
      }
      #expect(problem == nil, "\(name)")
      #expect(gradients.allSatisfy { $0.scalars.contains { $0 != 0 } }, "\(name)")
    }
  }

  @Test("an LSTM's forget bias, states and lengths")
  func lstmStates() {
    var random = SeededRandom(seed: 5)
    let layer = LSTM(3, 4, forgetBias: 2, using: &random)
    #expect(layer.bias.value.scalars == [0, 0, 0, 0, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0])
    let x = Tensor.normal([2, 5, 3], using: &random)
    // Two runs, the second from the state of the first, are one run.
    let whole = layer.run(x)
    let first = layer.run(x.sliced(0..<2, axis: 1))
    let second = layer.run(x.sliced(2..<5, axis: 1), from: first.state)
    #expect(difference(second.state.hidden, whole.state.hidden, "hidden") == nil)
    #expect(difference(second.state.cell, whole.state.cell, "cell") == nil)
    let short = layer.run(x, lengths: [2, 5])
    #expect(short.state.hidden.sliced(0..<1) == first.state.hidden.sliced(0..<1))
    #expect(short.state.hidden.sliced(1..<2) == whole.state.hidden.sliced(1..<2))
  }

  @Test("losses and layers with kinks agree with finite differences away from them")
  func kinks() {
    var random = SeededRandom(seed: 11)
    let steps = Tensor(random.permutation(of: 24).map { Float($0) / 2 }, shape: [2, 3, 4])
    #expect(gradientProblem([steps]) { Activation.globalMaxPool1d($0[0]) } == nil)
    let scores = Tensor(rows: [[0.5, -0.25, 2, -3]])
    #expect(gradientProblem([scores]) { hinge($0[0], Tensor(rows: [[1, -1, 1, 1]])) } == nil)
    let x = (0..<3).map { _ in Tensor.normal([3, 4], using: &random) }
    #expect(gradientProblem(x) { tripletMargin($0[0], positives: $0[1], negatives: $0[2], margin: 9) } == nil)
    // Sums of scores above 0 in the first head and below 0 in the second.
    let graph = CSRMatrix(Tensor(rows: [[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0]]))
    let sources = Tensor.uniform([4, 2], using: &random) * 2 + Tensor([1, -3.5])
    let targets = Tensor.uniform([3, 2], using: &random)
    let edges = gradientProblem([Tensor.normal([4, 6], using: &random), sources, targets]) {
      graph.attention(features: $0[0], sourceScores: $0[1], targetScores: $0[2])
    }
    #expect(edges == nil, "graph attention")
    #expect(tripletMargin(x[0], positives: x[0], negatives: x[0] + 50, margin: 1).scalar == 0)
  }

  @Test("a state continues: two runs, the second from the state of the first, are one run")
  func recurrentStates() {
    var random = SeededRandom(seed: 12)
    let x = Tensor.normal([17, 5, 3], using: &random)
    let (gru, rnn) = (GRU(3, 4, using: &random), SimpleRNN(3, 4, using: &random))
    let (early, late) = (x.sliced(0..<2, axis: 1), x.sliced(2..<5, axis: 1))
    #expect(difference(gru.run(late, from: gru.run(early).state).state, gru.run(x).state, "GRU") == nil)
    #expect(difference(rnn.run(late, from: rnn.run(early).state).state, rnn.run(x).state, "SimpleRNN") == nil)
    let none = Tensor.zeros([2, 0, 3])
    #expect(gru.run(none).sequence.shape == [2, 0, 4] && gru.run(none).state == Tensor.zeros([2, 4]))
    #expect(rnn.run(Tensor.zeros([0, 5, 3])).sequence.shape == [0, 5, 4])
  }

  @Test("attention looks neither at padding nor ahead, and gives zeros where there is nothing to look at")
  func masks() {
    var random = SeededRandom(seed: 13)
    let x = Tensor.normal([2, 6, 8], using: &random)
    let causal = MultiHeadAttention(8, heads: 4, isCausal: true, using: &random)
    #expect(difference(causal(x).sliced(0..<3, axis: 1), causal(x.sliced(0..<3, axis: 1)), "causal") == nil)
    let padding = MultiHeadAttention.padding(lengths: [4, 0], steps: 6)
    let (q, k) = (Tensor.normal([2, 2, 8], using: &random), x)
    let masked = q.attention(keys: k, values: k, heads: 2, keyPadding: padding)
    let short = k.sliced(0..<4, axis: 1)
    let expected = q.attention(keys: short, values: short, heads: 2)
    #expect(difference(masked.sliced(0..<1), expected.sliced(0..<1), "padding") == nil)
    #expect(masked.sliced(1..<2) == Tensor.zeros([1, 2, 8]))
    var broken = k
    broken.scalars[0] = .nan
    let seen = q.attention(keys: broken, values: broken, heads: 1)
    #expect(seen.sliced(0..<1).scalars.allSatisfy { $0.isNaN }, "NaN travels")
  }

  @Test("the parameters have PyTorch's names")
  func names() {
    var random = SeededRandom(seed: 14)
    let encoder = TransformerEncoder(
      [TransformerEncoderLayer(4, heads: 2, inner: 3, using: &random)], norm: LayerNorm(4))
    #expect(
      encoder.parameters.map(\.name) == [
        "layers.0.self_attn.in_proj_weight", "layers.0.self_attn.in_proj_bias", "layers.0.self_attn.out_proj.weight",
        "layers.0.self_attn.out_proj.bias", "layers.0.linear1.weight", "layers.0.linear1.bias",
        "layers.0.linear2.weight", "layers.0.linear2.bias", "layers.0.norm1.weight", "layers.0.norm1.bias",
        "layers.0.norm2.weight", "layers.0.norm2.bias", "norm.weight", "norm.bias",
      ])
    let both = Bidirectional(using: &random) { GRU(2, 3, using: &$0) }
    let above = Bidirectional(using: &random) { GRU(6, 3, using: &$0) }
    let names = RecurrentStack([both, above]).parameters.map(\.name)
    let expected = torchNames(["weight_ih", "weight_hh", "bias_ih", "bias_hh"])
    #expect(names == expected)
  }

  /// The names of two layers, each in both directions.
  private func torchNames(_ kinds: [String]) -> [String] {
    ["_l0", "_l0_reverse", "_l1", "_l1_reverse"].flatMap { place in kinds.map { $0 + place } }
  }

  @Test("initialisers by the names of Keras and PyTorch have the spread that the library gives them")
  func namedInitializers() throws {
    var random = SeededRandom(seed: 15)
    let (fanIn, fanOut) = (300.0, 200.0)
    let expected: [(String, Double)] = [
      ("zeros", 0), ("ones_", 0), ("glorot_uniform", 2 / (fanIn + fanOut)), ("xavier_uniform_", 2 / (fanIn + fanOut)),
      ("glorot_normal", 2 / (fanIn + fanOut)), ("xavier_normal_", 2 / (fanIn + fanOut)), ("he_uniform", 2 / fanIn),
      ("he_normal", 2 / fanIn), ("kaiming_uniform_", 2 / fanIn), ("kaiming_normal_", 2 / fanIn),
      ("lecun_uniform", 1 / fanIn), ("lecun_normal", 1 / fanIn), ("random_normal", 0.0025), ("normal_", 1),
      ("random_uniform", 0.0025 / 3), ("uniform_", 1 / 12.0), ("truncated_normal", 0.0025 * 0.773_741),
      ("trunc_normal_", 0.773_741),
    ]
    for (name, variance) in expected {
      let initializer = try #require(Initializer.named(name), "\(name)")
      let weights = initializer([200, 300], fanIn: 300, fanOut: 200, using: &random)
      #expect(abs(Double(weights.variance().scalar) - variance) <= 0.03 * variance, "\(name)")
    }
    let heNormal = try #require(Initializer.named("he_normal"))
    let keras = heNormal([200, 300], fanIn: 300, fanOut: 1, using: &random)
    let limit = 2 * (2 / fanIn).squareRoot() / 0.8796
    #expect(keras.abs().max().scalar <= Float(limit) && keras.abs().max().scalar > 0.98 * Float(limit))
    #expect(Initializer.named("no_such_name") == nil)
  }

  @Test("an embedding adds up the gradients of a token that comes twice")
  func embedding() {
    var random = SeededRandom(seed: 6)
    let layer = Embedding(5, 2, using: &random)
    let y = layer([[1, 1], [4, 0]])
    #expect(y.shape == [2, 2, 2])
    #expect(
      y.sum().gradients(of: layer.parameters)[0] == Tensor(rows: [[1, 1], [2, 2], [0, 0], [0, 0], [1, 1]]))
  }

  @Test("a frozen parameter has a gradient of zeros and stays as it is")
  func frozen() {
    var random = SeededRandom(seed: 7)
    let layer = Dense(2, 1, using: &random)
    layer.weight.isFrozen = true
    let before = layer.weight.value
    var sgd = SGD(learningRate: 0.1)
    let gradients = layer(Tensor.ones([1, 2])).sum().gradients(of: layer.parameters)
    #expect(gradients == [Tensor.zeros([1, 2]), Tensor([1])])
    sgd.update(layer.parameters, gradients)
    #expect(layer.weight.value == before && layer.bias?.value == Tensor([-0.1]))
    #expect(layer.trainableCount == 1)
  }

  @Test("gradients are clipped to their global norm")
  func clipping() {
    let gradients = [Tensor([3, 0]), Tensor([4])]
    #expect(globalNorm(gradients) == 5)
    #expect(clipped(gradients, toGlobalNorm: 10) == gradients)
    #expect(difference(clipped(gradients, toGlobalNorm: 1)[0], Tensor([0.6, 0]), "clipped") == nil)
  }

  @Test("a chain that fuses layers is its layers one after the other")
  func fusedChain() {
    var random = SeededRandom(seed: 12)
    let layers: [any TensorLayer] = [
      Conv2D(2, 16, kernel: 3, padding: 1, using: &random), Activation.relu, Activation.maxPool2d(2), BatchNorm2D(16),
      Activation.leakyRelu(0.2), ConvTranspose2D(16, 16, kernel: 4, stride: 2, padding: 1, using: &random),
      Activation.leakyRelu(-0.1), Conv2D(16, 17, kernel: 3, using: &random), Activation.maxPool2d(2),
      Conv2D(17, 16, kernel: 2, using: &random), Activation.relu, Activation.maxPool2d(2, stride: 1),
    ]
    let model = Sequential(layers)
    for parameter in model.parameters where parameter.name.contains("bias") {
      parameter.value = Tensor.normal(parameter.value.shape, using: &random)
    }
    let x = Tensor.normal([3, 2, 10, 12], using: &random)
    for training in [false, true] {
      let expected = layers.reduce(x) { $1($0, training: training) }
      #expect(difference(model(x, training: training), expected, "training \(training)", tolerance: 1e-6) == nil)
    }
  }
}
