/// A grid of dots, two by four in each character, as braille has them.
private struct DotGrid {
  let columns: Int
  let rows: Int
  /// The dots of each character, and the series that drew there last.
  var dots: [UInt8]
  var owners: [Int?]

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    dots = Array(repeating: 0, count: columns * rows)
    owners = Array(repeating: nil, count: columns * rows)
  }

  mutating func set(_ x: Int, _ y: Int, series: Int) {
    guard x >= 0, y >= 0, x < 2 * columns, y < 4 * rows else { return }
    // Unicode numbers the dots down the left column, down the right one, then the two of the last row.
    let bits: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    let cell = y / 4 * columns + x / 2
    dots[cell] |= bits[y % 4 * 2 + x % 2]
    owners[cell] = series
  }
}

extension LineChart {
  /// The signs of curves where there is no colour to tell them apart.
  private static let signs = "ox+*#@%&abcdefghijklmn".map { String($0) }

  /// The curves in braille, or, where several have no colour, in letters.
  func lines(width: Int, color: Bool) -> [Line] {
    let scales = LineScales(series: series, axes: axes, marks: marks)
    let rows = 16
    let yTicks = Dictionary(
      scales.y.ticks(5).map { (Int(((1 - $0.position) * Double(rows - 1)).rounded()), $0.label) },
      uniquingKeysWith: { first, _ in first })
    let gutter = min(yTicks.values.map { displayWidth(of: $0) }.max() ?? 0, max(width / 3, 1))
    let columns = max(width - gutter - 3, 4)
    let usesSigns = !color && series.count > 1

    var grid = DotGrid(columns: columns, rows: rows)
    let plane = Plane(
      scales: scales, frame: Box(x: 0, y: 0, width: Double(2 * columns - 1), height: Double(4 * rows - 1)))
    for (index, series) in series.enumerated().reversed() {
      for stroke in LineChart.strokes(of: series, plane: plane) {
        grid.draw(stroke, series: index, style: series.style)
      }
    }
    let backdrop = backdrop(columns: columns, rows: rows, plane: plane)

    let names = pointNames(grid: grid, plane: plane)

    var lines = legendLines(usesSigns: usesSigns, width: width)
    if !labels.y.isEmpty { lines.append(Line(labels.y, .faint)) }
    for row in 0..<rows {
      let tick = yTicks[row]
      var line = Line(leading(tick ?? "", to: gutter) + " ", .faint)
      line.add(tick == nil ? "│" : "┤", .faint)
      var column = 0
      while column < columns {
        let cell = row * columns + column
        column += 1
        if let label = names[cell] {
          line.add(label)
          column += displayWidth(of: label) - 1
        } else if let owner = grid.owners[cell] {
          let sign = usesSigns ? LineChart.signs[owner % LineChart.signs.count] : String(grid.braille(cell))
          line.add(sign, .series(owner))
        } else {
          line.add(backdrop[cell], .faint)
        }
      }
      lines.append(line)
    }
    lines += horizontalAxis(scales.x, gutter: gutter, columns: columns)
    if scales.isEmpty { lines.append(Line(Phrase.noData[language], .faint)) }
    return lines
  }

  /// The labels of single points, by the cell in which they begin: right of the point, or left of it, where they cover
  /// neither a point nor another label.
  private func pointNames(grid: DotGrid, plane: Plane) -> [Int: String] {
    var isTaken = grid.owners.map { $0 != nil }
    var names: [Int: String] = [:]
    for (point, label) in clouds.flatMap({ zip($0.points, $0.labels) }).prefix(100) {
      let name = TextMeasure.columns.clipped(label[language], to: 16)
      let width = displayWidth(of: name)
      guard width > 0, let pixel = plane.pixel(point), plane.frame.holds(pixel) else { continue }
      let (row, column) = (Int(pixel.y.rounded()) / 4, Int(pixel.x.rounded()) / 2)
      for start in [column + 2, column - 1 - width] where start >= 0 && start + width <= grid.columns {
        let cells = row * grid.columns + start..<row * grid.columns + start + width
        guard !isTaken[cells].contains(true) else { continue }
        for cell in cells { isTaken[cell] = true }
        names[cells.lowerBound] = name
        break
      }
    }
    return names
  }

