extension Report {
  /// The report for a terminal.
  ///
  /// - Parameters:
  ///   - language: the language of titles and labels.
  ///   - width: the terminal's columns; no line is wider.
  ///   - color: whether to use escape sequences for colour; without them the text has none.
  /// - Returns: lines, each with a line feed at its end.
  public func text(language: Language, width: Int, color: Bool) -> String {
    let width = max(width, 1)
    let measure = TextMeasure.columns
    var lines: [Line] = []
    let heading = { (text: String) in
      measure.wrapped(text, to: Double(width)).map { Line($0, .bold) }
    }
    if !title[language].isEmpty {
      let title = heading(title[language])
      lines += title + [Line(String(repeating: "═", count: title.map(\.width).max() ?? 0), .faint)]
    }
    for block in blocks {
      if !lines.isEmpty { lines.append(Line()) }
      switch block {
      case .heading(let text):
        let heading = heading(text[language])
        lines += heading + [Line(String(repeating: "─", count: heading.map(\.width).max() ?? 0), .faint)]
      case .text(let text):
        lines += measure.wrapped(text[language], to: Double(min(width, 100))).map { Line($0) }
      case .code(let code):
        lines += code.split(separator: "\n", omittingEmptySubsequences: false).map { line in
          Line("  " + line.map { $0 == "\t" ? "    " : String($0) }.joined())
        }
      case .table(let table):
        lines += table.lines(language: language, width: width)
      case .chart(let chart):
        lines += chart.lines(language: language, width: width, color: color)
      }
    }
    return lines.map { $0.text(width: width, color: color) + "\n" }.joined()
  }
}

extension Chart {
  /// The chart for a terminal.
  ///
  /// - Parameters:
  ///   - language: the language of title and labels.
  ///   - width: the terminal's columns; no line is wider.
  ///   - color: whether to use escape sequences for colour; without them the text has none.
  /// - Returns: lines, each with a line feed at its end.
  public func text(language: Language, width: Int, color: Bool) -> String {
    let width = max(width, 1)
    return lines(language: language, width: width, color: color)
      .map { $0.text(width: width, color: color) + "\n" }.joined()
  }

  func lines(language: Language, width: Int, color: Bool) -> [Line] {
    let heading =
      title[language].isEmpty
      ? [] : TextMeasure.columns.wrapped(title[language], to: Double(width)).map { Line($0, .bold) }
    let figure = figure(language)
    let notes = figure.notes.flatMap { TextMeasure.columns.wrapped($0, to: Double(width)) }
    return heading + figure.lines(width: width, color: color) + notes.map { Line($0, .faint) }
  }
}
