import Classroom
import Foundation
import Testing

/// Solutions of three exercises: four written independently, each by another way of its own, and copies of some of
/// them, disguised by renaming, another order, other loops and conditions, comments and dead code.
enum SimilarityFixtures {
  static let paths = [
    "mergeable-standardizer": "Anomaly/MergeableStandardizer", "roc-is-not-accuracy": "Evaluation/ROCIsNotAccuracy",
    "sessionization": "Behavior/Sessionization",
  ]

  static let exercises = paths.keys.sorted()

  /// The files of an exercise by name.
  static func sources(_ exercise: String) throws -> [String: String] {
    let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil)).appending(path: exercise)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try Dictionary(
      uniqueKeysWithValues: files.map {
        ($0.deletingPathExtension().lastPathComponent, try String(contentsOf: $0, encoding: .utf8))
      })
  }

  static func starter(_ exercise: String) throws -> String { try text("Exercises", exercise) }

  static func solution(_ exercise: String) throws -> String { try text("Solutions", exercise) }

  /// The number of the independent solution that a file is or is a copy of.
  static func origin(_ name: String) -> String {
    String(name.split(separator: "-").first { $0.count == 1 } ?? "")
  }

  /// The report of one exercise, all files handed in by students named as the files.
  static func report(
    _ exercise: String, withSolution: Bool, options: SimilarityReport.Options = .init()
  ) throws -> SimilarityReport {
    SimilarityReport(
      submissions: try sources(exercise).map { ($0.key, [exercise: $0.value]) },
      starters: [exercise: try starter(exercise)],
      solutions: withSolution ? [exercise: try solution(exercise)] : [:], options: options)
  }

  private static func text(_ tree: String, _ exercise: String) throws -> String {
    let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
    let path = try #require(paths[exercise])
    return try String(contentsOf: root.appending(path: "\(tree)/\(path).swift"), encoding: .utf8)
  }
}
