extension PictureGrid {
  /// The pictures side by side: two pixels a character with colour, letters of growing density without.
  func lines(width: Int, color: Bool) -> [Line] {
    guard !pictures.isEmpty else { return [Line(Phrase.noData[language], .faint)] }
    let widest = max(pictures.map(\.width).max() ?? 1, 1)
    let wanted = min(max(columns, 1), pictures.count)
    // As many columns as asked for, unless that would leave less than twelve characters for a picture.
    let perRow = max(1, min(wanted, (width + 2) / (min(widest, 12) + 2)))
    let cell = max(1, min(widest, 40, (width + 2) / perRow - 2))
    let maximum = 4 * perRow
    var lines: [Line] = []
    for start in stride(from: 0, to: min(pictures.count, maximum), by: perRow) {
      let row = pictures[start..<min(start + perRow, pictures.count)]
      if start > 0 { lines.append(Line()) }
      let cells = row.map { $0.lines(width: cell, color: color) }
      let height = cells.map(\.count).max() ?? 0
      for index in 0..<height {
        var line = Line()
        for (column, lines) in cells.enumerated() {
          line.pad(to: column * (cell + 2))
          if lines.indices.contains(index) { line.add(lines[index]) }
        }
        lines.append(line)
      }
      let captions = row.map { TextMeasure.columns.wrapped($0.caption[language], to: Double(cell)).prefix(3) }
      for index in 0..<(captions.map(\.count).max() ?? 0) where captions.contains(where: { !$0.joined().isEmpty }) {
        var line = Line()
        for (column, caption) in captions.enumerated() {
          line.pad(to: column * (cell + 2))
          if caption.indices.contains(index) { line.add(TextMeasure.columns.clipped(caption[index], to: Double(cell))) }
        }
        lines.append(line)
      }
    }
    if pictures.count > maximum {
      let more = pictures.count - maximum
      lines.append(Line(LocalizedText(en: "… and \(more) more", zh: "……还有 \(more) 张")[language], .faint))
    }
    return lines
  }
}

extension Chart.Picture {
  /// The picture, no wider than so many characters, each two pixels high.
  fileprivate func lines(width limit: Int, color: Bool) -> [Line] {
    guard width > 0, height > 0 else { return [] }
    let columns = min(width, limit)
    let step = Double(width) / Double(columns)
    let rows = max(1, Int((Double(height) / step).rounded()))
    // The mean of the pixels that fall on one place.
    let shade = { (row: Int, column: Int) -> Double in
      let ys = Int(Double(row) * step)..<max(Int(Double(row + 1) * step), Int(Double(row) * step) + 1)
      let xs = Int(Double(column) * step)..<max(Int(Double(column + 1) * step), Int(Double(column) * step) + 1)
      var sum = 0.0
      var count = 0.0
      for y in ys where y < height {
        for x in xs where x < width {
          let pixel = Double(pixels[y * width + x])
          sum += pixel.isNaN ? 0 : min(max(pixel, 0), 1)
          count += 1
        }
      }
      return count > 0 ? sum / count : 0
    }
    let signs = Array(" .:-=+*#%@")
    return stride(from: 0, to: rows, by: 2).map { row in
      var line = Line()
      for column in 0..<columns {
        let upper = shade(row, column)
        let lower = row + 1 < rows ? shade(row + 1, column) : 0
        if color {
          line.add("▀", .cell(foreground: Palette.terminalGrey(upper), background: Palette.terminalGrey(lower)))
        } else {
          let mean = row + 1 < rows ? (upper + lower) / 2 : upper
          line.add(String(signs[Int((mean * Double(signs.count - 1)).rounded())]))
        }
      }
      return line
    }
  }
}

extension Palette {
  /// One of the 24 greys, or black or white, of a 256-colour terminal.
  static func terminalGrey(_ brightness: Double) -> Int {
    let level = Int((brightness * 25).rounded())
    return level <= 0 ? 16 : level >= 25 ? 231 : 231 + level
  }
}
