import Foundation
import Tensors

// N sequences, L queries, S keys, D numbers a token, H heads.

/// Attention in several heads, its weights as PyTorch's `MultiheadAttention` has them (Vaswani et al. 2017).
public struct MultiHeadAttention: TensorLayer {
  /// The projections to queries, keys and values, one below the other, `[3D, D]`.
  public let inputWeights: Parameter
  /// Their biases, `[3D]`.
  public let inputBias: Parameter
  /// The projection of the result.
  public let output: Dense
  /// H.
  public let heads: Int
  /// Whether a call lets each step look only at itself and those before it.
  public let isCausal: Bool

  /// A layer with Glorot weights and biases of zeros.
  ///
  /// - Parameters:
  ///   - width: D.
  ///   - heads: H, which divides D.
  ///   - isCausal: whether query i looks at the keys 0…i alone.
  ///   - random: the source of the weights.
  public init(_ width: Int, heads: Int, isCausal: Bool = false, using random: inout SeededRandom) {
    requireShape(heads > 0 && width % heads == 0, "MultiHeadAttention: \(heads) heads do not divide the width \(width)")
    inputWeights = Parameter(
      "in_proj_weight",
      Initializer.glorotUniform([3 * width, width], fanIn: width, fanOut: 3 * width, using: &random))
    inputBias = Parameter("in_proj_bias", Tensor.zeros([3 * width]))
    output = Dense(width, width, using: &random)
    output.prefixNames("out_proj")
    self.heads = heads
    self.isCausal = isCausal
  }

  /// Input weights and biases, then the output's.
  public var parameters: [Parameter] { [inputWeights, inputBias] + output.parameters }

  /// The attention of sequences to themselves, `[N, L, D]` to `[N, L, D]`.
  ///
  /// - Parameters:
  ///   - input: the sequences.
  ///   - keyPadding: `[N, L]`, not 0 where a step is padding at which none looks; nil for none.
  /// - Returns: the same shape.
  public func callAsFunction(_ input: Tensor, keyPadding: Tensor?) -> Tensor {
    let projected = input.affine(inputWeights.value, bias: inputBias.value)  // [N, L, 3D]
    return output(projected.selfAttention(heads: heads, isCausal: isCausal, keyPadding: keyPadding))
  }

  /// The attention of sequences to themselves, without padding.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor { self(input, keyPadding: nil) }

  /// The attention of queries `[N, L, D]` to keys and values `[N, S, D]`.
  ///
  /// - Parameters:
  ///   - queries: what looks.
  ///   - keys: what is looked at.
  ///   - values: what is found there.
  ///   - keyPadding: `[N, S]`, not 0 where a key is padding; nil for none.
  /// - Returns: `[N, L, D]`.
  public func callAsFunction(_ queries: Tensor, keys: Tensor, values: Tensor, keyPadding: Tensor? = nil) -> Tensor {
    let width = output.weight.value.shape[0]
    let thirds = [width, width, width]
    let weights = inputWeights.value.split(thirds)
    let biases = inputBias.value.split(thirds)
    func projected(_ x: Tensor, _ third: Int) -> Tensor {
      x.affine(weights[third], bias: biases[third])
    }
    return output(
      projected(queries, 0).attention(
        keys: projected(keys, 1), values: projected(values, 2), heads: heads, isCausal: isCausal,
        keyPadding: keyPadding))
  }

  /// The padding mask of sequences of the given lengths: `[lengths.count, steps]`, 1 from each length on.
  public static func padding(lengths: [Int], steps: Int) -> Tensor {
    Tensor(rows: lengths.map { length in (0..<steps).map { $0 < length ? 0 : 1 } }).reshaped([lengths.count, steps])
  }
}

/// One layer of a transformer's encoder: attention, then two dense layers, each with dropout, a sum with its input and
/// layer normalisation, as PyTorch's `TransformerEncoderLayer` (Vaswani et al. 2017, section 3.1).
public struct TransformerEncoderLayer: TensorLayer {
  /// The attention.
  public let attention: MultiHeadAttention
  /// D to the inner width.
  public let expansion: Dense
  /// The inner width to D.
  public let contraction: Dense
  /// The normalisation of the attention's part.
  public let attentionNorm: LayerNorm
  /// The normalisation of the dense part.
  public let denseNorm: LayerNorm
  /// Whether each part normalises its input (Xiong et al. 2020) and not the sum after it.
  public let normalizesFirst: Bool
  private let activation: Activation
  private let dropouts: [Dropout]

  /// A layer; the defaults are PyTorch's.
  ///
  /// - Parameters:
  ///   - width: D.
  ///   - heads: H, which divides D.
  ///   - inner: the width between the two dense layers.
  ///   - dropout: the rate after the attention, inside and after the dense part.
  ///   - activation: between the two dense layers.
  ///   - normalizesFirst: whether each part normalises its input and not the sum after it.
  ///   - isCausal: whether a step looks only at itself and those before it.
  ///   - random: the source of the weights.
  public init(
    _ width: Int, heads: Int, inner: Int = 2048, dropout: Double = 0.1, activation: Activation = .relu,
    normalizesFirst: Bool = false, isCausal: Bool = false, using random: inout SeededRandom
  ) {
    attention = MultiHeadAttention(width, heads: heads, isCausal: isCausal, using: &random)
    expansion = Dense(width, inner, using: &random)
    contraction = Dense(inner, width, using: &random)
    attentionNorm = LayerNorm(width)
    denseNorm = LayerNorm(width)
    self.normalizesFirst = normalizesFirst
    self.activation = activation
    dropouts = (0..<3).map { _ in Dropout(dropout, using: &random) }
    attention.prefixNames("self_attn")
    expansion.prefixNames("linear1")
    contraction.prefixNames("linear2")
    attentionNorm.prefixNames("norm1")
    denseNorm.prefixNames("norm2")
  }

