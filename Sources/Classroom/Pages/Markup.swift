import Charts
import Foundation

/// Markup, in which text cannot become markup: what is interpolated is made visible and escaped, unless it is markup.
///
///     let name = "<script>"
///     let cell: Markup = "<td>\(name)</td>"   // <td>&lt;script&gt;</td>
struct Markup: ExpressibleByStringInterpolation, Sendable, Hashable {
  private(set) var html: String

  init(stringLiteral literal: String) { html = literal }

  init(stringInterpolation parts: Interpolation) { html = parts.html }

  /// Markup that something else wrote, such as a chart.
  init(trusted html: String) { self.html = html }

  var isEmpty: Bool { html.isEmpty }

  static func += (left: inout Markup, right: Markup) { left.html += right.html }

  struct Interpolation: StringInterpolationProtocol {
    var html = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      html.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { html += literal }

    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }

    /// Text that a student may control.
    mutating func appendInterpolation(_ text: String) { html += escaped(VisibleText.of(text)) }

    mutating func appendInterpolation(_ number: Int) { html += String(number) }

    mutating func appendInterpolation(_ number: Decimal) { html += "\(number)" }

    /// A text in both languages, of which the page shows one.
    mutating func appendInterpolation(_ text: LocalizedText) {
      html += Markup.say(Markup(text.en), Markup(text.zh)).html
    }
  }

  /// A text that a student may control.
  init(_ text: String) { html = escaped(VisibleText.of(text)) }

  /// The same in both languages, of which the page shows one.
  static func say(_ english: Markup, _ chinese: Markup, tag: Markup = "span") -> Markup {
    if english == chinese { return "<\(tag)>\(english)</\(tag)>" }
    return """
      <\(tag) class="en" lang="en">\(english)</\(tag)><\(tag) class="zh" lang="zh-Hans">\(chinese)</\(tag)>
      """
  }

  /// The name of a student: cut where it is very long, and of a direction of its own, so that it cannot turn the rest.
  static func name(_ name: String) -> Markup {
    let cut =
      name.unicodeScalars.count > 120 ? String(String.UnicodeScalarView(name.unicodeScalars.prefix(119))) + "…" : name
    return "<bdi>\(cut.allSatisfy(\.isWhitespace) ? "\"\(cut)\"" : cut)</bdi>"
  }

  /// The items of a list.
  static func items(_ items: [Markup]) -> Markup {
    items.map { item -> Markup in "<li>\(item)</li>\n" }.concatenated()
  }

  /// A relative link: each part of the path is encoded, and no part can be taken for a scheme.
  static func link(to path: String, _ words: Markup) -> Markup {
    let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@")
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map {
      $0.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
    return "<a href=\"./\(parts.joined(separator: "/"))\">\(words)</a>"
  }

  /// Lines as a program wrote them, cut where there are too many.
  ///
  /// - Parameters:
  ///   - text: the lines.
  ///   - style: the class of the block.
  ///   - limit: how many characters are shown at most.
  /// - Returns: the block, with a note below it if it was cut.
  static func block(_ text: String, style: Markup = "", limit: Int = 6_000) -> Markup {
    let excerpt = Excerpt(of: text, limit: limit)
    let note: Markup =
      excerpt.omitted == 0
      ? ""
      : "<p class=\"cut\">"
        + say("… cut here; \(excerpt.omitted) more bytes are not shown.", "……在此截断，另有 \(excerpt.omitted) 字节未显示。")
        + "</p>"
    return "<pre class=\"\(style)\" lang=\"en\" dir=\"ltr\" tabindex=\"0\">\(excerpt.text)</pre>\(note)\n"
  }

  static func + (left: Markup, right: Markup) -> Markup { Markup(trusted: left.html + right.html) }
}

extension Sequence where Element == Markup {
  /// The elements one after the other. It is not called `joined`, as a literal beside that may be taken for a `String`.
  func concatenated(separator: Markup = "") -> Markup {
    Markup(trusted: map(\.html).joined(separator: separator.html))
  }
}
