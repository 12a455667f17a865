import EngineTestSupport
import Foundation
import Tensors
import Testing

/// The operations of `Tests/Oracles/engine_whole.py`, whose inputs lie away from kinks.
@Suite("windows that are not square, pooling with padding and fused operations agree with PyTorch")
struct WholeGoldenTests {
  static let goldens = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/engine_whole.json"))
  static let cases = goldens?.cases ?? ["goldens are missing"]

  /// All but the few that are too large to be checked number by number.
  static let small = cases.filter { (goldens?.list($0, "in").map(\.count).max() ?? 0) <= 600 }

  @Test("results and gradients agree", arguments: cases)
  func agrees(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(operation(name), "no operation called \(name)")
    #expect(goldens.problems(name) { [function($0)] } == [])
    let inputs = goldens.list(name, "in")
    if Self.small.contains(name) { #expect(gradientProblem(inputs, tolerance: 2e-3, function) == nil, "\(name)") }
    let (plain, tracked) = (function(inputs), function(inputs.map { $0.tracked() }))
    #expect(!plain.isTracked && tracked.isTracked && plain == tracked, "\(name)")
  }

  @Test("no case is missing")
  func everyCaseIsThere() {
    #expect(Self.cases.count == 65 && Self.small.count == 64)
  }

  /// The operation that a golden case is about, by the case's words.
  private func operation(_ name: String) -> (([Tensor]) -> Tensor)? {
    let words = name.split(separator: " ").map(String.init)
    /// The numbers after a word, up to the next word.
    func numbers(_ word: String) -> [Int] {
      guard let start = words.firstIndex(of: word) else { return [] }
      return words[(start + 1)...].prefix { Int($0) != nil }.compactMap { Int($0) }
    }
    func pair(_ word: String) -> (height: Int, width: Int) {
      let found = numbers(word)
      return found.count == 2 ? (found[0], found[1]) : (0, 0)
    }
    func number(_ word: String) -> Int { numbers(word).first ?? 0 }
    switch words[0] {
    case "conv2d":
      return {
        $0[0].conv2d(
          $0[1], bias: $0[2], stride: pair("stride"), padding: pair("padding"), dilation: pair("dilation"),
          groups: number("groups"))
      }
    case "convTranspose2d":
      return {
        $0[0].convTranspose2d(
          $0[1], bias: $0[2], stride: pair("stride"), padding: pair("padding"), outputPadding: pair("more"))
      }
    case "maxPool2d", "maxPool1d", "averagePool2d", "averagePool1d":
      let (size, stride, padding) = (number("size"), number("stride"), number("padding"))
      switch words[0] {
      case "maxPool2d": return { $0[0].maxPool2d(size, stride: stride, padding: padding) }
      case "maxPool1d": return { $0[0].maxPool1d(size, stride: stride, padding: padding) }
      case "averagePool2d": return { $0[0].averagePool2d(size, stride: stride, padding: padding) }
      default: return { $0[0].averagePool1d(size, stride: stride, padding: padding) }
      }
    case "padded": return { $0[0].padded(before: 2, after: 1, axis: 1, with: -1.5) }
    case "keeping": return { $0[0].keeping(where: Tensor(rows: [[1, 0, 1], [0, 0, 1]]), else: -7) }
    case "reversedSteps": return { $0[0].reversedSteps(lengths: words.count > 1 ? [4, 0, 1] : nil) }
    case "csrProduct": return Self.goldens?["csr"].map { dense in { CSRMatrix(dense).matmul($0[0]) } }
    case "layerNormalized": return { $0[0].layerNormalized(scale: $0[1], shift: $0[2]) }
    case "affine": return { $0[0].affine($0[1], bias: $0[2]) }
    case "max": return { words[1] == "axis" ? $0[0].max(axis: 1) : $0[0].max() }
    case "maximum": return { Tensor.maximum($0[0], $0[1]) }
    case "relu6": return { $0[0].relu6() }
    case "strongestResponses": return { $0[0].strongestResponses($0[1], bias: $0[2]) }
    case "binaryCrossEntropy":
      return { $0[0].binaryCrossEntropy(Tensor(rows: [[1, 0, 0.25], [0.5, 1, 0]])) }
    default: return fused(words[0], heads: number("heads"), isCausal: number("causal") == 1, name)
    }
  }

  private func fused(_ kind: String, heads: Int, isCausal: Bool, _ name: String) -> (([Tensor]) -> Tensor)? {
    switch kind {
    case "attention": return { $0[0].attention(keys: $0[1], values: $0[2], heads: heads) }
    case "selfAttention": return { $0[0].selfAttention(heads: heads, isCausal: isCausal) }
    case "gru":
      return {
        $0[0].gru(
          inputWeights: $0[1], recurrentWeights: $0[2], inputBias: $0[3], recurrentBias: $0[4], hidden: $0[5]
        ).sequence
      }
    case "rnn":
      return {
        $0[0].rnn(inputWeights: $0[1], recurrentWeights: $0[2], bias: $0[3], hidden: $0[4]).sequence
      }
    case "softmaxCrossEntropy":
      if name.hasSuffix("[1, 1]") {
        return { $0[0].softmaxCrossEntropy([0], weights: nil, classWeights: nil, smoothing: 0) }
      }
      return { $0[0].softmaxCrossEntropy([2, 0, 1], weights: nil, classWeights: [0.5, 2, 1, 1.5], smoothing: 0.2) }
    case "csrAttention":
      return Self.goldens?["graph"].map { graph in
        { CSRMatrix(graph).attention(features: $0[0], sourceScores: $0[1], targetScores: $0[2]) }
      }
    default: return nil
    }
  }
}

/// No operation without a gradient check: the operations are found in the source, the cases in the goldens.
@Suite("every differentiable operation")
struct EveryOperationTests {
  /// The first word of the golden cases of each operation.
  static let cases = [
    "+ (Tensor, Tensor)": "add", "- (Tensor, Tensor)": "subtract", "* (Tensor, Tensor)": "multiply",
    "/ (Tensor, Tensor)": "divide", "maximum(_:_:)": "maximum",
    // 2 − (3x + 1) / 4 and 2 / x.
    "+ (Tensor, Float)": "affine", "- (Float, Tensor)": "affine", "* (Tensor, Float)": "affine",
    "/ (Tensor, Float)": "affine", "/ (Float, Tensor)": "reciprocal",
    "- (Tensor)": "negated", "exp()": "exp", "log()": "log", "sqrt()": "sqrt", "squared()": "squared",
    "pow(_:)": "pow3", "abs()": "abs", "tanh()": "tanh", "sigmoid()": "sigmoid", "relu()": "relu", "relu6()": "relu6",
    "leakyRelu(slope:)": "leakyRelu", "softplus()": "softplus", "clipped(to:)": "clipped",
    "matmul(_:transposingFirst:transposingSecond:)": "matmul", "matmul(_:)": "csrProduct",
    "affine(_:bias:activation:)": "affine",
    "sum(axes:keepingDims:)": "sum", "max(axes:keepingDims:)": "max", "cumulativeSum(axis:)": "cumulativeSum",
    "softmax()": "softmax", "logSoftmax()": "logSoftmax", "softmax(mask:)": "softmax",
    "logSoftmax(mask:)": "logSoftmax",
    "keeping(where:else:)": "keeping",
    "softmaxCrossEntropy(_:weights:classWeights:smoothing:)": "softmaxCrossEntropy",
    "binaryCrossEntropy(_:)": "binaryCrossEntropy", "strongestResponses(_:bias:)": "strongestResponses",
    "sliced(_:axis:)": "sliced", "concatenated(_:axis:)": "concatenated", "rows(_:)": "rows",
    "addingRows(_:at:)": "addingRows", "reshaped(_:)": "reshaped", "broadcast(to:)": "broadcast",
    "permuted(_:)": "permuted", "reversedSteps(lengths:)": "reversedSteps",
    "conv2d(_:bias:activation:maxPooling:stride:padding:dilation:groups:)": "conv2d",
    "plainConvolution(_:_:)": "conv2d",
    "convTranspose2d(_:bias:activation:stride:padding:outputPadding:)": "convTranspose2d",
    "plainTransposed(_:_:)": "convTranspose2d",
    "maxPooled(_:_:_:_:)": "maxPool2d", "adaptiveMaxPool2d(height:width:)": "adaptiveMaxPool2d",
    "adaptiveAveragePool2d(height:width:)": "adaptiveAveragePool2d", "maxOverSteps(lengths:)": "maxOverSteps",
    "meanOverSteps(lengths:)": "meanOverSteps", "batchNormalized(scale:shift:epsilon:activation:)": "batchNormalized",
    "layerNormalized(scale:shift:epsilon:)": "layerNormalized",
    "attention(keys:values:heads:isCausal:keyPadding:)": "attention",
    "selfAttention(heads:isCausal:keyPadding:)": "selfAttention",
    "attention(features:sourceScores:targetScores:slope:)": "csrAttention",
    "lstm(inputWeights:recurrentWeights:bias:hidden:cell:lengths:)": "lstm",
    "gru(inputWeights:recurrentWeights:inputBias:recurrentBias:hidden:lengths:)": "gru",
    "rnn(inputWeights:recurrentWeights:bias:hidden:lengths:)": "rnn",
  ]

