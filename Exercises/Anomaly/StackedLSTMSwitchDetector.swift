import Contracts
import Foundation
import Tensors

// A two-layer LSTM that learns normal sessions and is surprised by others. `dojo show stacked-lstm-switch-detector` has
// the question, `dojo hint` helps.
//
// Legend: B sessions side by side, T steps, F inputs a step, H hidden units, V event types. Build the first three
// functions' results from Tensor operations (matmul, +, *, sigmoid(), tanh(), sliced, selected, Tensor.stacked …): the
// harness trains them through their recorded history, which reading `scalars` would cut. The 4H rows of the weights are
// four blocks of H, in the order i, f, g, o.

struct StackedLSTMSwitchDetector: StackedLSTMSwitchDetectorExercise {
  /// Weights to start from: W [4H, F or H] and U [4H, H] uniform in ±1/√H, b [4H] zeros, but ones for the forget gate.
  func freshLayers(
    inputs: Int, hidden: Int, layers: Int, using random: inout SeededRandom
  ) throws -> [LSTMLayerWeights] {
    throw Unfinished()
  }

  /// One step of one layer: x [B, F], h and c [B, H].
  ///
  /// z = x·Wᵀ + h·Uᵀ + b [B, 4H]; c' = σ(zf) ⊙ c + σ(zi) ⊙ tanh(zg); h' = σ(zo) ⊙ tanh(c').
  func lstmCell(_ x: Tensor, h: Tensor, c: Tensor, weights: LSTMLayerWeights) throws -> (h: Tensor, c: Tensor) {
    throw Unfinished()
  }

  /// The stack over whole sessions [B, T, F] → [B, T, H], from states of zero; each layer reads the whole sequence of
  /// states of the one below.
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    throw Unfinished()
  }

  /// −log p(next event) at each real step, from logits [B, T, V], and its mean over each session's real steps.
  ///
  /// Throws where counts do not fit, a length is outside 1…T, or a real event is outside 0..<V.
  func sessionSurprise(logits: Tensor, next: [[Int]], lengths: [Int]) throws -> SessionSurprise {
    throw Unfinished()
  }

  /// The lowest threshold that at most budget · n of the n scores exceed. Throws for no scores, NaN, or a budget
  /// outside (0, 1).
  func thresholdForFalseAlarms(_ normalScores: [Double], budget: Double) throws -> Double {
    throw Unfinished()
  }
}
