import Curriculum
import Foundation
import Grading
import Testing

/// One hostile starter: a file of `Attacks/`, whose header says what it attacks and what must become of it.
///
///     // Attacks: the disk: one file of 100 MB.
///     // Outcome: crashed                       one or several, with "or" between them
///     // Says: it wrote a file longer than      what the verdict's message holds
///     // Says in bwrap: no space left           where it differs there
///     // Line: yes                              the message ends with the attack's line
///     // Seconds: 1                             of processor time
///     // Clock: 3                               seconds on the clock
///     // Open in rlimit: why                    the limits do not stop it; only what it leaves behind is looked at
///     // Checks: all                            every check is graded; otherwise the first that calls `recall` alone
///     // Not in rlimit: why                     not run there, unless workers become another user
struct Attack: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  private let header: [String: String]

  var testDescription: String { name }

  static let all: [Attack] = {
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "swift" && (only == nil || $0.lastPathComponent.hasPrefix(only ?? "")) }
      .sorted { $0.path < $1.path }.compactMap { Attack($0) }
  }()

  private static let here = URL(filePath: #filePath).deletingLastPathComponent()
  private static let folder = here.appending(path: "Attacks")

  private static let only = ProcessInfo.processInfo.environment["DOJO_RED_TEAM_ONLY"]

  private init?(_ file: URL) {
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    name = file.deletingPathExtension().lastPathComponent
    self.text = text
    var header: [String: String] = [:]
    for line in text.split(separator: "\n").prefix(while: { $0.hasPrefix("// ") }) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      header[String(line[..<colon].dropFirst(3))] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    self.header = header
  }

  // MARK: - What must become of it

  var purpose: String { header["Attacks"] ?? "" }
  var outcomes: [Outcome] {
    (header["Outcome"] ?? "").components(separatedBy: " or ").compactMap { Outcome(rawValue: $0) }
  }
  func saying(in tier: SandboxTier) -> String { header["Says in \(tier.rawValue)"] ?? header["Says"] ?? "" }
  func isOpen(in tier: SandboxTier) -> Bool { header["Open in \(tier.rawValue)"] != nil }
  func isSkipped(in tier: SandboxTier) -> Bool { header["Not in \(tier.rawValue)"] != nil }

  /// Much time, as many attacks run at once, but for those that only burn it.
  var limits: CheckLimits {
    CheckLimits(
      seconds: header["Seconds"].flatMap { Int($0) } ?? 30, clockSeconds: header["Clock"].flatMap { Int($0) } ?? 300)
  }

  /// Whether every check is graded, so that those that have nothing to do with the attack are seen to pass.
  var isWhole: Bool { header["Checks"] == "all" }

  /// The line on which the message must end.
  var line: Int? {
    guard header["Line"] != nil else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.firstIndex { $0.contains("func recall(") }
    return lines.indices.last { lines[$0].hasPrefix("    ") && $0 > first ?? 0 && !lines[$0].contains("return 0") }
      .map { $0 + 1 }
  }

  // MARK: - The file that is graded

  /// The exercise that all of them attack, in `recall`.
  static let exercise = Exercise.rocIsNotAccuracy

  /// A right implementation.
  static func right() throws -> String {
    let folder = here.deletingLastPathComponent().appending(path: "GradingTests")
    return try String(contentsOf: folder.appending(path: "ROCIsNotAccuracy.swift"), encoding: .utf8)
  }

  /// The attack, with the rest of a right implementation after it.
  func submission(replacing places: [String: String]) throws -> String {
    let header = "struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise {\n  init() {}\n"
    let right = try Self.right()
    try #require(right.contains(header) && right.contains("func recall("))
    let rest = right.replacing(header, with: "extension ROCIsNotAccuracy {").replacing(
      "func recall(", with: "func rightRecall(")
    return places.reduce(text) { $0.replacing($1.key, with: $1.value) } + "\n" + rest
  }
}
