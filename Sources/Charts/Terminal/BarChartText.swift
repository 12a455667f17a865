extension BarChart {
  /// The bars as rows of blocks with their numbers.
  func lines(width: Int, color: Bool) -> [Line] {
    let heights = heights
    guard !heights.isEmpty else { return [Line(Phrase.noData[language], .faint)] }
    let texts = Numbers.aligned(heights)
    let hasGroups = groups.count > 1
    let names = categories.map { $0[language] }
    let groupNames = groups.map { $0.name[language] }
    let rowNames = hasGroups ? groupNames.map { "  " + $0 } + names : names
    let nameWidth = min(rowNames.map { displayWidth(of: $0) }.max() ?? 0, max(width / 3, 1))
    let low = min(heights.min() ?? 0, 0)
    let high = max(heights.max() ?? 0, 0)
    // In halves, because the difference of two large values may overflow.
    let span = max(high / 2 - low / 2, 1e-300)
    var lines = labels.y.isEmpty ? [] : [Line(labels.y, .faint)]
    var next = 0
    var values: [[String?]] = []
    // The texts follow the heights, group by group.
    for group in groups.indices {
      values.append(
        categories.indices.map { category in
          guard height(group: group, category: category) != nil else { return nil }
          next += 1
          let error = error(group: group, category: category).map {
            " [\(Numbers.compact($0.low)), \(Numbers.compact($0.high))]"
          }
          return texts[next - 1] + (error ?? "")
        })
    }
    let shown = categories.indices.prefix(120)
    let numberWidth = values.joined().map { displayWidth(of: $0 ?? "–") }.max() ?? 0
    let room = max(width - nameWidth - numberWidth - 4, 1)
    let zero = Int((-low / 2 / span * Double(room)).rounded())
    for category in shown {
      if hasGroups { lines.append(Line(padded(names[category], to: width))) }
      for group in groups.indices {
        let name = hasGroups ? "  " + groupNames[group] : names[category]
        var line = Line(padded(name, to: nameWidth) + " ")
        let height = height(group: group, category: category)
        line.add(BarChart.bar((height ?? 0) / 2 / span, zero: zero, room: room), .series(group))
        line.add(" " + leading(values[group][category] ?? "–", to: numberWidth))
        lines.append(line)
      }
    }
    if shown.count < categories.count {
      let more = categories.count - shown.count
      lines.append(Line(LocalizedText(en: "… and \(more) more", zh: "……还有 \(more) 项")[language], .faint))
    }
    return lines
  }

  /// A bar to the right or left of zero, as wide as the room.
  private static func bar(_ part: Double, zero: Int, room: Int) -> String {
    let axis = "│"
    if part >= 0 {
      let eighths = Int((min(part * Double(room), Double(room - zero)) * 8).rounded())
      let rest = Array(" ▏▎▍▌▋▊▉")[eighths % 8]
      let blocks = String(repeating: "█", count: eighths / 8) + (eighths % 8 > 0 ? String(rest) : "")
      return String(repeating: " ", count: zero) + padded(axis + blocks, to: room - zero + 1)
    }
    let halves = Int((min(-part * Double(room), Double(zero)) * 2).rounded())
    let blocks = (halves % 2 == 1 ? "▐" : "") + String(repeating: "█", count: halves / 2)
    return leading(blocks, to: zero) + padded(axis, to: room - zero + 1)
  }
}
