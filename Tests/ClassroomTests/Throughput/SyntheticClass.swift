import Contracts
import Curriculum
import Foundation
import Tensors
import Testing

@testable import Grading

/// Writes a class of any size, to measure how fast it is graded:
///
///     DOJO_CLASS_FOLDER=/tmp/class DOJO_CLASS_STUDENTS=1000 swift test --filter SyntheticClass
///     swift run dojo grade /tmp/class --only lstm-cell,… --out /tmp/results
///
/// Of ten files six are right, one does not compile, one is the untouched starter, one traps and one throws. Each has
/// a comment of its own, so that no two are the same to the compiler's cache, but for the starters.
@Suite(
  "A synthetic class",
  .enabled(if: ProcessInfo.processInfo.environment["DOJO_CLASS_FOLDER"] != nil))
struct SyntheticClass {
  /// Eight exercises whose checks do not train for long.
  static let exercises = [
    "lstm-cell", "roc-is-not-accuracy", "alert-cost-threshold", "sessionization", "sequence-tensor-tnd",
    "mergeable-standardizer", "item-cf-shrinkage", "gcn-normalized-propagation",
  ]

  @Test("the class is written")
  func write() throws {
    let environment = ProcessInfo.processInfo.environment
    let folder = URL(filePath: try #require(environment["DOJO_CLASS_FOLDER"]))
    let students = environment["DOJO_CLASS_STUDENTS"].flatMap { Int($0) } ?? 20
    let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
    var random = SeededRandom(seed: 5)
    var written = 0
    for student in 0..<students {
      for id in Self.exercises {
        let exercise = try #require(Exercise.named(id))
        let right = try String(
          contentsOf: package.appending(path: "Solutions/\(exercise.path).swift"), encoding: .utf8)
        let file = folder.appending(path: "student-\(10_000 + student)/Exercises/\(exercise.path).swift")
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let comment = "\n// student \(student)\n"
        let text: String
        switch random.below(10) {
        case 0: text = right + comment + "let x: Int = \"not a number\"\n"
        case 1: text = try #require(PristineStarters.text(for: exercise))
        case 2: text = Self.spoiled(right, "preconditionFailure(\"student \(student)\")") + comment
        case 3: text = Self.spoiled(right, "throw BadInput(\"student \(student)\")") + comment
        default: text = right + comment
        }
        try Data(text.utf8).write(to: file)
        written += 1
      }
    }
    print("wrote \(written) files of \(students) students to \(folder.path)")
    print("dojo grade \(folder.path) --only \(Self.exercises.joined(separator: ","))")
    #expect(written == students * Self.exercises.count)
  }

  /// A statement at the beginning of the first function that may throw.
  private static func spoiled(_ text: String, _ statement: String) -> String {
    guard let function = text.range(of: #"(?m)^  (public )?func [^{]*throws[^{]*\{$"#, options: .regularExpression)
    else {
      return text
    }
    return text.replacingCharacters(in: function, with: text[function] + "\n    if Bool(true) { \(statement) }")
  }
}
