import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A page as a strict parser of XML reads it.
final class ParsedPage: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  /// The text outside scripts and styles.
  private(set) var text = ""
  /// What keeps the page from being well-formed, if something does.
  private(set) var problem: String?
  private var open: [String] = []

  init(_ html: String) {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    if !parser.parse() {
      problem = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "no reason")"
    }
  }

  func count(_ name: String) -> Int { elements.count { $0.name == name } }

  /// What a student could have brought in: elements, attributes and links that no page of ours has.
  var intruders: [String] {
    elements.flatMap { element -> [String] in
      var found = Self.known.contains(element.name) ? [] : ["<\(element.name)>"]
      for (name, value) in element.attributes.sorted(by: { $0.key < $1.key }) {
        if name.hasPrefix("on") || ["src", "srcdoc", "action", "formaction", "xlink:href"].contains(name) {
          found.append("\(name)=\(value)")
        }
        if name == "href", !value.hasPrefix("#e"), !value.hasPrefix("./") { found.append("href=\(value)") }
        if name == "style", value.wholeMatch(of: /width:[0-9.]+%/) == nil { found.append("style=\(value)") }
      }
      return found
    }
  }

  private static let known: Set<String> = [
    "html", "head", "meta", "title", "style", "body", "main", "nav", "button", "script", "h1", "h2", "h3", "p", "ul",
    "li", "dl", "div", "dt", "dd", "section", "span", "strong", "code", "pre", "details", "summary", "table", "thead",
    "tbody", "tr", "th", "td", "a", "bdi", "figure", "figcaption", "svg", "rect", "line", "text", "path", "desc",
  ]

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append((name, attributes))
    open.append(name)
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    if open.last != "script" && open.last != "style" { text += string }
  }
}
