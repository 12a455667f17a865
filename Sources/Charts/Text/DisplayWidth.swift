/// The number of terminal columns that a text takes: two for a Chinese character or an emoji, none for a combining or
/// control character, one for the rest.
///
/// - Parameter text: any text; escape sequences are not understood.
/// - Returns: the columns. `displayWidth(of: "损失 loss")` is 9.
public func displayWidth(of text: String) -> Int {
  text.reduce(0) { $0 + displayWidth(of: $1) }
}

/// A text as lines of at most `width` terminal columns. Chinese may break between any two characters.
///
/// - Parameters:
///   - text: any text; its own line breaks stay.
///   - width: the columns of a line.
/// - Returns: the lines.
public func lines(of text: String, width: Int) -> [String] {
  TextMeasure.columns.wrapped(text, to: Double(max(1, width)))
}

/// The columns of one character as it is seen, which may be several scalars: a flag, a family, a letter with accents.
func displayWidth(of character: Character) -> Int {
  if let ascii = character.asciiValue { return ascii >= 32 && ascii < 127 ? 1 : 0 }
  var width = 0
  for scalar in character.unicodeScalars {
    // U+FE0F asks for the coloured picture of a sign that also has a plain form, such as ☀️.
    if scalar.value == 0xFE0F && width > 0 { return 2 }
    width = max(width, displayWidth(of: scalar))
  }
  return width
}

private func displayWidth(of scalar: Unicode.Scalar) -> Int {
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return 0
  default: break
  }
  if scalar.properties.isEmojiPresentation { return 2 }
  switch scalar.value {
  // The ranges that Unicode's EastAsianWidth.txt marks W or F, without the gaps between them.
  case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
    0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default: return 1
  }
}

/// Measures text in whatever unit a medium has: terminal columns, or the pixels of an SVG.
struct TextMeasure: Sendable {
  /// The width of one character.
  let width: @Sendable (Character) -> Double

  /// Terminal columns.
  static let columns = TextMeasure { Double(displayWidth(of: $0)) }

  /// Pixels in a sans-serif face of a size. The widths are those of DejaVu Sans, a wide face, so that text in a
  /// narrower one also fits.
  static func pixels(size: Double) -> TextMeasure {
    TextMeasure { character in
      let columns = displayWidth(of: character)
      if columns != 1 { return Double(columns) * 0.5 * size }
      switch character {
      case "i", "j", "l", "I", "'", "|", ".", ",", ":", ";", " ", "!": return 0.34 * size
      case "f", "t", "r", "-", "(", ")", "[", "]", "/": return 0.42 * size
      case "m", "M", "w", "W", "@", "%", "…", "—", "→", "≤", "≥", "±", "×", "−", "+", "=", "<", ">", "#":
        return 0.96 * size
      case "A"..."Z": return 0.74 * size
      default: return 0.63 * size
      }
    }
  }

  /// The width of a text on one line.
  func width(of text: String) -> Double {
    text.reduce(0) { $0 + width($1) }
  }

  /// The text, or as much of its beginning as fits with an ellipsis.
  func clipped(_ text: String, to limit: Double) -> String {
    if width(of: text) <= limit { return text }
    let ellipsis = width("…")
    if ellipsis > limit { return "" }
    var kept = ""
    var used = ellipsis
    for character in text {
      used += width(character)
      if used > limit { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// The text, or as much of its beginning and its end as fits: names in a list often differ only at the end.
  func clippedInside(_ text: String, to limit: Double) -> String {
    if width(of: text) <= limit { return text }
    let head = clipped(text, to: (limit + width("…")) / 2)
    var room = limit - width(of: head)
    var tail: [Character] = []
    for character in text.reversed() {
      room -= width(character)
      if room < 0 { break }
      tail.append(character)
    }
    return head + String(tail.reversed())
  }

  /// The text broken into lines no wider than a limit: at spaces, line feeds, and between Chinese characters.
  func wrapped(_ text: String, to limit: Double) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { wrappedParagraph(String($0), to: limit) }
  }

  private func wrappedParagraph(_ text: String, to limit: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0.0
    for piece in pieces(of: text) {
      let width = width(of: piece.text)
      let space = piece.followsSpace && !line.isEmpty ? self.width(" ") : 0
      if used + space + width <= limit {
        line += (space > 0 ? " " : "") + piece.text
        used += space + width
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      used = 0
      // A piece wider than a whole line is broken where the line ends; a line takes at least one character.
      for character in piece.text {
        let width = self.width(character)
        if used + width > limit && !line.isEmpty {
          lines.append(line)
          line = ""
          used = 0
        }
        line.append(character)
        used += width
      }
    }
    return lines + [line]
  }

  /// What a line break must not cut: words, and single Chinese characters with the punctuation that clings to them.
  private func pieces(of text: String) -> [(text: String, followsSpace: Bool)] {
    var pieces: [(text: String, followsSpace: Bool)] = []
    var current = ""
    var followsSpace = false
    func flush() {
      if current.isEmpty { return }
      pieces.append((current, followsSpace))
      current = ""
      followsSpace = false
    }
    for character in text {
      if character == " " || character == "\t" {
        flush()
        followsSpace = true
      } else if "，。；：！？、）」』》】”".contains(character) {
        current.append(character)
      } else if displayWidth(of: character) == 2 {
        let opens = current.last.map { "（「『《【“".contains($0) } ?? false
        if !opens { flush() }
        current.append(character)
      } else {
        let afterWide = current.last.map { displayWidth(of: $0) == 2 && !"（「『《【“".contains($0) } ?? false
        if afterWide { flush() }
        current.append(character)
      }
    }
    flush()
    return pieces
  }
}
