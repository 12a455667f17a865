import Tensors

/// A long short-term memory. Layers are stacked by giving one the other's sequence.
///
/// N sequences, L steps, D inputs, H hidden units.
public struct LSTM: RecurrentLayer {
  /// The state between two steps.
  public struct State {
    /// `[N, H]`.
    public var hidden: Tensor
    /// `[N, H]`.
    public var cell: Tensor

    /// A state.
    public init(hidden: Tensor, cell: Tensor) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  /// `[4H, D]`, the gates in the order i, f, g, o.
  public let inputWeights: Parameter
  /// `[4H, H]`.
  public let recurrentWeights: Parameter
  /// `[4H]`.
  public let bias: Parameter
  /// H.
  public let hidden: Int
  /// Whether the layer's result is the whole sequence `[N, L, H]` or the last hidden state `[N, H]`.
  public let returnsSequence: Bool

  /// A layer with Glorot input weights and orthogonal recurrent weights (Keras' choice).
  ///
  /// - Parameters:
  ///   - inputs: D.
  ///   - hidden: H.
  ///   - returnsSequence: whether a call gives the whole sequence.
  ///   - forgetBias: the first bias of the forget gate; 1 keeps memory at first (Jozefowicz et al. 2015).
  ///   - random: the source of the weights.
  public init(
    _ inputs: Int, _ hidden: Int, returnsSequence: Bool = false, forgetBias: Float = 1,
    using random: inout SeededRandom
  ) {
    self.hidden = hidden
    self.returnsSequence = returnsSequence
    inputWeights = Parameter(
      "weight_ih_l0",
      Initializer.glorotUniform([4 * hidden, inputs], fanIn: inputs, fanOut: 4 * hidden, using: &random))
    let squares = (0..<4).map { _ in
      Initializer.orthogonal([hidden, hidden], fanIn: hidden, fanOut: hidden, using: &random)
    }
    recurrentWeights = Parameter("weight_hh_l0", Tensor.concatenated(squares))
    var first = [Float](repeating: 0, count: 4 * hidden)
    for k in hidden..<2 * hidden { first[k] = forgetBias }
    bias = Parameter("bias_ih_l0", Tensor(first))
  }

  /// Input weights, recurrent weights, bias.
  public var parameters: [Parameter] { [inputWeights, recurrentWeights, bias] }

  /// Zeros.
  public func initialState(_ sequences: Int) -> State {
    State(hidden: Tensor.zeros([sequences, hidden]), cell: Tensor.zeros([sequences, hidden]))
  }

  /// Runs over `[N, L, D]`.
  ///
  /// - Parameters:
  ///   - input: the sequences.
  ///   - state: the state before the first step; zeros if nil.
  ///   - lengths: how many steps of each sequence count; afterwards its state stays as it is.
  /// - Returns: the hidden states after every step `[N, L, H]`, and the state after the last.
  public func run(_ input: Tensor, from state: State? = nil, lengths: [Int]? = nil) -> (sequence: Tensor, state: State)
  {
    let start = state ?? initialState(input.shape.first ?? 0)
    let (sequence, hidden, cell) = input.lstm(
      inputWeights: inputWeights.value, recurrentWeights: recurrentWeights.value, bias: bias.value,
      hidden: start.hidden, cell: start.cell, lengths: lengths)
    return (sequence, State(hidden: hidden, cell: cell))
  }

  /// From a state of zeros; see `RecurrentLayer`.
  public func states(_ input: Tensor, lengths: [Int]?) -> (sequence: Tensor, last: Tensor) {
    let (sequence, state) = run(input, lengths: lengths)
    return (sequence, state.hidden)
  }
}

/// Elman's recurrent network: h ← tanh(W·x + U·h + b).
public struct SimpleRNN: RecurrentLayer {
  /// `[H, D]`.
  public let inputWeights: Parameter
  /// `[H, H]`.
  public let recurrentWeights: Parameter
  /// `[H]`.
  public let bias: Parameter
  /// H.
  public let hidden: Int
  /// Whether the layer's result is the whole sequence `[N, L, H]` or the last hidden state `[N, H]`.
  public let returnsSequence: Bool

  /// A layer with Glorot input weights and orthogonal recurrent weights (Keras' choice).
  public init(_ inputs: Int, _ hidden: Int, returnsSequence: Bool = false, using random: inout SeededRandom) {
    self.hidden = hidden
    self.returnsSequence = returnsSequence
    inputWeights = Parameter(
      "weight_ih_l0", Initializer.glorotUniform([hidden, inputs], fanIn: inputs, fanOut: hidden, using: &random))
    recurrentWeights = Parameter(
      "weight_hh_l0", Initializer.orthogonal([hidden, hidden], fanIn: hidden, fanOut: hidden, using: &random))
    bias = Parameter("bias_ih_l0", Tensor.zeros([hidden]))
  }

  /// Input weights, recurrent weights, bias.
  public var parameters: [Parameter] { [inputWeights, recurrentWeights, bias] }

  /// Runs over `[N, L, D]` from `state` `[N, H]`, or zeros; after `lengths` steps a sequence's state stays as it is.
  ///
  /// - Returns: the hidden states after every step `[N, L, H]`, and the last one `[N, H]`.
  public func run(
    _ input: Tensor, from state: Tensor? = nil, lengths: [Int]? = nil
  ) -> (sequence: Tensor, state: Tensor) {
    let start = state ?? Tensor.zeros([input.shape.first ?? 0, hidden])
    let (sequence, last) = input.rnn(
      inputWeights: inputWeights.value, recurrentWeights: recurrentWeights.value, bias: bias.value, hidden: start,
      lengths: lengths)
    return (sequence, last)
  }

  /// From a state of zeros; see `RecurrentLayer`.
  public func states(_ input: Tensor, lengths: [Int]?) -> (sequence: Tensor, last: Tensor) {
    let (sequence, state) = run(input, lengths: lengths)
    return (sequence, state)
  }
}
