import Curriculum
import Foundation

/// The starters as they were delivered, so that an untouched one is known and a spoiled one can be restored.
public enum PristineStarters {
  /// The delivered text of an exercise's starter, or nil if none is recorded.
  public static func text(for exercise: Exercise) -> String? { recorded[exercise.path] }

  /// The recorded texts, by the exercise's path.
  private static let recorded: [String: String] = {
    guard let file = Bundle.module.url(forResource: "Starters", withExtension: "json"),
      let data = try? Data(contentsOf: file)
    else { return [:] }
    return (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
  }()

  /// The file that `record` writes.
  public static func file(in workspace: Workspace) -> URL {
    workspace.root.appending(path: "Sources/Grading/Starters.json")
  }

  /// What the file should hold: the same bytes for the same starters.
  ///
  /// - Throws: if a starter cannot be read.
  public static func document(of exercises: [Exercise] = Exercise.all, in workspace: Workspace) throws -> Data {
    var texts: [String: String] = [:]
    for exercise in exercises { texts[exercise.path] = try SourceFile(workspace.starter(of: exercise)).text }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(texts) + Data("\n".utf8)
  }

  /// Records the starters as they are now; the next build knows them.
  public static func record(of exercises: [Exercise] = Exercise.all, in workspace: Workspace) throws {
    try WholeFile.write(try document(of: exercises, in: workspace), to: file(in: workspace))
  }
}
