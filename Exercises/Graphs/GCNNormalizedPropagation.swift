import Contracts
import Tensors

// A graph convolutional network, forward and backward. `dojo show gcn-normalized-propagation` has the question,
// `dojo hint` helps.
//
// N nodes, F features, D hidden units, K classes. Where an input makes no sense, throw an error: `throw BadInput("…")`.
// `Tensor` has `matmul(_:transposingFirst:transposingSecond:)`, and its numbers are `scalars`, row by row.

struct GCNNormalizedPropagation: GCNNormalizedPropagationExercise {
  /// Â = D̃^−½ (A + I) D̃^−½ of an undirected graph, where D̃ holds the degrees of A + I.
  ///
  /// (i, j) and (j, i) are one edge; an edge or a self-loop given twice counts once; a lone node keeps Â_ii = 1.
  /// Refuse a negative n and an edge that ends outside 0..<n.
  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    throw Unfinished()
  }

  /// Â·(H·W) + b without an activation: h [N, F], w [F, D], b [D] or nil → [N, D]. Refuse shapes that do not fit.
  func gcnLayer(_ a: PropagationMatrix, _ h: Tensor, w: Tensor, b: Tensor?) throws -> Tensor {
    throw Unfinished()
  }

  /// The gradients of Σ upstream · gcnLayer(a, h, w, b) with respect to h [N, F], w [F, D] and b [D];
  /// upstream is [N, D]. Â is symmetric. Refuse shapes that do not fit.
  func gcnLayerGradients(
    _ a: PropagationMatrix, _ h: Tensor, w: Tensor, upstream: Tensor
  ) throws -> GCNLayerGradients {
    throw Unfinished()
  }

  /// The cross-entropy of softmax(logits) averaged over the nodes of `mask`, and its gradient [N, K].
  ///
  /// The labels of other nodes are unknown: never read them. Logits may be large. Refuse an empty mask, a node outside
  /// 0..<N, labels that are not N, and a labelled node whose label is not in 0..<K.
  func maskedCrossEntropy(logits: Tensor, labels: [Int], mask: [Int]) throws -> MaskedLoss {
    throw Unfinished()
  }

  /// The network at evaluation: Â·(ReLU(Â·X·W₁ + b₁)·W₂) + b₂, [N, K]. No dropout here.
  func logits(_ parameters: GCNParameters, _ graph: LabelledGraph) throws -> Tensor {
    throw Unfinished()
  }

  /// One training step: the forward pass with dropout after the ReLU (each hidden entry is zero with probability
  /// settings.dropout, else divided by 1 − settings.dropout), the masked loss, the gradients, the penalty
  /// settings.weightDecay / 2 · ‖W₁‖² on the first weights alone, then `network.adamStep`.
  ///
  /// Return the masked cross-entropy before the step, without the penalty.
  func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float {
    throw Unfinished()
  }
}
