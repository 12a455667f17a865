import Contracts
import Foundation
import Testing

@testable import Classroom

@Suite("A results folder")
struct ClassFolderTests {
  @Test("what was written comes back")
  func roundTrip() throws {
    let graded = HostileClass.record(seed: 3, students: 4)
    try withFolder(graded) { folder in
      let read = try ClassRecord(contentsOf: folder)
      #expect(read == graded)
    }
  }

  @Test(
    "a broken file is refused with its name and the reason",
    arguments: [
      ("class.json", "{", "class.json: "), ("class.json", nil, "class.json: cannot be read"),
      ("results/0.json", "{\"student\": 3}", "0.json: at student: "), ("results/0.json", "", "0.json: "),
      ("results/9.json", "copy", "9.json: is of "),
      ("results/0.json", "cheat", "0.json: lstm-cell, one: found 3 of 3 points for crashed"),
    ])
  func broken(file: String, content: String?, expected: String) throws {
    let graded = ClassRecord(settings: HostileClass.record(seed: 1).settings, students: [ExportSamples.record])
    try withFolder(graded) { folder in
      let url = folder.appending(path: file)
      switch content {
      case nil: try FileManager.default.removeItem(at: url)
      case "copy": try FileManager.default.copyItem(at: folder.appending(path: "results/0.json"), to: url)
      case "cheat":
        var record = ExportSamples.record
        record.exercises[0].checks[0].score = 3
        try JSONEncoder().encode(record).write(to: url)
      case let content?: try Data(content.utf8).write(to: url)
      }
      let error = #expect(throws: BadInput.self) { try ClassRecord(contentsOf: folder) }
      #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }
  }

  private func withFolder(_ graded: ClassRecord, _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "dojo-class-\(UUID().uuidString)")
    let results = folder.appending(path: "results")
    try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try JSONEncoder().encode(graded.settings).write(to: folder.appending(path: "class.json"))
    for (number, record) in graded.students.enumerated() {
      try JSONEncoder().encode(record).write(to: results.appending(path: "\(number).json"))
    }
    try body(folder)
  }
}
