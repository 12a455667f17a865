/// Cells with words and arrows.
struct CellGrid {
  let cells: [[Chart.Cell]]
  let rows: [String]
  let columns: [String]
  let groups: [String]
  let labels: (x: String, y: String)
  let language: Language

  /// How many rows and columns are shown at most.
  static let limit = (rows: 40, columns: 30)

  var rowCount: Int { min(cells.count, CellGrid.limit.rows) }
  var columnCount: Int { min(cells.map(\.count).max() ?? 0, CellGrid.limit.columns) }

  func cell(_ row: Int, _ column: Int) -> Chart.Cell? {
    cells[row].indices.contains(column) ? cells[row][column] : nil
  }

  /// A cell in words: its arrow, its text, and its group.
  func words(_ cell: Chart.Cell) -> String {
    let group = cell.group.flatMap { groups.indices.contains($0) ? groups[$0] : nil } ?? ""
    return [cell.arrow?.sign ?? "", cell.text[language], group].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension CellGrid: Figure {
  var notes: [String] {
    let columns = cells.map(\.count).max() ?? 0
    return Phrase.cut(to: rowCount, of: cells.count, LocalizedText(en: "rows", zh: "行"), language)
      + Phrase.cut(to: columnCount, of: columns, LocalizedText(en: "columns", zh: "列"), language)
  }

  var summary: String {
    let parts = (0..<rowCount).map { row in
      Heatmap.name(row, in: rows) + ": "
        + (0..<columnCount).map { cell(row, $0).map(words) ?? "–" }.joined(separator: ", ")
    }
    return LocalizedText(
      en: "Grid of \(cells.count) rows. \(Phrase.list(parts, language, limit: 12)).",
      zh: "表格，\(cells.count) 行。\(Phrase.list(parts, language, limit: 12))。")[language]
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let entries = groups.enumerated().map { index, name in
      Canvas.LegendEntry(name: name, style: LineChart.fillStyle(index), sign: .symbol(index))
    }
    let y = canvas.verticalAxisLabel(labels.y, from: canvas.legend(entries, from: top))
    guard rowCount > 0, columnCount > 0 else {
      canvas.emptyNote(in: Box(x: 16, y: y, width: Canvas.width - 32, height: 80), language: language)
      return y + 80
    }
    let measure = TextMeasure.pixels(size: 12)
    let rowNames = rows.isEmpty ? [] : (0..<rowCount).map { Heatmap.name($0, in: rows) }
    let columnNames = columns.isEmpty ? [] : (0..<columnCount).map { Heatmap.name($0, in: columns) }
    let room = min(rowNames.map { measure.width(of: $0) }.max() ?? 0, 170)
    let left = 16 + room + (room > 0 ? 8 : 0)
    let all = (0..<rowCount).flatMap { row in (0..<columnCount).compactMap { cell(row, $0) } }
    let widest =
      all.map { measure.width(of: $0.text[language]) + ($0.arrow == nil || $0.text[language].isEmpty ? 0 : 22) }.max()
      ?? 0
    let natural = max(36, widest + 14, min((columnNames.map { measure.width(of: $0) }.max() ?? 0) + 10, 110))
    let width = min((Canvas.width - left - 16) / Double(columnCount), natural)
    // Words that need two lines get them.
    let height = widest + 14 > width ? 40.0 : 30.0
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        guard let cell = cell(row, column) else { continue }
        let box = Box(
          x: left + Double(column) * width + 1, y: y + Double(row) * height + 1, width: width - 2, height: height - 2)
        let place = Heatmap.name(row, in: rowNames) + " × " + Heatmap.name(column, in: columnNames)
        canvas.draw(cell, in: box, tip: place + ": " + words(cell), language: language)
      }
    }
    // Frames last, so that no neighbour covers them.
    for row in 0..<rowCount {
      for column in 0..<columnCount where cell(row, column)?.isHighlighted == true {
        canvas.rectangle(
          Box(x: left + Double(column) * width, y: y + Double(row) * height, width: width, height: height),
          style: "frame")
      }
    }
    for row in rowNames.indices {
      canvas.text(
        rowNames[row], x: left - 8, baseline: y + (Double(row) + 0.5) * height + 4, anchor: .end, style: "muted",
        role: .yTick, limit: room)
    }
    let bottom = y + Double(rowCount) * height
    let centres = (0..<columnCount).map { left + (Double($0) + 0.5) * width }
    let below =
      columnNames.isEmpty
      ? bottom + 4 : canvas.categoryLabels(columnNames, centres: centres, pitch: width, from: bottom + 2)
    return canvas.horizontalAxisLabel(labels.x, middle: left + width * Double(columnCount) / 2, from: below)
  }
}

extension Canvas {
  /// Draws one cell: its ground, its arrow and up to two lines of its text; where there is neither, its group's sign.
  fileprivate mutating func draw(_ cell: Chart.Cell, in box: Box, tip: String, language: Language) {
    let colour = cell.group.map(StripChart.colour)
    rectangle(box, style: colour.map { "soft \(LineChart.fillStyle($0))" } ?? "l1", tip: tip)
    let words = cell.text[language]
    let middle = box.y + box.height / 2
    var (x, limit) = (box.x + box.width / 2, box.width - 6)
    if let arrow = cell.arrow {
      let isAlone = words.isEmpty || box.width < 44
      self.arrow(arrow, x: isAlone ? x : box.x + 13, y: middle)
      if isAlone { return }
      x += 10
      limit -= 22
    }
    guard !words.isEmpty, limit >= 18 else {
      if let colour {
        shape(Symbol.path(colour, x: x, y: middle, radius: min(4, box.width / 3)), style: LineChart.fillStyle(colour))
      }
      return
    }
    let measure = TextMeasure.pixels(size: 12)
    var lines = measure.wrapped(words, to: limit)
    if lines.count > 1, box.height < 34 { lines = [words] }
    if lines.count > 2 { lines = [lines[0], lines.dropFirst().joined(separator: language == .english ? " " : "")] }
    for (index, line) in lines.enumerated() {
      let baseline = middle + 4 + (Double(index) - Double(lines.count - 1) / 2) * 15
      text(line, x: x, baseline: baseline, anchor: .middle, role: .value, limit: limit)
    }
  }

  /// Draws an arrow about a place.
  private mutating func arrow(_ arrow: Chart.Cell.Arrow, x: Double, y: Double) {
    let (dx, dy): (Double, Double) =
      switch arrow {
      case .up: (0, -1)
      case .down: (0, 1)
      case .left: (-1, 0)
      case .right: (1, 0)
      }
    line(x - 7 * dx, y - 7 * dy, x + 3 * dx, y + 3 * dy, style: "ring")
    let corners = [(8 * dx, 8 * dy), (dx - 4.5 * dy, dy + 4.5 * dx), (dx + 4.5 * dy, dy - 4.5 * dx)]
    shape(
      corners.enumerated().map { ($0.offset == 0 ? "M" : "L") + px(x + $0.element.0) + " " + px(y + $0.element.1) }
        .joined() + "Z", style: "ink")
  }
}
