import Charts
import Curriculum
import Foundation
import Grading

/// The table of exercises in both READMEs, written from the list of exercises.
enum ReadmeTable {
  private static let start = "<!-- exercises: written from `dojo list`, held by a test -->\n"
  private static let end = "<!-- end of exercises -->"

  /// The READMEs and their languages.
  static let files: [(name: String, language: Language)] = [("README.md", .english), ("README.zh.md", .chinese)]

  /// A README's text with the table as it should be.
  ///
  /// - Throws: `CommandError` if the markers around the table are missing.
  static func updated(_ text: String, file: String, language: Language) throws -> String {
    guard let start = text.range(of: start), let end = text.range(of: end, range: start.upperBound..<text.endIndex)
    else {
      throw CommandError(.badData, "\(file) lacks the markers around the table of exercises")
    }
    return text[..<start.upperBound] + table(language) + text[end.lowerBound...]
  }

  /// Rewrites both READMEs.
  static func record(in workspace: Workspace) throws {
    for (name, language) in files {
      let file = workspace.root.appending(path: name)
      let text = try String(contentsOf: file, encoding: .utf8)
      try WholeFile.write(Data(try updated(text, file: name, language: language).utf8), to: file)
    }
  }

  /// What is wrong with the tables as they stand.
  static func problems(in workspace: Workspace) throws -> [String] {
    try files.compactMap { name, language in
      let text = try String(contentsOf: workspace.root.appending(path: name), encoding: .utf8)
      let isCurrent = try updated(text, file: name, language: language) == text
      return isCurrent ? nil : "\(name)'s table of exercises is out of date; dojo verify --record"
    }
  }

  private static func table(_ language: Language) -> String {
    var lines =
      language == .english
      ? ["| exercise | what it is about | from | points |", "| --- | --- | --- | --- |"]
      : ["| 题目 | 内容 | 出处 | 分 |", "| --- | --- | --- | --- |"]
    for exercise in Exercise.all {
      let sources = exercise.sources.joined(separator: ", ")
      lines.append(
        "| [`\(exercise.id)`](docs/\(exercise.path).md) | \(exercise.title[language]) | \(sources) | \(exercise.points) |"
      )
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
