import Curriculum
import Foundation
import Grading

/// The test functions of `Tests/ExerciseTests`, one an exercise in one suite a topic, written from the list of
/// exercises: `swift test --filter` matches the names of suites and functions, never a test's arguments.
enum StarterSuites {
  /// The file, below the package.
  static let path = "Tests/ExerciseTests/StarterSuites.swift"

  /// The file's text as it should be.
  static var text: String {
    var text = """
      // Written by `dojo verify --record` from the list of exercises, and held to it by `dojo verify`.
      import Testing

      /// The student's files: `swift test --filter` takes a topic (`Sequences`), an id (`lstm-cell`) or a name (`LSTMCell`).
      @Suite("Exercises", .serialized)
      struct Exercises {

      """
    for topic in Topic.allCases {
      let exercises = Exercise.all.filter { $0.topic == topic }
      if exercises.isEmpty { continue }
      text += "  @Suite struct \(topic.folder) {\n"
      text += exercises.map(function).joined(separator: "\n")
      text += "  }\n"
      if topic != Exercise.all.map(\.topic).max(by: { order($0) < order($1) }) { text += "\n" }
    }
    return text + "}\n"
  }

  private static func order(_ topic: Topic) -> Int { Topic.allCases.firstIndex(of: topic) ?? 0 }

  private static func function(_ exercise: Exercise) -> String {
    """
        @Test(.counts("\(exercise.id)"), arguments: CheckCase.all(of: "\(exercise.id)"))
        func `\(exercise.name) \(exercise.id)`(_ check: CheckCase) throws { try check.hold() }

    """
  }

  /// Rewrites the file.
  static func record(in workspace: Workspace) throws {
    try WholeFile.write(Data(text.utf8), to: workspace.root.appending(path: path))
  }

  /// What is wrong with the file as it stands.
  static func problems(in workspace: Workspace) -> [String] {
    let current = try? String(contentsOf: workspace.root.appending(path: path), encoding: .utf8)
    return current == text ? [] : ["\(path) is not what the list of exercises makes; dojo verify --record"]
  }
}
