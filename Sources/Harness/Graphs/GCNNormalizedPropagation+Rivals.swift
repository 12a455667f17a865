import Contracts
import Learning
import Tensors

/// A GCN of any depth, made of the exercise's layer; with one layer and no links it is a logistic regression.
package struct DeepGCN {
  private var weights: [Tensor]
  private var adam = Adam(learningRate: 0.01)

  package init(widths: [Int], using random: inout SeededRandom) {
    weights = zip(widths, widths.dropFirst()).map { .glorot([$0, $1], using: &random) }
  }

  /// The input of every layer, and the logits.
  private func forward(_ network: any GCNNormalizedPropagationExercise, _ graph: LabelledGraph) throws -> [Tensor] {
    var values = [graph.features]
    for (index, w) in weights.enumerated() {
      let z = try network.gcnLayer(graph.adjacency, values[index], w: w, b: nil)
      values.append(index + 1 < weights.count ? z.relu() : z)
    }
    return values
  }

  package mutating func step(_ network: any GCNNormalizedPropagationExercise, on graph: LabelledGraph) throws {
    let values = try forward(network, graph)
    var upstream = try network.maskedCrossEntropy(
      logits: values[weights.count], labels: graph.labels, mask: graph.mask
    ).gradient
    var gradients = weights
    for index in weights.indices.reversed() {
      let back = try network.gcnLayerGradients(graph.adjacency, values[index], w: weights[index], upstream: upstream)
      gradients[index] = back.w
      upstream = Tensor(zip(back.h.scalars, values[index].scalars).map { $1 > 0 ? $0 : 0 }, shape: back.h.shape)
    }
    adam.update(&weights, gradients: gradients)
  }

  package func predict(_ network: any GCNNormalizedPropagationExercise, _ graph: LabelledGraph) throws -> [Int] {
    try forward(network, graph)[weights.count].argmax()
  }
}

/// Every node takes the mean of its neighbours' beliefs, the labelled ones keep theirs (Zhu & Ghahramani 2002).
/// A node that no label reaches counts as class 0.
package func labelPropagation(_ edges: [(Int, Int)], labels: [Int]) -> [Int] {
  var neighbours = [[Int]](repeating: [], count: labels.count)
  for (i, j) in edges where i != j {
    neighbours[i].append(j)
    neighbours[j].append(i)
  }
  var belief = labels.map { $0 == 1 ? 1.0 : $0 == 0 ? -1.0 : 0.0 }
  for _ in 0..<200 {
    belief = labels.indices.map { node in
      if labels[node] >= 0 || neighbours[node].isEmpty { return belief[node] }
      return neighbours[node].reduce(0) { $0 + belief[$1] } / Double(neighbours[node].count)
    }
  }
  return belief.map { $0 > 0 ? 1 : 0 }
}
