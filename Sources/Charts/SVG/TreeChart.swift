/// A tree from left to right.
struct TreeChart {
  let nodes: [Chart.TreeNode]
  let language: Language

  /// How many levels and nodes a picture has at most.
  static let limit = (depth: 6, nodes: 80)

  /// A node as it is drawn.
  struct Place {
    let index: Int
    let depth: Int
    var children: [Int] = []
    /// In rows from the top.
    var row = 0.0
    /// How many nodes below are not drawn.
    var hiddenCount = 0
  }

  /// The nodes nearest to the roots, each parent before its children, and how many rows they take.
  var layout: (places: [Place], rowCount: Int, roots: [Int]) {
    var children = [[Int]](repeating: [], count: nodes.count)
    var sizes = [Int](repeating: 1, count: nodes.count)
    var roots: [Int] = []
    for (index, node) in nodes.enumerated() {
      // A parent that does not come before its child is none: so no tree has a circle.
      if let parent = node.parent, parent >= 0, parent < index {
        children[parent].append(index)
      } else {
        roots.append(index)
      }
    }
    for index in nodes.indices.reversed() { sizes[index] += children[index].reduce(0) { $0 + sizes[$1] } }

    var places: [Place] = []
    var placeOfRoot: [Int] = []
    for root in roots.prefix(TreeChart.limit.nodes) {
      placeOfRoot.append(places.count)
      places.append(Place(index: root, depth: 0))
    }
    // Breadth first, so that what is cut off lies far from the root.
    var next = 0
    while next < places.count {
      let (index, depth) = (places[next].index, places[next].depth)
      let below = children[index]
      if depth + 1 < TreeChart.limit.depth, places.count + below.count <= TreeChart.limit.nodes {
        for child in below {
          places[next].children.append(places.count)
          places.append(Place(index: child, depth: depth + 1))
        }
      } else {
        places[next].hiddenCount = sizes[index] - 1
      }
      next += 1
    }
    var rowCount = 0
    var work = Array(placeOfRoot.reversed())
    while let place = work.popLast() {
      if places[place].children.isEmpty {
        places[place].row = Double(rowCount)
        rowCount += 1
      }
      work += places[place].children.reversed()
    }
    for place in places.indices.reversed() where !places[place].children.isEmpty {
      let rows = places[place].children.map { places[$0].row }
      places[place].row = ((rows.first ?? 0) + (rows.last ?? 0)) / 2
    }
    return (places, rowCount, placeOfRoot)
  }

  /// What stands at a node; where nodes below it are not drawn, their count follows.
  func label(_ place: Place) -> String {
    let label = nodes[place.index].label[language]
    guard place.hiddenCount > 0 else { return label }
    return label + LocalizedText(en: " (+\(place.hiddenCount))", zh: "（+\(place.hiddenCount)）")[language]
  }
}

extension TreeChart: Figure {
  var notes: [String] {
    let shown = layout.places.count
    guard shown < nodes.count else { return [] }
    return [
      LocalizedText(
        en: "\(shown) of \(nodes.count) nodes are shown; (+n) stands for n more below.",
        zh: "共 \(nodes.count) 个节点，显示 \(shown) 个；（+n）表示其下还有 n 个。")[language]
    ]
  }

