/// One line of a terminal: runs of text with a style each.
struct Line {
  /// How a run of text looks where colour is wanted.
  enum Style: Hashable {
    case plain, bold, faint
    /// One of the colours of a series.
    case series(Int)
    /// A foreground and a background among the 256 colours.
    case cell(foreground: Int, background: Int)

    /// The parameters of the escape sequence (ECMA-48, SGR).
    var code: String {
      switch self {
      case .plain: ""
      case .bold: "1"
      case .faint: "2"
      case .series(let index): "38;5;\(Palette.terminal[index % Palette.count])"
      case .cell(let foreground, let background): "38;5;\(foreground);48;5;\(background)"
      }
    }
  }

  private(set) var runs: [(text: String, style: Style)] = []
  private(set) var width = 0

  init(_ text: String = "", _ style: Style = .plain) {
    add(text, style)
  }

  /// Adds a text at the end, without control characters, which could move the cursor or change colours.
  mutating func add(_ text: String, _ style: Style = .plain) {
    let clean = String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.isControl }))
    guard !clean.isEmpty else { return }
    width += displayWidth(of: clean)
    if let last = runs.last, last.style == style {
      runs[runs.count - 1].text += clean
    } else {
      runs.append((clean, style))
    }
  }

  /// Adds the runs of another line.
  mutating func add(_ line: Line) {
    for run in line.runs { add(run.text, run.style) }
  }

  /// Adds spaces up to a column.
  mutating func pad(to column: Int) {
    if column > width { add(String(repeating: " ", count: column - width)) }
  }

  /// The line's text, no wider than a limit and without spaces at its end.
  func text(width limit: Int, color: Bool) -> String {
    var room = limit
    var result = ""
    for (index, run) in runs.enumerated() {
      var text = run.text
      if displayWidth(of: text) > room { text = TextMeasure.columns.clipped(text, to: Double(room)) }
      room -= displayWidth(of: text)
      let isLast = index == runs.count - 1
      if isLast, !(color && run.style.hasBackground) {
        while text.hasSuffix(" ") { text.removeLast() }
      }
      let code = run.style.code
      result += color && !code.isEmpty && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
      if room <= 0 { break }
    }
    return result
  }
}

extension Line.Style {
  fileprivate var hasBackground: Bool {
    if case .cell = self { true } else { false }
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool {
    value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
  }
}

/// A text with spaces after it up to a width, cut inside where it is wider.
func padded(_ text: String, to width: Int) -> String {
  let text = TextMeasure.columns.clippedInside(text, to: Double(width))
  return text + String(repeating: " ", count: max(0, width - displayWidth(of: text)))
}

/// A text with spaces before it up to a width, cut inside where it is wider.
func leading(_ text: String, to width: Int) -> String {
  let text = TextMeasure.columns.clippedInside(text, to: Double(width))
  return String(repeating: " ", count: max(0, width - displayWidth(of: text))) + text
}