  /// Attention, the two dense layers, the two normalisations: PyTorch's order.
  public var parameters: [Parameter] {
    attention.parameters + expansion.parameters + contraction.parameters + attentionNorm.parameters
      + denseNorm.parameters
  }

  /// `[N, L, D]` to the same shape, without padding.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    self(input, keyPadding: nil, training: training)
  }

  /// `[N, L, D]` to the same shape.
  ///
  /// - Parameters:
  ///   - input: the sequences.
  ///   - keyPadding: `[N, L]`, not 0 where a step is padding at which none looks; nil for none.
  ///   - training: whether dropout drops.
  /// - Returns: the same shape.
  public func callAsFunction(_ input: Tensor, keyPadding: Tensor?, training: Bool) -> Tensor {
    func attended(_ x: Tensor) -> Tensor { dropouts[0](attention(x, keyPadding: keyPadding), training: training) }
    func transformed(_ x: Tensor) -> Tensor {
      let inner = dropouts[1](expansion(x, training: training, then: activation), training: training)
      return dropouts[2](contraction(inner), training: training)
    }
    if normalizesFirst {
      let x = input + attended(attentionNorm(input))
      return x + transformed(denseNorm(x))
    }
    let x = attentionNorm(input + attended(input))
    return denseNorm(x + transformed(x))
  }
}

/// Encoder layers one after the other, and a last normalisation where they normalise first.
public struct TransformerEncoder: TensorLayer {
  /// The layers, first to last.
  public let layers: [TransformerEncoderLayer]
  /// The normalisation after the last layer, or nil for none.
  public let norm: LayerNorm?

  /// Layers and, if there is one, a last normalisation.
  public init(_ layers: [TransformerEncoderLayer], norm: LayerNorm? = nil) {
    self.layers = layers
    self.norm = norm
    for (number, layer) in layers.enumerated() { layer.prefixNames("layers.\(number)") }
    norm?.prefixNames("norm")
  }

  /// All layers' parameters, then the normalisation's.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) + (norm?.parameters ?? []) }

  /// `[N, L, D]` to the same shape, without padding.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    self(input, keyPadding: nil, training: training)
  }

  /// `[N, L, D]` to the same shape; for the padding see `TransformerEncoderLayer`.
  public func callAsFunction(_ input: Tensor, keyPadding: Tensor?, training: Bool) -> Tensor {
    let result = layers.reduce(input) { $1($0, keyPadding: keyPadding, training: training) }
    return norm.map { $0(result) } ?? result
  }
}

/// Adds a learned vector to each step of `[N, L, D]`: step t gets row t of a table.
public struct LearnedPositions: TensorLayer {
  /// `[steps, D]`.
  public let table: Parameter

  /// A table of normal numbers for at most `steps` steps.
  public init(
    _ steps: Int, _ width: Int, initializer: Initializer = .normal(0.02), using random: inout SeededRandom
  ) {
    table = Parameter("weight", initializer([steps, width], fanIn: steps, fanOut: width, using: &random))
  }

  /// The table.
  public var parameters: [Parameter] { [table] }

  /// `[N, L, D]` to the same shape.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    let found = table.value.shape
    requireShape(
      input.rank == 3 && input.shape[2] == found[1] && input.shape[1] <= found[0],
      "LearnedPositions: \(input.shape) and the table \(found)")
    return input + table.value.sliced(0..<input.shape[1])
  }
}

/// Adds sines and cosines of the step to each step of `[N, L, D]`: sin(t / 10000^(2i / D)) to entry 2i and the cosine of
/// the same to entry 2i + 1 (Vaswani et al. 2017, section 3.5).
public struct SinusoidalPositions: TensorLayer {
  /// A layer.
  public init() {}

  /// None.
  public var parameters: [Parameter] { [] }

  /// `[N, L, D]` to the same shape.
  public func callAsFunction(_ input: Tensor, training: Bool) -> Tensor {
    requireShape(input.rank == 3, "SinusoidalPositions: a tensor of shape \(input.shape) is not [N, L, D]")
    return input + Self.table(input.shape[1], input.shape[2])
  }

  /// What is added, `[steps, width]`.
  public static func table(_ steps: Int, _ width: Int) -> Tensor {
    var numbers: [Float] = []
    numbers.reserveCapacity(steps * width)
    for step in 0..<steps {
      for entry in 0..<width {
        let angle = Double(step) / pow(10_000, Double(entry / 2 * 2) / Double(width))
        numbers.append(Float(entry % 2 == 0 ? sin(angle) : cos(angle)))
      }
    }
    return Tensor(numbers, shape: [steps, width])
  }
}
