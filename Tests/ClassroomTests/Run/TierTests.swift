import Foundation
import Grading
import Testing

@testable import Classroom

@Suite("dojo grade in each tier")
struct TierTests {
  /// Why bwrap cannot be used here; nil where it can.
  static let obstacle: String? = {
    do {
      _ = try Sandbox.resolve(.bwrap)
      return nil
    } catch {
      return "\(error)"
    }
  }()

  @Test(
    "bwrap gives the records that the limits give, but for the tier's name, and leaves nothing behind",
    .disabled(if: obstacle != nil, Comment(rawValue: obstacle ?? "")))
  func sameRecords() throws {
    let classroom = try Class.mixed()
    try classroom.add(
      try Class.rightAnswer(
        "ivy", recall: #"try Data("left".utf8).write(to: .temporaryDirectory.appending(path: "ivy"))"#),
      at: "ivy/ROCIsNotAccuracy.swift")
    let limits = try grade(classroom, out: "limits", ["--sandbox", "rlimit"])
    #expect(limits.settings.tier == .limits)
    // Who may write a file has full marks, so that there is something to be swept.
    let ivy = try #require(limits.students.first { $0.student == "ivy" })
    #expect(ivy.score == ivy.points)
    for (out, options) in [
      ("bwrap", ["--sandbox", "bwrap"]), ("auto", ["--sandbox", "auto"]),
      ("required", ["--sandbox", "auto", "--require-sandbox"]),
    ] {
      var record = try grade(classroom, out: out, options)
      #expect(record.settings.tier == .bwrap && record.students.allSatisfy { $0.tier == .bwrap })
      record.settings.tier = .limits
      for index in record.students.indices { record.students[index].tier = .limits }
      #expect(record == limits, "\(out)")
    }
  }

  @Test("who requires a sandbox is not served by the limits: nothing is graded")
  func required() throws {
    let classroom = try Class.mixed()
    let end = try DojoProcess.run(
      ["grade", "submissions"] + Class.only + ["--sandbox", "rlimit", "--require-sandbox"], in: classroom)
    #expect(end.status == 64)
    #expect(end.error.contains("the limits alone are no sandbox"), "\(end.error)")
    #expect(!FileManager.default.fileExists(atPath: classroom.results.path))
  }

  private func grade(_ classroom: Class, out: String, _ options: [String]) throws -> ClassRecord {
    let end = try DojoProcess.run(
      ["grade", "submissions", "--out", out] + Class.only + options, in: classroom)
    #expect(end.status == 0, "\(out): \(end.error)")
    #expect(try DojoProcess.litter(of: classroom) == [], "\(out)")
    #expect(DojoProcess.left(of: classroom) == [], "\(out)")
    return try ClassRecord(contentsOf: classroom.root.appending(path: out))
  }
}
