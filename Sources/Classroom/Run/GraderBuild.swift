import Foundation
import Grading

/// A short name for everything that a grade depends on but the submission and the seed: contracts, checks, goldens,
/// references, the runner, the compiler. Two machines that built the same sources with the same compiler agree on it.
public enum GraderBuild {
  private static let folders =
    [
      "Tensors", "Learning", "Behavior", "Simulation", "Datasets", "Detection", "Contracts", "Harness", "Curriculum",
      "Grading",
    ]
    .map { "Sources/\($0)" } + ["Solutions"]

  /// The name of what the package in a folder grades with.
  ///
  /// - Parameters:
  ///   - workspace: the package.
  ///   - compiler: the compiler's version.
  /// - Returns: sixteen hexadecimal digits.
  /// - Throws: if a source file cannot be read.
  public static func name(in workspace: Workspace, compiler: String) throws -> String {
    var lines = [compiler]
    for folder in folders {
      let root = workspace.root.appending(path: folder)
      let paths = (try FileManager.default.subpathsOfDirectory(atPath: root.path)).sorted()
      for path in paths where !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
        let file = root.appending(path: path)
        if path.hasSuffix(".swift") || path.hasSuffix(".json") {
          lines.append("\(folder)/\(path) \(contentHash(try Data(contentsOf: file)))")
        }
      }
    }
    return contentHash(Data(lines.joined(separator: "\n").utf8))
  }
}
