import Contracts
import Curriculum
import Foundation
import Solutions
import Testing

@testable import Grading

@Suite("A hostile submission costs itself the check that it attacks, and nobody anything else")
struct RedTeamTests {
  /// One tier after the other, so that what compiles is compiled once.
  @Test("an attack is stopped, or known not to be", arguments: Attack.all)
  func attack(_ attack: Attack) throws {
    let mark = UUID().uuidString
    for sandbox in Self.sandboxes where sandbox.changesUser || !attack.isSkipped(in: sandbox.tier) {
      let row = try Battle(attack, in: sandbox, mark: mark).run()
      if Self.printsTable { print(row) }
    }
  }

  @Test("bwrap is among the tiers", .enabled(if: bwrap != nil, bwrapMissing))
  func bubblewrap() {
    #expect(Self.sandboxes.map(\.tier) == [.limits, .bwrap])
  }

  @Test("while others attack, a right submission has full marks", arguments: sandboxes)
  func rightSubmission(_ sandbox: Sandbox) throws {
    for seed in 1...5 {
      let result = try Battle.grade(Data(try Attack.right().utf8), in: sandbox, seed: UInt64(seed))
      #expect(result.isPassed, "\(result)")
    }
  }

  static let bwrap = try? Sandbox.resolve(.bwrap)
  static let sandboxes = [.limits] + [bwrap].compactMap(\.self)
  private static let bwrapMissing: Comment = "bwrap is not here or not allowed; `dojo doctor` says why"

  /// A table of what became of every attack, for `docs/security.md`: `DOJO_RED_TEAM_TABLE=1 swift test --filter RedTeam`.
  private static let printsTable = ProcessInfo.processInfo.environment["DOJO_RED_TEAM_TABLE"] != nil

  @Test("every attack says what must become of it")
  func headers() {
    #expect(Attack.all.count > 60)
    for attack in Attack.all { #expect(!attack.purpose.isEmpty && !attack.outcomes.isEmpty, "\(attack.name)") }
  }

  @Test("a file that is none, or no text, is not compiled and told plainly", arguments: FileAttack.allCases)
  func file(_ attack: FileAttack) throws {
    let folder = try TemporaryFolder("dojo-tests")
    defer { folder.remove() }
    let file = folder.url.appending(path: "ROCIsNotAccuracy.swift")
    try attack.put(file)
    let result = try Battle.grader(in: .limits).grade(Attack.exercise, file: file)
    #expect(result.score == 0)
    #expect(
      result.checks.allSatisfy { $0.outcome == .doesNotCompile && $0.message.contains(attack.saying) }, "\(result)")
  }

  @Test("a sandbox that is required is had or refused with a remedy")
  func required() throws {
    #expect(throws: SandboxUnavailable.self) { try Sandbox.resolve(.rlimit, isRequired: true) }
    #expect(try Sandbox.resolve(.rlimit).tier == .limits)
    let auto = try Sandbox.resolve(.auto)
    #expect((auto.tier == .bwrap) == (auto.fallback == nil))
    if Self.bwrap == nil {
      #expect { try Sandbox.resolve(.auto, isRequired: true) } throws: { error in
        (error as? SandboxUnavailable).map { !$0.remedy.isEmpty } ?? false
      }
    }
  }
}

/// A path at which no honest file lies.
enum FileAttack: String, CaseIterable, CustomTestStringConvertible {
  case missing, folder, symbolicLink, linkToNothing, namedPipe, notUTF8, tenMegabytes, empty, importHiddenInAnother

  var testDescription: String { rawValue }

  var saying: String {
    switch self {
    case .missing: "no such file"
    case .folder, .namedPipe: "not an ordinary file"
    case .symbolicLink, .linkToNothing: "a symbolic link"
    case .notUTF8: "ROCIsNotAccuracy.swift:2: error: the file is not UTF-8 text"
    case .tenMegabytes: "longer than 1 MB"
    case .importHiddenInAnother: "ROCIsNotAccuracy.swift:1:800001: error: unterminated '/*' comment"
    case .empty: "the file must declare `public struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise`"
    }
  }

  func put(_ file: URL) throws {
    switch self {
    case .missing: break
    case .folder: try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    case .symbolicLink:
      try FileManager.default.createSymbolicLink(at: file, withDestinationURL: URL(filePath: #filePath))
    case .linkToNothing:
      try FileManager.default.createSymbolicLink(at: file, withDestinationURL: URL(filePath: "/nowhere"))
    case .namedPipe: try #require(mkfifo(file.path, 0o600) == 0)
    case .notUTF8: try (Data("import Contracts\n// ".utf8) + Data([0xff, 0xfe, 0x80])).write(to: file)
    case .tenMegabytes: try Data(repeating: UInt8(ascii: "\n"), count: 10 << 20).write(to: file)
    case .empty: try Data().write(to: file)
    case .importHiddenInAnother:
      try Data(String(repeating: "import/*", count: 100_000).utf8).write(to: file)
    }
  }
}
