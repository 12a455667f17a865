import Curriculum
import Foundation
import Testing

@testable import Classroom

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("JUnit XML")
struct JUnitExportTests {
  @Test("what a submission says stays text, and every check is one test case", arguments: 1...20)
  func hostile(seed: Int) throws {
    let graded = HostileClass.record(seed: UInt64(seed))
    let cases = graded.students.reduce(0) { $0 + $1.exercises.reduce(0) { $0 + $1.checks.count } }
    let document = try JUnitDocument(JUnitExport(graded).data)
    #expect(document.problems.isEmpty)
    #expect(document.count("testcase") == cases)
    #expect(document.count("testsuite") == 3 * graded.students.count)
    let outcomes = graded.students.flatMap { $0.exercises.flatMap { $0.checks.map(\.outcome) } }
    #expect(document.count("skipped") == outcomes.count { $0 == .notStarted })
    #expect(
      document.count("failure") + document.count("error") == outcomes.count { $0 != .notStarted && $0 != .passed })
    #expect(document.sum("tests", of: "testsuite") == cases)
    #expect(document.sum("failures", of: "testsuite") == document.count("failure"))
    #expect(document.sum("errors", of: "testsuite") == document.count("error"))
    #expect(document.sum("tests", of: "testsuites") == cases)
    #expect(HostileClass.controls(in: JUnitExport(graded).text).isEmpty)
  }

  @Test("a wrong answer is a failure and a crash an error; what was printed is kept")
  func kinds() throws {
    let text = JUnitExport(ExportSamples.record).text
    #expect(text.contains(#"<error message="signal 4" type="crashed">signal 4</error>"#))
    #expect(text.contains(#"<failure message="expected 1, seen 3" type="wrong value">expected 1, seen 3</failure>"#))
    #expect(text.contains("<system-out>debug</system-out>"))
    #expect(text.contains(#"<testcase classname="ann/lstm-cell" name="two 2/2" time="0">"#))
    #expect(try JUnitDocument(Data(text.utf8)).problems.isEmpty)
  }

  @Test("a student's file shows what the policy lets a student see")
  func visibility() throws {
    var policy = Policy()
    policy.visibilityRules = [
      VisibilityRule(exercise: "*", check: "*", visibility: .hidden),
      VisibilityRule(exercise: "*", check: "one", visibility: .outcome),
    ]
    let text = JUnitExport(ExportSamples.record, policy: policy).text
    #expect(!text.contains("signal 4") && !text.contains("debug") && !text.contains("three"))
    #expect(text.contains("hidden checks: 1 of 2 passed"))
    #expect(try JUnitDocument(Data(text.utf8)).count("testcase") == 2)
  }
}

/// A document held to what Jenkins' `junit-10.xsd` and Surefire's `surefire-test-report.xsd` both allow.
private final class JUnitDocument: NSObject, XMLParserDelegate {
  private struct Element {
    var required: Set<String> = []
    var optional: Set<String> = []
    var parents: Set<String>
  }

  private static let schema: [String: Element] = [
    "testsuites": Element(required: ["name", "tests", "failures", "errors", "time"], parents: [""]),
    "testsuite": Element(
      required: ["name", "tests", "failures", "errors", "skipped", "time"], parents: ["testsuites"]),
    "properties": Element(parents: ["testsuite"]),
    "property": Element(required: ["name", "value"], parents: ["properties"]),
    "testcase": Element(required: ["name", "classname", "time"], parents: ["testsuite"]),
    "failure": Element(required: ["message", "type"], parents: ["testcase"]),
    "error": Element(required: ["message", "type"], parents: ["testcase"]),
    "skipped": Element(required: ["message"], parents: ["testcase"]),
    "system-out": Element(parents: ["testcase"]),
  ]

  private(set) var problems: [String] = []
  private var open: [String] = [""]
  private var elements: [(name: String, attributes: [String: String])] = []

  init(_ data: Data) throws {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CSVText.Malformed() }
  }

  func count(_ name: String) -> Int { elements.count { $0.name == name } }

  func sum(_ attribute: String, of name: String) -> Int {
    elements.filter { $0.name == name }.reduce(0) { $0 + (Int($1.attributes[attribute] ?? "") ?? -1_000_000) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append((name, attributes))
    let parent = open.last ?? ""
    open.append(name)
    guard let element = Self.schema[name] else {
      problems.append("there is no element \(name)")
      return
    }
    if !element.parents.contains(parent) { problems.append("\(name) in \(parent)") }
    let found = Set(attributes.keys)
    if found != element.required { problems.append("\(name) has \(found.sorted())") }
    if let time = attributes["time"], time != "0" { problems.append("time \(time)") }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }
}