  /// What stands behind the curves: a field's levels, bands, marks.
  private func backdrop(columns: Int, rows: Int, plane: Plane) -> [String] {
    var cells = Array(repeating: " ", count: columns * rows)
    let column = { (value: Double) in plane.x(value).map { Int(($0 / 2).rounded(.down)) } }
    if let field, let sampled = LineChart.sampled(field, limit: 64) {
      let shades = [" ", " ", "·", "·", "░", "░"]
      for cell in cells.indices {
        let x = Double(cell % columns * 2) / max(plane.frame.width, 1)
        let y = 1 - Double(cell / columns * 4) / max(plane.frame.height, 1)
        // A cell's place in the data, then in the field.
        let across = (plane.scales.x.value(at: x) - field.x.lowerBound) / (field.x.upperBound - field.x.lowerBound)
        let up = (plane.scales.y.value(at: y) - field.y.lowerBound) / (field.y.upperBound - field.y.lowerBound)
        guard across >= 0, across <= 1, up >= 0, up <= 1 else { continue }
        let values = sampled.values[min(Int(up * Double(sampled.values.count)), sampled.values.count - 1)]
        guard !values.isEmpty else { continue }
        let value = values[min(Int(across * Double(values.count)), values.count - 1)]
        cells[cell] = shades[LineChart.level(value, low: sampled.low, high: sampled.high)]
      }
    }
    for series in series {
      for band in series.bands {
        let stretches = LineChart.stretches(of: band, along: series.points, plane: plane)
        for stretch in stretches {
          for (index, end) in stretch.enumerated() {
            // Up to the next point's column, so that the band has no gaps.
            let next = series.style != .points && index + 1 < stretch.count ? stretch[index + 1].x : end.x
            let columnsCovered = Int(end.x / 2)...max(Int(next / 2) - 1, Int(end.x / 2))
            let rowsCovered = Int(max(end.high, 0) / 4)...max(Int(end.low / 4), Int(max(end.high, 0) / 4))
            for row in rowsCovered where row < rows {
              for column in columnsCovered where column >= 0 && column < columns {
                cells[row * columns + column] = series.style == .points ? "│" : "░"
              }
            }
          }
        }
      }
    }
    for mark in marks {
      switch mark {
      case .interval(let from, let to, _):
        guard let first = column(min(from, to)), let last = column(max(from, to)) else { continue }
        guard first < columns, last >= 0 else { continue }
        for x in max(first, 0)...min(last, columns - 1) {
          for row in 0..<rows { cells[row * columns + x] = "░" }
        }
      case .vertical(let value, _):
        guard let x = column(value), (0..<columns).contains(x) else { continue }
        for row in 0..<rows { cells[row * columns + x] = "┊" }
      case .horizontal(let value, _):
        guard let y = plane.y(value), (0..<rows).contains(Int((y / 4).rounded(.down))) else { continue }
        for x in 0..<columns { cells[Int(y / 4) * columns + x] = "┄" }
      case .diagonal:
        guard let (start, end) = plane.diagonal else { continue }
        for x in 0..<columns {
          let part = (Double(2 * x) - start.x) / (end.x - start.x)
          let y = start.y + part * (end.y - start.y)
          guard part >= 0, part <= 1, y >= 0, y < Double(4 * rows) else { continue }
          cells[Int(y / 4) * columns + x] = "·"
        }
      }
    }
    return cells
  }

  private func legendLines(usesSigns: Bool, width: Int) -> [Line] {
    var entries: [(sign: String, name: String, style: Line.Style)] = []
    if !legendEntries.isEmpty {
      for (index, series) in series.enumerated() where !series.name[language].isEmpty {
        let sign = usesSigns ? LineChart.signs[index % LineChart.signs.count] : series.style == .solid ? "━━" : "╺╸"
        entries.append((series.style == .points && !usesSigns ? "••" : sign, series.name[language], .series(index)))
      }
    }
    var written = Set<String>()
    for mark in marks where !mark.label[language].isEmpty && written.insert(mark.label[language]).inserted {
      let sign =
        switch mark {
        case .vertical: "┊"
        case .horizontal: "┄┄"
        case .interval: "░░"
        case .diagonal: "··"
        }
      entries.append((sign, mark.label[language], .faint))
    }
    var lines: [Line] = []
    var line = Line()
    for entry in entries {
      var part = Line(entry.sign, entry.style)
      part.add(" " + entry.name)
      if line.width > 0 && line.width + 3 + part.width > width {
        lines.append(line)
        line = Line()
      }
      if line.width > 0 { line.add("   ") }
      line.add(part)
    }
    return line.width > 0 ? lines + [line] : lines
  }

  private func horizontalAxis(_ scale: Scale, gutter: Int, columns: Int) -> [Line] {
    // Ticks as many as leave a space between their labels.
    var ticks: [(column: Int, start: Int, label: String)] = []
    for count in [10, 8, 6, 5, 4, 3, 2, 1] {
      ticks = scale.ticks(count).map { tick in
        let column = Int((tick.position * Double(columns - 1)).rounded())
        let width = displayWidth(of: tick.label)
        return (column, max(0, min(column - width / 2, columns - width)), tick.label)
      }
      let fits = zip(ticks, ticks.dropFirst()).allSatisfy { $0.start + displayWidth(of: $0.label) + 1 < $1.start }
      if fits { break }
      ticks = Array(ticks.prefix(1))
    }
    let marked = Set(ticks.map(\.column))
    var axis = Line(String(repeating: " ", count: gutter + 1), .faint)
    axis.add("└" + (0..<columns).map { marked.contains($0) ? "┬" : "─" }.joined(), .faint)
    var numbers = Line(String(repeating: " ", count: gutter + 2), .faint)
    for tick in ticks {
      numbers.pad(to: gutter + 2 + tick.start)
      numbers.add(tick.label, .faint)
    }
    guard !labels.x.isEmpty else { return [axis, numbers] }
    var label = Line()
    label.pad(to: max(0, gutter + 2 + (columns - displayWidth(of: labels.x)) / 2))
    label.add(labels.x, .faint)
    return [axis, numbers, label]
  }
}

extension DotGrid {
  func braille(_ cell: Int) -> Character {
    Unicode.Scalar(0x2800 + UInt32(dots[cell])).map { Character($0) } ?? " "
  }

  mutating func draw(_ stroke: [LineChart.Pixel], series: Int, style: Chart.Series.Style) {
    var drawn = 0
    for (index, pixel) in stroke.enumerated() {
      let previous = style == .points || index == 0 ? pixel : stroke[index - 1]
      let (dx, dy) = (pixel.x - previous.x, pixel.y - previous.y)
      let steps = max(1, Int(max(abs(dx), abs(dy)).rounded(.up)))
      for step in (index == 0 ? 0 : 1)...steps {
        drawn += 1
        // Dashes of four dots.
        if style == .dashed && drawn / 4 % 2 == 1 { continue }
        let part = Double(step) / Double(steps)
        set(Int((previous.x + part * dx).rounded()), Int((previous.y + part * dy).rounded()), series: series)
      }
    }
  }
}
