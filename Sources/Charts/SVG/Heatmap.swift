/// A matrix as colours.
struct Heatmap {
  let values: [[Double]]
  let rows: [String]
  let columns: [String]
  let showsValues: Bool
  var isDiverging = false
  let labels: (x: String, y: String)
  let language: Language

  var rowCount: Int { values.count }
  var columnCount: Int { values.map(\.count).max() ?? 0 }

  /// A cell's value, or nil where the matrix has none or one that is no finite number.
  func value(_ row: Int, _ column: Int) -> Double? {
    guard values[row].indices.contains(column), values[row][column].isFinite else { return nil }
    return values[row][column]
  }

  /// The values at the two ends of the colours: amounts begin at zero.
  var range: (low: Double, high: Double) {
    let finite = values.joined().filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return isDiverging ? (-1, 1) : (0, 1) }
    if isDiverging {
      // Zero is the middle.
      let reach = max(abs(low), abs(high))
      return reach > 0 ? (-reach, reach) : (-1, 1)
    }
    if low == high { return low > 0 ? (0, high) : low < 0 ? (low, 0) : (0, 1) }
    return (low >= 0 ? 0 : low, high)
  }

  /// Where a value lies between the ends, from 0 to 1.
  func fraction(_ value: Double, in range: (low: Double, high: Double)) -> Double {
    // In halves, because the difference of two large values may overflow.
    (value / 2 - range.low / 2) / (range.high / 2 - range.low / 2)
  }

  /// The colour at a fraction of the range.
  func colour(_ fraction: Double) -> (red: Int, green: Int, blue: Int) {
    isDiverging ? Palette.diverging(fraction) : Palette.sequential(fraction)
  }

  /// The matrix with at most so many rows and columns, each cell the mean of those that it stands for.
  func averaged(limit: Int) -> Heatmap {
    let rowStep = max(1, (rowCount + limit - 1) / limit)
    let columnStep = max(1, (columnCount + limit - 1) / limit)
    guard rowStep > 1 || columnStep > 1 else { return self }
    let means = stride(from: 0, to: rowCount, by: rowStep).map { row in
      stride(from: 0, to: columnCount, by: columnStep).map { column in
        var (sum, count) = (0.0, 0.0)
        for row in row..<min(row + rowStep, rowCount) {
          for column in column..<min(column + columnStep, columnCount) {
            guard let value = value(row, column) else { continue }
            sum += value
            count += 1
          }
        }
        return count > 0 ? sum / count : .nan
      }
    }
    return Heatmap(
      values: means, rows: [], columns: [], showsValues: false, isDiverging: isDiverging, labels: labels,
      language: language)
  }

  /// The name of a row or column; a number where it has none.
  static func name(_ index: Int, in names: [String]) -> String {
    names.indices.contains(index) ? names[index] : String(index + 1)
  }
}

extension Heatmap: Figure {
  func draw(on canvas: inout Canvas, from top: Double) -> Double { canvas.draw(self, from: top) }

  var notes: [String] {
    let holes = values.reduce(0) { $0 + columnCount - $1.count(where: \.isFinite) }
    guard holes > 0, columnCount > 0 else { return [] }
    return [
      LocalizedText(
        en: holes == 1
          ? "1 cell has no finite value and is grey." : "\(holes) cells have no finite value and are grey.",
        zh: "灰色的 \(holes) 格没有有限数值。")[language]
    ]
  }

  var summary: String {
    let cells = values.enumerated().flatMap { row, values in values.indices.map { (row, $0) } }
      .filter { value($0.0, $0.1) != nil }
    let largest = cells.max { values[$0.0][$0.1] < values[$1.0][$1.1] }
    let place = largest.map { Heatmap.name($0.0, in: rows) + " × " + Heatmap.name($0.1, in: columns) } ?? "–"
    let range = Phrase.range(Array(values.joined()), language)
    return LocalizedText(
      en: "Heatmap of \(rowCount) rows and \(columnCount) columns, \(range); the largest value is at \(place).",
      zh: "热力图，\(rowCount) 行 \(columnCount) 列，数值 \(range)；最大值在 \(place)。")[language]
  }
}

