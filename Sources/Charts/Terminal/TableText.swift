extension Table {
  /// The table with aligned columns between rules. Cells wrap where the terminal is narrow; where it is too narrow for
  /// columns at all, each row becomes a list of names and values.
  func lines(language: Language, width: Int) -> [Line] {
    var lines =
      caption[language].isEmpty
      ? [] : TextMeasure.columns.wrapped(caption[language], to: Double(width)).map { Line($0, .bold) }
    guard !columns.isEmpty else { return lines }
    let titles = columns.map { $0[language] }
    let cells = rows.map { $0.map { $0[language] } }
    // A sign in front of the row that is set off, so that it is seen without colour too.
    let margin = highlightedRow == nil ? 0 : 2
    let gap = 2
    let room = width - margin - gap * (columns.count - 1)
    guard room >= 4 * columns.count else {
      return lines + list(titles: titles, cells: cells)
    }
    let widths = Table.fitted(natural(titles, cells), to: room)
    let isNumeric = numericColumns
    let total = margin + widths.reduce(0, +) + gap * (columns.count - 1)
    let rule = { (sign: String) in Line(String(repeating: sign, count: total), .faint) }

    func add(_ row: [String], mark: String, style: Line.Style) {
      let wrapped = zip(row, widths).map { TextMeasure.columns.wrapped($0, to: Double($1)) }
      for index in 0..<(wrapped.map(\.count).max() ?? 0) {
        var line = Line(index == 0 ? padded(mark, to: margin) : String(repeating: " ", count: margin), style)
        for (column, part) in wrapped.enumerated() {
          let text = part.indices.contains(index) ? part[index] : ""
          if column > 0 { line.add(String(repeating: " ", count: gap), style) }
          line.add(isNumeric[column] ? leading(text, to: widths[column]) : padded(text, to: widths[column]), style)
        }
        lines.append(line)
      }
    }
    lines.append(rule("━"))
    add(titles, mark: "", style: .plain)
    lines.append(rule("─"))
    for (index, row) in cells.enumerated() {
      let isHighlighted = index == highlightedRow
      add(row, mark: isHighlighted ? "▸" : "", style: isHighlighted ? .bold : .plain)
    }
    lines.append(rule("━"))
    return lines
  }

  private func natural(_ titles: [String], _ cells: [[String]]) -> [Int] {
    titles.indices.map { column in
      ([titles[column]] + cells.map { $0[column] }).map { text in
        text.split(separator: "\n").map { displayWidth(of: String($0)) }.max() ?? 0
      }.max() ?? 0
    }
  }

  /// Widths that fit a room: the widest columns give way first.
  static func fitted(_ natural: [Int], to room: Int) -> [Int] {
    var widths = natural.map { max($0, 1) }
    var excess = widths.reduce(0, +) - room
    while excess > 0, let widest = widths.max(), widest > 1 {
      // All columns of the widest kind shrink together, at most to the next width.
      let next = widths.filter { $0 < widest }.max() ?? 1
      let indices = widths.indices.filter { widths[$0] == widest }
      let step = max(1, min(widest - next, excess / indices.count))
      for index in indices where excess > 0 {
        widths[index] -= min(step, excess)
        excess -= min(step, excess)
      }
    }
    return widths
  }

  private func list(titles: [String], cells: [[String]]) -> [Line] {
    var lines: [Line] = []
    for (index, row) in cells.enumerated() {
      if index > 0 { lines.append(Line()) }
      let mark = index == highlightedRow ? "▸ " : ""
      for (title, cell) in zip(titles, row) {
        lines.append(Line("\(mark)\(title): \(cell)", index == highlightedRow ? .bold : .plain))
      }
    }
    return lines
  }
}
