import Tensors

/// An affine map of the last axis: x·Wᵀ + b.
public struct Dense: ActivatedLayer {
  /// `[outputs, inputs]`, as PyTorch has it.
  public let weight: Parameter
  /// `[outputs]`, or nil for none.
  public let bias: Parameter?

  /// A layer with random weights and a bias of zeros.
  ///
  /// - Parameters:
  ///   - inputs: the length of the input's last axis.
  ///   - outputs: the length of the result's last axis.
  ///   - hasBias: whether b is there.
  ///   - initializer: how W is drawn.
  ///   - random: the source of the weights.
  public init(
    _ inputs: Int, _ outputs: Int, hasBias: Bool = true, initializer: Initializer = .glorotUniform,
    using random: inout SeededRandom
  ) {
    weight = Parameter("weight", initializer([outputs, inputs], fanIn: inputs, fanOut: outputs, using: &random))
    bias = hasBias ? Parameter("bias", Tensor.zeros([outputs])) : nil
  }

  /// A layer with given weights.
  public init(weight: Tensor, bias: Tensor? = nil) {
    self.weight = Parameter("weight", weight)
    self.bias = bias.map { Parameter("bias", $0) }
  }

  /// W, then b.
  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// `[…, inputs]` to `[…, outputs]`.
  public func callAsFunction(_ input: Tensor, training: Bool, activation: FusedActivation) -> Tensor {
    guard let bias else { return input.matmul(weight.value, transposingSecond: true).applying(activation) }
    return input.affine(weight.value, bias: bias.value, activation: activation)
  }
}

/// A table of vectors, one for each token.
public struct Embedding: Layer {
  /// `[vocabulary, width]`.
  public let table: Parameter

  /// A table of normal numbers.
  public init(
    _ vocabulary: Int, _ width: Int, initializer: Initializer = .normal(1), using random: inout SeededRandom
  ) {
    table = Parameter("weight", initializer([vocabulary, width], fanIn: vocabulary, fanOut: width, using: &random))
  }

  /// The table.
  public var parameters: [Parameter] { [table] }

  /// The vectors of the tokens, `[tokens.count, width]`.
  public func callAsFunction(_ tokens: [Int]) -> Tensor { table.value.rows(tokens) }

  /// The vectors of sequences of one length, `[N, L, width]`.
  public func callAsFunction(_ sequences: [[Int]]) -> Tensor {
    let vectors = table.value.rows(sequences.flatMap { $0 })
    return vectors.reshaped([sequences.count, sequences.first?.count ?? 0, table.value.shape[1]])
  }
}

/// Sets entries to 0 with probability `rate` in training and scales the others by 1 / (1 − rate) (Srivastava et al. 2014).
public final class Dropout: TensorLayer {
  /// The probability of a zero.
  public let rate: Double
  private var random: SeededRandom

  /// A layer with a source of randomness of its own, taken from `random`.
  ///
  /// - Precondition: `rate` lies in 0..<1.
  public init(_ rate: Double, using random: inout SeededRandom) {
    precondition(rate >= 0 && rate < 1, "Dropout: the rate must lie in 0..<1, found \(rate)")
    self.rate = rate
    self.random = SeededRandom(seed: random.next())
  }

  /// None.
  public var parameters: [Parameter] { [] }

  /// Drops in training, changes nothing otherwise.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    if !training || rate == 0 { return input }
    let kept = Float(1 / (1 - rate))
    var mask = [Float](repeating: kept, count: input.count)
    for i in 0..<mask.count where random.bool(probability: rate) { mask[i] = 0 }
    return input * Tensor(mask, shape: input.shape)
  }
}
