import Contracts
import Foundation
import Tensors

/// A graph convolutional network of two layers, forward and backward by hand.
///
/// Kipf & Welling, "Semi-Supervised Classification with Graph Convolutional Networks", ICLR 2017, arXiv:1609.02907.
/// `N` nodes, `F` features, `D` hidden units, `K` classes.
public struct GCNNormalizedPropagation: GCNNormalizedPropagationExercise {
  /// Makes the reference.
  public init() {}

  /// Â_ij = 1 / √(d̃_i d̃_j) for every edge and every i = j, where d̃_i counts the neighbours and i itself.
  public func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    try BadInput.unless(n >= 0, "normalizedAdjacency: \(n) nodes")
    var neighbours = (0..<n).map { Set([$0]) }  // A + I; a set counts a repeated edge once
    for (i, j) in edges {
      try BadInput.unless(
        (0..<n).contains(i) && (0..<n).contains(j), "normalizedAdjacency: edge (\(i), \(j)) among \(n) nodes")
      neighbours[i].insert(j)
      neighbours[j].insert(i)
    }
    let degrees = neighbours.map { Double($0.count) }
    return PropagationMatrix(
      rows: (0..<n).map { i in
        neighbours[i].map { j in (column: j, value: 1 / (degrees[i] * degrees[j]).squareRoot()) }
      })
  }

  /// H·W first: it is narrower than H, so that the sparse product has less to do.
  public func gcnLayer(_ a: PropagationMatrix, _ h: Tensor, w: Tensor, b: Tensor?) throws -> Tensor {
    try requireFitting(a, h, w)
    let z = propagate(a, h.matmul(w))  // [N, D]
    guard let b else { return z }
    try BadInput.unless(b.shape == [w.shape[1]], "gcnLayer: biases \(b.shape) for weights \(w.shape)")
    return z + b
  }

  /// With G = ÂᵀU = ÂU: dH = G·Wᵀ, dW = Hᵀ·G, and db sums U over the nodes.
  public func gcnLayerGradients(
    _ a: PropagationMatrix, _ h: Tensor, w: Tensor, upstream: Tensor
  ) throws -> GCNLayerGradients {
    try requireFitting(a, h, w)
    try BadInput.unless(
      upstream.shape == [a.nodes, w.shape[1]], "gcnLayerGradients: upstream \(upstream.shape) for weights \(w.shape)")
    let g = propagate(a, upstream)  // [N, D]
    return GCNLayerGradients(
      h: g.matmul(w, transposingSecond: true), w: h.matmul(g, transposingFirst: true), b: upstream.sum(axis: 0))
  }

  /// −log softmax(z)_y, with the row's maximum taken out before exp; its gradient is softmax(z) − onehot(y).
  public func maskedCrossEntropy(logits: Tensor, labels: [Int], mask: [Int]) throws -> MaskedLoss {
    try BadInput.unless(logits.rank == 2, "maskedCrossEntropy: logits \(logits.shape)")
    let (nodes, classes) = (logits.shape[0], logits.shape[1])
    try BadInput.unless(labels.count == nodes, "maskedCrossEntropy: \(labels.count) labels for \(nodes) nodes")
    try BadInput.unless(!mask.isEmpty, "maskedCrossEntropy: no node is labelled")
    var loss: Float = 0
    var gradient = Tensor.zeros(logits.shape)  // a node without a label keeps its zeros
    for node in mask {
      try BadInput.unless((0..<nodes).contains(node), "maskedCrossEntropy: node \(node) of \(nodes)")
      let label = labels[node]
      try BadInput.unless((0..<classes).contains(label), "maskedCrossEntropy: label \(label) of \(classes) classes")
      let row = logits.scalars[node * classes..<(node + 1) * classes]
      let largest = row.max() ?? 0
      let powers = row.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      loss += log(sum) - (logits[node, label] - largest)
      for (k, power) in powers.enumerated() {
        gradient[node, k] = (power / sum - (k == label ? 1 : 0)) / Float(mask.count)
      }
    }
    return MaskedLoss(loss: loss / Float(mask.count), gradient: gradient)
  }

  /// Two layers with a ReLU between them.
  public func logits(_ parameters: GCNParameters, _ graph: LabelledGraph) throws -> Tensor {
    let hidden = try gcnLayer(graph.adjacency, graph.features, w: parameters.w1, b: parameters.b1)
    return try gcnLayer(graph.adjacency, hidden.relu(), w: parameters.w2, b: parameters.b2)
  }

  /// Forward with dropout, backward through the same mask, the penalty, Adam.
  public func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float {
    let (a, x, p) = (graph.adjacency, graph.features, network.parameters)
    let hidden = try gcnLayer(a, x, w: p.w1, b: p.b1)  // [N, D]
    let kept = dropoutFactors(hidden.shape, rate: settings.dropout, using: &random)
    let active = hidden.relu() * kept
    let z = try gcnLayer(a, active, w: p.w2, b: p.b2)  // [N, K]
    let loss = try maskedCrossEntropy(logits: z, labels: graph.labels, mask: graph.mask)

    let second = try gcnLayerGradients(a, active, w: p.w2, upstream: loss.gradient)
    let slope = kept * hidden.greater(than: .zeros(hidden.shape))  // of dropout and ReLU together
    let upstream = second.h * slope  // [N, D]
    // As in gcnLayerGradients, but the features need no gradient. XᵀG is taken as (GᵀX)ᵀ, which copies the narrow
    // side. Then the penalty's own gradient.
    let w1 = propagate(a, upstream).matmul(x, transposingFirst: true).transposed() + settings.weightDecay * p.w1
    network.adamStep(
      GCNParameters(w1: w1, b1: upstream.sum(axis: 0), w2: second.w, b2: second.b),
      learningRate: settings.learningRate)
    return loss.loss
  }

  // MARK: - Pieces

  /// Â·X: row i gathers the rows of i's neighbours and its own.
  private func propagate(_ a: PropagationMatrix, _ x: Tensor) -> Tensor {
    let width = x.shape[1]
    var result = Tensor.zeros(x.shape)
    result.scalars.withUnsafeMutableBufferPointer { out in
      x.scalars.withUnsafeBufferPointer { x in
        for i in 0..<a.nodes {
          for entry in a.rowStarts[i]..<a.rowStarts[i + 1] {
            let value = Float(a.values[entry])
            let from = a.columns[entry] * width
            for k in 0..<width { out[i * width + k] += value * x[from + k] }
          }
        }
      }
    }
    return result
  }

  /// 0 with probability `rate`, else 1 / (1 − rate), so that the mean is 1.
  private func dropoutFactors(_ shape: [Int], rate: Float, using random: inout SeededRandom) -> Tensor {
    if rate == 0 { return .ones(shape) }
    let factors = (0..<Tensor.count(of: shape)).map { _ in
      random.bool(probability: Double(rate)) ? 0 : 1 / (1 - rate)
    }
    return Tensor(factors, shape: shape)
  }

  private func requireFitting(_ a: PropagationMatrix, _ h: Tensor, _ w: Tensor) throws {
    try BadInput.unless(
      h.rank == 2 && w.rank == 2 && h.shape[0] == a.nodes && h.shape[1] == w.shape[0],
      "a layer of \(a.nodes) nodes cannot take features \(h.shape) with weights \(w.shape)")
  }
}
