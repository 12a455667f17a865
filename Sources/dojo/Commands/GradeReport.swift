import Charts
import Classroom
import Curriculum
import Foundation

/// Prints the results: for people, or for programs.
func printReport(
  _ record: ClassRecord, policy: Policy, _ comparison: Comparison?, _ arguments: Arguments, _ session: Session
) throws {
  if arguments.has("--json") {
    session.console.line(try jsonText(record.students))
  } else if arguments.has("--summary") {
    session.console.text(markdownSummary(record, policy: policy))
  } else {
    session.console.text(
      gradeReport(record).text(language: session.language, width: session.console.width, color: session.console.color))
  }
  guard let comparison else { return }
  // Where programs read the output, people read this.
  arguments.has("--json") || arguments.has("--summary")
    ? session.console.note(comparison.text) : session.console.text(comparison.text)
}

/// A student's own repository is one submission, with its checks; a class has one line a student.
func markdownSummary(_ record: ClassRecord, policy: Policy) -> String {
  record.students.count == 1
    ? GitHubSummary(record.students[0], policy: policy, settings: record.settings).text
    : GitHubSummary(record, policy: policy).text
}

/// What a run prints at its end: the exercises, and the students where they are few.
func gradeReport(_ record: ClassRecord) -> Report {
  var blocks = [Report.Block.table(exerciseTable(record))]
  if record.students.count <= 40 { blocks.insert(.table(studentTable(record)), at: 0) }
  return Report(
    title: LocalizedText(
      en:
        "\(record.students.count) submissions, \(record.settings.exercises.count) exercises, seed \(record.settings.seed), sandbox \(record.settings.tier.rawValue)",
      zh:
        "\(record.students.count) 份提交，\(record.settings.exercises.count) 道练习，种子 \(record.settings.seed)，沙箱 \(record.settings.tier.rawValue)"
    ),
    blocks: blocks)
}

private func studentTable(_ record: ClassRecord) -> Table {
  Table(
    caption: LocalizedText(en: "Submissions", zh: "提交"),
    columns: [
      LocalizedText(en: "submission", zh: "提交"), LocalizedText(en: "score", zh: "得分"),
      LocalizedText(en: "of", zh: "满分"),
      LocalizedText(en: "notes", zh: "备注"),
    ],
    rows: record.students.map { student in
      [student.student, "\(student.score)", "\(student.points)", "\(student.notes.count)"].map { LocalizedText($0) }
    })
}

private func exerciseTable(_ record: ClassRecord) -> Table {
  Table(
    caption: LocalizedText(en: "Exercises", zh: "练习"),
    columns: [
      LocalizedText(en: "exercise", zh: "练习"), LocalizedText(en: "full marks", zh: "满分人数"),
      LocalizedText(en: "mean", zh: "平均"), LocalizedText(en: "not started", zh: "未开始"),
      LocalizedText(en: "does not compile", zh: "无法编译"),
    ],
    rows: record.settings.exercises.enumerated().map { place, id in
      let graded = record.students.compactMap { $0.exercises.indices.contains(place) ? $0.exercises[place] : nil }
      let points = graded.reduce(0) { $0 + $1.points }
      let score = graded.reduce(0) { $0 + $1.score }
      let percent = points > 0 ? "\(Int((100 * Double(score) / Double(points)).rounded())) %" : "–"
      return [
        id, "\(graded.count { $0.points > 0 && $0.score == $0.points })", percent,
        "\(graded.count { $0.isNotStarted })",
        "\(graded.count { $0.checks.first?.outcome == .doesNotCompile })",
      ].map { LocalizedText($0) }
    })
}
