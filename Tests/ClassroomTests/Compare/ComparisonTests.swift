import Curriculum
import Foundation
import Grading
import Testing

@testable import Classroom

@Suite("A regrade compared")
struct ComparisonTests {
  @Test("where nothing changed, nothing is said")
  func same() throws {
    let graded = record(["ann": .passed, "bo": .crashed])
    let comparison = Comparison(old: graded, new: graded)
    #expect(comparison.isEmpty)
    #expect(comparison.text == "Nothing changed in 2 submissions.\n")
    #expect(try CSVText.rows(comparison.csv()).count == 1)
  }

  @Test("another message with the same outcome is no change")
  func otherMessage() {
    var new = record(["ann": .wrongValue])
    new.students[0].exercises[0].checks[0].message = "expected 0.1, seen 0.2"
    #expect(Comparison(old: record(["ann": .wrongValue]), new: new).isEmpty)
  }

  @Test("it tells who changed, by how much, which checks, why, and what was said then and now")
  func changed() throws {
    let old = record(["ann": .wrongValue, "bo": .passed, "cy": .passed, "di": .passed])
    var new = record(["ann": .passed, "bo": .timedOut, "cy": .passed, "ed": .passed], seed: 2)
    new.students[0].exercises[0].digest = "other"
    let comparison = Comparison(old: old, new: new)
    #expect(comparison.changes.map(\.student) == ["ann", "bo"])
    #expect(comparison.changes.map(\.difference) == [3, -3])
    #expect(
      comparison.text == """
        2 of 3 submissions changed: 1 higher, 1 lower.
        seed: 1 → 2
        added: ed
        removed: di

        ann  0 → 3 of 3  (+3)
          lstm-cell  [file changed, seed changed]
            gates: wrong value → passed  (+3)
              then: about wrong value

        bo  3 → 0 of 3  (−3)
          lstm-cell  [seed changed]
            gates: passed → timed out  (−3)
              now: about timed out

        """)
    let rows = try CSVText.rows(comparison.csv())
    #expect(rows.map { $0[0] } == ["student", "di", "ed", "ann", "bo"])
    #expect(
      rows[3] == [
        "ann", "changed", "lstm-cell", "gates", "0", "3", "3", "wrong value", "passed", "about wrong value", "",
        "file changed; seed changed",
      ])
    #expect(try JSONDecoder().decode(Comparison.self, from: comparison.json()) == comparison)
  }

  @Test("the tier and the grader are causes; no cause at all is told plainly")
  func causes() {
    let old = record(["ann": .passed])
    let new = record(["ann": .crashed], tier: .bwrap, grader: "2")
    #expect(Comparison(old: old, new: new).changes[0].exercises[0].causes == [.tier, .grader])
    let unsteady = Comparison(old: old, new: record(["ann": .crashed])).text
    #expect(unsteady.contains("[nothing else changed: the check or the machine is not steady]"))
  }

  @Test("checks and exercises that came or went are changes")
  func otherChecks() {
    let old = record(["ann": .passed])
    var new = old
    new.students[0].exercises[0].checks[0].name = "gates and states"
    let checks = Comparison(old: old, new: new).changes[0].exercises[0].checks
    #expect(checks.map(\.name) == ["gates and states", "gates"])
    #expect(checks.map(\.difference) == [3, -3])
    new.students[0].exercises = []
    #expect(Comparison(old: old, new: new).text.contains("3 of 3 → 0 of 0  (−3)"))
  }

  @Test("no control character reaches the terminal or the table", arguments: 1...10)
  func hostile(seed: Int) throws {
    let old = HostileClass.record(seed: UInt64(seed))
    var new = HostileClass.record(seed: UInt64(seed) + 100)
    for index in new.students.indices { new.students[index].student = old.students[index].student }
    let comparison = Comparison(old: old, new: new)
    #expect(!comparison.changes.isEmpty)
    #expect(HostileClass.controls(in: comparison.text, except: "\n").isEmpty)
    let rows = try CSVText.rows(comparison.csv())
    #expect(rows.count == 1 + comparison.changes.flatMap { $0.exercises.flatMap(\.checks) }.count)
    #expect(try JSONDecoder().decode(Comparison.self, from: comparison.json()) == comparison)
  }

  // MARK: - Helpers

  private func record(
    _ outcomes: [String: Outcome], seed: UInt64 = 1, tier: SandboxTier = .limits, grader: String = "1"
  ) -> ClassRecord {
    let students = outcomes.map { name, outcome in
      let check = CheckRecord(
        name: "gates", points: 3, score: outcome == .passed ? 3 : 0, outcome: outcome,
        message: outcome == .passed ? "" : "about \(outcome.rawValue)")
      return StudentRecord(
        student: name, seed: seed, tier: tier,
        exercises: [ExerciseRecord(id: "lstm-cell", digest: "same", checks: [check])])
    }
    let settings = ClassSettings(exercises: ["lstm-cell"], seed: seed, tier: tier, grader: grader)
    return ClassRecord(settings: settings, students: students)
  }
}