  @Test("has a case against PyTorch that finite differences check at every entry")
  func isChecked() throws {
    let found = Set(try SourceDeclarations("Sources/Tensors").differentiable)
    #expect(found.subtracting(Self.cases.keys) == [], "operations without a gradient check")
    #expect(Set(Self.cases.keys).subtracting(found) == [], "checks of operations that are not there")
    let checked = GoldenTests.smooth + (MoreGoldenTests.goldens?.cases ?? []) + WholeGoldenTests.small
    let words = Set(checked.map { String($0.prefix { $0 != " " }) })
    #expect(Set(Self.cases.values).subtracting(words) == [], "cases that finite differences do not check")
  }
}

/// NaN and infinity against PyTorch, by `special()` in `Tests/Oracles/engine_whole.py`: the result of each function over
/// the same eight rows, and the gradient under the upstream gradient 1, 2, 3, ….
@Suite("NaN and infinity travel as in PyTorch")
struct SpecialGoldenTests {
  static let goldens = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/special.json"))

  /// What differs, on purpose: the entries of a function's gradient that are not PyTorch's.
  ///
  /// - abs, clipped, relu6: NaN lets its gradient through, as it does in relu in both; PyTorch gives 0 there.
  /// - pooling: of several NaN in a window the first takes the gradient, as of all equals; in PyTorch the last does.
  /// - variance of a row with ∞: the variance is NaN in both, and so is the gradient here; PyTorch has ±∞ at finite entries.
  /// - topK: of equals the first are taken, in their order; PyTorch's `topk` promises none. (`sort` is stable in both.)
  static let differences: [String: Set<Int>] = [
    "abs": [1, 15, 20, 21], "clipped": [1, 15, 20, 21], "relu6": [1, 15, 20, 21], "maxPool2d": [20, 21],
    "maxPool2d padding": [15, 20, 21], "adaptiveMaxPool2d": [15, 20, 21], "variance": [5, 6, 7, 9, 10, 11, 25, 27],
    "topK": [16, 17, 18, 19, 20, 21, 22, 23],
  ]

