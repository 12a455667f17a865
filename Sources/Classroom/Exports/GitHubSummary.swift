import Curriculum
import Foundation

/// Markdown for `$GITHUB_STEP_SUMMARY`.
///
/// What a submission says stands in code spans and in `<pre>` blocks whose every punctuation mark is a character
/// reference: it cannot become HTML, a link, a mention or, on standard output, a workflow command.
public struct GitHubSummary: Sendable {
  /// The Markdown, ending in a line break; never more than GitHub's limit of 1 MiB.
  public let text: String

  /// GitHub refuses a longer summary whole.
  static let byteLimit = 1 << 20

  /// One submission, for its student.
  ///
  /// - Parameters:
  ///   - record: the graded submission.
  ///   - policy: makes the mark, and says what the student may see.
  ///   - settings: the class's, so that an exercise that is missing counts; nil for the record's own exercises.
  public init(_ record: StudentRecord, policy: Policy = .standard, settings: ClassSettings? = nil) {
    let mark = policy.mark(of: record, settings: settings)
    var head = "## \(Self.span(record.student)): \(mark.mark) %\n\n"
    if mark.penalty != 0 { head += "Lateness took \(mark.penalty) percent points.\n\n" }
    if let isPassed = mark.isPassed { head += isPassed ? "Passed.\n\n" : "Not passed.\n\n" }
    head += "| exercise | points | checks |\n| --- | ---: | --- |\n"
    for exercise in record.exercises {
      head += "| \(Self.span(exercise.id)) | \(exercise.score) / \(exercise.points) | \(Self.state(exercise)) |\n"
    }
    head += "| **total** | **\(record.score) / \(record.points)** | |\n"
    var builder = LimitedText(head, limit: Self.byteLimit)
    for exercise in record.exercises {
      for part in Self.details(exercise, policy: policy) { builder.append(part) }
    }
    text = builder.text
  }

  /// A class, for the instructor: one row a student.
  ///
  /// - Parameters:
  ///   - record: the graded class.
  ///   - policy: makes the marks.
  public init(_ record: ClassRecord, policy: Policy = .standard) {
    var builder = LimitedText(
      "## \(record.students.count) submissions\n\n| student | attempt | points | mark |\n| --- | ---: | ---: | ---: |\n",
      limit: Self.byteLimit)
    for mark in policy.marks(record) {
      builder.append(
        "| \(Self.span(mark.student)) | \(mark.attempt) | \(mark.score) / \(mark.points) | \(mark.mark) % |\n")
    }
    text = builder.text
  }

  private static func state(_ exercise: ExerciseRecord) -> String {
    if exercise.isNotStarted { return "not started" }
    let passed = exercise.checks.count { $0.outcome == .passed }
    return "\(passed) of \(exercise.checks.count) passed"
  }

  /// What did not pass, one block a check, and how many of the hidden ones passed.
  private static func details(_ exercise: ExerciseRecord, policy: Policy) -> [String] {
    let visible = VisibleChecks(exercise, policy: policy)
    var parts: [String] = []
    if !exercise.isNotStarted {
      for (check, visibility) in visible.named where check.outcome != .passed {
        let isLog = check.outcome == .doesNotCompile && !exercise.compilerLog.isEmpty && visibility == .full
        let output = check.output(visibility) + (isLog ? "\n\n" + exercise.compilerLog.withVisibleControls : "")
        let title = "<b>\(escaped(exercise.id))</b>: \(escaped(check.name)) (0 / \(check.points))"
        let body = output.isEmpty ? "failed" : "<pre>\(escaped(output.shortened(to: 4_000), lines: true))</pre>"
        parts.append("\n<details><summary>\(title)</summary>\n\(body)\n</details>\n")
        // One file that does not compile fails all of its checks with one and the same log.
        if isLog { break }
      }
    }
    if let summary = visible.hiddenSummary { parts.append("\n\(span(exercise.id)): \(summary)\n") }
    return parts
  }

  /// A code span that nothing inside it can end, in a table too.
  private static func span(_ text: String) -> String {
    let line = text.onOneVisibleLine.shortened(to: 200).replacing("\n", with: " ")
    // Within a table a bar ends the cell and a backslash may escape it; a workflow command needs its brackets.
    let harmless = line.replacing("|", with: "¦").replacing("\\", with: "⧵").replacing("##[", with: "# #[")
    let longest = harmless.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    let isBlank = harmless.allSatisfy(\.isWhitespace)
    return isBlank ? "(no name)" : "\(fence) \(harmless) \(fence)"
  }

  /// HTML in which every punctuation mark is a character reference; line breaks too unless `lines` keeps them.
  private static func escaped(_ text: String, lines: Bool = false) -> String {
    var escaped = ""
    for scalar in (lines ? text.withVisibleControls : text.onOneVisibleLine).unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ",", "(", ")": escaped.unicodeScalars.append(scalar)
      case "\n": escaped += "&#10;"  // a blank line would end the HTML block
      case _ where scalar.isASCII: escaped += "&#\(scalar.value);"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// A text that takes parts while there is room, and says how many it had to leave out.
private struct LimitedText {
  private(set) var kept: String
  private var left: Int
  private var leftOut = 0

  init(_ head: String, limit: Int) {
    let room = limit - 200  // for the sentence at the end
    kept = head.utf8.count <= room ? head : "The summary is too long for GitHub.\n"
    left = room - kept.utf8.count
  }

  mutating func append(_ part: String) {
    guard leftOut == 0, part.utf8.count <= left else {
      leftOut += 1
      return
    }
    kept += part
    left -= part.utf8.count
  }

  var text: String { leftOut == 0 ? kept : kept + "\n… and \(leftOut) more, for which there is no room here.\n" }
}
