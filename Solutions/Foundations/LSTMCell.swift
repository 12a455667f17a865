import Contracts
import Foundation
import Tensors

/// One LSTM cell, forward and backward, by its equations.
///
/// Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); Gers, Schmidhuber & Cummins,
/// "Learning to Forget", Neural Computation 12 (2000); Tallec & Ollivier, "Can recurrent neural networks warp time?",
/// ICLR 2018. Legend: B sequences, D inputs, H cells, T steps.
public struct LSTMCell: LSTMCellExercise {
  /// Makes the reference.
  public init() {}

  /// c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c').
  public func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep {
    let size = h.columns
    try requireShapes(x, h, c, weights)
    try BadInput.unless(x.values.allSatisfy(\.isFinite), "step: a number of x is not finite")
    let fromInput = x.times(weights.input.transposed())  // [B, 4H]
    let fromState = h.times(weights.hidden.transposed())  // [B, 4H]
    let zero = Matrix(rows: h.rows, columns: size)
    var cache = LSTMCellCache(x: x, h: h, c: c, i: zero, f: zero, g: zero, o: zero, next: zero)
    var shown = zero
    for row in 0..<h.rows {
      for cell in 0..<size {
        func z(_ gate: Int) -> Double {
          let unit = gate * size + cell
          return fromInput[row, unit] + weights.inputBias[unit] + fromState[row, unit] + weights.hiddenBias[unit]
        }
        let i = sigmoid(z(0))
        let f = sigmoid(z(1))
        let g = tanh(z(2))
        let o = sigmoid(z(3))
        let next = f * c[row, cell] + i * g
        cache.i[row, cell] = i
        cache.f[row, cell] = f
        cache.g[row, cell] = g
        cache.o[row, cell] = o
        cache.next[row, cell] = next
        shown[row, cell] = o * tanh(next)
      }
    }
    return LSTMCellStep(h: shown, c: cache.next, cache: cache)
  }

  /// From the gradients of h' and c' to the four gates' z, and from there by three matrix products to everything else.
  public func backward(
    dh: Matrix, dc: Matrix, cache: LSTMCellCache, weights: LSTMCellWeights
  ) throws -> LSTMCellGradients {
    let (batch, size) = (cache.h.rows, cache.h.columns)
    try requireShapes(cache.x, cache.h, cache.c, weights)
    try BadInput.unless(
      dh.rows == batch && dh.columns == size && dc.rows == batch && dc.columns == size,
      "backward: gradients of \(dh.rows)×\(dh.columns) and \(dc.rows)×\(dc.columns) for states of \(batch)×\(size)")
    var dz = Matrix(rows: batch, columns: 4 * size)
    var before = Matrix(rows: batch, columns: size)
    for row in 0..<batch {
      for cell in 0..<size {
        let (i, f) = (cache.i[row, cell], cache.f[row, cell])
        let (g, o) = (cache.g[row, cell], cache.o[row, cell])
        let shown = tanh(cache.next[row, cell])
        // c' reaches the loss through h' and through the later steps.
        let dNext = dc[row, cell] + dh[row, cell] * o * (1 - shown * shown)
        before[row, cell] = dNext * f  // the whole secret: no weight, no squashing, only the forget gate
        dz[row, cell] = dNext * g * i * (1 - i)
        dz[row, size + cell] = dNext * cache.c[row, cell] * f * (1 - f)
        dz[row, 2 * size + cell] = dNext * i * (1 - g * g)
        dz[row, 3 * size + cell] = dh[row, cell] * shown * o * (1 - o)
      }
    }
    var bias = [Double](repeating: 0, count: 4 * size)
    for row in 0..<batch {
      for unit in 0..<4 * size { bias[unit] += dz[row, unit] }
    }
    let dzTransposed = dz.transposed()  // [4H, B]
    return LSTMCellGradients(
      x: dz.times(weights.input),  // [B, D]
      h: dz.times(weights.hidden),  // [B, H]
      c: before,
      weights: LSTMCellWeights(
        input: dzTransposed.times(cache.x), hidden: dzTransposed.times(cache.h), inputBias: bias, hiddenBias: bias))
  }

  /// The sum of the logarithms: the product itself would be 0 after some hundred steps.
  public func cellMemoryLog10(forget: Matrix) throws -> [Double] {
    try BadInput.unless(forget.rows > 0, "cellMemoryLog10: there is no step")
    try BadInput.unless(
      forget.values.allSatisfy { (0...1).contains($0) }, "cellMemoryLog10: a gate lies outside [0, 1]")
    return (0..<forget.columns).map { cell in
      var sum = 0.0
      for step in 0..<forget.rows { sum += log10(forget[step, cell]) }  // log10(0) is −∞
      return sum
    }
  }

  /// b = log u, u uniform in [1, T − 1].
  public func chronoForgetBias(
    hidden: Int, horizon: Int, using random: inout SeededRandom
  ) throws -> [Double] {
    try BadInput.unless(hidden > 0, "chronoForgetBias: \(hidden) cells")
    try BadInput.unless(horizon >= 3, "chronoForgetBias: a horizon of \(horizon), where it must be at least 3")
    return (0..<hidden).map { _ in log(random.uniform(in: 1..<Double(horizon - 1))) }
  }

  private func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

  private func requireShapes(_ x: Matrix, _ h: Matrix, _ c: Matrix, _ weights: LSTMCellWeights) throws {
    let size = h.columns
    try BadInput.unless(
      x.rows == h.rows && c.rows == h.rows && c.columns == size,
      "x is \(x.rows)×\(x.columns), h \(h.rows)×\(size), c \(c.rows)×\(c.columns)")
    try BadInput.unless(
      weights.input.rows == 4 * size && weights.input.columns == x.columns,
      "Wih is \(weights.input.rows)×\(weights.input.columns), where \(4 * size)×\(x.columns) is needed")
    try BadInput.unless(
      weights.hidden.rows == 4 * size && weights.hidden.columns == size,
      "Whh is \(weights.hidden.rows)×\(weights.hidden.columns), where \(4 * size)×\(size) is needed")
    try BadInput.unless(
      weights.inputBias.count == 4 * size && weights.hiddenBias.count == 4 * size,
      "\(weights.inputBias.count) and \(weights.hiddenBias.count) biases, where \(4 * size) are needed")
  }
}
