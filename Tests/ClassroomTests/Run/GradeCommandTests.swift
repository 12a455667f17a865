import Contracts
import Curriculum
import Foundation
import Testing

@testable import Classroom
@testable import Grading

@Suite("dojo grade")
struct GradeCommandTests {
  private let grade = ["grade", "submissions"] + Class.only

  @Test("one of each kind gets what it deserves, and the bytes are the same with one job and with four")
  func mixedClass() throws {
    let classroom = try Class.mixed()
    let first = try DojoProcess.run(grade + ["--jobs", "1", "--out", "one"], in: classroom)
    #expect(first.status == 0, "\(first.error)")
    let second = try DojoProcess.run(grade + ["--jobs", "4", "--out", "four"], in: classroom)
    #expect(second.status == 0, "\(second.error)")
    let bytes = try classroom.bytes("one")
    #expect(try bytes == classroom.bytes("four"))

    let record = try ClassRecord(contentsOf: classroom.root.appending(path: "one"))
    let outcomes = Dictionary(
      uniqueKeysWithValues: record.students.map { student in
        (student.student, Set(student.exercises[0].checks.map(\.outcome)))
      })
    #expect(outcomes["ann"] == [.passed])
    #expect(outcomes["bo"] == [.passed, .wrongValue])
    #expect(outcomes["cy@2"] == [.doesNotCompile])
    #expect(outcomes["di"] == [.notStarted])
    #expect(outcomes["ed"] == [.notStarted])
    #expect(outcomes["fay"] == [.doesNotCompile])
    #expect(outcomes["李 雷"] == [.passed, .crashed])
    #expect(outcomes["hal"] == [.notStarted])
    #expect(record.students.first { $0.student == "hal" }?.notes.first?.contains("damaged") == true)
    #expect(bytes.keys.contains("results/李 雷.json"))
    // Nothing of where or when it was graded is in the results.
    for (name, data) in bytes {
      #expect(!String(decoding: data, as: UTF8.self).contains(classroom.root.lastPathComponent), "\(name)")
    }
    #expect(try DojoProcess.litter(of: classroom) == [])
    #expect(first.output.contains("ann") && first.output.contains("roc-is-not-accuracy"))
  }

  @Test("three parts merged are the whole, byte for byte; a missing part is told, and a doubled one refused")
  func shards() throws {
    let classroom = try Class.mixed()
    #expect(try DojoProcess.run(grade + ["--out", "whole"], in: classroom).status == 0)
    for part in 1...3 {
      let end = try DojoProcess.run(grade + ["--shard", "\(part)/3", "--out", "part\(part)"], in: classroom)
      #expect(end.status == 0, "\(end.error)")
    }
    let merged = try DojoProcess.run(
      ["grade", "--merge", "part2", "part3", "part1", "--out", "merged"], in: classroom)
    #expect(merged.status == 0, "\(merged.error)")
    #expect(try classroom.bytes("merged") == classroom.bytes("whole"))

    let partial = try DojoProcess.run(["grade", "--merge", "part1", "part3", "--out", "partial"], in: classroom)
    #expect(partial.status == 65)
    #expect(partial.error.contains("missing parts: 2/3"))
    let doubled = try DojoProcess.run(["grade", "--merge", "part1", "part1", "--out", "doubled"], in: classroom)
    #expect(doubled.status == 65)
    #expect(doubled.error.contains("are both part 1/3"))
    let unsharded = try DojoProcess.run(["grade", "--merge", "whole", "--out", "other"], in: classroom)
    #expect(unsharded.status == 65)
    #expect(unsharded.error.contains("without '--shard'"))
  }

  @Test("a second grader on the same folder is refused and told which process has it")
  func twoGraders() throws {
    let classroom = try Class.mixed()
    let settings = ClassSettings(exercises: [], seed: 1, tier: .limits, grader: "")
    let held = try ResultsFolder(classroom.results, settings: settings, resuming: false)
    let end = try DojoProcess.run(grade + ["--resume"], in: classroom)
    #expect(end.status == 65)
    #expect(end.error.contains("is being written by another run, process \(getpid())"), "\(end.error)")
    withExtendedLifetime(held) {}
  }

