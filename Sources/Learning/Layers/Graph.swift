import Tensors

// Layers over graphs: V nodes; row i of an adjacency matrix `[V, V]` has the nodes from which node i hears.

extension CSRMatrix {
  /// D^−½·(A + I)·D^−½, with D the row sums of A + I: the matrix of a graph convolution (Kipf & Welling 2017, eq. 2).
  ///
  /// - Throws: `CSRError.entry` if the matrix has more columns than rows.
  public func normalizedWithLoops() throws -> CSRMatrix {
    var entries: [(row: Int, column: Int, value: Float)] = []
    for row in 0..<rows {
      entries.append((row, row, 1))
      for index in rowStarts[row]..<rowStarts[row + 1] { entries.append((row, columnIndices[index], values[index])) }
    }
    var degrees = [Float](repeating: 0, count: rows)
    for entry in entries { degrees[entry.row] += entry.value }
    let roots = degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    let scaled = entries.map { entry in
      let factor = roots[entry.row] * (roots.indices.contains(entry.column) ? roots[entry.column] : 0)
      return (row: entry.row, column: entry.column, value: entry.value * factor)
    }
    return try CSRMatrix(rows: rows, columns: rows, entries: scaled)
  }
}

/// A graph convolution: Â·X·Wᵀ + b (Kipf & Welling 2017).
public struct GraphConvolution: Layer {
  /// W and b.
  public let dense: Dense

  /// A layer with random weights and a bias of zeros.
  public init(
    _ inputs: Int, _ outputs: Int, hasBias: Bool = true, initializer: Initializer = .glorotUniform,
    using random: inout SeededRandom
  ) {
    dense = Dense(inputs, outputs, hasBias: hasBias, initializer: initializer, using: &random)
  }

  /// W, then b.
  public var parameters: [Parameter] { dense.parameters }

  /// `[V, inputs]` to `[V, outputs]`.
  ///
  /// - Parameters:
  ///   - nodes: a row of features for each node.
  ///   - adjacency: Â, as `normalizedWithLoops()` makes it.
  /// - Returns: a row for each node.
  public func callAsFunction(_ nodes: Tensor, adjacency: CSRMatrix) -> Tensor {
    let product = adjacency.matmul(nodes.matmul(dense.weight.value, transposingSecond: true))
    guard let bias = dense.bias else { return product }
    return product + bias.value
  }
}

/// Attention over a node's neighbours, in several heads (Veličković et al. 2018).
public struct GraphAttention: Layer {
  /// `[H·F, inputs]`, H heads of F features.
  public let weight: Parameter
  /// What a node's features say of it as a neighbour, `[H, F]`.
  public let sourceAttention: Parameter
  /// What they say of it as the one who listens, `[H, F]`.
  public let targetAttention: Parameter
  /// `[H·F]`, or `[F]` where heads are averaged.
  public let bias: Parameter
  /// Whether the result has the heads' features side by side, and not their mean.
  public let concatenatesHeads: Bool
  /// Of the leaky ReLU.
  public let slope: Float

  /// A layer with Glorot weights and a bias of zeros.
  ///
  /// - Parameters:
  ///   - inputs: how many features a node has.
  ///   - features: F.
  ///   - heads: H.
  ///   - concatenatesHeads: whether the result is `[V, H·F]`, and not the heads' mean `[V, F]`.
  ///   - slope: of the leaky ReLU.
  ///   - random: the source of the weights.
  public init(
    _ inputs: Int, _ features: Int, heads: Int = 1, concatenatesHeads: Bool = true, slope: Float = 0.2,
    using random: inout SeededRandom
  ) {
    let width = heads * features
    weight = Parameter(
      "weight", Initializer.glorotUniform([width, inputs], fanIn: inputs, fanOut: width, using: &random))
    func attention(_ name: String) -> Parameter {
      Parameter(name, Initializer.glorotUniform([heads, features], fanIn: features, fanOut: 1, using: &random))
    }
    sourceAttention = attention("att_src")
    targetAttention = attention("att_dst")
    bias = Parameter("bias", Tensor.zeros([concatenatesHeads ? width : features]))
    self.concatenatesHeads = concatenatesHeads
    self.slope = slope
  }

  /// W, the two attention vectors, b.
  public var parameters: [Parameter] { [weight, sourceAttention, targetAttention, bias] }

  /// `[V, inputs]` to `[V, H·F]` or `[V, F]`.
  ///
  /// - Parameters:
  ///   - nodes: a row of features for each node.
  ///   - adjacency: which nodes each node hears; with a loop where it hears itself. Its values do not count.
  /// - Returns: a row for each node.
  public func callAsFunction(_ nodes: Tensor, adjacency: CSRMatrix) -> Tensor {
    let heads = sourceAttention.value.shape
    let features = nodes.matmul(weight.value, transposingSecond: true)  // [V, H·F]
    let byHead = features.reshaped([features.shape[0]] + heads)  // [V, H, F]
    let mixed = adjacency.attention(
      features: features, sourceScores: (byHead * sourceAttention.value).sum(axis: 2),
      targetScores: (byHead * targetAttention.value).sum(axis: 2), slope: slope)
    if concatenatesHeads { return mixed + bias.value }
    return mixed.reshaped([mixed.shape[0]] + heads).mean(axis: 1) + bias.value
  }
}
