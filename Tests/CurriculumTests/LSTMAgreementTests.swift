import Contracts
import Curriculum
import Solutions
import Tensors
import Testing

@Suite("One LSTM to be read, one to be fast")
struct LSTMAgreementTests {
  /// Sequences, steps, inputs, hidden units.
  private let N = 3
  private let L = 7
  private let D = 4
  private let H = 5

  private func layer(_ inputs: Int, using random: inout SeededRandom) -> LSTMLayerWeights {
    LSTMLayerWeights(
      input: .normal([4 * H, inputs], using: &random), hidden: .normal([4 * H, H], using: &random),
      bias: .normal([4 * H], using: &random))
  }

  @Test("the stack of the solution and the engine's fused layers give the same states and gradients")
  func stack() throws {
    var random = SeededRandom(seed: 11)
    let xs = Tensor.normal([N, L, D], using: &random).tracked()
    let layers = [layer(D, using: &random), layer(H, using: &random)].map {
      LSTMLayerWeights(input: $0.input.tracked(), hidden: $0.hidden.tracked(), bias: $0.bias.tracked())
    }
    let zero = Tensor.zeros([N, H])
    let fused = layers.reduce(xs) { sequence, weights in
      sequence.lstm(
        inputWeights: weights.input, recurrentWeights: weights.hidden, bias: weights.bias, hidden: zero, cell: zero
      ).sequence
    }
    let plain = try StackedLSTMSwitchDetector().lstmStack(xs, layers: layers)
    try expectClose(plain, fused, "states")
    let upstream = Tensor.normal([N, L, H], using: &random)
    let leaves = [xs] + layers.flatMap { [$0.input, $0.hidden, $0.bias] }
    for (ours, theirs) in zip(
      plain.gradients(of: leaves, upstream: upstream), fused.gradients(of: leaves, upstream: upstream))
    {
      try expectClose(ours, theirs, "gradient", tolerance: Tolerance(absolute: 1e-4, relative: 1e-4))
    }
  }

  @Test("the cell in Float64 and the engine's fused layer give the same states")
  func cell() throws {
    var random = SeededRandom(seed: 12)
    let xs = Tensor.normal([N, L, D], using: &random)
    let weights = layer(D, using: &random)
    let fused = xs.lstm(
      inputWeights: weights.input, recurrentWeights: weights.hidden, bias: weights.bias, hidden: .zeros([N, H]),
      cell: .zeros([N, H]))
    func matrix(_ tensor: Tensor) -> Matrix {
      Matrix(rows: tensor.shape[0], columns: tensor.shape[1], values: tensor.scalars.map(Double.init))
    }
    var parameters = LSTMCellWeights(inputs: D, hidden: H)
    parameters.input = matrix(weights.input)
    parameters.hidden = matrix(weights.hidden)
    parameters.inputBias = weights.bias.scalars.map(Double.init)
    var (h, c) = (Matrix(rows: N, columns: H), Matrix(rows: N, columns: H))
    for step in 0..<L {
      let next = try LSTMCell().step(matrix(xs.selected(step, axis: 1)), h: h, c: c, weights: parameters)
      (h, c) = (next.h, next.c)
    }
    try expectClose(fused.hidden.scalars.map(Double.init), h.values, "h", tolerance: .float)
    try expectClose(fused.cell.scalars.map(Double.init), c.values, "c", tolerance: .float)
  }
}