  static let functions: [(name: String, function: @Sendable (Tensor) -> Tensor)] = [
    ("relu", { $0.relu() }), ("relu6", { $0.relu6() }), ("leakyRelu", { $0.leakyRelu(slope: 0.2) }),
    ("clipped", { $0.clipped(to: -0.5...0.75) }), ("abs", { $0.abs() }), ("exp", { $0.exp() }),
    ("tanh", { $0.tanh() }), ("sigmoid", { $0.sigmoid() }), ("softplus", { $0.softplus() }),
    ("sqrt", { $0.sqrt() }), ("log", { $0.log() }), ("squared", { $0.squared() }), ("softmax", { $0.softmax() }),
    ("logSoftmax", { $0.logSoftmax() }), ("max", { $0.max(axis: 1) }), ("min", { $0.min(axis: 1) }),
    ("sum", { $0.sum(axis: 1) }), ("mean", { $0.mean(axis: 1) }), ("variance", { $0.variance(axis: 1) }),
    ("cumulativeSum", { $0.cumulativeSum(axis: 1) }), ("topK", { $0.topK(3).values }), ("sort", { $0.topK(4).values }),
    ("maximum", { Tensor.maximum($0, Tensor([1, 1, .nan, 2])) }),
    ("minimum", { Tensor.minimum($0, Tensor([1, 1, .nan, 2])) }),
    ("maxPool2d", { $0.reshaped([1, 1, 8, 4]).maxPool2d(2) }),
    ("maxPool2d padding", { $0.reshaped([1, 1, 8, 4]).maxPool2d(3, stride: 2, padding: 1) }),
    ("averagePool2d", { $0.reshaped([1, 1, 8, 4]).averagePool2d(2) }),
    ("adaptiveMaxPool2d", { $0.reshaped([1, 1, 8, 4]).adaptiveMaxPool2d(height: 3, width: 1) }),
    ("adaptiveAveragePool2d", { $0.reshaped([1, 1, 8, 4]).adaptiveAveragePool2d(height: 3, width: 1) }),
    ("layerNormalized", { $0.layerNormalized(scale: Tensor.ones([4]), shift: Tensor.zeros([4])) }),
  ]

