/// A rectangle in pixels.
struct Box: Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }

  func overlaps(_ other: Box) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }

  func contains(_ other: Box) -> Bool {
    other.x >= x && other.y >= y && other.right <= right && other.bottom <= bottom
  }
}

/// A text as it was placed, kept so that tests can hold the layout to its promises.
struct PlacedText {
  /// What a text does in the chart.
  enum Role: Hashable { case title, legend, label, xTick, yTick, value, mark, node, caption, note }

  /// Which point of the text is at its place.
  enum Anchor: String { case start, middle, end }

  let text: String
  let role: Role
  let x: Double
  let baseline: Double
  let size: Double
  let anchor: Anchor
  /// Degrees, clockwise about the place.
  let angle: Double

  /// The box of an upright text.
  static func box(
    of text: String, x: Double, baseline: Double, size: Double, anchor: Anchor
  ) -> Box {
    let width = TextMeasure.pixels(size: size).width(of: text)
    let shift =
      switch anchor {
      case .start: 0.0
      case .middle: width / 2
      case .end: width
      }
    return Box(x: x - shift, y: baseline - 0.85 * size, width: width, height: 1.1 * size)
  }
}

/// SVG elements in the order in which they are painted.
struct Canvas {
  /// The width of every chart; its height follows from what it holds.
  static let width = 720.0

  private(set) var elements = ""
  private(set) var texts: [PlacedText] = []

  /// A straight line.
  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String, dash: String = "") {
    let dash = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
    elements +=
      "<line class=\"\(style)\"\(dash) x1=\"\(px(x1))\" y1=\"\(px(y1))\" x2=\"\(px(x2))\" y2=\"\(px(y2))\"/>\n"
  }

  /// A rectangle, with a text that is shown when the pointer rests on it.
  mutating func rectangle(_ box: Box, style: String = "", fill: String = "", tip: String = "") {
    let style = style.isEmpty ? "" : " class=\"\(style)\""
    let fill = fill.isEmpty ? "" : " fill=\"\(fill)\""
    elements += "<rect\(style)\(fill) \(place(box))"
    elements += tip.isEmpty ? "/>\n" : "><title>\(escaped(tip))</title></rect>\n"
  }

  /// A disc, with a text that is shown when the pointer rests on it.
  mutating func circle(_ x: Double, _ y: Double, radius: Double, style: String, tip: String = "") {
    elements += "<circle class=\"\(style)\" cx=\"\(px(x))\" cy=\"\(px(y))\" r=\"\(px(radius))\""
    elements += tip.isEmpty ? "/>\n" : "><title>\(escaped(tip))</title></circle>\n"
  }

  /// A closed shape, or several of one style, with a text that is shown when the pointer rests on it.
  mutating func shape(_ commands: String, style: String, tip: String = "") {
    guard !commands.isEmpty else { return }
    elements += "<path class=\"\(style)\" d=\"\(commands)\""
    elements += tip.isEmpty ? "/>\n" : "><title>\(escaped(tip))</title></path>\n"
  }

  /// A path, cut off at the edges of a box; its commands count from the box's corner.
  mutating func path(_ commands: String, in box: Box, style: String, dash: String = "") {
    guard !commands.isEmpty else { return }
    let dash = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
    // A nested `svg` clips what it holds and needs no id, which would have to be unique on a page.
    elements += "<svg \(place(box))><path class=\"\(style)\"\(dash) d=\"\(commands)\"/></svg>\n"
  }

  /// A picture with crisp pixels.
  mutating func image(_ png: [UInt8], in box: Box) {
    elements += "<image class=\"pixels\" \(place(box)) preserveAspectRatio=\"none\""
    elements += " href=\"data:image/png;base64,\(PNG.base64(png))\"/>\n"
  }

  /// A text on one line, cut with an ellipsis where it is wider than its limit; the pointer then shows it whole.
  mutating func text(
    _ text: String, x: Double, baseline: Double, size: Double = 12, anchor: PlacedText.Anchor = .start,
    angle: Double = 0, style: String = "", role: PlacedText.Role, limit: Double = .infinity
  ) {
    let text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let measure = TextMeasure.pixels(size: size)
    let isName = [.xTick, .yTick, .legend].contains(role)
    let shown = isName ? measure.clippedInside(text, to: limit) : measure.clipped(text, to: limit)
    guard !shown.isEmpty else { return }
    texts.append(
      PlacedText(text: shown, role: role, x: x, baseline: baseline, size: size, anchor: anchor, angle: angle))
    elements += "<text"
    if !style.isEmpty { elements += " class=\"\(style)\"" }
    elements += " x=\"\(px(x))\" y=\"\(px(baseline))\" font-size=\"\(px(size))\""
    if anchor != .start { elements += " text-anchor=\"\(anchor.rawValue)\"" }
    if angle != 0 { elements += " transform=\"rotate(\(px(angle)) \(px(x)) \(px(baseline)))\"" }
    elements += ">\(escaped(shown))" + (shown == text ? "" : "<title>\(escaped(text))</title>") + "</text>\n"
  }

  /// The whole SVG.
  ///
  /// - Parameters:
  ///   - height: the height of what was drawn.
  ///   - label: the chart's name for a screen reader.
  ///   - description: what a screen reader says of the chart.
  ///   - isEmbedded: whether the page around it has the style sheet already.
  /// - Returns: the text of the `svg` element.
  func document(height: Double, label: String, description: String, isEmbedded: Bool) -> String {
    let size = "\(px(Canvas.width)) \(px(height))"
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 \(size)\" role=\"img\""
      + " aria-label=\"\(escaped(label))\">\n"
    // On a page the caption is the title; a second one would only hang about the pointer.
    let title = isEmbedded || label.isEmpty ? "" : "<title>\(escaped(label))</title>\n"
    let words = title + "<desc>\(escaped(description))</desc>\n"
    // In CDATA, because the style sheet's quotes and signs are no markup.
    let style = isEmbedded ? "" : "<style><![CDATA[\(Palette.styleSheet)]]></style>\n"
    let paper = "<rect class=\"paper\" width=\"\(px(Canvas.width))\" height=\"\(px(height))\"/>\n"
    return head + words + style + paper + elements + "</svg>\n"
  }

  private func place(_ box: Box) -> String {
    "x=\"\(px(box.x))\" y=\"\(px(box.y))\" width=\"\(px(max(box.width, 0)))\" height=\"\(px(max(box.height, 0)))\""
  }
}

/// A coordinate to a tenth of a pixel.
func px(_ value: Double) -> String {
  guard value.isFinite else { return "0" }
  let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
  let size = abs(tenths)
  return (tenths < 0 ? "-" : "") + String(size / 10) + (size % 10 == 0 ? "" : "." + String(size % 10))
}

/// A text with the signs of markup written as entities, and without the characters that XML forbids.
package func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE: break
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
