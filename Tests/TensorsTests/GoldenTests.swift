import EngineTestSupport
import Foundation
import Tensors
import Testing

/// Every operation against PyTorch, forward and every gradient, and against finite differences.
@Suite("operations agree with PyTorch and with finite differences")
struct GoldenTests {
  static let goldens = try? GoldenFile(Bundle.module.bundleURL.appending(path: "Goldens/engine.json"))

  @Test("results and gradients agree with PyTorch's", arguments: goldens?.cases ?? ["goldens are missing"])
  func agreesWithPyTorch(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(operation(name), "no operation called \(name)")
    #expect(goldens.problems(name, function) == [])
  }

  /// Cases whose random inputs may lie near a kink; `kinks` has them at a distance.
  static let smooth = (goldens?.cases ?? []).filter { name in
    let word = String(name.prefix { $0 != " " })
    let isLarge = (goldens?.list(name, "in").map(\.count).max() ?? 0) > 600
    return !["maximum", "minimum", "max", "min", "maxPool2d"].contains(word) && !isLarge
  }

  @Test("gradients agree with finite differences at every entry", arguments: smooth)
  func agreesWithFiniteDifferences(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(operation(name))
    let problem = gradientProblem(goldens.list(name, "in").map(awayFromKinks(name))) { inputs in
      Tensor.concatenated(function(inputs).map { $0.reshaped([-1]) })
    }
    #expect(problem == nil, "\(name)")
  }

  @Test(
    "gradients at a distance from the kinks agree with finite differences",
    arguments: ["max axis 1", "max axes 0 2", "min axis 0", "maxPool2d 2", "maxPool2d 3 stride 1"])
  func agreesWithFiniteDifferencesNearTies(name: String) throws {
    let function = try #require(operation(name))
    var random = SeededRandom(seed: 3)
    let shape = name.hasPrefix("maxPool") ? [2, 2, 5, 6] : [3, 4, 5]
    // Numbers at least ¼ apart, in random order.
    let order = random.permutation(of: Tensor.count(of: shape)).map { Float($0) / 4 - 8 }
    #expect(gradientProblem([Tensor(order, shape: shape)], tolerance: 2e-3) { function($0)[0] } == nil, "\(name)")
  }

  @Test("the gradients of maximum and minimum of two tensors agree with finite differences")
  func maximumAgreesWithFiniteDifferences() {
    let a = Tensor([1, -2, 0.5, 3, 0.25, -1], shape: [2, 3])
    let b = Tensor([0.5, 0.25, -0.25], shape: [3])
    #expect(gradientProblem([a, b]) { Tensor.maximum($0[0], $0[1]) } == nil)
    #expect(gradientProblem([a, b]) { Tensor.minimum($0[0], $0[1]) } == nil)
  }

  @Test("no case is missing")
  func everyCaseIsThere() {
    #expect((Self.goldens?.cases.count ?? 0) == 207)
    #expect(Self.smooth.count == 178)
  }

  /// Numbers within 1/8 of a bound of `clipped` are moved off it.
  private func awayFromKinks(_ name: String) -> (Tensor) -> Tensor {
    { x in
      guard name.hasPrefix("clipped") else { return x }
      return x.mapped { number in
        for bound in [Float(-0.5), 0.75] where Swift.abs(number - bound) < 0.125 { return bound + 0.125 }
        return number
      }
    }
  }

  @Test("operations on plain values record nothing and give the same bits", arguments: goldens?.cases ?? [])
  func plainValuesAreNotRecorded(name: String) throws {
    let goldens = try #require(Self.goldens)
    let function = try #require(operation(name))
    let inputs = goldens.list(name, "in")
    let tracked = function(inputs.map { $0.tracked() })
    for (plain, tracked) in zip(function(inputs), tracked) {
      #expect(!plain.isTracked && tracked.isTracked)
      #expect(plain == tracked)
    }
  }