  @Test("in results and gradients", arguments: functions.map(\.name))
  func agrees(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(Self.functions.first { $0.name == name }).function
    let x = Tensor(decoded(goldens.numbers("rows")), shape: [8, 4]).tracked()
    let y = function(x)
    expectEqual(y.scalars, decoded(goldens.numbers("\(name)/out0")), "\(name): result")
    let upstream = Tensor((1...y.count).map { Float($0) }, shape: y.shape)
    let gradient = y.gradients(of: [x], upstream: upstream)[0]
    expectEqual(
      gradient.scalars, decoded(goldens.numbers("\(name)/grad0")), "\(name): gradient",
      except: Self.differences[name] ?? [])
  }

  @Test("in positions")
  func positions() throws {
    let goldens = try #require(Self.goldens)
    let x = Tensor(decoded(goldens.numbers("rows")), shape: [8, 4])
    #expect(x.argmax() == goldens.numbers("argmax").map { Int($0) })
    #expect(x.argmin() == goldens.numbers("argmin").map { Int($0) })
    #expect(x.topK(4).indices.flatMap { $0 } == goldens.numbers("sort indices").map { Int($0) })
  }

  /// Numbers as the oracle wrote them: JSON has no NaN.
  private func decoded(_ numbers: [Double]) -> [Float] {
    numbers.map { $0 == 1001 ? .nan : $0 == 1002 ? .infinity : $0 == 1003 ? -.infinity : Float($0) }
  }

  private func expectEqual(_ seen: [Float], _ expected: [Float], _ what: String, except: Set<Int> = []) {
    #expect(seen.count == expected.count, "\(what)")
    for (i, (a, b)) in zip(seen, expected).enumerated() {
      let agrees = a.isNaN || b.isNaN ? a.isNaN && b.isNaN : a == b || abs(a - b) <= 2e-6 * max(1, abs(b))
      #expect(agrees != except.contains(i), "\(what): entry \(i) is \(a), PyTorch has \(b)")
    }
  }
}
