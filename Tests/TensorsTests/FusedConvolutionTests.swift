import EngineTestSupport
import Tensors
import Testing

/// What is fused is held to the operations one by one, which PyTorch's goldens hold.
@Suite("fused convolutions, affine maps and normalisation")
struct FusedConvolutionTests {
  static let activations: [FusedActivation] = [.identity, .relu, .leakyRelu(slope: 0.2)]

  private static func apply(_ activation: FusedActivation, _ x: Tensor) -> Tensor {
    switch activation {
    case .identity: x
    case .relu: x.relu()
    case .leakyRelu(let slope): x.leakyRelu(slope: slope)
    }
  }

  /// Holds value and gradients of one function to those of another.
  private func compare(
    _ inputs: [Tensor], _ label: String, _ fused: ([Tensor]) -> Tensor, _ plain: ([Tensor]) -> Tensor,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var random = SeededRandom(seed: 3)
    func run(_ function: ([Tensor]) -> Tensor, _ upstream: Tensor?) -> (value: Tensor, gradients: [Tensor], Tensor) {
      let leaves = inputs.map { $0.tracked() }
      let value = function(leaves)
      let upstream = upstream ?? Tensor.normal(value.shape, using: &random)
      return (value.detached(), value.gradients(of: leaves, upstream: upstream), upstream)
    }
    let (value, gradients, upstream) = run(fused, nil)
    let (expected, expectedGradients, _) = run(plain, upstream)
    #expect(difference(value, expected, label, tolerance: 1e-5) == nil, sourceLocation: sourceLocation)
    for (number, (seen, right)) in zip(gradients, expectedGradients).enumerated() {
      #expect(
        difference(seen, right, "\(label), gradient \(number)", tolerance: 2e-5) == nil, sourceLocation: sourceLocation)
    }
  }

  @Test("a convolution with its bias, activation and pooling is those one after the other", arguments: activations)
  func convolution(_ activation: FusedActivation) {
    var random = SeededRandom(seed: 7)
    // images, channels, filters, height, width, kernel, stride, padding, dilation: windows that are gathered, runs that
    // fill panels and runs that do not, panels of filters that are not full, and images that are small and many.
    for n in [
      [3, 1, 32, 12, 11, 3, 1, 0, 1], [9, 1, 64, 14, 14, 4, 2, 1, 1], [5, 3, 16, 9, 10, 3, 1, 1, 1],
      [2, 16, 33, 7, 8, 3, 1, 1, 1], [17, 32, 64, 6, 6, 3, 1, 0, 1], [2, 20, 24, 9, 9, 5, 2, 2, 1],
      [3, 64, 48, 8, 8, 4, 2, 1, 1], [2, 13, 17, 9, 9, 3, 1, 2, 2], [2, 70, 40, 5, 5, 4, 1, 0, 1],
      [2, 8, 4, 6, 6, 3, 1, 0, 1],
    ] {
      let inputs = [
        Tensor.normal([n[0], n[1], n[3], n[4]], using: &random),
        Tensor.normal([n[2], n[1], n[5], n[5]], using: &random) * (1 / Float(n[1] * n[5] * n[5]).squareRoot()),
        Tensor.normal([n[2]], using: &random),
      ]
      for pooling in [1, 2, 3] {
        let out = (min(n[3], n[4]) + 2 * n[7] - n[8] * (n[5] - 1) - 1) / n[6] + 1
        if out < pooling { continue }
        compare(inputs, "\(n), pooling \(pooling)") {
          $0[0].conv2d(
            $0[1], bias: $0[2], activation: activation, maxPooling: pooling, stride: n[6], padding: n[7], dilation: n[8]
          )
        } _: {
          // In two groups of the same channels the plain kernels do the work: x·w = (x|0)·(w|w).
          let y = Self.plain($0[0], $0[1], stride: n[6], padding: n[7], dilation: n[8])
          let activated = Self.apply(activation, y + $0[2].reshaped([n[2], 1, 1]))
          return pooling == 1 ? activated : activated.maxPool2d(pooling)
        }
      }
    }
  }

  /// A convolution by the kernels for few filters: eight filters at a time.
  private static func plain(_ x: Tensor, _ w: Tensor, stride: Int, padding: Int, dilation: Int) -> Tensor {
    let parts = Swift.stride(from: 0, to: w.shape[0], by: 8).map { first in
      x.conv2d(
        w.sliced(first..<min(first + 8, w.shape[0]), axis: 0), stride: stride, padding: padding, dilation: dilation)
    }
    return Tensor.concatenated(parts, axis: 1)
  }

  @Test("a transposed convolution with its bias and activation is those one after the other", arguments: activations)
  func transposed(_ activation: FusedActivation) {
    var random = SeededRandom(seed: 8)
    // images, channels, filters, height, width, kernel, stride, padding
    for n in [
      [9, 32, 16, 5, 6, 4, 2, 1], [2, 40, 24, 7, 7, 3, 1, 0], [3, 128, 1, 6, 6, 4, 2, 1], [3, 16, 64, 4, 4, 3, 2, 0],
      [2, 3, 5, 4, 4, 3, 1, 1],
    ] {
      let inputs = [
        Tensor.normal([n[0], n[1], n[3], n[4]], using: &random),
        Tensor.normal([n[1], n[2], n[5], n[5]], using: &random) * (1 / Float(n[1]).squareRoot()),
        Tensor.normal([n[2]], using: &random),
      ]
      compare(inputs, "\(n)") {
        $0[0].convTranspose2d($0[1], bias: $0[2], activation: activation, stride: n[6], padding: n[7])
      } _: {
        let parts = stride(from: 0, to: n[1], by: 8).map { [x = $0[0], w = $0[1]] first in
          x.sliced(first..<min(first + 8, n[1]), axis: 1).convTranspose2d(
            w.sliced(first..<min(first + 8, n[1]), axis: 0), stride: n[6], padding: n[7])
        }
        let sum = parts.dropFirst().reduce(parts[0], +)
        return Self.apply(activation, sum + $0[2].reshaped([n[2], 1, 1]))
      }
    }
  }

  @Test("batch normalisation with its activation is both one after the other", arguments: activations)
  func normalisation(_ activation: FusedActivation) {
    var random = SeededRandom(seed: 9)
    for shape in [[4, 3, 5, 7], [6, 5, 1, 1], [2, 2, 8, 8]] {
      let inputs = [
        Tensor.normal(shape, using: &random) + 2, Tensor.normal([shape[1]], using: &random),
        Tensor.normal([shape[1]], using: &random),
      ]
      compare(inputs, "\(shape)") {
        $0[0].batchNormalized(scale: $0[1], shift: $0[2], epsilon: 1e-5, activation: activation).result
      } _: {
        let mean = $0[0].mean(axes: [0, 2, 3], keepingDims: true)
        let centred = $0[0] - mean
        let variance = centred.squared().mean(axes: [0, 2, 3], keepingDims: true)
        let normal = centred / (variance + 1e-5).sqrt()
        return Self.apply(
          activation, normal * $0[1].reshaped([shape[1], 1, 1]) + $0[2].reshaped([shape[1], 1, 1]))
      }
    }
  }

  @Test("an affine map with its activation is both one after the other", arguments: activations)
  func affine(_ activation: FusedActivation) {
    var random = SeededRandom(seed: 11)
    for (rows, inputs, outputs) in [(1, 3, 1), (7, 5, 16), (20, 12, 37)] {
      let operands = [
        Tensor.normal([rows, inputs], using: &random), Tensor.normal([outputs, inputs], using: &random),
        Tensor.normal([outputs], using: &random),
      ]
      compare(operands, "\(rows), \(inputs), \(outputs)") {
        $0[0].affine($0[1], bias: $0[2], activation: activation)
      } _: {
        Self.apply(activation, $0[0].matmul($0[1], transposingSecond: true) + $0[2])
      }
    }
  }

  @Test("the gradients of a fused convolution agree with finite differences, away from the kinks")
  func finiteDifferences() {
    var random = SeededRandom(seed: 10)
    let x = Tensor.uniform([1, 3, 5, 5], in: 0.5..<1, using: &random)
    let w = Tensor.uniform([16, 3, 3, 3], in: 0.5..<1, using: &random)
    // Half of the filters are far on either side of the kink.
    let bias = Tensor((0..<16).map { $0 % 2 == 0 ? 10 : -300 })
    let problem = gradientProblem([x, w, bias]) { $0[0].conv2d($0[1], bias: $0[2], activation: .leakyRelu(slope: 0.2)) }
    #expect(problem == nil)
    let transposed = gradientProblem([
      Tensor.uniform([1, 16, 3, 3], in: 0.5..<1, using: &random), w, bias.sliced(0..<3),
    ]) {
      $0[0].convTranspose2d($0[1], bias: $0[2], activation: .relu)
    }
    #expect(transposed == nil)
  }

  @Test("NaN and infinity reach what they touch and nothing else")
  func notANumber() {
    var x = Tensor.ones([1, 16, 6, 6])
    x[0, 0, 0, 0] = .nan
    let w = Tensor.ones([16, 16, 3, 3]).tracked()
    let y = x.conv2d(w, activation: .relu, maxPooling: 2)
    #expect(y[0, 5, 0, 0].isNaN && y[0, 5, 1, 1] == 144 && y[0, 5, 0, 1] == 144)
    var upstream = Tensor.ones([1, 16, 4, 4])
    upstream[0, 3, 0, 0] = .infinity
    let input = Tensor.ones([1, 16, 6, 6]).tracked()
    let toInput = input.conv2d(w.detached()).gradients(of: [input], upstream: upstream)[0]
    for row in 0..<6 {
      for column in 0..<6 { #expect(toInput[0, 7, row, column].isFinite == (row > 2 || column > 2)) }
    }
  }
}