extension Canvas {
  /// Draws a matrix with the names of its rows and columns and the scale of its colours.
  ///
  /// - Returns: the lower edge.
  mutating func draw(_ chart: Heatmap, from top: Double) -> Double {
    let (rows, columns) = (chart.rowCount, chart.columnCount)
    let y = verticalAxisLabel(chart.labels.y, from: top)
    guard rows > 0, columns > 0 else {
      let frame = Box(x: 16, y: y, width: Canvas.width - 32, height: 80)
      emptyNote(in: frame, language: chart.language)
      return frame.bottom
    }
    let measure = TextMeasure.pixels(size: 12)
    let rowNames = chart.rows.isEmpty ? [] : (0..<rows).map { Heatmap.name($0, in: chart.rows) }
    let columnNames = chart.columns.isEmpty ? [] : (0..<columns).map { Heatmap.name($0, in: chart.columns) }
    let rowRoom = min(rowNames.map { measure.width(of: $0) }.max() ?? 0, 170)
    let left = 16 + rowRoom + (rowRoom > 0 ? 8 : 0)
    // Few columns grow until their names stand level.
    let widestName = columnNames.map { measure.width(of: $0) }.max() ?? 0
    let cellWidth = min((Canvas.width - left - 96) / Double(columns), max(88, min(widestName + 10, 130)))
    let cellHeight = max(min(cellWidth, 500 / Double(rows), 48), min(22, 500 / Double(rows)))
    let frame = Box(
      x: left, y: y, width: cellWidth * Double(columns), height: cellHeight * Double(rows))
    let range = chart.range
    let cell = { (row: Int, column: Int) in
      Box(
        x: frame.x + Double(column) * cellWidth, y: frame.y + Double(row) * cellHeight, width: cellWidth,
        height: cellHeight)
    }

    // Many cells are cheaper as the pixels of a picture.
    if rows * columns > 1600 {
      drawPixels(chart.averaged(limit: 700), in: frame, range: range)
    } else {
      let texts = chart.values.isEmpty ? [] : chart.cellTexts
      let size = Heatmap.textSize(texts.joined().map { $0 }, width: cellWidth - 6, height: cellHeight - 2)
      for row in 0..<rows {
        for column in 0..<columns {
          let box = cell(row, column)
          let value = chart.value(row, column)
          let colour = value.map { chart.colour(chart.fraction($0, in: range)) }
          let place = Heatmap.name(row, in: rowNames) + " × " + Heatmap.name(column, in: columnNames)
          let tip = place + ": " + (value.map(Numbers.compact) ?? "–")
          let padded = Box(
            x: box.x + 0.5, y: box.y + 0.5, width: max(box.width - 1, 0.5), height: max(box.height - 1, 0.5))
          rectangle(padded, style: colour == nil ? "hole" : "", fill: colour.map(Palette.hex) ?? "", tip: tip)
          guard chart.showsValues, let size else { continue }
          let ink = colour.map { Palette.wantsBlackInk(on: $0) ? "dark" : "light" } ?? "muted"
          text(
            texts[row][column], x: box.x + cellWidth / 2, baseline: box.y + cellHeight / 2 + size * 0.36, size: size,
            anchor: .middle, style: ink, role: .value)
        }
      }
    }

    // Row names, every so many where the rows are thin.
    let stride = max(1, Int((15 / cellHeight).rounded(.up)))
    for row in Swift.stride(from: 0, to: rowNames.count, by: stride) {
      text(
        rowNames[row], x: left - 8, baseline: frame.y + (Double(row) + 0.5) * cellHeight + 4, anchor: .end,
        style: "muted", role: .yTick, limit: rowRoom)
    }
    drawColourBar(of: chart, beside: frame, range: range)
    let centres = (0..<columns).map { frame.x + (Double($0) + 0.5) * cellWidth }
    let below =
      columnNames.isEmpty
      ? frame.bottom + 4
        // The name of a single column may be wider than it; then it stands below the scale of colours too.
      : categoryLabels(
        columnNames, centres: centres, pitch: cellWidth,
        from: columns == 1 ? max(frame.bottom + 2, frame.y + 86) : frame.bottom + 2)
    return horizontalAxisLabel(
      chart.labels.x, middle: frame.x + frame.width / 2, from: max(below, frame.y + 84))
  }

  private mutating func drawPixels(_ chart: Heatmap, in frame: Box, range: (low: Double, high: Double)) {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(chart.rowCount * chart.columnCount)
    for row in 0..<chart.rowCount {
      for column in 0..<chart.columnCount {
        // The last colour stands for cells without a value.
        let index = chart.value(row, column).map { min(max(chart.fraction($0, in: range), 0), 1) * 254 }
        pixels.append(index.map { UInt8($0.rounded()) } ?? 255)
      }
    }
    let palette = (0..<255).map { chart.colour(Double($0) / 254) } + [(160, 160, 160)]
    image(PNG.indexed(pixels, width: chart.columnCount, palette: palette), in: frame)
  }

  private mutating func drawColourBar(of chart: Heatmap, beside frame: Box, range: (low: Double, high: Double)) {
    let scale = Scale(fitting: [range.low, range.high], margin: .none)
    let bar = Box(x: frame.right + 14, y: frame.y, width: 10, height: max(frame.height, 80))
    let steps = 40
    for step in 0..<steps {
      let part = bar.height / Double(steps)
      let colour = chart.colour((Double(steps - step) - 0.5) / Double(steps))
      rectangle(
        Box(x: bar.x, y: bar.y + Double(step) * part, width: bar.width, height: part + 0.3), fill: Palette.hex(colour))
    }
    for tick in scale.ticks(min(max(2, Int(bar.height / 30)), 8)) {
      let y = min(max(bar.bottom - tick.position * bar.height, bar.y + 5), bar.bottom - 4)
      text(tick.label, x: bar.right + 6, baseline: y + 4, size: 11, style: "muted", role: .legend, limit: 60)
    }
  }
}

extension Heatmap {
  /// The cells' texts, row by row, with as many decimals in one as in another.
  var cellTexts: [[String]] {
    let all = Numbers.aligned((0..<rowCount).flatMap { row in (0..<columnCount).map { value(row, $0) ?? .nan } })
    return (0..<rowCount).map { Array(all[$0 * columnCount..<($0 + 1) * columnCount]) }
  }

  /// The largest size at which all texts fit a cell, or nil where they could not be read.
  static func textSize(_ texts: [String], width: Double, height: Double) -> Double? {
    let measure = TextMeasure.pixels(size: 1)
    let widest = max(texts.map { measure.width(of: $0) }.max() ?? 0, 0.1)
    let size = min(13, width / widest, height / 1.15)
    return size >= 7.5 ? (size * 2).rounded(.down) / 2 : nil
  }
}
