import Contracts
import Curriculum
import Solutions
import Tensors

let gcnNormalizedPropagationMistakes = [
  Mistake(
    SumOverUnits.self, in: .gcnNormalizedPropagation, rejectedBy: "a layer and its gradients equal torch's",
    saying: "sums over the units of one node"),
  Mistake(
    NoAdjacency.self, in: .gcnNormalizedPropagation, rejectedBy: "two labels split the karate club",
    saying: "is anything propagated from the neighbours?"),
  Mistake(
    NoAdjacency.self, in: .gcnNormalizedPropagation,
    rejectedBy: "links find the fraud rings that features alone do not", saying: "do the links enter?"),
  Mistake(
    NoAdjacency.self, in: .gcnNormalizedPropagation, rejectedBy: "two layers see two hops and no further",
    saying: "nothing is propagated"),
  Mistake(
    NoSelfLoops.self, in: .gcnNormalizedPropagation, rejectedBy: "the karate club's Â equals networkx's",
    saying: "The self-loops are missing"),
  Mistake(
    PlainSum.self, in: .gcnNormalizedPropagation, rejectedBy: "the karate club's Â equals networkx's",
    saying: "a plain sum grows with the degree"),
  Mistake(
    MeanOfNeighbours.self, in: .gcnNormalizedPropagation, rejectedBy: "the karate club's Â equals networkx's",
    saying: "it is not symmetric"),
  Mistake(
    RepeatedEdgesAddUp.self, in: .gcnNormalizedPropagation,
    rejectedBy: "Â is symmetric, its eigenvalues lie in (−1, 1] and the top one belongs to √d̃",
    saying: "given twice must count once"),
  Mistake(
    BackwardWithoutAdjacency.self, in: .gcnNormalizedPropagation,
    rejectedBy: "a layer and its gradients equal torch's", saying: "The way back leads through Â too"),
  Mistake(
    LossOfEveryNode.self, in: .gcnNormalizedPropagation,
    rejectedBy: "the loss and its gradient are of the labelled nodes alone", saying: "the mean over every node"),
  Mistake(
    PenaltyForgotten.self, in: .gcnNormalizedPropagation, rejectedBy: "five training steps equal torch's",
    saying: "The penalty on W₁ is missing"),
  Mistake(
    NeverDrops.self, in: .gcnNormalizedPropagation, rejectedBy: "dropout is for training, and keeps the mean",
    saying: "nothing is dropped in training"),
]

/// Passes everything on to the reference; a mistake overrides one function.
private protocol MostlyRight: GCNNormalizedPropagationExercise {}

extension MostlyRight {
  var right: GCNNormalizedPropagation { GCNNormalizedPropagation() }

  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    try right.normalizedAdjacency(edges: edges, nodes: n)
  }
  func gcnLayer(_ a: PropagationMatrix, _ h: Tensor, w: Tensor, b: Tensor?) throws -> Tensor {
    try right.gcnLayer(a, h, w: w, b: b)
  }
  func gcnLayerGradients(
    _ a: PropagationMatrix, _ h: Tensor, w: Tensor, upstream: Tensor
  ) throws -> GCNLayerGradients {
    try right.gcnLayerGradients(a, h, w: w, upstream: upstream)
  }
  func maskedCrossEntropy(logits: Tensor, labels: [Int], mask: [Int]) throws -> MaskedLoss {
    try right.maskedCrossEntropy(logits: logits, labels: labels, mask: mask)
  }
  func logits(_ parameters: GCNParameters, _ graph: LabelledGraph) throws -> Tensor {
    try right.logits(parameters, graph)
  }
  func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float {
    try right.trainStep(&network, on: graph, settings: settings, using: &random)
  }

  /// The reference's entries, each divided or multiplied by what `change` says.
  func adjacency(
    _ edges: [(Int, Int)], _ n: Int, entry change: (_ i: Int, _ j: Int, _ degrees: [Double]) -> Double
  ) throws -> PropagationMatrix {
    var a = try right.normalizedAdjacency(edges: edges, nodes: n)
    let degrees = (0..<n).map { Double(a.rowStarts[$0 + 1] - a.rowStarts[$0]) }
    for i in 0..<n {
      for entry in a.rowStarts[i]..<a.rowStarts[i + 1] { a.values[entry] = change(i, a.columns[entry], degrees) }
    }
    return a
  }
}

