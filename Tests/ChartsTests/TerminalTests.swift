import Testing

@testable import Charts

/// A text without the escape sequences for colour.
private func withoutColour(_ text: String) -> String {
  var result = ""
  var isCode = false
  for character in text {
    if character == "\u{1B}" {
      isCode = true
    } else if !isCode {
      result.append(character)
    } else if character == "m" {
      isCode = false
    }
  }
  return result
}

@Test("no line is wider than the terminal, with or without colour", arguments: [1, 2, 7, 20, 40, 80, 120, 200])
func linesFit(width: Int) {
  let charts = Samples.ordinary + Samples.hostile + [Samples.crowded, Samples.far]
  let report = Report(
    title: Samples.report.title, blocks: Samples.report.blocks + charts.map { .chart($0) } + [.table(Samples.table)])
  for language in Language.allCases {
    for color in [false, true] {
      let text = report.text(language: language, width: width, color: color)
      #expect(text.hasSuffix("\n"))
      let widest = withoutColour(text).split(separator: "\n").max {
        displayWidth(of: String($0)) < displayWidth(of: String($1))
      }
      #expect(displayWidth(of: String(widest ?? "")) <= width, "\(widest ?? "")")
    }
  }
}

@Test("without colour there are no escape codes, even where a label brings some")
func noEscapes() {
  for chart in Samples.ordinary + Samples.hostile {
    #expect(!chart.text(language: .english, width: 80, color: false).contains("\u{1B}"))
    // The letters after a label's escape sign stay as letters; the sign that gives them power is gone.
    let colored = chart.text(language: .english, width: 80, color: true)
    #expect(!withoutColour(colored).contains("\u{1B}"))
  }
  #expect(Samples.bars.text(language: .english, width: 80, color: true).contains("\u{1B}["))
}

@Test("no chart writes nan or inf in a terminal")
func terminalNumbers() {
  for chart in Samples.ordinary + Samples.hostile {
    let text = chart.text(language: .english, width: 80, color: false).lowercased()
    #expect(!text.contains("nan") && !text.contains("inf"), "\(text)")
  }
}

@Test("a table is aligned, has rules, wraps where it is narrow, and marks its row")
func tableText() {
  let table = Table(
    caption: LocalizedText(en: "Scores", zh: "得分"),
    columns: [LocalizedText(en: "model", zh: "模型"), LocalizedText("AUC")],
    rows: [
      [LocalizedText(en: "rule", zh: "三倍标准差规则"), LocalizedText("0.7")],
      [LocalizedText(en: "isolation forest", zh: "孤立森林"), LocalizedText("0.874")],
    ], highlightedRow: 1)
  let draw = { (language: Language, width: Int) in
    table.lines(language: language, width: width).map { $0.text(width: width, color: false) }
  }
  #expect(
    draw(.english, 80) == [
      "Scores", "━━━━━━━━━━━━━━━━━━━━━━━━━", "  model               AUC", "─────────────────────────",
      "  rule                0.7", "▸ isolation forest  0.874", "━━━━━━━━━━━━━━━━━━━━━━━━━",
    ])
  #expect(
    draw(.chinese, 80) == [
      "得分", "━━━━━━━━━━━━━━━━━━━━━━━", "  模型              AUC", "───────────────────────", "  三倍标准差规则    0.7",
      "▸ 孤立森林        0.874", "━━━━━━━━━━━━━━━━━━━━━━━",
    ])
  #expect(
    draw(.english, 20) == [
      "Scores", "━━━━━━━━━━━━━━━━━━━━", "  model          AUC", "────────────────────", "  rule           0.7",
      "▸ isolation    0.874", "  forest", "━━━━━━━━━━━━━━━━━━━━",
    ])
}

@Test("the widest columns give way first, and only as much as must be")
func fittedColumns() {
  #expect(Table.fitted([10, 30, 5], to: 45) == [10, 30, 5])
  #expect(Table.fitted([10, 30, 5], to: 35) == [10, 20, 5])
  #expect(Table.fitted([10, 30, 5], to: 20).reduce(0, +) == 20)
  #expect(Table.fitted([40, 40], to: 41).reduce(0, +) == 41)
}

@Test("bars are as long as their values, to either side of zero")
func barText() {
  let chart = Chart(
    title: LocalizedText(""),
    content: .bars(
      categories: ["a", "b", "c"].map { LocalizedText($0) },
      groups: [.init(LocalizedText("g"), values: [2, -1, .nan])]))
  #expect(
    chart.text(language: .english, width: 21, color: false) == """
      a      │█████████  2
      b ▐████│          -1
      c      │           –
      1 value is left out:
      not finite.

      """)
}

@Test("a confusion matrix shows its counts in a terminal")
func confusionText() {
  let text = Samples.confusion.text(language: .chinese, width: 80, color: false)
  for row in [["982", "11", "0", "3"], ["8", "145", "12", "0"], ["1", "14", "88", "7"], ["0", "0", "9", "41"]] {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").dropFirst().map { String($0) } }
    #expect(lines.contains(row))
  }
}

@Test("a larger count has a lighter cell, and ink that is readable on it")
func confusionColours() {
  let text = Samples.confusion.text(language: .english, width: 80, color: true)
  #expect(text.contains("\u{1B}[38;5;16;48;5;227m") && text.contains("\u{1B}[38;5;231;48;5;17m"))
}

@Test("a falling line starts at the top left and ends at the bottom right")
func lineText() {
  let chart = Chart(title: LocalizedText(""), content: .lines([.init(LocalizedText(""), values: [1, 0])]))
  let rows = chart.text(language: .english, width: 40, color: false).split(separator: "\n")
  #expect(rows.count == 18)
  let isBraille = { (character: Character) in ("\u{2801}"..."\u{28FF}").contains(character) }
  #expect(rows[0].firstIndex(where: isBraille).map { rows[0].distance(from: rows[0].startIndex, to: $0) } == 3)
  #expect(rows[15].last.map(isBraille) == true)
  #expect(rows[0].hasPrefix("1 ┤") && rows[15].hasPrefix("0 ┤"))
}

@Test("a picture is dark where it is dark and light where it is light")
func pictureText() {
  let picture = Chart.Picture(width: 2, height: 2, pixels: [0, 1, 0, 1], caption: LocalizedText("edge"))
  let chart = Chart.pictures(title: LocalizedText(""), [picture], columns: 1)
  #expect(chart.text(language: .english, width: 20, color: false) == " @\ned\nge\n")
}

@Test("a graph tells its groups and the links within and between them")
func graphText() {
  let text = Samples.graph.text(language: .english, width: 80, color: false)
  #expect(text.contains("10 nodes, 12 links, 1 without links; * is highlighted"))
  #expect(text.contains("■ group 1: 3 nodes, 3 links within, 2 to others"))
}

@Test(
  "a sparkline has one block a value",
  arguments: [
    ([0, 1, 2, 3], "▁▃▆█"), ([5, 5], "▄▄"), ([], ""), ([.nan, 1, .infinity, 2], " ▁ █"), ([-1e308, 1e308], "▁█"),
  ] as [([Double], String)])
func sparklines(values: [Double], text: String) {
  #expect(Sparkline.text(values) == text)
}
