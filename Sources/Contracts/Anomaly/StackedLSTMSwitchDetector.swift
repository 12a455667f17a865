import Tensors

/// Two stacked LSTM layers that learn what normal sessions look like, and tell how surprising a session is.
///
/// Legend: B sessions side by side, T steps, F inputs a step, H hidden units, V event types. The functions on tensors
/// are built from `Tensor` operations, so that the harness can train them through their recorded history.
public protocol StackedLSTMSwitchDetectorExercise: ExerciseContract {
  /// Weights to start from: matrices uniform in ±1/√H, biases 0, but 1 for the forget gate.
  ///
  /// A forget bias of 1 keeps σ(1) = 73% of the memory a step where 0 keeps half (Jozefowicz, Zaremba & Sutskever, "An
  /// empirical exploration of recurrent network architectures", ICML 2015).
  ///
  /// - Parameters:
  ///   - inputs: F, what the first layer sees; every further layer sees the H numbers of the one below.
  ///   - hidden: H.
  ///   - layers: how many layers.
  ///   - random: where every random number comes from.
  /// - Returns: the layers, the lowest first.
  /// - Throws: if a number is not positive.
  func freshLayers(
    inputs: Int, hidden: Int, layers: Int, using random: inout SeededRandom
  ) throws -> [LSTMLayerWeights]

  /// One step of one layer: z = x·Wᵀ + h·Uᵀ + b, c' = σ(zf) ⊙ c + σ(zi) ⊙ tanh(zg), h' = σ(zo) ⊙ tanh(c').
  ///
  /// - Parameters:
  ///   - x: the input, `[B, F]`.
  ///   - h: the state before, `[B, H]`.
  ///   - c: the memory before, `[B, H]`.
  ///   - weights: the layer's parameters, gates in the order i, f, g, o.
  /// - Returns: h' and c', `[B, H]`.
  /// - Throws: if you refuse shapes that do not fit; tensor operations stop with a sentence on those by themselves.
  func lstmCell(_ x: Tensor, h: Tensor, c: Tensor, weights: LSTMLayerWeights) throws -> (h: Tensor, c: Tensor)

  /// The stack over whole sessions, from states of zero: each layer hands its *whole sequence* of states to the next.
  ///
  /// - Parameters:
  ///   - xs: the inputs, `[B, T, F]`.
  ///   - layers: the parameters, the lowest layer first.
  /// - Returns: the states of the last layer, `[B, T, H]`; step t depends on the inputs up to t alone.
  /// - Throws: as `lstmCell`.
  func lstmStack(_ xs: Tensor, layers: [LSTMLayerWeights]) throws -> Tensor

  /// How surprised the model is at each event: −log p(next event | all events so far), in nats, and the mean a session.
  ///
  /// - Parameters:
  ///   - logits: the scores of the next event, `[B, T, V]`; p is their softmax.
  ///   - next: the events that came, B rows of T; what stands at and after a session's length is filling.
  ///   - lengths: how many events of each session are real, from 1 to T.
  /// - Returns: the surprise at each real step, and each session's mean.
  /// - Throws: if the counts do not fit, a length lies outside 1…T, or a real event outside 0..<V.
  func sessionSurprise(logits: Tensor, next: [[Int]], lengths: [Int]) throws -> SessionSurprise

  /// The lowest threshold at which at most `budget` · n of n normal scores raise an alarm; an alarm is a score *above* it.
  ///
  /// - Parameters:
  ///   - normalScores: scores of normal sessions that were not trained on.
  ///   - budget: the share of false alarms that is allowed, in (0, 1).
  /// - Returns: the threshold.
  /// - Throws: if there is no score, one is not a number, or the budget lies outside (0, 1).
  func thresholdForFalseAlarms(_ normalScores: [Double], budget: Double) throws -> Double
}

/// The parameters of one LSTM layer, or a gradient for each; four blocks of H rows in the order i, f, g, o.
public struct LSTMLayerWeights: Codable, Sendable, Equatable {
  /// W, from the input, `[4H, F]`.
  public var input: Tensor
  /// U, from the state, `[4H, H]`.
  public var hidden: Tensor
  /// b, one bias a gate and unit, `[4H]`.
  public var bias: Tensor

  /// The parameters of a layer.
  public init(input: Tensor, hidden: Tensor, bias: Tensor) {
    self.input = input
    self.hidden = hidden
    self.bias = bias
  }

  /// How many numbers these are.
  public var count: Int { input.count + hidden.count + bias.count }
}

/// How surprising sessions are.
public struct SessionSurprise: Codable, Sendable, Equatable {
  /// The mean of each session's real steps, in nats; B numbers.
  public var mean: [Double]
  /// The surprise at each real step, in nats; B lists, each as long as the session.
  public var perStep: [[Double]]

  /// Surprise by session and by step.
  public init(mean: [Double], perStep: [[Double]]) {
    self.mean = mean
    self.perStep = perStep
  }
}
