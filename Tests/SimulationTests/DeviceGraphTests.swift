import Simulation
import Tensors
import Testing

private func graph(seed: UInt64) -> DeviceGraph {
  var random = SeededRandom(seed: seed)
  return DeviceGraph(using: &random)
}

@Test("the graph has 2,000 accounts, 15 % of them fraudsters, and 40 labels")
func deviceGraphShape() {
  let graph = graph(seed: 1)
  #expect(graph.features.shape == [2_000, 8])
  #expect(graph.labels.reduce(0, +) == 300)
  #expect(graph.training.count == 40 && graph.training.reduce(0) { $0 + graph.labels[$1] } == 20)
  #expect(Set(graph.training).isDisjoint(with: graph.test) && graph.test.count == 1_960)
  #expect(graph.edges == Array(Set(graph.edges)).sorted())
  #expect(graph.edges.allSatisfy { $0.a >= 0 && $0.a < $0.b && $0.b < 2_000 })
}

@Test("the same seed gives the same graph")
func deviceGraphIsReproducible() {
  #expect(graph(seed: 2) == graph(seed: 2))
  #expect(graph(seed: 2) != graph(seed: 3))
}

@Test("features alone say little, features of the neighbourhood much more", arguments: [1, 2, 3, 4] as [UInt64])
func deviceGraphNeedsItsEdges(seed: UInt64) {
  let graph = graph(seed: seed)
  var neighbours = (0..<graph.count).map { [$0] }
  for edge in graph.edges {
    neighbours[edge.a].append(edge.b)
    neighbours[edge.b].append(edge.a)
  }
  func smoothed(_ rows: [[Float]]) -> [[Float]] {
    neighbours.map { list in
      (0..<8).map { column in list.reduce(0) { $0 + rows[$1][column] } / Float(list.count) }
    }
  }
  let alone = nearestMeanF1(graph, rows: graph.rows)
  let together = nearestMeanF1(graph, rows: smoothed(smoothed(graph.rows)))
  #expect((0.3..<0.65).contains(alone), "features alone: F1 \(alone)")
  #expect(together > alone + 0.12, "features alone: F1 \(alone), with the neighbours: \(together)")
}

/// F1 on the test accounts of the rule "nearer to the mean of the labelled fraudsters".
private func nearestMeanF1(_ graph: DeviceGraph, rows: [[Float]]) -> Double {
  let means = [0, 1].map { label -> [Float] in
    let members = graph.training.filter { graph.labels[$0] == label }
    return (0..<8).map { column in members.reduce(0) { $0 + rows[$1][column] } / Float(members.count) }
  }
  func distance(_ row: [Float], _ mean: [Float]) -> Float {
    zip(row, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
  return f1(
    graph.test.map { distance(rows[$0], means[1]) < distance(rows[$0], means[0]) }, graph.test.map { graph.labels[$0] })
}
