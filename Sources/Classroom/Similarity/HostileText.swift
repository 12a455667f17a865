import Charts

/// Text that a student wrote, as markup in which every character can be seen: control characters, marks that turn the
/// direction of writing, and characters without width are written as their code points.
///
/// - Parameters:
///   - text: one line, or a name.
///   - limit: how many characters of Unicode are shown at most.
/// - Returns: markup.
func visible(_ text: some StringProtocol, limit: Int = 400) -> String {
  var markup = ""
  var plain = ""
  var shown = 0
  for scalar in text.unicodeScalars.prefix(limit) {
    shown += 1
    if isInvisible(scalar) {
      markup += escaped(plain) + odd(scalar)
      plain = ""
    } else {
      plain.unicodeScalars.append(scalar)
    }
  }
  markup += escaped(plain)
  return shown < limit || text.unicodeScalars.count == limit ? markup : markup + "<i class=\"odd\">…</i>"
}

private func odd(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return "<i class=\"odd\">U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "</i>"
}

private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control: scalar != "\t"
  case .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
  default: scalar.properties.isDefaultIgnorableCodePoint
  }
}

/// Markup in both languages, of which the page shows one.
///
/// - Parameters:
///   - en: English markup, escaped.
///   - zh: Chinese markup, escaped.
///   - tag: the element to put it in.
/// - Returns: one element, or one for each language.
func both(_ en: String, _ zh: String, tag: String = "span") -> String {
  en == zh
    ? "<\(tag)>\(en)</\(tag)>"
    : "<\(tag) class=\"en\" lang=\"en\">\(en)</\(tag)><\(tag) class=\"zh\" lang=\"zh-Hans\">\(zh)</\(tag)>"
}