  @Test("a disk that is full ends the run with a sentence; nothing is half-written, and '--resume' goes on")
  func fullDisk() throws {
    let classroom = try Class()
    for number in 0..<6 { try classroom.add("# notes", at: "s\(number)/notes.md") }
    // None needs the compiler, whose files would be cut off too.
    try classroom.addLink(at: "t/ROCIsNotAccuracy.swift", to: "nowhere")
    #expect(try DojoProcess.run(grade + ["--out", "whole"], in: classroom).status == 0)
    let whole = try classroom.bytes("whole")
    // Room for ever longer files: each time another one is the first that does not fit.
    for blocks in [0, 1, 2, 4, 8, 16, 40] {
      let end = try DojoProcess.run(
        grade + ["--resume"], in: classroom, after: "trap '' XFSZ; ulimit -f \(blocks)")
      if end.status == 0 { continue }
      #expect(end.status == 70, "\(blocks): \(end.error)")
      for (name, data) in (try? classroom.bytes()) ?? [:] where name.hasPrefix("results/") {
        #expect(data == whole[name], "\(blocks): \(name)")
      }
    }
    let end = try DojoProcess.run(grade + ["--resume"], in: classroom)
    #expect(end.status == 0, "\(end.error)")
    #expect(try classroom.bytes() == whole)
  }

  @Test("an interrupt ends the students' programs, keeps what was graded, and says how to go on")
  func interrupt() throws {
    let classroom = try Class()
    try classroom.add(try Class.rightAnswer("ann"), at: "ann/ROCIsNotAccuracy.swift")
    try classroom.add(
      try Class.rightAnswer("bo", recall: "while true {}"), at: "bo/ROCIsNotAccuracy.swift")
    let process = try DojoProcess(grade + ["--jobs", "1"], in: classroom)
    // Ann is graded, so Bo is on.
    let record = classroom.results.appending(path: "results/ann.json").path
    while !FileManager.default.fileExists(atPath: record) { usleep(20_000) }
    process.signal(SIGINT)
    let end = try process.wait()
    #expect(end.status == 130)
    #expect(end.error.contains("To go on: dojo grade submissions"), "\(end.error)")
    #expect(end.error.contains("--resume"))
    #expect(DojoProcess.left(of: classroom) == [])
    #expect(try classroom.bytes().keys.filter { $0.hasPrefix("results/") } == ["results/ann.json"])
  }

  @Test("the help fits into 80 columns")
  func help() throws {
    let end = try DojoProcess.run(["help", "grade"], in: try Class(), after: "export COLUMNS=80")
    #expect(end.status == 0)
    let lines = end.output.split(separator: "\n")
    #expect(lines.count > 30)
    #expect(lines.filter { $0.count > 80 } == [])
    #expect(lines.contains { $0.hasPrefix("         [--out <folder>]") })
  }

  @Test(
    "a wrong command line or a missing folder has its own exit status and a sentence",
    arguments: [
      (["grade"], 64, "Missing expected argument"), (["grade", "nowhere"], 66, "nowhere does not exist"),
      (["grade", "a", "b"], 64, "only '--merge' takes several folders"),
      (["grade", "submissions", "--shard", "9/8"], 64, "expected k/n"),
      (["grade", "submissions", "--only", "lstm-sell"], 64, "Did you mean 'lstm-cell'?"),
      (["grade", "submissions", "--sandbox", "jail"], 64, "expected one of auto, bwrap, rlimit"),
      (["grade", "submissions", "--policy", "no.json"], 66, "no.json"),
      (["grade", "submissions"], 65, "holds no submission"),
      (["grade", "--merge", "x", "--out", "y"], 66, "x does not exist"),
      (["grade", "--merge", "x"], 64, "'--merge' needs '--out'"),
      (["grade", "--merge", "--out", "y"], 64, "Missing expected argument"),
      (["grade", "submissions", "--jobs", "0"], 64, "expected a whole number from 1 to 256"),
      (["grade", "submissions", "--only", ","], 64, "no exercise is in it"),
      (["grade", "submissions", "--compare", "nowhere"], 66, "nowhere of '--compare' does not exist"),
    ])
  func wrongUse(words: [String], status: Int32, sentence: String) throws {
    let end = try DojoProcess.run(words, in: try Class())
    #expect(end.status == status)
    #expect(end.error.contains(sentence), "\(end.error)")
    #expect(end.output.isEmpty)
  }

