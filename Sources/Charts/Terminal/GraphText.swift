extension GraphChart {
  /// The graph in words: its size, its groups, and each node's neighbours, or the most linked nodes of a large one.
  func lines(width: Int, color: Bool) -> [Line] {
    guard !nodes.isEmpty else { return [Line(Phrase.noData[language], .faint)] }
    var neighbours = [Set<Int>](repeating: [], count: nodes.count)
    for link in links where link.joinsTwo(of: nodes.count) {
      neighbours[link.from].insert(link.to)
      neighbours[link.to].insert(link.from)
    }
    let linkCount = neighbours.reduce(0) { $0 + $1.count } / 2
    let alone = neighbours.count(where: \.isEmpty)
    let name = { (index: Int) in (nodes[index].isHighlighted ? "*" : "") + nodes[index].label[language] }
    var summary = LocalizedText(
      en: "\(nodes.count) nodes, \(linkCount) links, \(alone) without links",
      zh: "\(nodes.count) 个节点，\(linkCount) 条边，\(alone) 个孤立点")[language]
    if nodes.contains(where: \.isHighlighted) {
      summary += LocalizedText(en: "; * is highlighted", zh: "；* 为突出显示")[language]
    }
    var lines = [Line(summary)]
    let groups = groups
    if groups.count > 1 {
      for (colour, group) in groups.enumerated() {
        let members = nodes.indices.filter { nodes[$0].group == group }
        let ends = members.flatMap { neighbours[$0].map { nodes[$0].group == group } }
        let inside = ends.count(where: { $0 }) / 2
        let outside = ends.count(where: { !$0 })
        var line = Line("■ ", .series(colour))
        line.add(
          LocalizedText(
            en:
              "\(self.name(ofGroup: colour, number: group)): \(members.count) nodes, \(inside) links within, \(outside) to others",
            zh: "\(self.name(ofGroup: colour, number: group))：\(members.count) 个节点，组内 \(inside) 条边，组外 \(outside) 条边")[
              language])
        lines.append(line)
      }
    }
    let order = nodes.indices.sorted {
      neighbours[$0].count != neighbours[$1].count ? neighbours[$0].count > neighbours[$1].count : $0 < $1
    }
    let isSmall = nodes.count <= 24
    if !isSmall {
      lines.append(Line(LocalizedText(en: "most linked:", zh: "度数最高：")[language], .faint))
    }
    let shown = isSmall ? Array(nodes.indices) : Array(order.prefix(10))
    let nameWidth = min(shown.map { displayWidth(of: name($0)) }.max() ?? 0, max(width / 4, 1))
    for index in shown {
      var line = Line(padded(name(index), to: nameWidth) + " ", .series(groups.firstIndex(of: nodes[index].group) ?? 0))
      line.add(leading(String(neighbours[index].count), to: 3))
      let names = neighbours[index].sorted().prefix(40).map { nodes[$0].label[language] }
      if !names.isEmpty { line.add("  " + names.joined(separator: ", "), .faint) }
      lines.append(line)
    }
    return lines
  }
}
