import Foundation
import Testing

@testable import Classroom
@testable import Grading

@Suite("The journal of a run")
struct JournalTests {
  private func entry(_ number: Int) -> Journal.Entry {
    Journal.Entry(student: "学生 \(number)", exercise: ExerciseRecord(id: "e", digest: "\(number)", checks: []))
  }

  @Test("whatever byte a journal is cut off at, its whole lines count and no other, and it can be gone on with")
  func cutOff() throws {
    let folder = try TemporaryFolder("dojo-journal")
    defer { folder.remove() }
    let file = folder.url.appending(path: "journal")
    let entries = (0..<3).map(entry)
    try {
      let journal = try Journal(file, keeping: [])
      for entry in entries { try journal.append(entry) }
    }()
    #expect(Journal.read(file) == entries)
    let whole = try Data(contentsOf: file)
    for length in 0...whole.count {
      let cut = folder.url.appending(path: "cut")
      try whole.prefix(length).write(to: cut)
      let lines = whole.prefix(length).count { $0 == UInt8(ascii: "\n") }
      let read = Journal.read(cut)
      // The last line may lack only its end.
      let isLineWhole = length < whole.count && whole[length] == UInt8(ascii: "\n")
      #expect(read == Array(entries.prefix(lines + (isLineWhole ? 1 : 0))), "\(length) bytes")
      try Journal(cut, keeping: read).append(entry(9))
      #expect(Journal.read(cut) == read + [entry(9)], "\(length) bytes")
    }
  }

  @Test("a damaged line does not count, those after it do")
  func damaged() throws {
    let folder = try TemporaryFolder("dojo-journal")
    defer { folder.remove() }
    let file = folder.url.appending(path: "journal")
    _ = try Journal(file, keeping: (0..<3).map(entry))
    var data = try Data(contentsOf: file)
    let second = try #require(data.firstIndex(of: UInt8(ascii: "\n"))) + 40
    data[second] ^= 1
    try data.write(to: file)
    #expect(Journal.read(file) == [entry(0), entry(2)])
  }
}
