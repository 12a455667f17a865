import Foundation
import Testing

@testable import Classroom

@Suite("The seed of dojo grade is nobody else's")
struct SeedTests {
  private static let seed: UInt64 = 918_273_645_546_372_819

  #if os(Linux)
    @Test(
      "a student's process finds it in no command line, though it can read them",
      arguments: [["--seed", "\(seed)"], ["--seed=\(seed)"]])
    func commandLines(option: [String]) throws {
      let classroom = try Class()
      for (student, word) in [("seeker", "\(Self.seed)"), ("control", "out-of-the-control")] {
        try classroom.add(
          try Class.rightAnswer(
            student,
            recall: """
              for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
                  let words = FileManager.default.contents(atPath: "/proc/\\(process)/cmdline") ?? Data()
                  if String(decoding: words, as: UTF8.self).contains("\(word)") { return 0.5 }
                }
              """), at: "\(student)/ROCIsNotAccuracy.swift")
      }
      let end = try DojoProcess.run(
        ["grade", "submissions", "--out", "out-of-the-control"] + option + Class.only, in: classroom)
      #expect(end.status == 0, "\(end.error)")
      let record = try ClassRecord(contentsOf: classroom.root.appending(path: "out-of-the-control"))
      #expect(record.settings.seed == Self.seed)
      let outcomes = Dictionary(
        uniqueKeysWithValues: record.students.map { ($0.student, Set($0.exercises[0].checks.map(\.outcome))) })
      #expect(outcomes["seeker"] == [.passed])
      #expect(outcomes["control"]?.contains(.wrongValue) == true)

      let file = "submissions/seeker/ROCIsNotAccuracy.swift"
      let check = try DojoProcess.run(["check", "roc-is-not-accuracy", "--file", file] + option, in: classroom)
      #expect(check.status == 0 && check.output.contains("seed \(Self.seed)"), "\(check.output)\(check.error)")
    }

    @Test("DOJO_SEED is taken where '--seed' is not given, and blanked in the environment too")
    func environment() throws {
      let classroom = try Class.mixed()
      let process = try DojoProcess(
        ["grade", "submissions"] + Class.only, in: classroom, after: "export DOJO_SEED=\(Self.seed)")
      while !FileManager.default.fileExists(atPath: classroom.results.appending(path: "class.json").path) {
        usleep(10_000)
      }
      let environment = FileManager.default.contents(atPath: "/proc/\(process.identifier)/environ") ?? Data()
      let text = String(decoding: environment, as: UTF8.self)
      #expect(text.contains("DOJO_SEED=xxx") && !text.contains("\(Self.seed)"))
      #expect(try process.wait().status == 0)
      #expect(try ClassRecord(contentsOf: classroom.results).settings.seed == Self.seed)
    }
  #endif

  @Test("the results, in which it stands, are nobody else's to read")
  func results() throws {
    let classroom = try Class()
    try classroom.add("# notes", at: "ann/notes.md")
    #expect(try DojoProcess.run(["grade", "submissions"] + Class.only, in: classroom).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: classroom.results.path)[.posixPermissions]
    #expect(mode as? Int == 0o700)
  }

  @Test(
    "DOJO_SEED that is empty is none, and one that is no number is refused without being shown",
    arguments: [("", 0), ("secret", 64), ("-1", 64)])
  func wrong(value: String, status: Int32) throws {
    let classroom = try Class()
    try classroom.add("# notes", at: "ann/notes.md")
    let end = try DojoProcess.run(
      ["grade", "submissions"] + Class.only, in: classroom, after: "export DOJO_SEED='\(value)'")
    #expect(end.status == status, "\(end.error)")
    if status == 0 {
      #expect(try ClassRecord(contentsOf: classroom.results).settings.seed == 1)
    } else {
      #expect(end.error.contains("DOJO_SEED is no whole number") && !end.error.contains("secret"))
    }
  }
}
