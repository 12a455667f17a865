import Charts

/// Text that a student wrote, as markup in which every character can be seen (`VisibleText`).
///
/// - Parameters:
///   - text: one line, or a name.
///   - limit: how many characters of Unicode are shown at most.
/// - Returns: markup.
func visible(_ text: some StringProtocol, limit: Int = 400) -> String {
  let scalars = text.unicodeScalars
  let shown = String(String.UnicodeScalarView(scalars.prefix(limit)))
  let isCut = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex) ?? scalars.endIndex
  return Markup(shown).html + (isCut == scalars.endIndex ? "" : "<i class=\"odd\">…</i>")
}

/// Markup in both languages, of which the page shows one.
///
/// - Parameters:
///   - en: English markup, escaped.
///   - zh: Chinese markup, escaped.
///   - tag: the element to put it in.
/// - Returns: one element, or one for each language.
func both(_ en: String, _ zh: String, tag: String = "span") -> String {
  Markup.say(Markup(trusted: en), Markup(trusted: zh), tag: Markup(trusted: tag)).html
}
