extension Report {
  /// The report as one HTML page that needs nothing else: styles, pictures and both languages are in it, and it follows
  /// the reader's choice of light or dark. The same report gives the same bytes.
  ///
  /// - Parameter language: the language in which the page opens; its switch changes to the other without a network.
  /// - Returns: the text of an HTML file in UTF-8.
  public func html(language: Language = .english) -> String {
    var body = ""
    for block in blocks {
      switch block {
      case .heading(let text): body += Page.both(text, tag: "h2")
      case .text(let text): body += Page.both(text, tag: "p", paragraphs: true)
      case .code(let code): body += "<pre><code>\(escaped(code))</code></pre>\n"
      case .table(let table): body += Page.figure(table)
      case .chart(let chart): body += Page.figure(chart)
      }
    }
    return Page.document(title: title, body: body, language: language)
  }
}

/// The parts of a page; also of the pages of a graded class, which hold more than a report does.
///
/// Every part is well-formed XML too, so that a test can read a page with a strict parser.
package enum Page {
  /// A whole page: the frame with both languages' switch around a body.
  ///
  /// - Parameters:
  ///   - title: the page's title, as text.
  ///   - heading: the markup of the first heading; the title unless given.
  ///   - body: the markup below it.
  ///   - style: rules that follow the frame's own.
  ///   - script: statements that follow the frame's own; without the signs `<` and `&`.
  ///   - language: the language in which the page opens.
  /// - Returns: the text of an HTML file in UTF-8.
  package static func document(
    title: LocalizedText, heading: String? = nil, body: String, style: String = "", script: String = "",
    language: Language
  ) -> String {
    let codes = (en: escaped(code(.english)), zh: escaped(code(.chinese)))
    let titles = (en: escaped(title.en), zh: escaped(title.zh))
    return """
      <!DOCTYPE html>
      <html lang="\(code(language))" data-en="\(titles.en)" data-zh="\(titles.zh)">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="\(securityPolicy)"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(escaped(title[language]))</title>
      <style>
      \(styleSheet)
      \(Palette.styleSheet)
      \(style)</style>
      </head>
      <body>
      <main>
      <nav><button type="button" class="en" lang="\(codes.zh)" data-to="\(codes.zh)">中文</button>\
      <button type="button" class="zh" lang="\(codes.en)" data-to="\(codes.en)">English</button></nav>
      \(heading ?? both(title, tag: "h1"))\(body)</main>
      <script>
      document.querySelectorAll("nav button").forEach(b => b.onclick = () => {
        const page = document.documentElement;
        page.lang = b.dataset.to;
        document.title = page.lang === "en" ? page.dataset.en : page.dataset.zh;
      });
      \(script)</script>
      </body>
      </html>

      """
  }

  /// A page loads nothing and sends nothing, whatever stands in it.
  private static let securityPolicy = [
    "default-src 'none'", "style-src 'unsafe-inline'", "script-src 'unsafe-inline'", "img-src data:",
    "base-uri 'none'", "form-action 'none'",
  ].joined(separator: "; ")

  /// A language as HTML names it.
  package static func code(_ language: Language) -> String {
    switch language {
    case .english: "en"
    case .chinese: "zh-Hans"
    }
  }

  /// An element in each language, or one where both are the same.
  static func both(_ text: LocalizedText, tag: String, paragraphs: Bool = false) -> String {
    let inside = { (text: String) in paragraphs ? lines(text) : escaped(text) }
    if text.en.isEmpty && text.zh.isEmpty { return "" }
    if text.en == text.zh { return "<\(tag)>\(inside(text.en))</\(tag)>\n" }
    return Language.allCases.map { language in
      "<\(tag) class=\"\(language.rawValue)\" lang=\"\(code(language))\">\(inside(text[language]))</\(tag)>\n"
    }.joined()
  }

  private static func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }.joined(separator: "<br/>")
  }

  /// A chart under its caption.
  package static func figure(_ chart: Chart) -> String {
    let (english, chinese) = (chart.embeddedSVG(language: .english), chart.embeddedSVG(language: .chinese))
    // A chart without words is there once.
    let svg =
      english == chinese
      ? english
      : "<div class=\"en\" lang=\"\(code(.english))\">\n\(english)</div>\n"
        + "<div class=\"zh\" lang=\"\(code(.chinese))\">\n\(chinese)</div>\n"
    return "<figure>\n\(both(chart.title, tag: "figcaption"))<div class=\"scroll wide\">\n\(svg)</div>\n</figure>\n"
  }

  static func figure(_ table: Table) -> String {
    let isNumeric = table.numericColumns
    let cell = { (text: LocalizedText, column: Int, tag: String) in
      let style = isNumeric[column] ? " class=\"number\"" : ""
      if text.en == text.zh { return "<\(tag)\(style)>\(escaped(text.en))</\(tag)>" }
      let spans = Language.allCases.map {
        "<span class=\"\($0.rawValue)\" lang=\"\(code($0))\">\(escaped(text[$0]))</span>"
      }
      return "<\(tag)\(style)>\(spans.joined())</\(tag)>"
    }
    let head = table.columns.enumerated().map { cell($0.element, $0.offset, "th") }.joined()
    let rows = table.rows.enumerated().map { index, row in
      (index == table.highlightedRow ? "<tr class=\"highlight\">" : "<tr>")
        + row.enumerated().map { cell($0.element, $0.offset, "td") }.joined() + "</tr>\n"
    }
    return """
      <figure>
      \(both(table.caption, tag: "figcaption"))<div class="scroll"><table>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(rows.joined())</tbody>
      </table></div>
      </figure>

      """
  }

  static let styleSheet = """
    :root{--page:#f7f6f3;--panel:#fff;--text:#1f1f1d;--soft:#5f5e5a;--rule:#dedbd4;--accent:#0063a0;--tint:#e9f2f8}
    @media(prefers-color-scheme:dark){:root{--page:#131416;--panel:#1b1c1f;--text:#ecebe7;--soft:#a9a7a1;--rule:#34363b;\
    --accent:#7cc4f2;--tint:#1f2f3b}}
    *{box-sizing:border-box}
    html[lang|=en] .zh,html[lang|=zh] .en{display:none}
    body{margin:0;background:var(--page);color:var(--text);font:17px/1.6 system-ui,-apple-system,"Segoe UI","Noto Sans",\
    "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
    main{max-width:800px;margin:0 auto;padding:24px 20px 64px}
    nav{float:right;margin:4px 0 8px 16px}
    button{font:inherit;font-size:14px;color:var(--accent);background:none;border:1px solid var(--rule);border-radius:6px;\
    padding:4px 12px;cursor:pointer}
    button:hover,button:focus-visible{border-color:var(--accent)}
    h1{font-size:30px;line-height:1.25;margin:0 0 20px;text-wrap:balance}
    h2{font-size:21px;line-height:1.3;margin:44px 0 10px;clear:both}
    p{margin:0 0 16px;max-width:68ch;overflow-wrap:break-word}
    figure{margin:24px 0;padding:16px;background:var(--panel);border:1px solid var(--rule);border-radius:8px}
    figcaption{font-weight:600;line-height:1.4;margin-bottom:10px}
    .scroll{overflow-x:auto}.wide{margin:0 -16px -6px}
    svg.chart{display:block;width:100%;min-width:520px;height:auto}
    svg.chart svg{min-width:0}
    pre{font:14px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;\
    background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:14px 16px;overflow-x:auto;margin:16px 0}
    table{border-collapse:collapse;width:100%;font-size:15px;line-height:1.4;font-variant-numeric:tabular-nums}
    th,td{padding:7px 12px;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
    th{color:var(--soft);font-weight:600;border-bottom-width:2px}
    .number{text-align:right;white-space:nowrap}
    th.number{white-space:normal}
    tbody tr:last-child td{border-bottom:0}
    tr.highlight td{background:var(--tint);font-weight:600}
    @media print{nav{display:none}figure{break-inside:avoid}}
    """
}
