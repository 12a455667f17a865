import Curriculum
import Foundation

/// Checks as JUnit XML, as Jenkins, GitLab and most CI systems read it: the common part of Jenkins' `junit-10.xsd` and
/// Surefire's `surefire-test-report.xsd`.
///
/// A suite is one exercise of one submission and a test case one check. What is not started is skipped; a wrong answer
/// or a file that does not compile is a failure; a crash, a time-out or too much of anything is an error. Times are 0:
/// the same submission gives the same bytes.
public struct JUnitExport: Sendable {
  private let students: [StudentRecord]
  private let policy: Policy?

  /// One submission, for its student: with what the policy lets a student see.
  public init(_ record: StudentRecord, policy: Policy = .standard) {
    students = [record]
    self.policy = policy
  }

  /// A whole class, for the instructor: everything, whatever the policy hides from students.
  public init(_ record: ClassRecord) {
    students = record.students
    policy = nil
  }

  /// The file.
  public var data: Data { Data(text.utf8) }

  /// The file's text.
  public var text: String {
    let suites = students.flatMap { student in
      student.exercises.map { exercise in Suite(exercise, of: student.student, policy: policy) }
    }
    let counts = Kind.allCases.map { kind in suites.reduce(0) { $0 + $1.count(kind) } }
    var xml = XMLText()
    xml.open(
      "testsuites",
      [
        ("name", "BehaviorDojo"), ("tests", "\(suites.reduce(0) { $0 + $1.cases.count })"),
        ("failures", "\(counts[0])"), ("errors", "\(counts[1])"), ("time", "0"),
      ])
    for suite in suites { suite.write(to: &xml) }
    xml.close("testsuites")
    return xml.text
  }

  /// How JUnit tells of what did not pass.
  fileprivate enum Kind: String, CaseIterable {
    case failure, error, skipped
  }

  private struct Suite {
    let name: String
    let student: String
    let score: String
    let cases: [Case]

    init(_ exercise: ExerciseRecord, of student: String, policy: Policy?) {
      let visible = VisibleChecks(exercise, policy: policy)
      name = "\(student)/\(exercise.id)"
      self.student = student
      score = "\(exercise.score)/\(exercise.points)"
      var cases = visible.named.map { check, visibility in
        Case(check, visibility: visibility, compilerLog: exercise.compilerLog)
      }
      if let summary = visible.hiddenSummary {
        let isPassed = visible.hidden.allSatisfy { $0.outcome == .passed }
        cases.append(Case(name: summary, kind: isPassed ? nil : .failure, type: "hidden"))
      }
      self.cases = cases
    }

    func count(_ kind: Kind) -> Int { cases.count { $0.kind == kind } }

    func write(to xml: inout XMLText) {
      xml.open(
        "testsuite",
        [
          ("name", name), ("tests", "\(cases.count)"), ("failures", "\(count(.failure))"),
          ("errors", "\(count(.error))"), ("skipped", "\(count(.skipped))"), ("time", "0"),
        ])
      xml.open("properties", [])
      xml.element("property", [("name", "score"), ("value", score)])
      xml.close("properties")
      for testCase in cases { testCase.write(to: &xml, suite: name) }
      xml.close("testsuite")
    }
  }

  private struct Case {
    let name: String
    let kind: Kind?
    let type: String
    var message = ""
    var details = ""
    var printed = ""

    init(name: String, kind: Kind?, type: String) {
      self.name = name
      self.kind = kind
      self.type = type
    }

    init(_ check: CheckRecord, visibility: CheckVisibility, compilerLog: String) {
      let kind: Kind? =
        switch check.outcome {
        case .passed: nil
        case .notStarted: .skipped
        case .doesNotCompile, .wrongShape, .wrongValue, .notANumber: .failure
        case .crashed, .timedOut, .outOfMemory, .tooMuchOutput: .error
        }
      let points = "\(check.score)/\(check.points)"
      guard visibility == .full else {
        self.init(name: "\(check.name) \(points)", kind: kind == nil ? nil : .failure, type: "failed")
        return
      }
      self.init(name: "\(check.name) \(points)", kind: kind, type: check.outcome.rawValue)
      message = check.message
      details = check.outcome == .doesNotCompile ? compilerLog : check.message
      printed = check.printed
    }

    func write(to xml: inout XMLText, suite: String) {
      xml.open("testcase", [("classname", suite), ("name", name), ("time", "0")])
      switch kind {
      case .skipped: xml.element("skipped", [("message", message)])
      case .failure, .error:
        xml.element(kind?.rawValue ?? "", [("message", message.shortened(to: 500)), ("type", type)], content: details)
      case nil: break
      }
      if !printed.isEmpty { xml.element("system-out", [], content: printed) }
      xml.close("testcase")
    }
  }
}

/// XML 1.0 as it is written: every name is ours, every value is escaped.
private struct XMLText {
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private var depth = 0

  mutating func open(_ name: String, _ attributes: [(String, String)]) {
    line("<\(name)\(Self.list(attributes))>")
    depth += 1
  }

  mutating func close(_ name: String) {
    depth -= 1
    line("</\(name)>")
  }

  mutating func element(_ name: String, _ attributes: [(String, String)], content: String = "") {
    let start = "<\(name)\(Self.list(attributes))"
    line(content.isEmpty ? start + "/>" : "\(start)>\(Self.escaped(content))</\(name)>")
  }

  private mutating func line(_ content: String) {
    text += String(repeating: "  ", count: depth) + content + "\n"
  }

  private static func list(_ attributes: [(String, String)]) -> String {
    attributes.map { " \($0.0)=\"\(escaped($0.1.onOneVisibleLine))\"" }.joined()
  }

  /// Control characters, which no escape makes legal in XML 1.0, are written out before.
  private static func escaped(_ content: String) -> String {
    var escaped = ""
    for scalar in content.withVisibleControls.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&apos;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
