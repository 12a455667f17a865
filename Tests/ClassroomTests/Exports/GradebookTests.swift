import Curriculum
import Foundation
import Testing

@testable import Classroom

@Suite("The gradebook")
struct GradebookTests {
  @Test("one row a student, with the columns that it says")
  func columns() throws {
    let graded = ClassRecord(
      settings: ClassSettings(exercises: ["lstm-cell"], seed: 7, tier: .bwrap, grader: ""),
      students: ["bo", "ann", "ann@2"].map { name in
        StudentRecord(
          student: name, seed: 7, tier: .bwrap,
          exercises: [
            ExerciseRecord(
              id: "lstm-cell", digest: "",
              checks: [
                CheckRecord(
                  name: "a", points: 2, score: name == "ann@2" ? 2 : 0, outcome: name == "ann@2" ? .passed : .crashed),
                CheckRecord(name: "b", points: 1, score: 0, outcome: .timedOut),
              ])
          ])
      })
    let rows = try CSVText.rows(Gradebook(graded).csv())
    #expect(
      rows[0] == [
        "student", "submission", "lstm-cell", "score", "points", "mark", "penalty", "late", "passed", "attempt",
        "attempts", "tier", "seed",
      ] + Outcome.allCases.map(\.rawValue))
    #expect(rows[1].prefix(13) == ["ann", "ann@2", "2", "2", "3", "66.67", "0", "0", "", "2", "2", "bwrap", "7"])
    #expect(rows[2].prefix(13) == ["bo", "bo", "0", "0", "3", "0", "0", "0", "", "1", "1", "bwrap", "7"])
    #expect(rows[2].suffix(10) == ["0", "0", "0", "0", "0", "0", "1", "1", "0", "0"])
    #expect(rows.count == 3)
  }

  @Test("a cell is never a formula", arguments: ["=1", "+1", "-1", "@x", " =1", "\t=1", "\n=1", "＝1", "\u{200B}=1"])
  func formulas(cell: String) {
    #expect(["'", "⟨"].contains(CSVTable.text(cell).first))
  }

  @Test("hostile names come back as one row each, and no control character gets out", arguments: 1...20)
  func hostile(seed: Int) throws {
    let graded = HostileClass.record(seed: UInt64(seed))
    let text = Gradebook(graded).csv()
    let rows = try CSVText.rows(text)
    let marks = Policy.standard.marks(graded)
    #expect(rows.count == 1 + marks.count)
    for (row, mark) in zip(rows.dropFirst(), marks) {
      #expect(row.count == rows[0].count)
      #expect(row[1] == CSVTable.text(mark.submission))
      #expect(!row.contains { cell in "=+-@\t\r".contains { cell.first == $0 } })
    }
    #expect(HostileClass.controls(in: text, except: "\n\t\r").isEmpty)
  }
}

/// Reads a table back, as RFC 4180 has it.
enum CSVText {
  struct Malformed: Error {}

  static func rows(_ text: String) throws -> [[String]] {
    guard text.hasPrefix("\u{FEFF}") else { throw Malformed() }
    var rows: [[String]] = []
    var row: [String] = []
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    let scalars = Array(text.unicodeScalars.dropFirst())
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      if isQuoted {
        if scalar == "\"" && next == "\"" {
          cell.append(scalar)
          index += 1
        } else if scalar == "\"" {
          guard next == "," || next == "\r" else { throw Malformed() }
          isQuoted = false
        } else {
          cell.append(scalar)
        }
      } else if scalar == "\"" {
        guard cell.isEmpty else { throw Malformed() }
        isQuoted = true
      } else if scalar == "," || (scalar == "\r" && next == "\n") {
        row.append(String(cell))
        cell = String.UnicodeScalarView()
        if scalar == "\r" {
          rows.append(row)
          row = []
          index += 1
        }
      } else {
        guard scalar != "\r", scalar != "\n" else { throw Malformed() }
        cell.append(scalar)
      }
      index += 1
    }
    guard row.isEmpty, cell.isEmpty, !isQuoted else { throw Malformed() }
    return rows
  }
}
