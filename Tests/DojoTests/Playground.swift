import Foundation
import Grading

/// A copy of the folders that a candidate works in, so that a test changes nobody's work.
final class Playground {
  let root: URL

  // With the trees that an author edits, if it is for authors.
  init(isForAuthors: Bool = false) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "dojo-test-\(UUID().uuidString)")
    let package = try Workspace.find().root
    let forAll = ["Package.swift", "docs", "Solutions"]
    let paths =
      isForAuthors
      ? forAll + [
        "README.md", "README.zh.md", "Sources/Contracts", "Sources/Curriculum", "Tests/MistakeTests", "Tests/Oracles",
        "Tests/ExerciseTests",
      ]
      : forAll + ["Sources/Curriculum/Catalogue.swift", "Tests/MistakeTests/AllMistakes.swift"]
    for path in paths {
      let target = root.appending(path: path)
      try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: package.appending(path: path), to: target)
    }
    // The delivered starters, not what somebody may have written in this checkout.
    let starters = try JSONDecoder().decode(
      [String: String].self, from: Data(contentsOf: package.appending(path: "Sources/Grading/Starters.json")))
    for (path, text) in starters { try write(text, to: "Exercises/\(path).swift") }
  }

  deinit {
    try? FileManager.default.removeItem(at: root)
  }

  func read(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func dojo(_ words: String...) throws -> Result { try dojo(words) }

  func dojo(_ words: [String]) throws -> Result { try Playground.run(words, in: root) }

  /// The array of objects that a command prints.
  func json(_ words: String...) throws -> [[String: Any]] {
    let output = try dojo(words).output
    return try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]] ?? []
  }

  struct Result {
    let status: Int32
    let output: String
    let error: String
  }

  static func run(_ words: [String], in folder: URL) throws -> Result {
    let process = Process()
    process.executableURL = try BuildProducts.find().folder.appending(path: "dojo")
    process.arguments = words
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    var environment = ProcessInfo.processInfo.environment
    for name in ["LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "COLUMNS"] { environment[name] = nil }
    process.environment = environment
    // Files, not pipes: neither stream can fill up while the other is read.
    let files = ["out", "err"].map {
      FileManager.default.temporaryDirectory.appending(path: "\($0)-\(UUID().uuidString)")
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
      error: try String(contentsOf: files[1], encoding: .utf8))
  }
}
