/// Nodes and links.
struct GraphChart {
  let nodes: [Chart.Node]
  let links: [Chart.Link]
  let language: Language

  /// The groups that occur, in order.
  var groups: [Int] { Set(nodes.map(\.group)).sorted() }
}

extension Canvas {
  /// Draws a graph; a label that would cover another or a node is left to the pointer.
  ///
  /// - Returns: the lower edge.
  mutating func draw(_ graph: GraphChart, from top: Double) -> Double {
    let count = graph.nodes.count
    let height = count == 0 ? 80.0 : min(520, 200 + 26 * Double(count).squareRoot() * 2)
    let outer = Box(x: 8, y: top, width: Canvas.width - 16, height: height)
    guard count > 0 else {
      emptyNote(in: outer, language: graph.language)
      return outer.bottom
    }
    let frame = Box(x: 70, y: top + 26, width: Canvas.width - 140, height: height - 52)
    let places = ForceLayout.places(count: count, links: graph.links).map {
      (x: frame.x + $0.x * frame.width, y: frame.y + $0.y * frame.height)
    }
    let radius = count <= 40 ? 7.0 : count <= 200 ? 5.0 : 3.0
    var degrees = [Int](repeating: 0, count: count)
    for link in graph.links where link.joinsTwo(of: count) {
      degrees[link.from] += 1
      degrees[link.to] += 1
      let (from, to) = (places[link.from], places[link.to])
      line(from.x, from.y, to.x, to.y, style: "link")
    }
    let groups = graph.groups
    var placer = LabelPlacer(bounds: outer)
    for (node, place) in zip(graph.nodes, places) {
      let colour = groups.firstIndex(of: node.group) ?? 0
      circle(
        place.x, place.y, radius: radius, style: "\(LineChart.fillStyle(colour)) rim", tip: node.label[graph.language])
      if node.isHighlighted { circle(place.x, place.y, radius: radius + 3, style: "ring") }
      let reach = radius + (node.isHighlighted ? 4 : 0)
      placer.reserve(Box(x: place.x - reach, y: place.y - reach, width: 2 * reach, height: 2 * reach))
    }
    // Highlighted nodes choose first, then the most linked.
    let order = graph.nodes.indices.sorted {
      let (a, b) = (graph.nodes[$0], graph.nodes[$1])
      if a.isHighlighted != b.isHighlighted { return a.isHighlighted }
      return degrees[$0] != degrees[$1] ? degrees[$0] > degrees[$1] : $0 < $1
    }
    let measure = TextMeasure.pixels(size: 12)
    for index in order {
      let label = measure.clipped(graph.nodes[index].label[graph.language], to: 160)
      guard !label.isEmpty else { continue }
      let (x, y) = places[index]
      let away = radius + (graph.nodes[index].isHighlighted ? 8 : 5)
      let around: [(x: Double, y: Double, anchor: PlacedText.Anchor)] = [
        (x + away, y + 4, .start), (x - away, y + 4, .end), (x, y - away - 2, .middle), (x, y + away + 10, .middle),
        (x + away, y - away + 2, .start), (x + away, y + away + 6, .start), (x - away, y - away + 2, .end),
        (x - away, y + away + 6, .end),
      ]
      let boxes = around.map { PlacedText.box(of: label, x: $0.x, baseline: $0.y, size: 12, anchor: $0.anchor) }
      guard let chosen = placer.place(boxes) else { continue }
      let place = around[chosen]
      text(label, x: place.x, baseline: place.y, anchor: place.anchor, style: "halo", role: .node)
    }
    return outer.bottom
  }
}
