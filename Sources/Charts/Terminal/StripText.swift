extension StripChart {
  private static let fills = ["█", "▒", "▓", "░", "#", "=", "+"]
  private static let signs = ["●", "■", "▲", "◆", "×"]

  /// Each row as a curve of blocks, and a lane of its intervals and events below it.
  func lines(width: Int, color: Bool) -> [Line] {
    guard !isEmpty else { return [Line(Phrase.noData[language], .faint)] }
    let scale = scale
    let names = shown.map { $0.name[language] }
    let room = min(names.map { displayWidth(of: $0) }.max() ?? 0, max(width / 3, 1))
    let columns = max(width - room - 1, 1)
    let column = { (x: Double) -> Int? in
      scale.position(x).map { min(max(Int($0 * Double(columns)), 0), columns - 1) }
    }
    var lines: [Line] = []
    var line = Line()
    for (index, name) in groups.enumerated() where !name.isEmpty {
      var entry = Line(StripChart.fills[index % 7] + StripChart.signs[index % 5], .series(index))
      entry.add(" " + name)
      if line.width > 0, line.width + 3 + entry.width > width {
        lines.append(line)
        line = Line()
      }
      if line.width > 0 { line.add("   ") }
      line.add(entry)
    }
    if line.width > 0 { lines.append(line) }
    if !labels.y.isEmpty { lines.append(Line(labels.y, .faint)) }

    for (strip, name) in zip(shown, names) {
      let curve = curve(of: strip, columns: columns, column: column)
      var caption = name
      if let curve {
        var line = Line(padded(name, to: room) + " ")
        line.add(Sparkline.text(curve), .series(0))
        lines.append(line)
        caption = ""
      }
      guard curve == nil || !strip.intervals.isEmpty || !strip.events.isEmpty else { continue }
      var line = Line(padded(caption, to: room) + " ")
      line.add(lane(of: strip, columns: columns, column: column))
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

  /// The highest value of each column, held until the next; nil where there is no curve.
  private func curve(of strip: Chart.Strip, columns: Int, column: (Double) -> Int?) -> [Double]? {
    var values = [Double](repeating: .nan, count: columns)
    var last = -1
    for point in strip.points where StripChart.isDrawable(point) {
      guard let place = column(point.x) else { continue }
      values[place] = values[place].isNaN ? point.y : max(values[place], point.y)
      last = max(last, place)
    }
    guard last >= 0 else { return nil }
    for place in values.indices.dropFirst() where place <= last && values[place].isNaN {
      values[place] = values[place - 1]
    }
    return values
  }

  private func lane(of strip: Chart.Strip, columns: Int, column: (Double) -> Int?) -> Line {
    var cells: [(text: String, style: Line.Style)] = Array(repeating: ("·", .faint), count: columns)
    for span in spans(of: strip, at: { column($0).map(Double.init) }) {
      let (first, last) = (Int(span.left), Int(span.right))
      let colour = StripChart.colour(span.group)
      for place in first...last { cells[place] = (StripChart.fills[colour % 7], .series(colour)) }
      let width = displayWidth(of: span.label)
      guard width > 0, width <= last - first - 1 else { continue }
      let start = first + (last - first + 1 - width) / 2
      cells[start] = (span.label, .plain)
      for place in start + 1..<max(start + width, start + 1) { cells[place] = ("", .plain) }
    }
    for event in strip.events {
      guard let place = column(event.x) else { continue }
      let colour = StripChart.colour(event.group)
      // A sign within a label would push the rest aside.
      guard displayWidth(of: cells[place].text) == 1 else { continue }
      cells[place] = (StripChart.signs[colour % 5], .series(colour))
    }
    var line = Line()
    for cell in cells { line.add(cell.text, cell.style) }
    return line
  }
}
