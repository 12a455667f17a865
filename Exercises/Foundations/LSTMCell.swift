import Contracts
import Foundation
import Tensors

// One LSTM cell, forward and backward. `dojo show lstm-cell` has the question, `dojo hint` helps.
//
// Legend: B sequences side by side, D inputs, H memory cells, T steps. A `Matrix` holds Float64 numbers: m[row, column],
// m.times(other), m.transposed(), Matrix(rows:columns:) for zeros. The 4H rows of the weights are four blocks of H,
// in the order i (input gate), f (forget gate), g (candidate), o (output gate). Where shapes do not fit, throw an
// error: `throw BadInput("…")`.

struct LSTMCell: LSTMCellExercise {
  /// One step forward: x [B, D], h and c [B, H].
  ///
  /// z = x·Wihᵀ + bih + h·Whhᵀ + bhh [B, 4H]; i, f, o = σ; g = tanh; c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c').
  /// Throws where x is not finite, too.
  func step(_ x: Matrix, h: Matrix, c: Matrix, weights: LSTMCellWeights) throws -> LSTMCellStep {
    throw Unfinished()
  }

  /// The chain rule through that step. dh is the gradient at h', dc the one that reaches c' from later steps,
  /// not through h'; both [B, H]. Parameter gradients are sums over the B sequences.
  func backward(dh: Matrix, dc: Matrix, cache: LSTMCellCache, weights: LSTMCellWeights) throws -> LSTMCellGradients {
    throw Unfinished()
  }

  /// log10 of the product of each cell's forget gates, [T, H] → H numbers, also where the product itself is too small
  /// for a Double; −∞ for a gate that was shut. Throws for no steps and for values outside [0, 1].
  func cellMemoryLog10(forget: Matrix) throws -> [Double] {
    throw Unfinished()
  }

  /// The chrono initialisation: H biases b = log u, u uniform in [1, T − 1]. Throws for H < 1 or T < 3.
  func chronoForgetBias(hidden: Int, horizon: Int, using random: inout SeededRandom) throws -> [Double] {
    throw Unfinished()
  }
}
