import Curriculum
import Foundation
import Solutions
import Testing

@testable import Grading

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One attack in one tier: grades it and looks at what it leaves behind.
struct Battle {
  private let attack: Attack
  private let sandbox: Sandbox
  private let mark: String

  /// A battle; the mark stands in the attack's text, so that what it leaves behind is known.
  init(_ attack: Attack, in sandbox: Sandbox, mark: String) {
    self.attack = attack
    self.sandbox = sandbox
    self.mark = mark
  }

  /// - Returns: what became of it, as a row of a table.
  func run() throws -> String {
    let outside = try TemporaryFolder("dojo-outside")
    defer { outside.remove() }
    chmod(outside.url.path, 0o777)
    try Data("another's submission".utf8).write(to: outside.url.appending(path: "other.swift"))
    let listener = try Listener()
    let text = try attack.submission(replacing: [
      "@PACKAGE@": try Workspace.find().root.path, "@OUTSIDE@": outside.url.path, "@MARK@": mark,
      "@PORT@": "\(listener.port)",
    ])
    let marked = "\(text)// \(mark)\n"
    let result = try Self.grade(
      Data(marked.utf8), in: sandbox, limits: attack.limits,
      only: attack.isWhole ? nil : Attack.exercise.checks[0].name)
    let attacked = result.firstFailure

    if attack.isOpen(in: sandbox.tier) {
      // Known and written down; what it may not do is stop the grader, or go on after its end.
    } else if let attacked {
      try judge(result, attacked)
    } else {
      #expect(attack.outcomes.contains(.passed), "\(attack.name) was not stopped")
    }
    try nothingIsLeft(of: marked, outside)
    let verdict = attacked.map { "\($0.outcome.rawValue): \($0.message)" } ?? "passed"
    return "| \(attack.name) | \(sandbox.tier.rawValue) | \(verdict) |"
  }

  private func judge(_ result: ExerciseResult, _ attacked: Verdict) throws {
    #expect(attack.outcomes.contains(attacked.outcome), "\(attacked)")
    #expect(attacked.score == 0)
    let saying = attack.saying(in: sandbox.tier)
    #expect(saying.isEmpty || attacked.message.contains(saying), "\(attacked)")
    if let line = attack.line { #expect(attacked.message.hasSuffix(", line \(line)"), "\(attacked)") }
    let failures = result.checks.filter { $0.outcome != .passed }
    #expect(failures.allSatisfy { attack.outcomes.contains($0.outcome) || $0.outcome == .wrongValue }, "\(failures)")
    if attack.isWhole { #expect(result.score > 0, "\(result)") }
  }

  /// Neither a process of the attack nor a file is left.
  private func nothingIsLeft(of text: String, _ outside: TemporaryFolder) throws {
    #if os(Linux)
      // A worker's command line names the library, whose name depends on the text and so on the mark.
      let library = try? Self.grader(in: sandbox).compiler.compile(Attack.exercise, text: text).file.lastPathComponent
      let marks = ["98765.4321"] + [library].compactMap(\.self)
      let left = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { process in
        guard Int32(process) != nil, process != "\(getpid())" else { return false }
        let command = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
        return marks.contains { command.contains($0) }
      }
      #expect(left.isEmpty, "\(attack.name) left processes")
    #endif
    let mayLeaveFiles = attack.isOpen(in: sandbox.tier) && !sandbox.changesUser
    for folder in ["/tmp", "/var/tmp", "/dev/shm"] {
      let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.contains(mark) }
      #expect(mayLeaveFiles || files.isEmpty, "\(attack.name) left a file in \(folder)")
      for file in files { try FileManager.default.removeItem(atPath: "\(folder)/\(file)") }
    }
    if sandbox.tier == .bwrap {
      #expect(try FileManager.default.contentsOfDirectory(atPath: outside.url.path) == ["other.swift"])
    }
  }

  // MARK: - Grading

  static func grader(in sandbox: Sandbox, seed: UInt64 = 1) throws -> Grader {
    var grader = try known.get()
    grader.seed = seed
    grader.sandbox = sandbox
    grader.limits = CheckLimits(seconds: 30, clockSeconds: 300)
    grader.compiler.seconds = 300
    return grader
  }

  private static let known = Result { try Grader(seed: 1, references: references) }

  static func grade(
    _ content: Data, in sandbox: Sandbox, seed: UInt64 = 1, limits: CheckLimits? = nil, only: String? = nil
  ) throws -> ExerciseResult {
    let folder = try TemporaryFolder("dojo-tests")
    defer { folder.remove() }
    let file = folder.url.appending(path: "ROCIsNotAccuracy.swift")
    try content.write(to: file)
    var grader = try grader(in: sandbox, seed: seed)
    if let limits { grader.limits = limits }
    return try grader.grade(Attack.exercise, file: file, only: only)
  }
}

/// A port of this machine that takes connections.
private final class Listener {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    #if os(Linux)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (socket, size) = (descriptor, length)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    try #require(isBound)
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
