import Foundation
import Testing

@testable import Charts

@Test("a page holds both languages, opens in the one asked for, and needs no network", arguments: Language.allCases)
func pageHoldsBothLanguages(language: Language) {
  let page = Samples.report.html(language: language)
  #expect(page.contains(language == .english ? "<html lang=\"en\"" : "<html lang=\"zh-Hans\""))
  #expect(page.contains("<title>\(Samples.report.title[language])</title>"))
  for text in ["Which detector finds the attack?", "哪个检测器发现了攻击？", "会话长度的三倍标准差规则", "predicted class"] {
    #expect(page.contains(text))
  }
  let outside = page.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
  for reference in ["http:", "https:", "//www", "@import", "src=", "url("] {
    #expect(!outside.contains(reference), "\(reference)")
  }
  #expect(page.contains("prefers-color-scheme:dark"))
  #expect(page == Samples.report.html(language: language))
}

@Test("texts of a report cannot become markup")
func pageEscapes() {
  let evil = LocalizedText(en: "<script>alert('x')</script> & \"q\" \u{1B}[31m\u{0}", zh: "</title><b>")
  let report = Report(
    title: evil,
    blocks: [
      .heading(evil), .text(evil), .code(evil.en), .table(Table(caption: evil, columns: [evil], rows: [[evil]])),
      .chart(Chart(title: evil, xLabel: evil, content: .bars(categories: [evil], groups: [.init(evil, values: [1])]))),
    ])
  let page = report.html()
  #expect(page.components(separatedBy: "<script>").count == 2)
  #expect(!page.contains("</title><b>") && !page.contains("\u{1B}") && !page.contains("\u{0}"))
  #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;"))
}

@Test("the tags of a page are balanced")
func pageIsBalanced() throws {
  for report in [Samples.report, Report(title: LocalizedText("x"), blocks: Samples.hostile.map { .chart($0) })] {
    // Scripts and styles are no markup, and `meta`, `br` and the document type have no end.
    let page = report.html()
    var open: [Substring] = []
    var rest = page[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      let name = tag.prefix { $0 != " " && $0 != "/" && $0 != "\n" }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == tag.dropFirst())
      } else if !tag.hasSuffix("/") && !["meta", "br", "!DOCTYPE"].contains(name) {
        open.append(name)
        if name == "script" || name == "style" {
          let close = try #require(rest.range(of: "</\(name)>"))
          rest = rest[close.upperBound...]
          open.removeLast()
        }
      }
    }
    #expect(open.isEmpty)
  }
}

@Test("numbers align right, words left")
func numericColumns() {
  #expect(Samples.table.numericColumns == [false, true, true, false])
  let table = Table(
    caption: LocalizedText(""), columns: ["a", "b", "c"].map { LocalizedText($0) },
    rows: [["-1.5 %", "–", "3 of 4 were found"], ["1.2 ± 0.1 ms", "", "12"]].map { $0.map { LocalizedText($0) } })
  #expect(table.numericColumns == [true, false, false])
}
