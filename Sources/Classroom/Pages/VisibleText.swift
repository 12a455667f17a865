/// Text as a page shows it: what a reader could not see, or what would change the text around it, is made visible.
enum VisibleText {
  /// Control characters become their pictures (`␛`), those that turn or hide text their numbers (`⟨U+202E⟩`); of a pile
  /// of marks on one letter eight are kept, and every line break becomes `\n`.
  ///
  /// - Parameter text: any text.
  /// - Returns: a text without such characters; a tab stays.
  static func of(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A }) { return text }
    var shown = String.UnicodeScalarView()
    var marks = 0
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      if scalar == "\n", previous == "\r" {
        shown.removeLast()
        shown.append(scalar)
        continue
      }
      let category = scalar.properties.generalCategory
      marks = category == .nonspacingMark || category == .enclosingMark ? marks + 1 : 0
      if marks > maximumMarks {
        if marks == maximumMarks + 1 { shown.append("…") }
        continue
      }
      if let sign = sign(for: scalar, category) {
        shown.append(contentsOf: sign.unicodeScalars)
      } else {
        shown.append(scalar)
      }
    }
    return String(shown)
  }

  private static let maximumMarks = 8

  /// What stands for a character that cannot be seen, or nil for one that can.
  private static func sign(for scalar: Unicode.Scalar, _ category: Unicode.GeneralCategory) -> String? {
    switch scalar.value {
    case 0x09, 0x0A: return nil
    case 0..<0x20: return Unicode.Scalar(0x2400 + scalar.value).map { String($0) }
    case 0x7F: return "␡"
    // They join the letters of some scripts, and the parts of an emoji.
    case 0x200C, 0x200D: return nil
    // Letters and marks without a shape.
    case 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0: return number(scalar)
    case let value where value & 0xFFFE == 0xFFFE: return number(scalar)
    default: break
    }
    switch category {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse: return number(scalar)
    default: return nil
    }
  }

  private static func number(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "⟨U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "⟩"
  }
}

/// The beginning of a long text.
struct Excerpt {
  /// What is shown.
  let text: String

  /// How many bytes are not.
  let omitted: Int

  /// The beginning of a text, and of each of its lines.
  ///
  /// - Parameters:
  ///   - text: the whole.
  ///   - limit: how many characters (Unicode scalars) are kept at most.
  ///   - lineLimit: how many of one line.
  init(of text: String, limit: Int, lineLimit: Int = 1_000) {
    let scalars = text.unicodeScalars
    var kept = String.UnicodeScalarView()
    var omitted = 0
    var next = scalars.startIndex
    var (count, length) = (0, 0)
    while next < scalars.endIndex, count < limit {
      if length == lineLimit, scalars[next] != "\n" {
        let lineEnd = text.utf8[next...].firstIndex(of: 0x0A) ?? text.utf8.endIndex
        omitted += text.utf8.distance(from: next, to: lineEnd)
        kept.append("…")
        next = lineEnd
        length = 0
        continue
      }
      length = scalars[next] == "\n" ? 0 : length + 1
      count += 1
      kept.append(scalars[next])
      next = scalars.index(after: next)
    }
    if next < scalars.endIndex {
      omitted += text.utf8.distance(from: next, to: text.utf8.endIndex)
      kept.append("…")
    }
    self.text = String(kept)
    self.omitted = omitted
  }
}
