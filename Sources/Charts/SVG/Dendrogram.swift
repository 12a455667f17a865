/// The merges of hierarchical clustering.
struct Dendrogram {
  let leaves: [String]
  let merges: [Chart.Merge]
  let cut: Double?
  let labels: (x: String, y: String)
  let language: Language

  /// How many rows a picture has at most.
  static let limit = 60

  /// A row or a branching of the picture.
  struct Node {
    /// The name of a leaf, or the count of leaves of a part that is not drawn out.
    var name = ""
    var height = 0.0
    /// In rows from the top.
    var row = 0.0
    var children: [Int] = []
    /// The number of the cluster below the cut, if it is in one.
    var cluster: Int?
  }

  /// The picture: nodes, each after its children, and the rows that they take.
  struct Layout {
    var nodes: [Node] = []
    var roots: [Int] = []
    var rowCount = 0
    /// Whether parts are folded.
    var isFolded = false
    var clusterCount = 0
  }

  /// The two parts of each merge that makes sense: both exist, are two, and are not parts of another merge already.
  private var validMerges: [Int: (Int, Int)] {
    var isUsed = [Bool](repeating: false, count: leaves.count + merges.count)
    var valid: [Int: (Int, Int)] = [:]
    for (index, merge) in merges.enumerated() {
      let parts = [merge.first, merge.second]
      let exist = parts.allSatisfy { part in
        part >= 0 && part < leaves.count + index && !isUsed[part] && (part < leaves.count || valid[part] != nil)
      }
      guard exist, merge.first != merge.second, Scale.isDrawable(merge.height, isLogarithmic: false) else { continue }
      valid[leaves.count + index] = (merge.first, merge.second)
      for part in parts { isUsed[part] = true }
    }
    return valid
  }

  /// How many merges make no sense or have no finite height.
  var invalidCount: Int { merges.count - validMerges.count }

  private func height(_ part: Int) -> Double { part < leaves.count ? 0 : merges[part - leaves.count].height }

  /// The highest merges drawn out, as many as there are rows for; lower parts are folded to a row each.
  var layout: Layout {
    let valid = validMerges
    var sizes = [Int](repeating: 1, count: leaves.count + merges.count)
    for index in merges.indices {
      guard let (first, second) = valid[leaves.count + index] else { continue }
      sizes[leaves.count + index] = sizes[first] + sizes[second]
    }
    var isPart = [Bool](repeating: false, count: leaves.count + merges.count)
    for (first, second) in valid.values { (isPart[first], isPart[second]) = (true, true) }
    var roots = isPart.indices.filter { !isPart[$0] && ($0 < leaves.count || valid[$0] != nil) }
    roots.sort { (a: Int, b: Int) in sizes[a] != sizes[b] ? sizes[a] > sizes[b] : a < b }
    var layout = Layout()
    layout.isFolded = roots.count > Dendrogram.limit
    var frontier = Array(roots.prefix(Dendrogram.limit))
    var isOpen = Set<Int>()
    while frontier.count < Dendrogram.limit,
      let highest = frontier.indices.filter({ valid[frontier[$0]] != nil })
        .max(by: { height(frontier[$0]) < height(frontier[$1]) }),
      let (first, second) = valid[frontier[highest]]
    {
      isOpen.insert(frontier[highest])
      frontier[highest] = first
      frontier.append(second)
    }
    // Each node after its children, without recursion: a chain may be thousands deep.
    for root in roots.prefix(Dendrogram.limit) {
      var work: [(part: Int, isDone: Bool)] = [(root, false)]
      var finished: [Int] = []
      while let (part, isDone) = work.popLast() {
        guard isOpen.contains(part), let (first, second) = valid[part] else {
          let isLeaf = part < leaves.count
          if !isLeaf { layout.isFolded = true }
          let name =
            isLeaf
            ? leaves[part] : LocalizedText(en: "(\(sizes[part]) leaves)", zh: "（\(sizes[part]) 个叶）")[language]
          layout.nodes.append(Node(name: name, height: height(part), row: Double(layout.rowCount)))
          layout.rowCount += 1
          finished.append(layout.nodes.count - 1)
          continue
        }
        if isDone {
          let children = Array(finished.suffix(2))
          finished.removeLast(2)
          let row = children.reduce(0) { $0 + layout.nodes[$1].row } / 2
          layout.nodes.append(Node(height: height(part), row: row, children: children))
          finished.append(layout.nodes.count - 1)
        } else {
          work += [(part, true), (second, false), (first, false)]
        }
      }
      layout.roots += finished
    }
    if let cut { layout.colour(below: cut) }
    return layout
  }
}

extension Dendrogram.Layout {
  /// Numbers the clusters, from the top row down, and gives each node its own.
  fileprivate mutating func colour(below cut: Double) {
    var work = Array(roots.reversed())
    while let index = work.popLast() {
      if nodes[index].cluster == nil, nodes[index].height <= cut {
        nodes[index].cluster = clusterCount
        clusterCount += 1
      }
      for child in nodes[index].children.reversed() {
        nodes[child].cluster = nodes[index].cluster
        work.append(child)
      }
    }
  }

