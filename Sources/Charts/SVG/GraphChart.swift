/// Nodes and links.
struct GraphChart {
  let nodes: [Chart.Node]
  let links: [Chart.Link]
  var groupNames: [String] = []
  let language: Language

  /// How many nodes and links a picture shows at most; more would be a ball of wool, and slow to lay out.
  static let limit = (nodes: 300, links: 3000)

  /// The groups that occur, in order.
  var groups: [Int] { Set(nodes.map(\.group)).sorted() }

  /// The graph, or of a large one the highlighted and the most linked nodes with the links between them.
  var core: GraphChart {
    var degrees = [Int](repeating: 0, count: nodes.count)
    let valid = links.filter { $0.joinsTwo(of: nodes.count) }
    guard nodes.count > GraphChart.limit.nodes || valid.count > GraphChart.limit.links else { return self }
    for link in valid {
      degrees[link.from] += 1
      degrees[link.to] += 1
    }
    let order = nodes.indices.sorted {
      if nodes[$0].isHighlighted != nodes[$1].isHighlighted { return nodes[$0].isHighlighted }
      return degrees[$0] != degrees[$1] ? degrees[$0] > degrees[$1] : $0 < $1
    }
    let kept = order.prefix(GraphChart.limit.nodes).sorted()
    var places = [Int?](repeating: nil, count: nodes.count)
    for (place, index) in kept.enumerated() { places[index] = place }
    let inside = valid.compactMap { link -> Chart.Link? in
      guard let from = places[link.from], let to = places[link.to] else { return nil }
      return Chart.Link(from: from, to: to)
    }
    return GraphChart(
      nodes: kept.map { nodes[$0] }, links: Array(inside.prefix(GraphChart.limit.links)), groupNames: groupNames,
      language: language)
  }
}

extension GraphChart: Figure {
  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let groups = groups
    let entries = zip(groups.indices, groupNames).map { colour, name in
      Canvas.LegendEntry(name: name, style: LineChart.fillStyle(colour), sign: .symbol(colour))
    }
    return canvas.draw(core, groups: groups, from: canvas.legend(entries, from: top))
  }

  /// The name of a group, or its number.
  func name(ofGroup colour: Int, number: Int) -> String {
    groupNames.indices.contains(colour)
      ? groupNames[colour] : LocalizedText(en: "group \(number)", zh: "第 \(number) 组")[language]
  }

  var notes: [String] {
    let core = core
    guard core.nodes.count < nodes.count || core.links.count < links.count(where: { $0.joinsTwo(of: nodes.count) })
    else { return [] }
    return [
      LocalizedText(
        en: "The \(core.nodes.count) most linked of \(nodes.count) nodes are shown, with \(core.links.count) links.",
        zh: "共 \(nodes.count) 个节点，只显示度数最高的 \(core.nodes.count) 个及其 \(core.links.count) 条边。")[language]
    ]
  }

  var summary: String {
    let parts = groups.enumerated().map { colour, group in
      let count = nodes.count { $0.group == group }
      return LocalizedText(
        en: "\(name(ofGroup: colour, number: group)): \(count) nodes",
        zh: "\(name(ofGroup: colour, number: group))：\(count) 个节点")[language]
    }
    return LocalizedText(
      en: "Graph of \(nodes.count) nodes and \(links.count) links. \(Phrase.list(parts, language)).",
      zh: "图：\(nodes.count) 个节点，\(links.count) 条边。\(Phrase.list(parts, language))。")[language]
  }
}

extension Canvas {
  /// Draws a graph; a label that would cover another or a node is left to the pointer.
  ///
  /// - Returns: the lower edge.
  fileprivate mutating func draw(_ graph: GraphChart, groups: [Int], from top: Double) -> Double {
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
    var wires = ""
    for link in graph.links where link.joinsTwo(of: count) {
      degrees[link.from] += 1
      degrees[link.to] += 1
      let (from, to) = (places[link.from], places[link.to])
      wires += "M" + px(from.x) + " " + px(from.y) + "L" + px(to.x) + " " + px(to.y)
    }
    shape(wires, style: "link")
    var placer = LabelPlacer(bounds: outer)
    for (node, place) in zip(graph.nodes, places) {
      let colour = groups.firstIndex(of: node.group) ?? 0
      shape(
        Symbol.path(colour, x: place.x, y: place.y, radius: radius), style: "\(LineChart.fillStyle(colour)) rim",
        tip: node.label[graph.language])
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
      let around = LabelPlacer.around(x: x, y: y, reach: away)
      let boxes = around.map { PlacedText.box(of: label, x: $0.x, baseline: $0.y, size: 12, anchor: $0.anchor) }
      guard let chosen = placer.place(boxes) else { continue }
      let place = around[chosen]
      text(label, x: place.x, baseline: place.y, anchor: place.anchor, style: "halo", role: .node)
    }
    return outer.bottom
  }
}
