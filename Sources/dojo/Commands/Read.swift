import Charts
import Curriculum
import Foundation
import Grading

private let exerciseArgument = Command.Argument(
  name: "id", help: "The exercise, by id, name or file.", completion: .exercise)

extension Command {
  static let show = Command(
    name: "show", abstract: "Show an exercise's question.", arguments: [exerciseArgument],
    options: [.flag("--rubric", "Show the checks and their points too.")]
  ) { arguments, session in
    let exercise = try session.exercise(arguments.positionals[0])
    let page = try session.page(of: exercise)
    let console = session.console
    console.line(console.paint(page.title, .bold))
    console.line(
      console.paint(
        "\(exercise.id) · \(exercise.sources.joined(separator: ", ")) · \(exercise.points) "
          + session.say("points · \(exercise.minutes) min", "分 · \(exercise.minutes) 分钟")
          + " · \(String(repeating: "★", count: exercise.difficulty))", .dim))
    console.line()
    console.line(rendered(markdown: page.sections[.question] ?? "", console: console))
    console.line()
    if arguments.has("--rubric") {
      let table = Table(
        caption: LocalizedText(""),
        columns: [
          LocalizedText(en: "check", zh: "检查"), LocalizedText(en: "points", zh: "分"),
          LocalizedText(en: "CPU s", zh: "CPU 秒"),
        ],
        rows: exercise.checks.map { check in
          [check.name, "\(check.points)", "\(check.limits.seconds)"].map { LocalizedText($0) }
        })
      console.line(Report.text(table, session: session))
    }
    let file = console.paint("Exercises/\(exercise.path).swift", .cyan)
    console.line(
      session.say("Write it in \(file), then: dojo check \(exercise.id)", "写在 \(file)，然后：dojo check \(exercise.id)"))
    return .success
  }

  static let hint = Command(
    name: "hint", abstract: "Show the next hint, chosen by the check that failed.", arguments: [exerciseArgument],
    options: [.flag("--again", "Show the hints seen so far again.")]
  ) { arguments, session in
    let exercise = try session.exercise(arguments.positionals[0])
    let page = try session.page(of: exercise)
    let standing = try Standing(session)
    let failed = standing[exercise].lastFailedCheck
    let hints =
      page.hints.first { $0.check != nil && $0.check == failed } ?? page.hints.first { $0.check == nil }
      ?? page.hints.first
    guard let hints, !hints.levels.isEmpty else {
      throw CommandError(.badData, "docs/\(exercise.path).md holds no hint")
    }
    let key = hints.check ?? ""
    let seen = standing[exercise].hintsShown[key] ?? 0
    let shown = arguments.has("--again") ? max(1, seen) : min(seen + 1, hints.levels.count)
    let console = session.console
    if let check = hints.check { console.line(console.paint(check, .bold)) }
    for level in (arguments.has("--again") ? 0 : shown - 1)..<shown {
      console.line(rendered(markdown: "\(level + 1). \(hints.levels[level])", console: console))
    }
    console.line()
    console.line(
      console.paint(
        shown < hints.levels.count
          ? session.say(
            "Hint \(shown) of \(hints.levels.count). 'dojo hint \(exercise.id)' shows the next one.",
            "提示 \(shown)/\(hints.levels.count)。再次运行 'dojo hint \(exercise.id)' 看下一条。")
          : session.say(
            "That was the last hint. 'dojo answer \(exercise.id)' has the model answer.",
            "这是最后一条提示。'dojo answer \(exercise.id)' 有参考答案。"), .dim))
    try standing.progress.update(exercise) { $0.hintsShown[key] = shown }
    return .success
  }

  static let answer = Command(
    name: "answer", abstract: "Show the model answer, with the document's mistakes corrected.",
    arguments: [exerciseArgument]
  ) { arguments, session in
    let exercise = try session.exercise(arguments.positionals[0])
    let page = try session.page(of: exercise)
    let console = session.console
    for section in [ExercisePage.Section.answer, .errata, .numbers] {
      console.line(console.paint(section.heading[session.language], .bold))
      console.line()
      console.line(rendered(markdown: page.sections[section] ?? "", console: console))
      console.line()
    }
    return .success
  }

  static let solution = Command(
    name: "solution", abstract: "Show the reference solution, once you have passed.", arguments: [exerciseArgument],
    options: [.flag("--now", "Show it although the exercise is not passed yet.")]
  ) { arguments, session in
    let exercise = try session.exercise(arguments.positionals[0])
    let standing = try Standing(session)
    guard arguments.has("--now") || standing.status(of: exercise) == .passed else {
      session.console.note(
        "\(exercise.id) is not passed yet. 'dojo hint \(exercise.id)' helps; "
          + "'dojo solution \(exercise.id) --now' shows the reference all the same.")
      return .failedChecks
    }
    let file = standing.workspace.solution(of: exercise)
    guard let text = try? String(contentsOf: file, encoding: .utf8) else {
      throw CommandError(.missingFile, "Solutions/\(exercise.path).swift is missing or is not UTF-8")
    }
    session.console.line(text)
    return .success
  }

  static let errata = Command(
    name: "errata", abstract: "List every mistake of the documents that the exercises correct, with its proof.",
    options: [.flag("--json", "Print an array for programs.")]
  ) { arguments, session in
    let workspace = try session.workspace()
    var entries: [ErratumEntry] = []
    for exercise in Exercise.all {
      let page = try ExerciseProse(exercise, in: workspace)[session.language]
      entries += page.errata.map { ErratumEntry($0, exercise) }
    }
    let console = session.console
    if arguments.has("--json") {
      console.line(try jsonText(entries))
      return .success
    }
    for (exercise, group) in Dictionary(grouping: entries, by: \.exercise).sorted(by: { $0.key < $1.key }) {
      console.line(console.paint("\(exercise)  \(group[0].source)", .bold))
      for entry in group {
        console.line(rendered(markdown: "- \(entry.quote) \(entry.explanation)", console: console, indent: "  "))
        console.line("    " + console.paint("→ \(entry.proof)", .green))
      }
      console.line()
    }
    console.line("\(entries.count) mistakes in \(Set(entries.map(\.exercise)).count) places.")
    return .success
  }
}

private struct ErratumEntry: Encodable {
  let exercise, source, quote, explanation, proof: String

  init(_ erratum: ExercisePage.Erratum, _ exercise: Exercise) {
    self.exercise = exercise.id
    source = exercise.sources.joined(separator: ", ")
    quote = erratum.quote
    explanation = erratum.explanation
    proof =
      switch erratum.proof {
      case .check(let name): "dojo check \(exercise.id) --reference: \(name)"
      case .demo(let words): "dojo run \(exercise.id): \(words)"
      case .missing: "no proof named"
      }
  }
}

extension Session {
  /// An exercise's prose in the session's language.
  func page(of exercise: Exercise) throws -> ExercisePage {
    try ExerciseProse(exercise, in: try workspace())[language]
  }
}
