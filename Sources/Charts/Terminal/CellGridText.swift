extension CellGrid {
  /// The cells in columns of one width; a cell without words has the letter of its group.
  func lines(width: Int, color: Bool) -> [Line] {
    guard rowCount > 0, columnCount > 0 else { return [Line(Phrase.noData[language], .faint)] }
    let letter = { (group: Int) in
      String(Character(Unicode.Scalar(UInt8(65 + (group % 26 + 26) % 26))))
    }
    let text = { (cell: Chart.Cell) -> String in
      let words = [cell.arrow?.sign ?? "", cell.text[language]].filter { !$0.isEmpty }.joined(separator: " ")
      let own = words.isEmpty ? cell.group.map(letter) ?? "·" : words
      return cell.isHighlighted ? "*" + own : own
    }
    let rowNames = rows.isEmpty ? [] : (0..<rowCount).map { Heatmap.name($0, in: rows) }
    let columnNames = columns.isEmpty ? [] : (0..<columnCount).map { Heatmap.name($0, in: columns) }
    let room = min(rowNames.map { displayWidth(of: $0) }.max() ?? 0, max(width / 4, 1))
    let texts = (0..<rowCount).map { row in (0..<columnCount).map { cell(row, $0).map(text) ?? "" } }
    let widest = (texts.joined() + columnNames).map { displayWidth(of: $0) }.max() ?? 1
    let cellWidth = max(1, min(widest, (width - room) / columnCount - 1, 16))

    var lines = labels.y.isEmpty ? [] : [Line(labels.y, .faint)]
    for (index, name) in groups.enumerated() where !name.isEmpty {
      lines.append(Line("\(letter(index)) ", .series(index)))
      lines[lines.count - 1].add(name)
    }
    if !columnNames.isEmpty {
      var head = Line(padded("", to: room))
      for name in columnNames { head.add(" " + padded(name, to: cellWidth), .faint) }
      lines.append(head)
    }
    for row in 0..<rowCount {
      var line = Line(padded(rowNames.isEmpty ? "" : rowNames[row], to: room))
      for column in 0..<columnCount {
        let style = cell(row, column)?.group.map { Line.Style.series(StripChart.colour($0)) } ?? .plain
        line.add(" ")
        line.add(padded(texts[row][column], to: cellWidth), style)
      }
      lines.append(line)
    }
    if !labels.x.isEmpty { lines.append(Line(String(repeating: " ", count: room + 1) + labels.x, .faint)) }
    return lines
  }
}
