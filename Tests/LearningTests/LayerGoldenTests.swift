import EngineTestSupport
import Foundation
import Learning
import Tensors
import Testing

/// Every layer and loss of `Tests/Oracles/engine_layers.py`, forward and every gradient. A case's name says which, and
/// with what arguments: its first word is looked up here, the rest is read as numbers and lists.
@Suite("layers agree with PyTorch and with finite differences")
struct LayerGoldenTests {
  static let goldens = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/layers.json"))

  /// Cases that finite differences check too: not those so large that it takes long, nor those with a kink.
  static let smooth = (goldens?.cases ?? []).filter { name in
    let isLarge = (goldens?.list(name, "in").reduce(0) { $0 + $1.count } ?? 0) > 500
    return !isLarge && !["encoder", "encoderLayer"].contains(name.prefix { $0 != " " })
  }

  @Test("results and gradients agree with PyTorch's", arguments: goldens?.cases ?? ["goldens are missing"])
  func agreesWithPyTorch(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(layerFunction(name), "no layer called \(name)")
    let (expected, upstream) = (goldens.list(name, "out"), goldens.list(name, "up"))
    let (outputs, leaves) = function(goldens.list(name, "in").map { $0.tracked() })
    try #require(outputs.count == expected.count && !leaves.isEmpty)
    var total = Tensor(0)
    for (number, output) in outputs.enumerated() {
      #expect(difference(output, expected[number], "\(name): result \(number)", tolerance: 5e-6) == nil)
      if output.shape == upstream[number].shape { total += (output * upstream[number]).sum() }
    }
    let gradients = total.gradients(of: leaves)
    let slopes = goldens.list(name, "grad")
    try #require(slopes.count == leaves.count)
    for (number, gradient) in slopes.enumerated() {
      #expect(difference(gradients[number], gradient, "\(name): gradient \(number)", tolerance: 1e-5) == nil)
    }
  }

  @Test("gradients agree with finite differences at every entry", arguments: smooth)
  func agreesWithFiniteDifferences(name: String) throws {
    let function = try #require(layerFunction(name), "no layer called \(name)")
    let inputs = try #require(Self.goldens).list(name, "in")
    func joined(_ results: [Tensor]) -> Tensor { Tensor.concatenated(results.map { $0.reshaped([-1]) }) }
    let (results, leaves) = function(inputs.map { $0.tracked() })
    var random = SeededRandom(seed: 1)
    let upstream = Tensor.normal(joined(results).shape, using: &random)
    let gradients = joined(results).gradients(of: leaves, upstream: upstream)
    let problem = gradientProblem(inputs, gradients, upstream: upstream, tolerance: 2e-3) {
      joined(function($0).results).detached()
    }
    #expect(problem == nil, "\(name)")
  }
}

/// From a case's inputs and parameters to its results, and to what these were computed from.
typealias LayerFunction = ([Tensor]) -> (results: [Tensor], leaves: [Tensor])

/// A function without parameters of its own.
private func plain(_ function: @escaping ([Tensor]) -> [Tensor]) -> LayerFunction { { (function($0), $0) } }

