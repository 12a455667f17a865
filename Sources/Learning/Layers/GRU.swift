import Tensors

/// A gated recurrent unit (Cho et al. 2014), in PyTorch's form. Layers are stacked by giving one the other's sequence.
///
/// N sequences, L steps, D inputs, H hidden units.
public struct GRU: RecurrentLayer {
  /// `[3H, D]`, the gates in the order r, z, n.
  public let inputWeights: Parameter
  /// `[3H, H]`.
  public let recurrentWeights: Parameter
  /// `[3H]`.
  public let inputBias: Parameter
  /// `[3H]`; its last third stands inside the product with r.
  public let recurrentBias: Parameter
  /// H.
  public let hidden: Int
  /// Whether the layer's result is the whole sequence `[N, L, H]` or the last hidden state `[N, H]`.
  public let returnsSequence: Bool

  /// A layer with Glorot input weights and orthogonal recurrent weights (Keras' choice), and biases of zeros.
  public init(_ inputs: Int, _ hidden: Int, returnsSequence: Bool = false, using random: inout SeededRandom) {
    self.hidden = hidden
    self.returnsSequence = returnsSequence
    inputWeights = Parameter(
      "weight_ih_l0",
      Initializer.glorotUniform([3 * hidden, inputs], fanIn: inputs, fanOut: 3 * hidden, using: &random))
    let squares = (0..<3).map { _ in
      Initializer.orthogonal([hidden, hidden], fanIn: hidden, fanOut: hidden, using: &random)
    }
    recurrentWeights = Parameter("weight_hh_l0", Tensor.concatenated(squares))
    inputBias = Parameter("bias_ih_l0", Tensor.zeros([3 * hidden]))
    recurrentBias = Parameter("bias_hh_l0", Tensor.zeros([3 * hidden]))
  }

  /// Input weights, recurrent weights, input bias, recurrent bias.
  public var parameters: [Parameter] { [inputWeights, recurrentWeights, inputBias, recurrentBias] }

  /// Runs over `[N, L, D]`.
  ///
  /// - Parameters:
  ///   - input: the sequences.
  ///   - state: the state before the first step, `[N, H]`; zeros if nil.
  ///   - lengths: how many steps of each sequence count; afterwards its state stays as it is.
  /// - Returns: the hidden states after every step `[N, L, H]`, and the last one `[N, H]`.
  public func run(
    _ input: Tensor, from state: Tensor? = nil, lengths: [Int]? = nil
  ) -> (sequence: Tensor, state: Tensor) {
    let (sequence, last) = input.gru(
      inputWeights: inputWeights.value, recurrentWeights: recurrentWeights.value, inputBias: inputBias.value,
      recurrentBias: recurrentBias.value, hidden: state ?? Tensor.zeros([input.shape.first ?? 0, hidden]),
      lengths: lengths)
    return (sequence, last)
  }

  /// From a state of zeros; see `RecurrentLayer`.
  public func states(_ input: Tensor, lengths: [Int]?) -> (sequence: Tensor, last: Tensor) {
    let (sequence, state) = run(input, lengths: lengths)
    return (sequence, state)
  }
}
