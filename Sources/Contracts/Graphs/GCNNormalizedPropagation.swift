import Tensors

/// A graph convolutional network on users, devices or club members: propagation, masked loss, and one training step.
///
/// Kipf & Welling, "Semi-Supervised Classification with Graph Convolutional Networks", ICLR 2017, arXiv:1609.02907.
///
/// Shapes: `N` nodes, `F` features, `D` hidden units, `K` classes.
public protocol GCNNormalizedPropagationExercise: ExerciseContract {
  /// Â = D̃^−½ (A + I) D̃^−½, where D̃ is the diagonal matrix of the degrees in A + I.
  ///
  /// The graph is undirected: (i, j) and (j, i) are one edge, an edge given twice counts once, and so does a
  /// self-loop (i, i), which A + I already holds. A node without edges keeps Â_ii = 1.
  ///
  /// - Parameters:
  ///   - edges: pairs of nodes in `0..<n`, in any order.
  ///   - n: the number of nodes.
  /// - Returns: the entries of Â that are not zero, in Float64.
  /// - Throws: if `n` is negative or an end of an edge is not in `0..<n`.
  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix

  /// Â·(H·W) + b, the layer before its activation (Kipf & Welling, equation 2).
  ///
  /// - Parameters:
  ///   - a: Â of `N` nodes.
  ///   - h: what the nodes hold, `[N, F]`.
  ///   - w: weights `[F, D]`.
  ///   - b: biases `[D]`, or nil for none.
  /// - Returns: `[N, D]`.
  /// - Throws: if the shapes do not fit.
  func gcnLayer(_ a: PropagationMatrix, _ h: Tensor, w: Tensor, b: Tensor?) throws -> Tensor

  /// The gradients of Σ upstream · gcnLayer(a, h, w, b) with respect to h, w and b.
  ///
  /// - Parameters:
  ///   - a: Â, which is symmetric.
  ///   - h: `[N, F]`.
  ///   - w: `[F, D]`.
  ///   - upstream: the gradient of the layer's output, `[N, D]`.
  /// - Returns: three gradients, each of its tensor's shape.
  /// - Throws: if the shapes do not fit.
  func gcnLayerGradients(
    _ a: PropagationMatrix, _ h: Tensor, w: Tensor, upstream: Tensor
  ) throws -> GCNLayerGradients

  /// The cross-entropy of softmax(logits), averaged over the labelled nodes alone, and its gradient.
  ///
  /// - Parameters:
  ///   - logits: `[N, K]`, of any size: exp must not overflow.
  ///   - labels: a class in `0..<K` for each node of `mask`. The other nodes' labels are unknown; whatever stands
  ///     there (such as −1) is not read.
  ///   - mask: the labelled nodes, by index.
  /// - Returns: the loss, and its gradient with respect to the logits, `[N, K]`.
  /// - Throws: if `mask` is empty or holds an index outside `0..<N`, if `labels` is not `N` long, or if a labelled
  ///   node's label is not in `0..<K`.
  func maskedCrossEntropy(logits: Tensor, labels: [Int], mask: [Int]) throws -> MaskedLoss

  /// The network at evaluation, without dropout: Z = Â·(ReLU(Â·X·W₁ + b₁)·W₂) + b₂.
  ///
  /// - Returns: logits `[N, K]`.
  /// - Throws: if the shapes do not fit.
  func logits(_ parameters: GCNParameters, _ graph: LabelledGraph) throws -> Tensor

  /// One step of gradient descent on all nodes at once.
  ///
  /// - The forward pass is that of `logits`, with dropout on the hidden layer after its ReLU: each entry is zero with
  ///   probability `settings.dropout`, and the entries that stay are divided by 1 − `settings.dropout`.
  /// - The loss is the masked cross-entropy plus (`settings.weightDecay` / 2)·‖W₁‖²: the penalty is on the first
  ///   layer's weights alone.
  /// - `network.adamStep` updates the parameters.
  ///
  /// - Returns: the masked cross-entropy before the step, without the penalty.
  /// - Throws: as `maskedCrossEntropy`.
  func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float
}