  /// The operation that a golden case is about, by the case's words.
  private func operation(_ name: String) -> (([Tensor]) -> [Tensor])? {
    let words = name.split(separator: " ").map(String.init)
    let rest = words.dropFirst().joined(separator: " ")
    let numbers = words.compactMap { Int($0) }
    if let single = simple(words[0]) { return { [single($0)] } }
    switch words[0] {
    case "sum", "mean", "max", "min", "variance": return reduction(words[0], rest, numbers).map { f in { [f($0[0])] } }
    case "matmul":
      return { x in
        let product = x[0].matmul(
          x[1], transposingFirst: rest.contains("TN") || rest.contains("TT"),
          transposingSecond: rest.contains("NT") || rest.contains("TT"))
        return [product]
      }
    case "reshaped": return { [$0[0].reshaped([4, -1])] }
    case "transposed": return { [$0[0].transposed()] }
    case "permuted": return { [$0[0].permuted(numbers)] }
    case "broadcast": return { [$0[0].broadcast(to: [2, 3, 4])] }
    case "sliced": return { [$0[0].sliced(numbers[0]..<numbers[1], axis: numbers[2])] }
    case "selected": return { [$0[0].selected(numbers[0], axis: numbers[1])] }
    case "concatenated": return { [Tensor.concatenated($0, axis: 1)] }
    case "stacked": return { [Tensor.stacked($0, axis: 1)] }
    case "split": return { [$0[0].split([1, 3], axis: 1)[1] * 2] }
    case "padded": return { [$0[0].padded(before: 1, after: 2, axis: 1)] }
    case "rows": return { [$0[0].rows(numbers)] }
    case "picking": return { [$0[0].picking(columns: numbers)] }
    case "conv2d": return { [$0[0].conv2d($0[1], bias: $0[2], stride: numbers[6], padding: numbers[7])] }
    case "convTranspose2d":
      return { [$0[0].convTranspose2d($0[1], bias: $0[2], stride: numbers[6], padding: numbers[7])] }
    case "conv1d": return { [$0[0].conv1d($0[1], bias: $0[2], stride: 2, padding: 1)] }
    case "maxPool2d": return { [$0[0].maxPool2d(numbers[0], stride: numbers.count > 1 ? numbers[1] : nil)] }
    case "averagePool2d": return { [$0[0].averagePool2d(2)] }
    case "batchNormalized": return { [$0[0].batchNormalized(scale: $0[1], shift: $0[2], epsilon: 1e-5).result] }
    case "lstm":
      return { x in
        let y = x[0].lstm(
          inputWeights: x[1], recurrentWeights: x[2], bias: x[3], hidden: x[4], cell: x[5],
          lengths: words[1] == "lengths" ? [4, 0, 2] : nil)
        return [y.sequence, y.hidden, y.cell]
      }
    default: return nil
    }
  }

  private func simple(_ name: String) -> (([Tensor]) -> Tensor)? {
    switch name {
    case "add": { $0[0] + $0[1] }
    case "subtract": { $0[0] - $0[1] }
    case "multiply": { $0[0] * $0[1] }
    case "divide": { $0[0] / $0[1] }
    case "maximum": { Tensor.maximum($0[0], $0[1]) }
    case "minimum": { Tensor.minimum($0[0], $0[1]) }
    case "exp": { $0[0].exp() }
    case "log": { $0[0].log() }
    case "sqrt": { $0[0].sqrt() }
    case "squared": { $0[0].squared() }
    case "pow3": { $0[0].pow(3) }
    case "pow-2": { $0[0].pow(-2) }
    case "abs": { $0[0].abs() }
    case "tanh": { $0[0].tanh() }
    case "sigmoid": { $0[0].sigmoid() }
    case "relu": { $0[0].relu() }
    case "leakyRelu": { $0[0].leakyRelu(slope: 0.2) }
    case "softplus": { $0[0].softplus() }
    case "clipped": { $0[0].clipped(to: -0.5...0.75) }
    case "negated": { -$0[0] }
    case "affine": { 2 - (3 * $0[0] + 1) / 4 }
    case "reciprocal": { 2 / $0[0] }
    case "softmax": { $0[0].softmax() }
    case "logSoftmax": { $0[0].logSoftmax() }
    default: nil
    }
  }

  private func reduction(_ name: String, _ rest: String, _ numbers: [Int]) -> ((Tensor) -> Tensor)? {
    let keeping = rest.contains("keeping") || name == "variance"
    let axes = rest.hasPrefix("ax") ? numbers : nil
    switch name {
    case "sum": return { x in axes.map { x.sum(axes: $0, keepingDims: keeping) } ?? x.sum() }
    case "mean": return { x in axes.map { x.mean(axes: $0) } ?? x.mean() }
    case "max": return { x in axes.map { x.max(axes: $0) } ?? x.max() }
    case "min": return { x in axes.map { x.min(axes: $0) } ?? x.min() }
    default:
      let unbiased = rest.contains("unbiased")
      return { x in
        axes.map { x.variance(axes: $0, keepingDims: !unbiased, unbiased: unbiased) } ?? x.variance()
      }
    }
  }
}
