import Classroom
import Contracts
import Curriculum
import Foundation
import Grading
import Testing

@Suite("Finding submissions")
struct SubmissionFolderTests {
  private let roc = "roc-is-not-accuracy"

  @Test("each folder and archive is a submission, named without its ending; everything else is told")
  func kinds() throws {
    let classroom = try Class()
    try classroom.add("1", at: "ann/ROCIsNotAccuracy.swift")
    try classroom.add("2", at: "李 雷/a/b/Exercises/Evaluation/ROCIsNotAccuracy.swift")
    let member = ArchiveWriter.TarMember(path: "ROCIsNotAccuracy.swift", content: "3")
    try classroom.add(ArchiveWriter.tar([member]), at: "bo@2.tar")
    try classroom.add(try ArchiveWriter.gzip(ArchiveWriter.tar([member])), at: "cy.d'arc.tar.gz")
    try classroom.add(try ArchiveWriter.gzip(ArchiveWriter.tar([member])), at: "di.tgz")
    try classroom.add(try ArchiveWriter.zip([.init("x/ROCIsNotAccuracy.swift", "3")]), at: "ed.ZIP")
    try classroom.add("not one", at: "grades.xlsx")
    try classroom.add("clutter", at: ".DS_Store")
    try classroom.add("clutter", at: "__MACOSX/ROCIsNotAccuracy.swift")
    try classroom.addLink(at: "zed", to: "ann")
    let found = try SubmissionFolder(classroom.submissions)
    #expect(found.submissions.map(\.name) == ["ann", "bo@2", "cy.d'arc", "di", "ed", "李 雷"])
    #expect(
      found.ignored == [
        "grades.xlsx is no folder and no archive; left out", "zed is a symbolic link; left out",
      ])
    for (name, text) in ["ann": "1", "李 雷": "2", "bo@2": "3", "cy.d'arc": "3", "di": "3", "ed": "3"] {
      let files = try classroom.read(name)
      #expect(files.texts == [roc: text], "\(name)")
      #expect(files.notes.isEmpty, "\(name)")
    }
    #expect(try classroom.found()["bo@2"]?.student == "bo")
    #expect(try classroom.found()["ann"]?.student == "ann")
  }

  @Test(
    "the attempt is the number after the last @",
    arguments: [("ann@2", "ann"), ("a@b@10", "a@b"), ("ann@x", "ann@x"), ("@2", "@2"), ("ann@", "ann@")])
  func attempts(name: String, student: String) {
    #expect(Submission.student(of: name) == student)
  }

  @Test("a folder with Exercises in it is one submission, and its results are not part of it")
  func repository() throws {
    let classroom = try Class()
    try classroom.add("mine", at: "Exercises/Evaluation/ROCIsNotAccuracy.swift")
    try classroom.add("reference", at: "Solutions/Evaluation/ROCIsNotAccuracy.swift")
    try classroom.add("contract", at: "Sources/Contracts/Foundations/LSTMCell.swift")
    try classroom.add("old", at: "results/ROCIsNotAccuracy.swift")
    try classroom.add("", at: "Package.swift")
    let found = try SubmissionFolder(classroom.submissions, excluding: classroom.submissions.appending(path: "results"))
    let submission = try #require(found.submissions.first)
    #expect(found.submissions.count == 1)
    #expect(submission.name == "submissions")
    let files = try submission.read([.rocIsNotAccuracy, .lstmCell])
    #expect(files.texts == [roc: "mine"])
    #expect(files.notes.isEmpty)
  }

  @Test("an empty folder is refused with what is expected, and so is a missing one")
  func nothing() throws {
    let classroom = try Class()
    #expect(throws: BadInput.self) { try SubmissionFolder(classroom.submissions) }
    #expect(throws: UnreadableSubmission.self) { try SubmissionFolder(classroom.root.appending(path: "no such")) }
  }

  @Test("a folder and an archive of one name are two submissions")
  func twice() throws {
    let classroom = try Class()
    try classroom.add("1", at: "ann/ROCIsNotAccuracy.swift")
    try classroom.add(try ArchiveWriter.zip([.init("ROCIsNotAccuracy.swift", "2")]), at: "ann.zip")
    #expect(try classroom.read("ann").texts == [roc: "1"])
    let archive = try classroom.read("ann.zip")
    #expect(archive.texts == [roc: "2"])
    #expect(archive.notes == ["there is another submission named ann; this one goes by its whole name"])
  }

  @Test("of several files of one name the right one is graded, and the others are told")
  func choices() throws {
    let starter = try #require(PristineStarters.text(for: .rocIsNotAccuracy))
    let cases: [(files: [String: String], graded: String, told: String?)] = [
      (
        ["ROCIsNotAccuracy.swift": "a", "x/Exercises/Evaluation/ROCIsNotAccuracy.swift": "b"], "b", "where the starter"
      ),
      (["x/ROCIsNotAccuracy.swift": "a", "x/y/ROCIsNotAccuracy.swift": "b"], "a", "fewer folders"),
      (["x/ROCIsNotAccuracy.swift": "a", "y/ROCIsNotAccuracy.swift": "b"], "a", "first by name"),
      (
        ["ROCIsNotAccuracy.swift": "a", "Exercises/Evaluation/ROCIsNotAccuracy.swift": starter], "a",
        "untouched starter"
      ),
      (["x/ROCIsNotAccuracy.swift": "a", "y/ROCIsNotAccuracy.swift": "a"], "a", nil),
      (["x/ROCIsNotAccuracy.swift": "a", "Solutions/Evaluation/ROCIsNotAccuracy.swift": "b"], "a", nil),
    ]
    for (index, example) in cases.enumerated() {
      let classroom = try Class()
      // One folder deeper, so that the class is not taken for a student's repository.
      for (path, text) in example.files { try classroom.add(text, at: "ann/r/\(path)") }
      let files = try classroom.read("ann")
      #expect(files.texts == [roc: example.graded], "\(index)")
      #expect(files.notes.count == (example.told == nil ? 0 : 1), "\(index): \(files.notes)")
      if let told = example.told { #expect(files.notes.first?.contains(told) == true, "\(index): \(files.notes)") }
    }
  }

  @Test("links, folders, pipes and long files are refused by name, and an empty file is a file")
  func refusals() throws {
    let classroom = try Class()
    let secret = classroom.root.appending(path: "secret")
    try Data("secret".utf8).write(to: secret)
    try classroom.addLink(at: "link/ROCIsNotAccuracy.swift", to: secret.path)
    try classroom.addFolder("folder/ROCIsNotAccuracy.swift")
    try classroom.add(String(repeating: "/", count: 1 << 20 + 1), at: "long/ROCIsNotAccuracy.swift")
    try classroom.add("", at: "empty/ROCIsNotAccuracy.swift")
    try classroom.addFolder("pipe")
    try #require(mkfifo(classroom.submissions.appending(path: "pipe/ROCIsNotAccuracy.swift").path, 0o600) == 0)
    // A linked folder is not entered either.
    try classroom.add("a", at: "tree/x/LSTMCell.swift")
    try classroom.addLink(at: "tree/Exercises", to: "x")
    let expected = [
      "link": "a symbolic link; links are never followed", "folder": "a folder, where a file is expected",
      "long": "longer than 1 MB", "pipe": "not an ordinary file",
    ]
    for (name, reason) in expected {
      let files = try classroom.read(name)
      #expect(files.contents.isEmpty, "\(name)")
      #expect(files.refusals == [roc: reason])
      #expect(files.notes == ["ROCIsNotAccuracy.swift is \(reason)"])
    }
    #expect(try classroom.read("empty").texts == [roc: ""])
    let tree = try classroom.read("tree")
    #expect(tree.texts == ["lstm-cell": "a"])
    #expect(tree.notes == ["Exercises is a symbolic link; links are never followed"])
  }

  @Test("files that belong to no exercise are left out and named, Swift files first")
  func others() throws {
    let classroom = try Class()
    for name in ["Package.swift", "run.sh", "LSTMCell-1.swift", "notes.txt", "b.txt", "c.txt"] {
      try classroom.add("", at: "ann/x/\(name)")
    }
    #expect(
      try classroom.read("ann").notes == [
        "left out, as named like no exercise: x/LSTMCell-1.swift, x/b.txt, x/c.txt, x/notes.txt and 1 more",
        "no file of the graded exercises is in it",
      ])
  }

  @Test("an archive in a student's folder, as learning platforms deliver it, is read too")
  func nested() throws {
    let classroom = try Class()
    try classroom.add(
      try ArchiveWriter.zip([.init("BehaviorDojo-main/Exercises/Foundations/LSTMCell.swift", "z")]),
      at: "Ann_12345_assignsubmission_file_/hw.zip")
    try classroom.add("broken", at: "bo/hw.zip")
    #expect(try classroom.read("Ann_12345_assignsubmission_file_").texts == ["lstm-cell": "z"])
    #expect(try classroom.read("bo").notes.first == "hw.zip is an archive that is damaged, or no zip file")
  }
}
