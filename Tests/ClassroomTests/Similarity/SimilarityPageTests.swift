import Classroom
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Page of similar submissions")
struct SimilarityPageTests {
  private static let exercise = "sessionization"

  /// A class in which two hostile students handed in the same.
  private func hostile(_ decoration: String, name: String = "<b>ann</b>") throws -> SimilarityReport {
    let text = decoration + "\n" + (try #require(try SimilarityFixtures.sources(Self.exercise)["independent-1"]))
    return SimilarityReport(
      submissions: [(name, [Self.exercise: text]), ("bo", [Self.exercise: text])], starters: [:])
  }

  @Test(
    "what students wrote stays text",
    arguments: [
      "// </script></code><script>alert(1)</script>", "// <img src=x onerror=alert(1)>", "// \u{202E}gnp.exe\u{2066}",
      "// \u{0}\u{7}\u{1B}[31m \u{85}", "// ]]> <!-- & &lt; \"'", "// \u{FEFF}\u{200B}\u{FFFE}\u{E0041}",
      "// " + String(repeating: "<x>", count: 400_000), "\r\r\r\n\n\u{2028}", "let s = \"\"\"\n</div>\n\"\"\"",
    ])
  func escaping(decoration: String) throws {
    let report = try hostile(decoration)
    #expect(report.pairs.count == 1)
    let page = report.html()
    #expect(page.utf8.count < 200_000)
    #expect(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("<b>") && !page.contains("<x>"))
    let forbidden = page.unicodeScalars.filter {
      [.control, .format, .lineSeparator].contains($0.properties.generalCategory) && $0 != "\n" && $0 != "\t"
    }
    #expect(forbidden.isEmpty)
    // A strict parser reads it to the end, so that no mark is left open.
    let parser = XMLParser(data: Data(page.replacing("<!DOCTYPE html>\n", with: "").utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
  }

  @Test("a direction mark and a control character are named")
  func named() throws {
    let page = try hostile("// \u{202E}evil\u{0}").html()
    #expect(page.contains("⟨U+202E⟩") && page.contains("␀"))
  }

  @Test("every passage is linked to its twin, and every link has an end")
  func links() throws {
    let page = try SimilarityFixtures.report(Self.exercise, withSolution: true).html(language: .chinese)
    let ids = Set(page.matches(of: /\bid="([^"]+)"/).map { String($0.1) })
    let links = page.matches(of: /href="#([^"]+)"/).map { String($0.1) }
    #expect(links.count > 20)
    #expect(links.allSatisfy { ids.contains($0) })
    #expect(page.contains("e1x1a1") && page.contains("e1x1b1"))
    #expect(!page.contains("http://") && !page.contains("https://"))
    #expect(page.contains("lang=\"zh-Hans\" data-en"))
  }

  @Test("the page shows the first entries only, and says how many it leaves out")
  func bounded() throws {
    let sources = try SimilarityFixtures.sources(Self.exercise)
    var class_: [(String, [String: String])] = []
    for number in 1...4 {
      let text = try #require(sources["independent-\(number)"])
      class_ += [("a\(number)", [Self.exercise: text]), ("b\(number)", [Self.exercise: text])]
    }
    var options = SimilarityReport.Options()
    options.shownEntries = 3
    let report = SimilarityReport(submissions: class_, starters: [:], options: options)
    // What all eight have of the starter, not given here, makes no group of them.
    #expect(report.pairs.count == 4 && report.groups.isEmpty)
    #expect(report.html().contains("1 more, less similar"))
    options.pageBytes = 1
    let small = SimilarityReport(submissions: class_, starters: [:], options: options)
    #expect(small.html().contains("3 more, less similar"))
  }

  @Test("the table holds one row a pair, and no formula")
  func csv() throws {
    let report = try hostile("", name: "=HYPERLINK(\"x\",1)")
    let lines = report.csv.components(separatedBy: "\r\n")
    #expect(lines.count == 3 && lines[2].isEmpty)
    #expect(lines[1].hasPrefix("sessionization,\"'=HYPERLINK(\"\"x\"\",1)\",bo,,100.0,"))
  }

  @Test("the JSON file tells pairs, groups and limits, and holds no text")
  func json() throws {
    let report = try SimilarityFixtures.report(Self.exercise, withSolution: true)
    let content = try #require(try JSONSerialization.jsonObject(with: report.json) as? [String: Any])
    #expect((content["pairs"] as? [Any])?.count == report.pairs.count)
    #expect((content["groups"] as? [Any])?.count == 1)
    #expect(content.keys.sorted() == ["coverage", "groups", "nearSolution", "options", "pairs", "ranking"])
    #expect(!String(decoding: try report.json, as: UTF8.self).contains("dictionary[id]"))
  }
}
