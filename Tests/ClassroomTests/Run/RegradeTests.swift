import Foundation
import Testing

@testable import Classroom

@Suite("dojo grade --compare and --summary")
struct RegradeTests {
  private let grade = ["grade", "submissions"] + Class.only

  @Test("--compare names who changed and why, also as a table, and is quiet where nothing changed")
  func compare() throws {
    let classroom = try Class.mixed()
    #expect(try DojoProcess.run(grade + ["--out", "old"], in: classroom).status == 0)

    let same = try DojoProcess.run(grade + ["--out", "same", "--compare", "old"], in: classroom)
    #expect(same.status == 0)
    #expect(same.output.hasSuffix("Nothing changed in 8 submissions.\n"), "\(same.output)")
    #expect(!same.error.contains("error"))

    try classroom.add(try Class.rightAnswer("bo"), at: "bo/ROCIsNotAccuracy.swift")
    let new = try DojoProcess.run(grade + ["--out", "new", "--compare", "old"], in: classroom)
    #expect(new.status == 0, "\(new.error)")
    let told = try #require(new.output.range(of: "1 of 8 submissions changed: 1 higher."))
    let lines = new.output[told.lowerBound...].split(separator: "\n")
    #expect(lines.dropFirst().first?.hasPrefix("bo  ") == true, "\(lines)")
    #expect(lines.contains { $0.contains("roc-is-not-accuracy  [") && $0.contains("file") }, "\(lines)")
    #expect(lines.contains { $0.contains("wrong value → passed  (+") }, "\(lines)")
    let table = try #require(try classroom.bytes("new")["comparison.csv"])
    #expect(String(decoding: table, as: UTF8.self).contains("bo,changed,roc-is-not-accuracy,"))

    // Where a program reads the output, people are told on the other channel.
    let both = try DojoProcess.run(
      grade + ["--out", "json", "--compare", "old", "--json"], in: classroom)
    #expect(try (JSONSerialization.jsonObject(with: Data(both.output.utf8)) as? [Any])?.count == 8)
    #expect(both.error.contains("1 of 8 submissions changed"))
  }

  @Test("a regrade in place is compared with what was there before it")
  func inPlace() throws {
    let classroom = try Class.mixed()
    #expect(try DojoProcess.run(grade, in: classroom).status == 0)
    try classroom.add("let x", at: "ann/BehaviorDojo-main/Exercises/Evaluation/ROCIsNotAccuracy.swift")
    let end = try DojoProcess.run(grade + ["--resume", "--compare", "results"], in: classroom)
    #expect(end.status == 0, "\(end.error)")
    #expect(end.output.contains("1 of 8 submissions changed: 1 lower."), "\(end.output)")
  }

  @Test("--summary of a student's repository prints Markdown and nothing else, and succeeds whatever the mark")
  func summary() throws {
    let classroom = try Class()
    try classroom.add(
      try Class.rightAnswer("bo", recall: "return 0.5"), at: "Exercises/Evaluation/ROCIsNotAccuracy.swift")
    try classroom.add("print(\"never run\")", at: "Package.swift")
    let end = try DojoProcess.run(grade + ["--summary", "--out", "submissions/results"], in: classroom)
    #expect(end.status == 0, "\(end.error)")
    let lines = end.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first?.hasPrefix("## ` submissions `: ") == true)
    #expect(lines.contains { $0.hasPrefix("| ` roc-is-not-accuracy ` | ") && $0.hasSuffix(" passed |") })
    #expect(lines.contains { $0.hasPrefix("<details><summary><b>roc&#45;is&#45;not&#45;accuracy</b>") })
    #expect(!end.output.contains("sandbox") && end.error.contains("sandbox: "))
    #expect(
      try end.output == String(contentsOf: classroom.submissions.appending(path: "results/summary.md"), encoding: .utf8)
    )
  }
  @Test("what a policy hides is in none of the files that a student's repository shows")
  func hidden() throws {
    let classroom = try Class()
    try classroom.add(
      try Class.rightAnswer("bo", recall: "return 0.5"), at: "Exercises/Evaluation/ROCIsNotAccuracy.swift")
    let policy = classroom.root.appending(path: "policy.json")
    try Data(#"{ "visibility": [{ "show": "hidden", "check": "*" }] }"#.utf8).write(to: policy)
    for (out, options, isHidden) in [("shown", [], false), ("hidden", ["--policy", "policy.json"], true)] {
      let end = try DojoProcess.run(grade + ["--summary", "--out", out] + options, in: classroom)
      #expect(end.status == 0, "\(end.error)")
      for name in ["summary.md", "junit.xml", "feedback/submissions.html"] {
        let file = classroom.root.appending(path: "\(out)/\(name)")
        let names = try String(contentsOf: file, encoding: .utf8).contains("is of the real positives")
        #expect(names != isHidden, "\(out)/\(name)")
      }
    }
  }
}
