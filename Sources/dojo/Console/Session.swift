import Contracts
import Charts
import Curriculum
import Foundation
import Grading
import Solutions

/// What every command works with: the console, the language, the package's folders.
struct Session {
  var console: Console
  var language: Language

  init(_ arguments: Arguments) throws {
    console = Console(color: try arguments.choice("--color", as: Console.ColorChoice.self) ?? .auto)
    language = try arguments.choice("--lang", as: Language.self) ?? Session.languageOfTheSystem
  }

  private static var languageOfTheSystem: Language {
    let environment = ProcessInfo.processInfo.environment
    let locale = [environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]].compactMap { $0 }
      .first { !$0.isEmpty }
    return locale?.hasPrefix("zh") == true ? .chinese : .english
  }

  /// A sentence in the session's language.
  func say(_ english: String, _ chinese: String) -> String { language == .english ? english : chinese }

  /// The package's folders.
  func workspace() throws -> Workspace { try Workspace.find() }

  /// The exercise that an argument names, by id, name, or path of its file.
  func exercise(_ word: String) throws -> Exercise {
    var name = word
    if name.hasSuffix(".swift") { name = URL(filePath: name).deletingPathExtension().lastPathComponent }
    if let exercise = Exercise.named(name) { return exercise }
    throw UsageError(
      "There is no exercise '\(word)'.\(didYouMean(word, Exercise.all.map(\.id))) 'dojo list' shows all.")
  }

  /// The reference implementation of an exercise.
  func reference(of exercise: Exercise) throws -> any ExerciseContract.Type {
    guard let reference = references[exercise.name] else {
      throw CommandError(
        .ourFault, "the exercise \(exercise.id) has no reference; add it to Solutions/References.swift")
    }
    return reference
  }

  /// A grader for candidates' files and for our own implementations.
  func grader(seed: UInt64, jobs: Int? = nil) throws -> Grader {
    try Grader(seed: seed, jobs: jobs, references: references)
  }
}

/// Writes a value as JSON for programs: sorted keys, no escaped slashes, a newline at the end.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