private func layerFunction(_ name: String) -> LayerFunction? {
  var random = SeededRandom(seed: 1)
  let words = name.split(separator: " ").map(String.init)
  func number(after word: String) -> Int { words.firstIndex(of: word).flatMap { Int(words[$0 + 1]) } ?? 0 }
  let list = name.contains("lengths [") ? (name.split(separator: "[").last?.dropLast() ?? "") : ""
  let lengths = list.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
  let labels = [2, 0, 3, 1, 2]
  let classWeights: [Float] = [0.5, 2, 1, 1.5]
  func padding(_ steps: Int) -> Tensor? {
    lengths.isEmpty ? nil : MultiHeadAttention.padding(lengths: lengths, steps: steps)
  }
  switch words[0] {
  case "layerNorm": return plain { [$0[0].layerNormalized(scale: $0[1], shift: $0[2])] }
  case "attention":
    return { x in
      let layer = MultiHeadAttention(
        x[0].shape[2], heads: number(after: "heads"), isCausal: number(after: "causal") == 1, using: &random)
      return applied(layer, x) { [$0(x[0], keyPadding: padding(x[0].shape[1]))] }
    }
  case "crossAttention":
    return { x in
      let layer = MultiHeadAttention(4, heads: 2, using: &random)
      return applied(layer, x, inputs: 3) { [$0(x[0], keys: x[1], values: x[2], keyPadding: padding(3))] }
    }
  case "encoderLayer":
    return { x in
      let layer = TransformerEncoderLayer(
        6, heads: 2, inner: 5, dropout: 0, normalizesFirst: number(after: "first") == 1, using: &random)
      let padding = MultiHeadAttention.padding(lengths: [4, 2], steps: 4)
      return applied(layer, x) { [$0(x[0], keyPadding: padding, training: true)] }
    }
  case "encoder":
    return { x in
      let layers = (0..<2).map { _ in
        TransformerEncoderLayer(4, heads: 1, inner: 3, dropout: 0, isCausal: true, using: &random)
      }
      return applied(TransformerEncoder(layers, norm: LayerNorm(4)), x) { [$0(x[0], training: true)] }
    }
  case "positions":
    return { x in applied(LearnedPositions(5, 4, using: &random), x) { [$0(x[0])] } }
  case "gru":
    return plain { x in
      let (sequence, last) = x[0].gru(
        inputWeights: x[1], recurrentWeights: x[2], inputBias: x[3], recurrentBias: x[4], hidden: x[5],
        lengths: name == "gru lengths" ? [4, 0, 2] : nil)
      return [sequence, last]
    }
  case "rnn":
    return plain { x in
      let (sequence, last) = x[0].rnn(
        inputWeights: x[1], recurrentWeights: x[2], bias: x[3], hidden: x[4],
        lengths: name == "rnn lengths" ? [4, 0, 2] : nil)
      return [sequence, last]
    }
  case "bidirectional":
    let steps = words.last == "lengths" ? [5, 3, 1] : nil
    let width = steps == nil ? 4 : 2
    return words[1] == "lstm"
      ? twoWay(steps) { LSTM($0, width, using: &$1) } : twoWay(steps) { GRU($0, width, using: &$1) }
  case "crossEntropy":
    let smoothing: Float = ["smoothing": 0.1, "smoothing classWeights": 0.3, "wide": 0.2][
      words.dropFirst().joined(separator: " "), default: 0]
    return plain { x in
      [
        softmaxCrossEntropy(
          x[0], words[1] == "wide" ? [36, 0, 17] : labels, smoothing: smoothing,
          classWeights: words.last == "classWeights" ? classWeights : nil)
      ]
    }
  default: return nil
  }
}

/// A layer with the tensors after `inputs` as its parameters.
private func applied<Kind: Layer>(
  _ layer: Kind, _ x: [Tensor], inputs: Int = 1, _ call: (Kind) -> [Tensor]
) -> (results: [Tensor], leaves: [Tensor]) {
  let trained = layer.parameters.filter { !$0.isFrozen }
  precondition(trained.count == x.count - inputs, "\(trained.map(\.name)) and \(x.count - inputs) tensors")
  for (parameter, value) in zip(trained, x.dropFirst(inputs)) { parameter.value = value }
  return (call(layer), x.prefix(inputs) + trained.map(\.value))
}

/// Two bidirectional layers, and the last states of the second; where a sequence has ended PyTorch shows zeros.
private func twoWay<Kind: RecurrentLayer>(
  _ lengths: [Int]?, _ make: @escaping (_ inputs: Int, inout SeededRandom) -> Kind
) -> LayerFunction {
  { x in
    var random = SeededRandom(seed: 1)
    let first = Bidirectional(returnsSequence: true, using: &random) { make(3, &$0) }
    let width = first.states(x[0], lengths: nil).last.shape[1]
    let second = Bidirectional(using: &random) { make(width, &$0) }
    return applied(Sequential(first, second), x) { _ in
      let (sequence, last) = second.states(first.states(x[0], lengths: lengths).sequence, lengths: lengths)
      let counts = (lengths ?? [5, 5, 5]).map { n in (0..<5).map { Float($0 < n ? 1 : 0) } }
      return [sequence * Tensor(rows: counts).insertingAxis(at: 2), last]
    }
  }
}
