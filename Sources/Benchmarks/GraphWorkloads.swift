import Learning
import Tensors

extension Workload {
  /// A graph convolution network (Kipf & Welling 2017) of the size of the Cora citation graph.
  static let graphConvolution = Workload(
    "gcn-cora-size", multiplyAdds: 2708 * (2 * 1433 * 16 + 3 * 16 * 7) + 13_566 * (2 * 16 + 2 * 7)
  ) {
    let first = Parameter("first", Tensor.zeros([1433, 16]))
    let firstBias = Parameter("bias", Tensor.zeros([16]))
    let second = Parameter("second", Tensor.zeros([16, 7]))
    let secondBias = Parameter("bias", Tensor.zeros([7]))
    let parameters = [first, firstBias, second, secondBias]
    drawWeights(parameters)
    let graph = try normalizedGraph(nodes: 2708, links: 5429)
    var (inputs, labels) = (numbers("inputs"), numbers("labels"))
    let features = Tensor.drawn([2708, 1433], &inputs)
    let classes = labels.labels(2708, classes: 7)
    return trainingStep(parameters) {
      let hidden = (graph.matmul(features.matmul(first.value)) + firstBias.value).relu()
      return softmaxCrossEntropy(graph.matmul(hidden.matmul(second.value)) + secondBias.value, classes)
    }
  }

  /// D^(−½)·(A + I)·D^(−½) of a random graph.
  private static func normalizedGraph(nodes: Int, links: Int) throws -> CSRMatrix {
    var random = numbers("graph")
    var neighbours = (0..<nodes).map { Set([$0]) }
    var missing = links
    while missing > 0 {
      let (i, j) = (Int(random.uniform() * Double(nodes)), Int(random.uniform() * Double(nodes)))
      guard neighbours[i].insert(j).inserted else { continue }
      neighbours[j].insert(i)
      missing -= 1
    }
    let columns = neighbours.map { $0.sorted() }
    let starts = columns.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    let degrees = columns.map { Double($0.count) }
    let values = columns.enumerated().flatMap { i, row in
      row.map { j -> Float in Float(1 / (degrees[i] * degrees[j]).squareRoot()) }
    }
    return try CSRMatrix(
      rows: nodes, columns: nodes, rowStarts: starts, columnIndices: columns.flatMap { $0 }, values: values)
  }
}