  /// The axis of heights, which begins at zero.
  func scale(cut: Double?) -> Scale {
    Scale(fitting: nodes.map(\.height) + [0] + (cut.map { [$0] } ?? []), margin: .none)
  }
}

extension Dendrogram: Figure {
  var notes: [String] {
    let layout = layout
    let folded =
      layout.isFolded
      ? [
        LocalizedText(
          en: "Of \(leaves.count) leaves, the lower parts are folded.", zh: "共 \(leaves.count) 个叶，下层分支已折叠。")[language]
      ] : []
    return folded + Phrase.skipped(invalidCount, language)
  }

  var summary: String {
    let layout = layout
    let highest = Numbers.compact(layout.nodes.map(\.height).max() ?? 0)
    let clusters =
      cut == nil
      ? ""
      : LocalizedText(
        en: " \(layout.clusterCount) clusters below \(Numbers.compact(cut ?? 0)).",
        zh: "在 \(Numbers.compact(cut ?? 0)) 以下有 \(layout.clusterCount) 个簇。")[language]
    return LocalizedText(
      en: "Dendrogram of \(leaves.count) leaves, the last merge at \(highest).",
      zh: "树状图，\(leaves.count) 个叶，最后一次合并在 \(highest)。")[language] + clusters
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let layout = layout
    let y = canvas.verticalAxisLabel(labels.y, from: top) + (cut == nil ? 0 : 18)
    guard layout.rowCount > 0 else {
      canvas.emptyNote(in: Box(x: 16, y: y, width: Canvas.width - 32, height: 80), language: language)
      return y + 80
    }
    let measure = TextMeasure.pixels(size: 12)
    let room = min(layout.nodes.map { measure.width(of: $0.name) }.max() ?? 0, 200)
    let pitch = layout.rowCount > 30 ? 16.0 : 22.0
    let left = 16 + room + 20
    let scale = layout.scale(cut: cut)
    let ticks = LineChart.fittingTicks(scale, width: Canvas.width - left - 32)
    let last = ticks.last.map { measure.width(of: $0.label) / 2 } ?? 0
    let frame = Box(
      x: left, y: y, width: Canvas.width - left - max(24, last + 6), height: pitch * Double(layout.rowCount))
    let x = { (height: Double) in frame.x + min(max(scale.position(height) ?? 0, 0), 1) * frame.width }
    for tick in ticks {
      let place = frame.x + tick.position * frame.width
      canvas.line(place, frame.y, place, frame.bottom, style: "grid")
      canvas.text(
        tick.label, x: place, baseline: frame.bottom + 18, anchor: .middle, style: "muted", role: .xTick)
    }
    var commands: [String: String] = [:]
    var order: [String] = []
    for node in layout.nodes where !node.children.isEmpty {
      let style = node.cluster.map { LineChart.strokeStyle(StripChart.colour($0)) } ?? "plain"
      if commands[style] == nil { order.append(style) }
      for child in node.children.map({ layout.nodes[$0] }) {
        let (from, row) = (child.children.isEmpty ? 0 : child.height, frame.y + (child.row + 0.5) * pitch)
        commands[style, default: ""] +=
          "M" + px(x(from) - frame.x) + " " + px(row - frame.y) + "L" + px(x(node.height) - frame.x) + " "
          + px(row - frame.y) + "L" + px(x(node.height) - frame.x) + " "
          + px(frame.y + (node.row + 0.5) * pitch - frame.y)
      }
    }
    // The clip of a path lies on the frame; half a line more keeps what runs along its edge.
    for style in order {
      canvas.path(
        commands[style] ?? "", in: Box(x: frame.x, y: frame.y, width: frame.width + 2, height: frame.height),
        style: "branch \(style)")
    }
    for node in layout.nodes where node.children.isEmpty {
      let middle = frame.y + (node.row + 0.5) * pitch
      if let cluster = node.cluster.map(StripChart.colour) {
        canvas.shape(
          Symbol.path(cluster, x: frame.x - 8, y: middle, radius: 3.6), style: LineChart.fillStyle(cluster))
      }
      canvas.text(
        node.name, x: left - 18, baseline: middle + 4, anchor: .end, style: "muted", role: .yTick, limit: room)
    }
    canvas.line(frame.x, frame.bottom, frame.right, frame.bottom, style: "axis")
    if let cut, Scale.isDrawable(cut, isLogarithmic: false) {
      canvas.line(x(cut), frame.y - 2, x(cut), frame.bottom, style: "mark", dash: "4 3")
      let label = LocalizedText(
        en: "cut at \(Numbers.compact(cut)): \(layout.clusterCount) clusters",
        zh: "在 \(Numbers.compact(cut)) 处切分：\(layout.clusterCount) 个簇")[language]
      let half = measure.width(of: label) / 2
      canvas.text(
        label, x: min(max(x(cut), 16 + half), Canvas.width - 16 - half), baseline: frame.y - 6, anchor: .middle,
        role: .mark)
    }
    let name = labels.x.isEmpty ? LocalizedText(en: "distance of the merge", zh: "合并距离")[language] : labels.x
    return canvas.horizontalAxisLabel(name, middle: frame.x + frame.width / 2, from: frame.bottom + 24)
  }
}
