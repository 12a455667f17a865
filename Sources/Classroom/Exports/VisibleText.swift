extension String {
  /// The text with everything that could steer a terminal, a spreadsheet or a reader's eye written out: `ESC` becomes
  /// `\u{1B}`, and so do other control characters, marks that turn the writing direction, and characters that XML
  /// does not allow. Line breaks and tabs stay; every kind of line break becomes `\n`.
  ///
  /// What a submission prints, names or provokes passes through here before anybody sees it.
  public var withVisibleControls: String {
    guard unicodeScalars.contains(where: { $0.isControl && $0 != "\n" && $0 != "\t" }) else { return self }
    var text = ""
    var previous: Unicode.Scalar?
    for scalar in unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r": text += "\n"
      case "\t": text += "\t"
      case _ where scalar.isControl: text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: text.unicodeScalars.append(scalar)
      }
      previous = scalar
    }
    return text
  }

  /// The same on one line: a line break becomes a space.
  public var onOneVisibleLine: String {
    String(withVisibleControls.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  /// At most so many characters, and a word on how many more there are.
  func shortened(to count: Int) -> String {
    guard utf8.count > count, self.count > count else { return self }
    return "\(prefix(count))\n… and \(self.count - count) characters more"
  }
}

extension Unicode.Scalar {
  /// Whether a character does something instead of being seen.
  fileprivate var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0: true  // C0, DEL, C1
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // turn the writing direction
    case 0x2028, 0x2029: true  // line breaks to some readers and not to others
    case 0x200B, 0x2060...0x2064, 0xFEFF: true  // no width: two names that look the same
    case 0xE0000...0xE007F: true  // tags
    default: value & 0xFFFE == 0xFFFE || 0xFDD0...0xFDEF ~= value  // no characters at all
    }
  }
}