  @Test(
    "a file where a folder is expected, results where submissions are, and the reverse: one sentence each",
    arguments: [
      (["grade", "submissions/notes.md"], 65, "is a file; expected a folder of submissions"),
      (["grade", "done"], 65, "is a folder of results"),
      (["grade", "submissions", "--out", "submissions"], 64, "is not empty"),
      (["grade", "submissions", "--out", "submissions", "--resume"], 64, "was not written by 'dojo grade'"),
      (["grade", "submissions", "--out", "submissions/ann/results"], 64, "lies in a submission"),
      (["grade", "submissions", "--out", "submissions/notes.md"], 64, "is a file"),
      (["grade", "submissions", "--out", "/proc/results"], 70, "cannot write /proc/results"),
      (["grade", "submissions", "--compare", "submissions"], 65, "class.json: cannot be read"),
      (["grade", "submissions", "--compare", "submissions/notes.md"], 65, "class.json: cannot be read"),
      (["grade", "submissions", "--policy", "submissions"], 65, "is a folder"),
      (["grade", "submissions", "--policy", "submissions/notes.md"], 65, "notes.md:1:1: found "),
      (["grade", "--merge", "submissions", "--out", "y"], 65, "holds no results"),
      (["grade", "--merge", "submissions/notes.md", "--out", "y"], 65, "holds no results"),
    ])
  func wrongFiles(words: [String], status: Int32, sentence: String) throws {
    let classroom = try Class()
    try classroom.add("# notes", at: "notes.md")
    try classroom.add("# notes", at: "ann/notes.md")
    #expect(try DojoProcess.run(["grade", "submissions", "--out", "done"] + Class.only, in: classroom).status == 0)
    let end = try DojoProcess.run(words, in: classroom)
    #expect(end.status == status)
    let errors = end.error.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    #expect(errors.count == 1 && errors.allSatisfy { $0.contains(sentence) }, "\(end.error)")
    #expect(!end.error.contains("Error Domain") && end.output.isEmpty)
  }

  @Test("results among the submissions are no submission, and a run that has not begun can be gone on with")
  func resultsAmongSubmissions() throws {
    let classroom = try Class()
    try classroom.add("# notes", at: "ann/notes.md")
    let first = try DojoProcess.run(grade + ["--resume", "--out", "submissions/first"], in: classroom)
    #expect(first.status == 0, "\(first.error)")
    let second = try DojoProcess.run(grade + ["--out", "submissions/second"], in: classroom)
    #expect(second.status == 0)
    #expect(second.error.contains("first is a folder of results; left out"), "\(second.error)")
    let record = try ClassRecord(contentsOf: classroom.submissions.appending(path: "second"))
    #expect(record.students.map(\.student) == ["ann"])
  }

  @Test("a folder that may not be read is told", .disabled(if: geteuid() == 0, "the superuser may read everything"))
  func unreadable() throws {
    let classroom = try Class()
    chmod(classroom.submissions.path, 0)
    defer { chmod(classroom.submissions.path, 0o700) }
    let end = try DojoProcess.run(grade, in: classroom)
    #expect(end.status == 66)
    #expect(end.error.contains("cannot be read"), "\(end.error)")
  }
}
