extension Heatmap {
  /// The matrix as numbers where they are wanted and fit, else as shades.
  func lines(width: Int, color: Bool) -> [Line] {
    guard rowCount > 0, columnCount > 0 else { return [Line(Phrase.noData[language], .faint)] }
    let rowNames = rows.isEmpty ? [] : (0..<rowCount).map { Heatmap.name($0, in: rows) }
    let nameWidth = min(rowNames.map { displayWidth(of: $0) }.max() ?? 0, max(width / 4, 1))
    let room = width - nameWidth - 1
    var lines = labels.y.isEmpty ? [] : [Line(labels.y, .faint)]
    if showsValues, let numbers = numbers(rowNames, nameWidth: nameWidth, room: room, color: color) {
      lines += numbers
    } else {
      lines += shades(rowNames, nameWidth: nameWidth, room: room, color: color)
    }
    if !labels.x.isEmpty {
      var line = Line()
      line.pad(to: nameWidth + 2)
      line.add(labels.x, .faint)
      lines.append(line)
    }
    return lines
  }

  /// The matrix as numbers below the names of the columns; where those are too long they are numbered, and their names
  /// follow. Nil where not even the numbers fit.
  private func numbers(_ rowNames: [String], nameWidth: Int, room: Int, color: Bool) -> [Line]? {
    let texts = cellTexts
    let widest = texts.joined().map { displayWidth(of: $0) }.max() ?? 1
    let names = (0..<columnCount).map { Heatmap.name($0, in: columns) }
    let widestName = names.map { displayWidth(of: $0) }.max() ?? 1
    let natural = max(widest, min(widestName, 12)) + 2
    let isNumbered = natural * columnCount > room || widestName > 12
    let cellWidth = isNumbered ? max(widest, displayWidth(of: String(columnCount))) + 2 : natural
    guard cellWidth * columnCount <= room else { return nil }

    var lines: [Line] = []
    if !columns.isEmpty {
      var head = Line(padded("", to: nameWidth + 1))
      for (index, name) in names.enumerated() {
        head.add(leading(isNumbered ? String(index + 1) : name, to: cellWidth - 1) + " ", .faint)
      }
      lines.append(head)
    }
    let range = range
    for row in 0..<rowCount {
      var line = Line(padded(rowNames.isEmpty ? "" : rowNames[row], to: nameWidth) + " ")
      for column in 0..<columnCount {
        let style = value(row, column).map { self.style(fraction($0, in: range)) } ?? .plain
        line.add(leading(texts[row][column], to: cellWidth - 1) + " ", style)
      }
      lines.append(line)
    }
    return isNumbered ? lines + columnList(width: room + nameWidth + 1) : lines
  }

  /// The matrix as shades, one cell two columns wide where there is room; wide matrices are averaged.
  private func shades(_ rowNames: [String], nameWidth: Int, room: Int, color: Bool) -> [Line] {
    let room = max(room, 1)
    let rowStep = max(1, (rowCount + 39) / 40)
    let columnStep = max(1, (columnCount + room - 1) / room)
    let shown = (columnCount + columnStep - 1) / columnStep
    let cellWidth = max(1, min(2, room / shown))
    let range = range
    let signs = Array(" ░▒▓█")
    var lines: [Line] = []
    for row in stride(from: 0, to: rowCount, by: rowStep) {
      var line = Line(padded(rowNames.isEmpty ? "" : rowNames[row], to: nameWidth) + " ")
      for column in stride(from: 0, to: columnCount, by: columnStep) {
        let fractions = (row..<min(row + rowStep, rowCount)).flatMap { row in
          (column..<min(column + columnStep, columnCount)).compactMap { column in
            value(row, column).map { fraction($0, in: range) }
          }
        }
        let mean = fractions.isEmpty ? nil : fractions.reduce(0, +) / Double(fractions.count)
        let sign: Character = mean.map { signs[min(max(Int($0 * 5), 0), 4)] } ?? "·"
        let text = String(repeating: color && mean != nil ? " " : sign, count: cellWidth)
        line.add(text, mean.map(self.style) ?? .faint)
      }
      lines.append(line)
    }
    var key = Line(padded("", to: nameWidth + 1))
    let ends = Numbers.aligned([range.low, range.high])
    key.add(ends[0] + " ", .faint)
    for step in 0..<5 {
      let style = self.style(Double(step) / 4)
      key.add(String(repeating: color ? " " : signs[step], count: 2), style)
    }
    key.add(" " + ends[1], .faint)
    return lines + (columns.isEmpty ? [] : columnList(width: room + nameWidth + 1)) + [key]
  }

  /// The names of the columns by number.
  private func columnList(width: Int) -> [Line] {
    guard !columns.isEmpty else { return [] }
    let title = LocalizedText(en: "columns: ", zh: "列：")[language]
    let names = (0..<columnCount).map { "\($0 + 1) \(Heatmap.name($0, in: columns))" }
    let all = columnCount <= 24 ? names : [names[0], names[1], "…", names[columnCount - 1]]
    return TextMeasure.columns.wrapped(title + all.joined(separator: ", "), to: Double(width)).map {
      Line($0, .faint)
    }
  }

  private func style(_ fraction: Double) -> Line.Style {
    let colours = isDiverging ? Palette.terminalDiverging : Palette.terminalSequential
    let step = min(max(Int(fraction * Double(colours.count)), 0), colours.count - 1)
    if isDiverging { return .cell(foreground: [0, 6].contains(step) ? 231 : 16, background: colours[step]) }
    // From the middle grey on, black is easier to read than white.
    return .cell(foreground: step < 3 ? 231 : 16, background: colours[step])
  }
}

extension Palette {
  /// The sequential scale among the 256 colours of a terminal: from dark blue over grey to yellow, each step lighter.
  fileprivate static let terminalSequential = [17, 18, 60, 102, 144, 185, 227]

  /// The diverging scale: from blue over white to brown.
  fileprivate static let terminalDiverging = [25, 74, 153, 255, 223, 215, 130]
}
