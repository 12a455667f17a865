import Charts
import Curriculum
import Foundation
import Grading
import Mistakes

extension Command {
  static let list = Command(
    name: "list", abstract: "List the exercises with status and points.",
    options: [
      .value("--topic", "<topic>", "Only this topic.", completion: .topic),
      .value(
        "--kind", "<kind>", "Only questions, tasks or projects: question, task, project.",
        completion: .words(ExerciseKind.allCases.map(\.rawValue))),
      .value("--source", "<source>", "Only from this document or place in one, such as 002 or '002 Q3'."),
      .value(
        "--status", "<status>", "Only those not-started, in-progress or passed.",
        completion: .words(StatusFilter.allCases.map(\.rawValue))),
      .flag("--json", "Print an array for programs."),
    ]
  ) { arguments, session in
    let topic = try arguments.choice("--topic", as: Topic.self)
    let kind = try arguments.choice("--kind", as: ExerciseKind.self)
    let status = try arguments.choice("--status", as: StatusFilter.self)
    let source = arguments.value("--source")
    let standing = try Standing(session)
    let entries = try Exercise.all.filter { exercise in
      (topic == nil || exercise.topic == topic) && (kind == nil || exercise.kind == kind)
        && (source == nil || exercise.sources.contains { $0 == source || $0.hasPrefix("\(source ?? "") ") })
    }.map { try ListEntry($0, standing) }.filter { status == nil || $0.status == status?.status }
    if arguments.has("--json") {
      session.console.line(try jsonText(entries))
      return .success
    }
    session.console.line(Report.text(table(of: entries), session: session))
    let passed = entries.count { $0.status == ExerciseStatus.passed.rawValue }
    session.console.line("\(entries.count) exercises, \(passed) passed. 'dojo show <id>' opens one.")
    return .success
  }

  private static func table(of entries: [ListEntry]) -> Table {
    Table(
      caption: LocalizedText(""),
      columns: [
        LocalizedText("id"), LocalizedText(en: "topic", zh: "主题"), LocalizedText(en: "from", zh: "出处"),
        LocalizedText(en: "points", zh: "分"), LocalizedText(en: "min", zh: "分钟"), LocalizedText(en: "status", zh: "状态"),
      ],
      rows: entries.map { entry in
        [
          entry.id, entry.topic, entry.sources.joined(separator: ", "), "\(entry.points)", "\(entry.minutes)",
          entry.status,
        ].map { LocalizedText($0) }
      })
  }

  private enum StatusFilter: String, CaseIterable {
    case notStarted = "not-started"
    case inProgress = "in-progress"
    case passed

    var status: String { rawValue.replacing("-", with: " ") }
  }
}

/// One line of `list --json`.
private struct ListEntry: Encodable {
  let id, name, topic, kind: String
  let sources: [String]
  let title: LocalizedText
  let points, checks, mistakes, errata, difficulty, minutes: Int
  let status: String

  init(_ exercise: Exercise, _ standing: Standing) throws {
    id = exercise.id
    name = exercise.name
    topic = exercise.topic.rawValue
    kind = exercise.kind.rawValue
    sources = exercise.sources
    title = exercise.title
    points = exercise.points
    checks = exercise.checks.count
    mistakes = Mistakes.mistakes[exercise.name]?.count ?? 0
    errata = (try? ExerciseProse(exercise, in: standing.workspace))?.english.errata.count ?? 0
    difficulty = exercise.difficulty
    minutes = exercise.minutes
    status = standing.status(of: exercise).rawValue
  }
}

extension Report {
  /// A table alone, as the terminal shows it.
  static func text(_ table: Table, session: Session) -> String {
    let console = session.console
    return Report(title: LocalizedText(""), blocks: [.table(table)])
      .text(language: session.language, width: console.width, color: console.color)
  }
}
