/// A matrix as colours.
struct Heatmap {
  let values: [[Double]]
  let rows: [String]
  let columns: [String]
  let showsValues: Bool
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
    guard let low = finite.min(), let high = finite.max() else { return (0, 1) }
    if low == high { return low > 0 ? (0, high) : low < 0 ? (low, 0) : (0, 1) }
    return (low >= 0 ? 0 : low, high)
  }

  /// Where a value lies between the ends, from 0 to 1.
  func fraction(_ value: Double, in range: (low: Double, high: Double)) -> Double {
    // In halves, because the difference of two large values may overflow.
    (value / 2 - range.low / 2) / (range.high / 2 - range.low / 2)
  }

  /// The name of a row or column; a number where it has none.
  static func name(_ index: Int, in names: [String]) -> String {
    names.indices.contains(index) ? names[index] : String(index + 1)
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
      drawPixels(chart, in: frame, range: range)
    } else {
      let texts = chart.values.isEmpty ? [] : chart.cellTexts
      let size = Heatmap.textSize(texts.joined().map { $0 }, width: cellWidth - 6, height: cellHeight - 2)
      for row in 0..<rows {
        for column in 0..<columns {
          let box = cell(row, column)
          let value = chart.value(row, column)
          let colour = value.map { Palette.sequential(chart.fraction($0, in: range)) }
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
    drawColourBar(beside: frame, range: range)
    let centres = (0..<columns).map { frame.x + (Double($0) + 0.5) * cellWidth }
    let below =
      columnNames.isEmpty
      ? frame.bottom + 4
      : categoryLabels(columnNames, centres: centres, pitch: cellWidth, from: frame.bottom + 2)
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
    let palette = (0..<255).map { Palette.sequential(Double($0) / 254) } + [(160, 160, 160)]
    image(PNG.indexed(pixels, width: chart.columnCount, palette: palette), in: frame)
  }

  private mutating func drawColourBar(beside frame: Box, range: (low: Double, high: Double)) {
    let scale = Scale(fitting: [range.low, range.high], margin: .none)
    let bar = Box(x: frame.right + 14, y: frame.y, width: 10, height: max(frame.height, 80))
    let steps = 40
    for step in 0..<steps {
      let part = bar.height / Double(steps)
      let colour = Palette.sequential((Double(steps - step) - 0.5) / Double(steps))
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