/// The document's layer: `tf.reduce_sum(w * x, axis=1)` with ones for w.
private struct SumOverUnits: MostlyRight {
  func gcnLayer(_ a: PropagationMatrix, _ h: Tensor, w: Tensor, b: Tensor?) throws -> Tensor {
    let support = h.matmul(w)
    return Tensor((0..<h.shape[0]).map { i in (0..<w.shape[1]).reduce(0) { $0 + support[i, $1] } })
  }
}

/// An MLP: every node by itself.
private struct NoAdjacency: MostlyRight {
  func alone(_ graph: LabelledGraph) throws -> LabelledGraph {
    var graph = graph
    graph.adjacency = try right.normalizedAdjacency(edges: [], nodes: graph.adjacency.nodes)
    return graph
  }
  func logits(_ parameters: GCNParameters, _ graph: LabelledGraph) throws -> Tensor {
    try right.logits(parameters, try alone(graph))
  }
  func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float {
    try right.trainStep(&network, on: try alone(graph), settings: settings, using: &random)
  }
}

private struct NoSelfLoops: MostlyRight {
  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    try adjacency(edges, n) { i, j, degrees in
      i == j ? 0 : 1 / ((degrees[i] - 1) * (degrees[j] - 1)).squareRoot()
    }
  }
}

private struct PlainSum: MostlyRight {
  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    try adjacency(edges, n) { _, _, _ in 1 }
  }
}

private struct MeanOfNeighbours: MostlyRight {
  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    try adjacency(edges, n) { i, _, degrees in 1 / degrees[i] }
  }
}

private struct RepeatedEdgesAddUp: MostlyRight {
  func normalizedAdjacency(edges: [(Int, Int)], nodes n: Int) throws -> PropagationMatrix {
    var counts = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for (i, j) in edges {
      counts[i][j] += 1
      if i != j { counts[j][i] += 1 }
    }
    for i in 0..<n { counts[i][i] += 1 }
    let degrees = counts.map { $0.reduce(0, +) }
    return PropagationMatrix(
      rows: (0..<n).map { i in
        (0..<n).filter { counts[i][$0] > 0 }.map { j -> (column: Int, value: Double) in
          (column: j, value: counts[i][j] / (degrees[i] * degrees[j]).squareRoot())
        }
      })
  }
}

private struct BackwardWithoutAdjacency: MostlyRight {
  func gcnLayerGradients(
    _ a: PropagationMatrix, _ h: Tensor, w: Tensor, upstream: Tensor
  ) throws -> GCNLayerGradients {
    let alone = try right.normalizedAdjacency(edges: [], nodes: a.nodes)
    return try right.gcnLayerGradients(alone, h, w: w, upstream: upstream)
  }
}

private struct LossOfEveryNode: MostlyRight {
  func maskedCrossEntropy(logits: Tensor, labels: [Int], mask: [Int]) throws -> MaskedLoss {
    let known = labels.indices.filter { labels[$0] >= 0 }
    return try right.maskedCrossEntropy(logits: logits, labels: labels, mask: known)
  }
}

private struct PenaltyForgotten: MostlyRight {
  func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float {
    var settings = settings
    settings.weightDecay = 0
    return try right.trainStep(&network, on: graph, settings: settings, using: &random)
  }
}

private struct NeverDrops: MostlyRight {
  func trainStep(
    _ network: inout GCN, on graph: LabelledGraph, settings: GCNSettings, using random: inout SeededRandom
  ) throws -> Float {
    var settings = settings
    settings.dropout = 0
    return try right.trainStep(&network, on: graph, settings: settings, using: &random)
  }
}
