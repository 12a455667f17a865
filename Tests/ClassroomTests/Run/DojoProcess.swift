import Foundation
import Testing

@testable import Classroom
@testable import Grading

/// A `dojo` that runs beside the tests, with a temporary folder of its own, by which all its descendants are known.
final class DojoProcess {
  private let process = Process()
  private let output: URL
  private let error: URL

  /// Starts it from a shell that does something first.
  init(_ words: [String], in classroom: Class, after shell: String = "true") throws {
    output = classroom.root.appending(path: "out-\(UUID().uuidString)")
    error = classroom.root.appending(path: "err-\(UUID().uuidString)")
    for file in [output, error] { try Data().write(to: file) }
    let temporary = classroom.root.appending(path: "temporary")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    let dojo = try BuildProducts.find().folder.appending(path: "dojo").path
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", dojo] + words
    process.currentDirectoryURL = classroom.root
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    var environment = ProcessInfo.processInfo.environment
    for name in ["LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "COLUMNS", "DOJO_SEED"] { environment[name] = nil }
    environment["TMPDIR"] = temporary.path
    process.environment = environment
    try process.run()
  }

  var identifier: pid_t { process.processIdentifier }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  struct End {
    /// The exit status; nil if it was killed.
    var status: Int32?
    var output: String
    var error: String
  }

  func wait() throws -> End {
    process.waitUntilExit()
    return End(
      status: process.terminationReason == .exit ? process.terminationStatus : nil,
      output: try String(contentsOf: output, encoding: .utf8), error: try String(contentsOf: error, encoding: .utf8))
  }

  static func run(_ words: [String], in classroom: Class, after shell: String = "true") throws -> End {
    try DojoProcess(words, in: classroom, after: shell).wait()
  }

  /// The command lines of all processes that have anything to do with a class.
  static func processes(of classroom: Class) -> [String] {
    #if os(Linux)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return names.filter { pid_t($0) != nil }.compactMap { name in
        let commandLine = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
        let environment = FileManager.default.contents(atPath: "/proc/\(name)/environ") ?? Data()
        let isOurs = [commandLine, environment].contains {
          String(decoding: $0, as: UTF8.self).contains(classroom.root.lastPathComponent)
        }
        return isOurs ? String(decoding: commandLine, as: UTF8.self).replacing("\0", with: " ") : nil
      }
    #else
      return []
    #endif
  }

  /// What is left in the temporary folder.
  static func litter(of classroom: Class) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: classroom.root.appending(path: "temporary").path)
  }

  /// Waits, for a while, until nothing runs that has to do with a class.
  static func left(of classroom: Class) -> [String] {
    for _ in 0..<300 {
      if processes(of: classroom).isEmpty { return [] }
      usleep(100_000)
    }
    return processes(of: classroom)
  }
}

extension Class {
  static let only = ["--only", "roc-is-not-accuracy", "--sandbox", "rlimit"]

  /// A right answer, told apart from others by a comment.
  static func rightAnswer(_ comment: String, recall statement: String = "") throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../GradingTests/ROCIsNotAccuracy.swift")
    let marker = "    let found = confusion.truePositives\n"
    let right = try String(contentsOf: file, encoding: .utf8)
    try #require(right.contains(marker))
    return right.replacing(marker, with: "\(marker)    \(statement)\n") + "\n// \(comment)\n"
  }

  /// A class with one of each: right, wrong, not compiling, untouched, missing, hostile, archived, broken.
  static func mixed() throws -> Class {
    let classroom = try Class()
    let path = "Exercises/Evaluation/ROCIsNotAccuracy.swift"
    let right = try rightAnswer("ann")
    try classroom.add(right, at: "ann/BehaviorDojo-main/\(path)")
    try classroom.add(try rightAnswer("bo", recall: "return 0.5"), at: "bo/ROCIsNotAccuracy.swift")
    try classroom.add("let x", at: "cy@2/ROCIsNotAccuracy.swift")
    try classroom.add(try #require(PristineStarters.text(for: .rocIsNotAccuracy)), at: "di/BehaviorDojo/\(path)")
    try classroom.add("# notes", at: "ed/notes.md")
    try classroom.addLink(at: "fay/ROCIsNotAccuracy.swift", to: "../ann/BehaviorDojo-main/\(path)")
    try classroom.add(
      try ArchiveWriter.zip([.init("x/\(path)", try rightAnswer("gus", recall: "_ = [0][1]"), isDeflated: true)]),
      at: "李 雷.zip")
    try classroom.add("broken", at: "hal.tar.gz")
    return classroom
  }

  /// Every visible file of the results and its bytes.
  func bytes(_ folder: String = "results") throws -> [String: Data] {
    try ClassRunTests.bytes(root.appending(path: folder))
  }
}
