extension DistributionChart {
  /// Each row as `├──▒▒│▒──┤` with its numbers.
  func lines(width: Int, color: Bool) -> [Line] {
    guard !isEmpty else { return [Line(Phrase.noData[language], .faint)] }
    let scale = scale
    let room = min(shown.map { displayWidth(of: $0.name[language]) }.max() ?? 0, max(width / 3, 1))
    let texts = shown.map(Self.text)
    let textRoom = width >= 50 ? texts.map { displayWidth(of: $0) }.max() ?? 0 : 0
    let columns = max(width - room - textRoom - 2, 1)
    let column = { (value: Double) -> Int? in
      scale.position(value).map { min(max(Int($0 * Double(columns)), 0), columns - 1) }
    }
    var lines = labels.y.isEmpty ? [] : [Line(labels.y, .faint)]
    for reference in references where !reference.label.isEmpty {
      lines.append(Line("┊ " + reference.label + " " + Numbers.compact(reference.x), .faint))
    }
    for (row, text) in zip(shown, texts) {
      var cells = [(String, Line.Style)](repeating: (" ", .plain), count: columns)
      for reference in references {
        if let place = column(reference.x) { cells[place] = ("┊", .faint) }
      }
      if let ends = Self.ends(row.whiskers), let low = column(ends.low), let high = column(ends.high) {
        for place in low...high { cells[place] = ("─", .series(0)) }
        if low < high { (cells[low], cells[high]) = (("├", .series(0)), ("┤", .series(0))) }
      }
      if let ends = Self.ends(row.box), let low = column(ends.low), let high = column(ends.high) {
        for place in low...high { cells[place] = ("▒", .series(0)) }
      }
      for point in row.points {
        if let place = column(point) { cells[place] = ("◆", .series(1)) }
      }
      if let place = row.middle.flatMap(column) { cells[place] = (row.box == nil ? "●" : "│", .bold) }
      var line = Line(padded(row.name[language], to: room) + " ")
      for cell in cells { line.add(cell.0, cell.1) }
      if textRoom > 0 { line.add(" " + leading(text, to: textRoom)) }
      lines.append(line)
    }
    let (low, high) = (Numbers.compact(scale.lower), Numbers.compact(scale.upper))
    var axis = Line(String(repeating: " ", count: room + 1) + low, .faint)
    axis.pad(to: room + 1 + max(columns - displayWidth(of: high), displayWidth(of: low) + 1))
    axis.add(high, .faint)
    lines.append(axis)
    if !labels.x.isEmpty { lines.append(Line(String(repeating: " ", count: room + 1) + labels.x, .faint)) }
    return lines
  }
}
