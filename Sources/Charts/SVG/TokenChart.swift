/// Words on grounds as strong as their weights.
struct TokenChart {
  let rows: [Chart.TokenRow]
  let language: Language

  /// The rows that are shown, cut to so many words in all.
  var shown: [Chart.TokenRow] {
    var left = 600
    var result: [Chart.TokenRow] = []
    for row in rows.prefix(100) where left > 0 {
      result.append(Chart.TokenRow(row.name, tokens: Array(row.tokens.prefix(left))))
      left -= row.tokens.count
    }
    return result
  }

  private var largest: Double {
    rows.lazy.flatMap { $0.tokens.lazy.map(\.weight) }.filter(\.isFinite).max() ?? 0
  }

  /// The strength of each word's ground, from 0, none, to 5, the largest weight.
  func levels(_ row: Chart.TokenRow) -> [Int] {
    let largest = largest
    guard largest > 0 else { return row.tokens.map { _ in 0 } }
    return row.tokens.map { $0.weight > 0 ? Int(min($0.weight / largest, 1) * 5.999) : 0 }
  }
}

extension TokenChart: Figure {
  var notes: [String] {
    let count = rows.reduce(0) { $0 + $1.tokens.count }
    let kept = shown.reduce(0) { $0 + $1.tokens.count }
    let lost = rows.reduce(0) { $0 + $1.tokens.count { !$0.weight.isFinite } }
    return Phrase.cut(to: kept, of: count, LocalizedText(en: "words", zh: "个词"), language)
      + Phrase.skipped(lost, language)
  }

  var summary: String {
    let parts = rows.map { row in
      let best = row.tokens.filter { $0.weight.isFinite }.max { $0.weight < $1.weight }
      let word = best.map { "\($0.text[language]) \(Numbers.compact($0.weight))" } ?? "–"
      return LocalizedText(
        en: "\(row.name.en): \(row.tokens.count) words, the strongest is \(word)",
        zh: "\(row.name.zh)：\(row.tokens.count) 个词，最强的是 \(word)")[language]
    }
    return LocalizedText(
      en: "Weighted words. \(Phrase.list(parts, language)).", zh: "带权重的词。\(Phrase.list(parts, language))。")[language]
  }

  func draw(on canvas: inout Canvas, from top: Double) -> Double {
    let shown = shown
    guard shown.contains(where: { !$0.tokens.isEmpty }) else {
      canvas.emptyNote(in: Box(x: 16, y: top, width: Canvas.width - 32, height: 80), language: language)
      return top + 80
    }
    var y = top
    let measure = TextMeasure.pixels(size: 14)
    let limit = Canvas.width - 32 - 10
    for row in shown {
      let name = row.name[language]
      if !name.isEmpty {
        canvas.text(name, x: 16, baseline: y + 14, style: "muted", role: .caption, limit: Canvas.width - 32)
        y += 22
      }
      var x = 16.0
      for (token, level) in zip(row.tokens, levels(row)) {
        let word = token.text[language]
        let width = min(measure.width(of: word), limit) + 10
        if x > 16, x + width > Canvas.width - 16 {
          x = 16
          y += 28
        }
        canvas.rectangle(
          Box(x: x, y: y, width: width, height: 24), style: "w\(level)",
          tip: word + ": " + Numbers.compact(token.weight))
        canvas.text(word, x: x + width / 2, baseline: y + 17, size: 14, anchor: .middle, role: .value, limit: limit)
        x += width + 3
      }
      y += row.tokens.isEmpty ? 4 : 36
    }
    return y
  }

  /// The words with grounds of growing strength, or with brackets where there is no colour.
  func lines(width: Int, color: Bool) -> [Line] {
    guard rows.contains(where: { !$0.tokens.isEmpty }) else { return [Line(Phrase.noData[language], .faint)] }
    // Blues of the 256 colours, each with the ink that is readable on it.
    let grounds = [(-1, 0), (17, 231), (24, 231), (31, 231), (74, 16), (117, 16)]
    var lines: [Line] = []
    if !color {
      lines.append(
        Line(LocalizedText(en: "[strong] [[strongest]]", zh: "[强] [[最强]]")[language], .faint))
    }
    for row in shown {
      if !row.name[language].isEmpty {
        lines += TextMeasure.columns.wrapped(row.name[language], to: Double(width)).map { Line($0, .faint) }
      }
      var line = Line()
      for (token, level) in zip(row.tokens, levels(row)) {
        var word = token.text[language]
        if !color, level >= 3 { word = level == 5 ? "[[\(word)]]" : "[\(word)]" }
        word = TextMeasure.columns.clipped(word, to: Double(width))
        if line.width > 0, line.width + 1 + displayWidth(of: word) > width {
          lines.append(line)
          line = Line()
        }
        if line.width > 0 { line.add(" ") }
        let ground = grounds[level]
        line.add(word, color && level > 0 ? .cell(foreground: ground.1, background: ground.0) : .plain)
      }
      lines.append(line)
    }
    return lines
  }
}
