import Charts

/// Two texts beside each other, the passages that they share numbered, coloured alike and linked.
struct SideBySide {
  /// A text with its passages, in the passages' numbering.
  struct Side {
    var name: String
    var text: String
    var places: [SimilarityReport.Place]
  }

  /// What no other comparison of the page is called.
  var id: String

  /// The two texts; the passages of one number belong together.
  var left, right: Side

  /// How many colours there are; after that they repeat, and the number tells.
  static let colours = 6

  /// How many lines of a text are shown, and how many around a passage where others are left out.
  private static let lineLimit = 500
  private static let context = 12

  /// The markup.
  var html: String {
    "<div class=\"sides\">\n" + html(left, mark: "a", other: "b") + html(right, mark: "b", other: "a") + "</div>\n"
  }

  private func html(_ side: Side, mark: String, other: String) -> String {
    let lines = Lines(side.text)
    let isShown = shownLines(lines.count, side.places)
    // By line, from 1: the passages that touch it, the first place first.
    var touching: [Int: [Int]] = [:]
    for number in side.places.indices.sorted(by: { side.places[$0].start < side.places[$1].start }) {
      for line in side.places[number].firstLine...side.places[number].lastLine where isShown(line) {
        touching[line, default: []].append(number)
      }
    }
    var body = ""
    var hidden = 0
    for line in 1...max(lines.count, 1) {
      guard isShown(line) else {
        hidden += 1
        continue
      }
      body += gap(hidden)
      hidden = 0
      let passages = touching[line] ?? []
      let tags = passages.filter { side.places[$0].firstLine == line }.map { number in
        "<a class=\"tag p\(number % Self.colours)\" id=\"\(id)\(mark)\(number + 1)\" "
          + "href=\"#\(id)\(other)\(number + 1)\">\(number + 1)</a>"
      }
      let bar = passages.first.map { " p\($0 % Self.colours)" } ?? ""
      body += "<div class=\"line\(bar)\"><span class=\"tags\">\(tags.joined())</span>"
      body += "<span class=\"nr\">\(line)</span><code>"
      body += code(lines.range(line), lines.bytes, passages.map { ($0, side.places[$0]) })
      body += "</code></div>\n"
    }
    body += gap(hidden)
    return "<div class=\"side\"><p class=\"who\"><bdi>\(visible(side.name, limit: 80))</bdi></p>\n"
      + "<div class=\"text\" tabindex=\"0\">\n\(body)</div></div>\n"
  }

  /// A line's text, its passages marked.
  private func code(_ range: Range<Int>, _ bytes: [UInt8], _ passages: [(Int, SimilarityReport.Place)]) -> String {
    let longest = 1_000  // bytes of a line that are shown
    var end = min(range.upperBound, range.lowerBound + longest)
    while end < range.upperBound, end > range.lowerBound, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    var markup = ""
    var at = range.lowerBound
    func add(_ upTo: Int, _ passage: Int?) {
      guard upTo > at else { return }
      let text = visible(String(decoding: bytes[at..<upTo], as: UTF8.self), limit: longest)
      markup += passage.map { "<mark class=\"p\($0 % Self.colours)\">\(text)</mark>" } ?? text
      at = upTo
    }
    for (number, place) in passages {
      add(min(max(place.start, at), end), nil)
      add(min(max(place.end, at), end), number)
    }
    add(end, nil)
    if end < range.upperBound {
      let rest = range.upperBound - end
      markup += "<i class=\"odd\">" + both("… \(rest) more bytes", "……还有 \(rest) 字节") + "</i>"
    }
    return markup
  }

  /// Which lines are shown: all of a short text, of a long one those around the passages.
  private func shownLines(_ count: Int, _ places: [SimilarityReport.Place]) -> (Int) -> Bool {
    if count <= 160 { return { _ in true } }
    var shown: Set<Int> = []
    for place in places where shown.count < Self.lineLimit {
      let last = min(count, place.lastLine + Self.context, place.firstLine + Self.lineLimit)
      shown.formUnion(max(1, place.firstLine - Self.context)...last)
    }
    return shown.contains
  }

  private func gap(_ lines: Int) -> String {
    lines == 0 ? "" : "<div class=\"gap\">" + both("⋯ \(lines) lines", "⋯ \(lines) 行") + "</div>\n"
  }
}

/// The lines of a text, as the lexer counts them.
private struct Lines {
  let bytes: [UInt8]
  private var starts = [0]

  init(_ text: String) {
    bytes = Array(text.utf8.prefix(2_000_000))
    for index in bytes.indices {
      let isReturn = bytes[index] == UInt8(ascii: "\r")
      let isBeforeFeed = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
      if bytes[index] == UInt8(ascii: "\n") || (isReturn && !isBeforeFeed) { starts.append(index + 1) }
    }
    if starts.count > 1, starts.last == bytes.count { starts.removeLast() }
  }

  var count: Int { starts.count }

  /// The bytes of a line, from 1, without its end.
  func range(_ line: Int) -> Range<Int> {
    guard line <= starts.count else { return bytes.count..<bytes.count }
    let start = starts[line - 1]
    var end = line < starts.count ? starts[line] : bytes.count
    while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }
}
