extension Dendrogram {
  /// The directions in which a cell of the drawing goes on.
  private struct Ways: OptionSet {
    let rawValue: Int
    static let up = Ways(rawValue: 1)
    static let down = Ways(rawValue: 2)
    static let left = Ways(rawValue: 4)
    static let right = Ways(rawValue: 8)
  }

  /// A row a leaf, with the branches in box-drawing characters.
  func lines(width: Int, color: Bool) -> [Line] {
    let layout = layout
    guard layout.rowCount > 0 else { return [Line(Phrase.noData[language], .faint)] }
    let names = layout.nodes.filter(\.children.isEmpty)
    let room = min(names.map { displayWidth(of: $0.name) }.max() ?? 0, max(width / 3, 1))
    let columns = max(width - room - 1, 1)
    let scale = layout.scale(cut: cut)
    let column = { (height: Double) in
      min(max(Int((scale.position(height) ?? 0) * Double(columns - 1)), 0), columns - 1)
    }
    var ways = [[Ways]](repeating: [Ways](repeating: [], count: columns), count: layout.rowCount)
    var owners = [[Int?]](repeating: [Int?](repeating: nil, count: columns), count: layout.rowCount)
    for node in layout.nodes where !node.children.isEmpty {
      let rows = node.children.map { Int(layout.nodes[$0].row.rounded()) }
      guard let top = rows.min(), let bottom = rows.max() else { continue }
      let place = column(node.height)
      for child in node.children.map({ layout.nodes[$0] }) {
        let (row, from) = (Int(child.row.rounded()), child.children.isEmpty ? 0 : column(child.height))
        for cell in min(from, place)...max(from, place) {
          if cell < place { ways[row][cell].insert(.right) }
          if cell > from { ways[row][cell].insert(.left) }
          owners[row][cell] = node.cluster
        }
      }
      for row in top...bottom {
        if row > top { ways[row][place].insert(.up) }
        if row < bottom { ways[row][place].insert(.down) }
        owners[row][place] = node.cluster
      }
    }
    let signs = Array(" ╵╷│╴┘┐┤╶└┌├─┴┬┼")
    var lines = labels.y.isEmpty ? [] : [Line(labels.y, .faint)]
    for (row, node) in names.enumerated() {
      let style = { (cluster: Int?) in cluster.map { Line.Style.series(StripChart.colour($0)) } ?? .plain }
      var line = Line(padded(node.name, to: room) + " ", style(node.cluster))
      for cell in 0..<columns { line.add(String(signs[ways[row][cell].rawValue]), style(owners[row][cell])) }
      lines.append(line)
    }
    let (low, high) = (Numbers.compact(scale.lower), Numbers.compact(scale.upper))
    var axis = Line(String(repeating: " ", count: room + 1) + low, .faint)
    axis.pad(to: room + 1 + max(columns - displayWidth(of: high), displayWidth(of: low) + 1))
    axis.add(high, .faint)
    lines.append(axis)
    if let cut {
      lines.append(
        Line(
          LocalizedText(
            en: "cut at \(Numbers.compact(cut)): \(layout.clusterCount) clusters",
            zh: "在 \(Numbers.compact(cut)) 处切分：\(layout.clusterCount) 个簇")[language], .faint))
    }
    return lines
  }
}