// MARK: - The types it speaks in

/// A sparse square matrix in compressed rows (CSR), in Float64.
///
/// The entries of row i are `values[k]` in column `columns[k]` for k in `rowStarts[i]..<rowStarts[i + 1]`.
public struct PropagationMatrix: Codable, Sendable, Hashable {
  /// Where each row starts, and at the end how many entries there are: `n + 1` numbers.
  public var rowStarts: [Int]
  /// The column of each entry, increasing within a row.
  public var columns: [Int]
  /// The entries.
  public var values: [Double]

  /// A matrix from its compressed rows.
  public init(rowStarts: [Int], columns: [Int], values: [Double]) {
    self.rowStarts = rowStarts
    self.columns = columns
    self.values = values
  }

  /// A matrix from its rows; each entry is a column and a value.
  public init(rows: [[(column: Int, value: Double)]]) {
    self.init(rowStarts: [0], columns: [], values: [])
    for row in rows {
      for entry in row.sorted(by: { $0.column < $1.column }) {
        columns.append(entry.column)
        values.append(entry.value)
      }
      rowStarts.append(columns.count)
    }
  }

  /// How many nodes the matrix has a row for.
  public var nodes: Int { rowStarts.count - 1 }
}

/// The gradients of one layer.
public struct GCNLayerGradients: Codable, Sendable, Equatable {
  /// With respect to the layer's input, `[N, F]`.
  public var h: Tensor
  /// With respect to the weights, `[F, D]`.
  public var w: Tensor
  /// With respect to the biases, `[D]`.
  public var b: Tensor

  /// Three gradients.
  public init(h: Tensor, w: Tensor, b: Tensor) {
    self.h = h
    self.w = w
    self.b = b
  }
}

/// A loss and the way down.
public struct MaskedLoss: Codable, Sendable, Equatable {
  /// The mean cross-entropy of the labelled nodes.
  public var loss: Float
  /// Its gradient with respect to the logits, `[N, K]`.
  public var gradient: Tensor

  /// A loss and its gradient.
  public init(loss: Float, gradient: Tensor) {
    self.loss = loss
    self.gradient = gradient
  }
}

/// A graph of which some nodes are labelled.
public struct LabelledGraph: Codable, Sendable, Equatable {
  /// Â.
  public var adjacency: PropagationMatrix
  /// X: what is known of each node, `[N, F]`.
  public var features: Tensor
  /// The class of each node of `mask`, and −1 where it is not known.
  public var labels: [Int]
  /// The labelled nodes, by index.
  public var mask: [Int]

  /// A graph.
  public init(adjacency: PropagationMatrix, features: Tensor, labels: [Int], mask: [Int]) {
    self.adjacency = adjacency
    self.features = features
    self.labels = labels
    self.mask = mask
  }
}

/// The weights of a network of two layers, or one gradient each.
public struct GCNParameters: Codable, Sendable, Equatable {
  /// W₁, `[F, D]`.
  public var w1: Tensor
  /// b₁, `[D]`.
  public var b1: Tensor
  /// W₂, `[D, K]`.
  public var w2: Tensor
  /// b₂, `[K]`.
  public var b2: Tensor

  /// Four tensors.
  public init(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) {
    self.w1 = w1
    self.b1 = b1
    self.w2 = w2
    self.b2 = b2
  }
}

/// How a network is trained.
public struct GCNSettings: Codable, Sendable, Hashable {
  /// Adam's step.
  public var learningRate: Float
  /// The penalty on ‖W₁‖² is half of this.
  public var weightDecay: Float
  /// How likely a hidden entry is dropped in training.
  public var dropout: Float

  /// Kipf & Welling's settings, unless others are given.
  public init(learningRate: Float = 0.01, weightDecay: Float = 5e-4, dropout: Float = 0.5) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.dropout = dropout
  }
}
