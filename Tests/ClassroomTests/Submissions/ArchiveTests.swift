import Curriculum
import Foundation
import Testing

@testable import Classroom

@Suite("Reading archives")
struct ArchiveTests {
  private let roc = "roc-is-not-accuracy"
  private let file = "ROCIsNotAccuracy.swift"

  @Test("a member of a zip is read, packed or not; its name may be Chinese and its separators Windows's")
  func zip() throws {
    let text = String(repeating: "let x = 1 // 注释\n", count: 1_000)
    for isDeflated in [false, true] {
      let classroom = try Class()
      try classroom.add(
        try ArchiveWriter.zip([
          .init("作业/"), .init("作业\\Exercises\\Evaluation\\\(file)", text, isDeflated: isDeflated),
          .init("__MACOSX/\(file)", "clutter"),
        ]), at: "ann.zip")
      let files = try classroom.read("ann")
      #expect(files.texts == [roc: text])
      #expect(files.notes.isEmpty)
    }
  }

  @Test("a member that is locked, a link, too long, damaged or out of the archive is refused by its own name")
  func zipRefusals() throws {
    let cases: [(member: ArchiveWriter.ZipMember, note: String)] = [
      (.init(file, "x", flags: 1), "\(file) is locked with a password"),
      (.init(file, "/etc/passwd", unixMode: 0o120777), "\(file) is a symbolic link; links are never followed"),
      (.init(file, "x", declaredSize: 2 << 20), "\(file) is longer than 1 MB"),
      // A bomb that says it is small.
      (.init(file, String(repeating: "0", count: 8 << 20), isDeflated: true, declaredSize: 100), "\(file) is damaged"),
      (.init(file, "x", isDeflated: true, checksum: 1), "\(file) is damaged"),
      (.init("../\(file)", "x"), "../\(file) is a path that leads out of the archive"),
      (.init("/tmp/\(file)", "x"), "/tmp/\(file) is a path that leads out of the archive"),
      (.init("C:\\\(file)", "x"), "C:\\\(file) is a path that leads out of the archive"),
    ]
    for example in cases {
      let classroom = try Class()
      try classroom.add(try ArchiveWriter.zip([example.member]), at: "ann.zip")
      let files = try classroom.read("ann", [.rocIsNotAccuracy])
      #expect(files.contents.isEmpty)
      #expect(files.notes.contains(example.note), "\(files.notes), expected \(example.note)")
    }
  }

  @Test("whatever the bytes of a zip are, reading them ends, and ends in a sentence or in files")
  func spoiledZips() throws {
    let whole = try ArchiveWriter.zip([
      .init("a/\(file)", "let x = 1"), .init("b/LSTMCell.swift", "y", isDeflated: true),
    ])
    for offset in stride(from: 0, to: whole.count, by: 1) {
      for value in [UInt8(0), 0x7f, 0xff] {
        var spoiled = whole
        spoiled[offset] = value
        let folder = try Class()
        try folder.add(spoiled, at: "z.zip")
        let source = ZipSource(file: folder.submissions.appending(path: "z.zip"))
        // Only the table of contents is read: what is packed is gzip's to doubt.
        if let entries = try? source.entries(isWanted: { $0 == file }) { #expect(entries.count <= 2) }
      }
    }
    for length in [0, 10, 22, whole.count - 1] {
      let folder = try Class()
      try folder.add(whole.prefix(length), at: "z.zip")
      #expect(throws: BrokenArchive.self) {
        try ZipSource(file: folder.submissions.appending(path: "z.zip")).entries { _ in true }
      }
    }
  }

  @Test("links, devices and paths out of a tar are refused, and long names are read")
  func tar() throws {
    let long = (0..<12).map { "folder-number-\($0)" }.joined(separator: "/") + "/LSTMCell.swift"
    let classroom = try Class()
    try classroom.add(
      try ArchiveWriter.gzip(
        ArchiveWriter.tar([
          .init(path: "./", kind: "5"),
          .init(path: long, content: "long"),
          .init(path: "a/\(file)", kind: "2", link: "/etc/passwd"),
          .init(path: "b/\(file)", kind: "1", link: "a"),
          .init(path: "c/\(file)", kind: "3"),
          .init(path: "../\(file)", content: "out"),
          .init(path: "/\(file)", content: "root"),
          .init(path: "d/notes.txt", content: "text"),
        ])), at: "ann.tar.gz")
    let files = try classroom.read("ann")
    #expect(files.texts == ["lstm-cell": "long"])
    #expect(
      files.notes.contains("../\(file) is a path that leads out of the archive")
        && files.notes.contains("/\(file) is a path that leads out of the archive")
        && files.notes.contains("a/\(file) is a link; links are never followed")
        && files.notes.contains("c/\(file) is not an ordinary file"), "\(files.notes)")
  }

  @Test("an archive that is broken, cut off, empty or no archive costs its student alone, in a sentence")
  func broken() throws {
    let tar = ArchiveWriter.tar([.init(path: file, content: String(repeating: "x", count: 5_000))])
    let cases: [(name: String, data: Data)] = [
      ("a.zip", Data()), ("b.tar.gz", Data()), ("c.tar", Data()), ("d.tar", Data("no tar".utf8)),
      ("e.tar.gz", Data("no gzip".utf8)), ("f.tar", tar.prefix(3_000)),
      ("g.tar.gz", try ArchiveWriter.gzip(tar).prefix(40)), ("h.tar", Data(repeating: 65, count: 4_096)),
    ]
    for example in cases {
      let classroom = try Class()
      try classroom.add(example.data, at: example.name)
      let name = String(example.name.prefix(1))
      let files = try classroom.read(name)
      #expect(files.contents.isEmpty, "\(example.name)")
      #expect(files.notes.count == 1 && files.notes[0].contains("nothing of it is graded"), "\(files.notes)")
    }
  }

  @Test("a compression bomb is given up at the limit")
  func bomb() throws {
    // One gzip member after the other: 1,100 times 1 MB of zeros.
    let megabyte = try ArchiveWriter.gzip(Data(repeating: 1, count: 1 << 20))
    var header = ArchiveWriter.tar([.init(path: "big", content: "")]).prefix(512)
    let size = Array("77777777777".utf8)
    header.replaceSubrange(124..<135, with: size)
    let classroom = try Class()
    try classroom.add(header, at: "declared.tar")
    try classroom.add((0..<1_100).reduce(into: Data()) { data, _ in data += megabyte }, at: "bomb.tar.gz")
    for name in ["declared", "bomb"] {
      let files = try classroom.read(name)
      #expect(files.contents.isEmpty)
      #expect(files.notes.count == 1, "\(files.notes)")
    }
  }
}
