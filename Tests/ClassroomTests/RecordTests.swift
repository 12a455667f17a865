import Classroom
import Foundation
import Testing

@Suite("Records of a class")
struct RecordTests {
  @Test("a record comes back from its JSON, and scores are the sum of the checks")
  func roundTrip() throws {
    let checks = [
      CheckRecord(name: "one", points: 2, score: 2, outcome: .passed),
      CheckRecord(
        name: "two", points: 3, score: 0, outcome: .wrongValue, message: "expected 1, seen 2", printed: "x\n"),
    ]
    let record = StudentRecord(
      student: "ann", seed: 7, tier: .bwrap,
      exercises: [ExerciseRecord(id: "lstm-cell", digest: "00", checks: checks)], notes: ["Package.swift was left out"])
    #expect(record.score == 2)
    #expect(record.points == 5)
    #expect(try JSONDecoder().decode(StudentRecord.self, from: JSONEncoder().encode(record)) == record)
  }

  @Test("students are sorted by name")
  func sorted() {
    let settings = ClassSettings(exercises: [], seed: 1, tier: .limits, grader: "")
    let students = ["bo", "ann"].map { StudentRecord(student: $0, seed: 1, tier: .limits) }
    #expect(ClassRecord(settings: settings, students: students).students.map(\.student) == ["ann", "bo"])
  }
}
