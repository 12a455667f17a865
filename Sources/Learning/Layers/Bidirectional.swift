import Tensors

/// A layer that reads sequences step by step: N sequences, L steps, D inputs, H hidden units.
public protocol RecurrentLayer: TensorLayer {
  /// Whether the layer's result is the whole sequence or the last hidden state.
  var returnsSequence: Bool { get }

  /// Runs over `[N, L, D]` from a state of zeros.
  ///
  /// - Parameters:
  ///   - input: the sequences.
  ///   - lengths: how many steps of each sequence count; afterwards its state stays as it is. Nil for all.
  /// - Returns: the hidden states after every step `[N, L, H]`, and after the last that counts `[N, H]`.
  func states(_ input: Tensor, lengths: [Int]?) -> (sequence: Tensor, last: Tensor)
}

extension RecurrentLayer {
  /// From a state of zeros: `[N, L, H]` or `[N, H]`, as `returnsSequence` says.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor { self(input, lengths: nil) }

  /// From a state of zeros over the steps that count: `[N, L, H]` or `[N, H]`, as `returnsSequence` says.
  public func callAsFunction(_ input: Tensor, lengths: [Int]?) -> Tensor {
    let (sequence, last) = states(input, lengths: lengths)
    return returnsSequence ? sequence : last
  }
}

/// Two recurrent layers, one of which reads the sequences backwards, side by side (Schuster & Paliwal 1997).
///
///     let first = Bidirectional(returnsSequence: true, using: &random) { LSTM(12, 128, using: &$0) }
///     let second = Bidirectional(using: &random) { LSTM(256, 128, using: &$0) }
///     second(first(x))  // [N, 256]
public struct Bidirectional<Inner: RecurrentLayer>: RecurrentLayer {
  /// Reads from the first step on.
  public let forward: Inner
  /// Reads from the last step that counts on.
  public let backward: Inner
  /// Whether the layer's result is the whole sequence `[N, L, 2H]` or the last states `[N, 2H]`.
  public let returnsSequence: Bool

  /// A pair of layers; the second one's parameters are called as the first one's with "_reverse" after.
  ///
  /// - Parameters:
  ///   - returnsSequence: whether a call gives the whole sequence.
  ///   - random: the source of the weights.
  ///   - make: makes one layer; called twice.
  public init(
    returnsSequence: Bool = false, using random: inout SeededRandom, _ make: (inout SeededRandom) -> Inner
  ) {
    forward = make(&random)
    backward = make(&random)
    self.returnsSequence = returnsSequence
    for parameter in backward.parameters { parameter.name += "_reverse" }
  }

  /// The forward layer's, then the backward layer's.
  public var parameters: [Parameter] { forward.parameters + backward.parameters }

  /// Both layers' states side by side, forward first: after every step, `[N, L, 2H]`, and after each one's own last
  /// step, `[N, 2H]`, which for the backward layer is step 0.
  public func states(_ input: Tensor, lengths: [Int]?) -> (sequence: Tensor, last: Tensor) {
    let (ahead, last) = forward.states(input, lengths: lengths)
    let (back, first) = backward.states(input.reversedSteps(lengths: lengths), lengths: lengths)
    return (
      Tensor.concatenated([ahead, back.reversedSteps(lengths: lengths)], axis: 2),
      Tensor.concatenated([last, first], axis: 1)
    )
  }

  /// As `states`, but only what is asked for is put together.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    if returnsSequence { return states(input, lengths: nil).sequence }
    let (last, first) = (
      forward.states(input, lengths: nil).last, backward.states(input.reversedSteps(), lengths: nil).last
    )
    return Tensor.concatenated([last, first], axis: 1)
  }
}

/// Recurrent layers one on top of the other, each reading the one below after every step.
///
///     let model = RecurrentStack(
///       (0..<2).map { layer in Bidirectional(using: &random) { GRU(layer == 0 ? 12 : 256, 128, using: &$0) } })
///     model(x, lengths: lengths)  // [N, 256]: the last states of the second layer
public struct RecurrentStack<Inner: RecurrentLayer>: RecurrentLayer {
  /// The layers, the lowest first.
  public let layers: [Inner]
  /// Whether the layer's result is the whole sequence of the highest layer, or its last states.
  public let returnsSequence: Bool

  /// A stack; the parameters get PyTorch's names, "weight_ih_l1" for the second layer.
  ///
  /// - Precondition: there is a layer.
  public init(_ layers: [Inner], returnsSequence: Bool = false) {
    precondition(!layers.isEmpty, "RecurrentStack: no layers")
    self.layers = layers
    self.returnsSequence = returnsSequence
    for (number, layer) in layers.enumerated() {
      for parameter in layer.parameters {
        parameter.name = parameter.name.split(separator: "_").map { $0 == "l0" ? "l\(number)" : $0 }.joined(
          separator: "_")
      }
    }
  }

  /// All layers' parameters.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }

  /// The highest layer's states after every step and after the last that counts.
  public func states(_ input: Tensor, lengths: [Int]?) -> (sequence: Tensor, last: Tensor) {
    let below = layers.dropLast().reduce(input) { $1.states($0, lengths: lengths).sequence }
    return layers[layers.count - 1].states(below, lengths: lengths)
  }
}