  var summary: String {
    let parts = nodes.map { ($0.branch[language].isEmpty ? "" : $0.branch[language] + ": ") + $0.label[language] }
    return LocalizedText(
      en: "Tree of \(nodes.count) nodes. \(Phrase.list(parts, language, limit: 15)).",
      zh: "树，\(nodes.count) 个节点。\(Phrase.list(parts, language, limit: 15))。")[language]
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let (places, rowCount, _) = layout
    guard !places.isEmpty else {
      canvas.emptyNote(in: Box(x: 16, y: top, width: Canvas.width - 32, height: 80), language: language)
      return top + 80
    }
    let measure = TextMeasure.pixels(size: 12)
    let small = TextMeasure.pixels(size: 11)
    let depth = (places.map(\.depth).max() ?? 0) + 1
    // Each level is as wide as its widest label, up to a share of the room; between levels there is room for branches.
    var widths = [Double](repeating: 24, count: depth)
    var gaps = [Double](repeating: 28, count: depth)
    for place in places {
      let sign = nodes[place.index].group == nil ? 0.0 : 14
      widths[place.depth] = max(widths[place.depth], min(measure.width(of: label(place)), 200) + 16 + sign)
      let branch = nodes[place.index].branch[language]
      if place.depth > 0 { gaps[place.depth] = max(gaps[place.depth], min(small.width(of: branch), 70) + 24) }
    }
    gaps[0] = 0
    let room = Canvas.width - 32
    var excess = widths.reduce(0, +) + gaps.reduce(0, +) - room
    while excess > 0.01, let widest = widths.max(), widest > 50 {
      // The widest levels give way first, a little at a time.
      let step = min(excess, 4)
      if let index = widths.firstIndex(of: widest) { widths[index] -= step }
      excess -= step
    }
    if excess > 0.01 { gaps = gaps.map { $0 * max(0.3, 1 - excess / gaps.reduce(0.01, +)) } }
    var lefts: [Double] = []
    var x = 16.0
    for level in 0..<depth {
      x += gaps[level]
      lefts.append(x)
      x += widths[level]
    }
    let isTall = places.contains { place in
      measure.width(of: label(place)) > widths[place.depth] - 16 - (nodes[place.index].group == nil ? 0 : 14)
    }
    let pitch = isTall ? 46.0 : 32.0
    let middle = { (place: Place) in top + (place.row + 0.5) * pitch }
    var wires = ""
    for place in places {
      for child in place.children.map({ places[$0] }) {
        let (from, to) = (lefts[place.depth] + widths[place.depth], lefts[child.depth])
        let turn = from + 8
        wires +=
          "M" + px(from) + " " + px(middle(place)) + "L" + px(turn) + " " + px(middle(place)) + "L" + px(turn) + " "
          + px(middle(child)) + "L" + px(to) + " " + px(middle(child))
      }
    }
    canvas.shape(wires, style: "branch plain")
    for place in places {
      let node = nodes[place.index]
      let width = widths[place.depth]
      let height = pitch - 8
      let box = Box(x: lefts[place.depth], y: middle(place) - height / 2, width: width, height: height)
      let colour = node.group.map(StripChart.colour)
      canvas.rectangle(box, style: "paper", tip: label(place))
      canvas.rectangle(
        box, style: colour.map { "soft \(LineChart.fillStyle($0)) \(LineChart.strokeStyle($0))" } ?? "l2",
        tip: label(place))
      var (start, limit) = (box.x + 8, width - 16)
      if let colour {
        canvas.shape(
          Symbol.path(colour, x: start + 4, y: middle(place), radius: 3.8), style: LineChart.fillStyle(colour))
        start += 14
        limit -= 14
      }
      var lines = measure.wrapped(label(place), to: limit)
      if lines.count > 2 { lines = [lines[0], lines.dropFirst().joined(separator: language == .english ? " " : "")] }
      for (index, line) in lines.enumerated() {
        canvas.text(
          line, x: start, baseline: middle(place) + 4 + (Double(index) - Double(lines.count - 1) / 2) * 15, role: .node,
          limit: limit)
      }
      if place.depth > 0 {
        canvas.text(
          node.branch[language], x: lefts[place.depth] - 4, baseline: middle(place) - 4, size: 11, anchor: .end,
          style: "muted", role: .label, limit: gaps[place.depth] - 16)
      }
    }
    return top + Double(rowCount) * pitch + 4
  }

  /// The tree as an indented list.
  func lines(width: Int, color: Bool) -> [Line] {
    let (places, _, roots) = layout
    guard !places.isEmpty else { return [Line(Phrase.noData[language], .faint)] }
    var lines: [Line] = []
    var work = roots.reversed().map { (place: $0, lead: "", tail: "") }
    while let (index, lead, tail) = work.popLast() {
      let node = nodes[places[index].index]
      var line = Line(lead, .faint)
      if !node.branch[language].isEmpty { line.add(node.branch[language] + ": ", .faint) }
      line.add(label(places[index]), node.group.map { .series(StripChart.colour($0)) } ?? .plain)
      lines.append(line)
      for (offset, child) in places[index].children.enumerated().reversed() {
        let isLast = offset == places[index].children.count - 1
        work.append((child, tail + (isLast ? "└─ " : "├─ "), tail + (isLast ? "   " : "│  ")))
      }
    }
    return lines
  }
}
