import Contracts
import Foundation
import Tensors

/// A two-layer LSTM as a model of the next event, and the surprise that it feels.
///
/// Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9 (1997); Malhotra et al., "Long short term
/// memory networks for anomaly detection in time series", ESANN 2015, for stacked LSTM layers that are trained on
/// normal sequences alone; Du et al., "DeepLog", CCS 2017, for next-event prediction on logs.
/// Legend: B sessions, T steps, F inputs, H hidden units, V event types.
public struct StackedLSTMSwitchDetector: StackedLSTMSwitchDetectorExercise {
  /// Makes the reference.
  public init() {}

  /// Uniform in ±1/√H; forget bias 1.
  public func freshLayers(
    inputs: Int, hidden: Int, layers: Int, using random: inout SeededRandom
  ) throws -> [LSTMLayerWeights] {
    try BadInput.unless(inputs > 0 && hidden > 0 && layers > 0, "freshLayers: \(inputs), \(hidden), \(layers)")
    let bound = 1 / Double(hidden).squareRoot()
    return (0..<layers).map { layer in
      let below = layer == 0 ? inputs : hidden
      var bias = Tensor.zeros([4 * hidden])
      for unit in hidden..<2 * hidden { bias[unit] = 1 }  // the second block: the forget gate
      return LSTMLayerWeights(
        input: .uniform([4 * hidden, below], in: -bound..<bound, using: &random),
        hidden: .uniform([4 * hidden, hidden], in: -bound..<bound, using: &random), bias: bias)
    }
  }

  /// c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c').
  public func lstmCell(
    _ x: Tensor, h: Tensor, c: Tensor, weights: LSTMLayerWeights
  ) throws -> (h: Tensor, c: Tensor) {
    let size = h.shape[1]
    let z =
      x.matmul(weights.input, transposingSecond: true) + h.matmul(weights.hidden, transposingSecond: true)
      + weights.bias  // [B, 4H]
    let i = z.sliced(0..<size, axis: 1).sigmoid()  // [B, H], as the rest
    let f = z.sliced(size..<2 * size, axis: 1).sigmoid()
    let g = z.sliced(2 * size..<3 * size, axis: 1).tanh()
    let o = z.sliced(3 * size..<4 * size, axis: 1).sigmoid()
    let next = f * c + i * g
    return (o * next.tanh(), next)
  }

  /// Layer by layer; within a layer, step by step.
  public func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor {
    var sequence = xs  // [B, T, F], then [B, T, H]
    for weights in layers {
      let zero = Tensor.zeros([xs.shape[0], weights.hidden.shape[1]])
      var (h, c) = (zero, zero)
      var states: [Tensor] = []
      for step in 0..<xs.shape[1] {
        (h, c) = try lstmCell(sequence.selected(step, axis: 1), h: h, c: c, weights: weights)
        states.append(h)
      }
      sequence = .stacked(states, axis: 1)  // the whole sequence goes up, not its last state
    }
    return sequence
  }

  /// −log softmax(logits) at the event that came; the filling never enters a sum.
  public func sessionSurprise(logits: Tensor, next: [[Int]], lengths: [Int]) throws -> SessionSurprise {
    try BadInput.unless(logits.rank == 3, "sessionSurprise: logits of shape \(logits.shape)")
    let (sessions, steps, types) = (logits.shape[0], logits.shape[1], logits.shape[2])
    try BadInput.unless(
      next.count == sessions && lengths.count == sessions && next.allSatisfy { $0.count == steps },
      "sessionSurprise: logits \(logits.shape), but \(next.count) sessions and \(lengths.count) lengths")
    let logProbabilities = logits.logSoftmax().scalars
    var perStep: [[Double]] = []
    for (session, (events, length)) in zip(next, lengths).enumerated() {
      try BadInput.unless((1...steps).contains(length), "sessionSurprise: a length of \(length) of \(steps)")
      perStep.append(
        try (0..<length).map { step in
          let event = events[step]
          try BadInput.unless((0..<types).contains(event), "sessionSurprise: event \(event) of \(types)")
          return -Double(logProbabilities[(session * steps + step) * types + event])
        })
    }
    return SessionSurprise(mean: perStep.map { $0.reduce(0, +) / Double($0.count) }, perStep: perStep)
  }

  /// The order statistic with ⌊budget · n⌋ scores above it; scores that tie with it raise no alarm.
  public func thresholdForFalseAlarms(_ normalScores: [Double], budget: Double) throws -> Double {
    try BadInput.unless(budget > 0 && budget < 1, "thresholdForFalseAlarms: a budget of \(budget)")
    try BadInput.unless(
      !normalScores.isEmpty && !normalScores.contains { $0.isNaN }, "thresholdForFalseAlarms: no score, or not a number"
    )
    let allowed = Int(budget * Double(normalScores.count))
    return normalScores.sorted()[normalScores.count - 1 - allowed]
  }
}
