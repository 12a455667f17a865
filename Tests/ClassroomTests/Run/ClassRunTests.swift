import Contracts
import Curriculum
import Foundation
import Synchronization
import Testing

@testable import Classroom
@testable import Grading

/// Runs of a class whose units are graded by a stand-in: what is tested is who is graded when, and what is kept.
@Suite("Running a class")
struct ClassRunTests {
  private let exercises: [Exercise] = [.rocIsNotAccuracy, .lstmCell]

  /// What was graded, in order.
  private final class Log: Sendable {
    let units = Mutex<[String]>([])
    var all: [String] { units.withLock { $0 } }
  }

  private func settings(seed: UInt64 = 1) -> ClassSettings {
    ClassSettings(exercises: exercises.map(\.id), seed: seed, tier: .limits, grader: "test")
  }

  private func run(_ classroom: Class, jobs: Int = 1, _ log: Log = Log()) throws -> ClassRun {
    let grader = try Grader(seed: 1, references: [:])
    var run = ClassRun(
      submissions: try SubmissionFolder(classroom.submissions).submissions, exercises: exercises, grader: grader,
      jobs: jobs)
    run.gradeUnit = { exercise, content, digest in
      let text = String(decoding: content, as: UTF8.self)
      log.units.withLock { $0.append("\(exercise.id) \(text)") }
      if text == "fault" { throw BadInput("the machine is on fire") }
      return Self.record(exercise, text, digest)
    }
    return run
  }

  private static func record(_ exercise: Exercise, _ text: String, _ digest: String) -> ExerciseRecord {
    ExerciseRecord(
      id: exercise.id, digest: digest,
      checks: exercise.checks.map {
        CheckRecord(name: $0.name, points: $0.points, score: $0.points, outcome: .passed, printed: text)
      })
  }

  private func classroom(_ students: Int) throws -> Class {
    let classroom = try Class()
    for number in 0..<students {
      try classroom.add("\(number)", at: "s\(number)/ROCIsNotAccuracy.swift")
      try classroom.add("\(number)", at: "s\(number)/LSTMCell.swift")
    }
    return classroom
  }

  private func open(_ classroom: Class, seed: UInt64 = 1, shard: Shard? = nil, resuming: Bool = false) throws
    -> ResultsFolder
  {
    try ResultsFolder(classroom.results, settings: settings(seed: seed), shard: shard, resuming: resuming)
  }

  /// Every visible file of the results and its bytes.
  static func bytes(_ folder: URL) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where !path.contains("/.") {
      let file = folder.appending(path: path)
      if !path.hasPrefix("."), try FileKind(of: file) == .file { found[path] = try Data(contentsOf: file) }
    }
    return found
  }

  @Test("every submission gets its record, in order, each told once; the bytes do not depend on the number of jobs")
  func jobs() throws {
    var former: [String: Data]?
    for jobs in [1, 4] {
      let classroom = try classroom(6)
      let told = Mutex<[String]>([])
      let log = Log()
      var run = try run(classroom, jobs: jobs, log)
      run.onStudent = { graded in told.withLock { $0.append(graded.record.student) } }
      let outcome = try run.run(into: try open(classroom))
      #expect(outcome.students.map(\.student) == (0..<6).map { "s\($0)" })
      #expect(outcome.ungraded.isEmpty && !outcome.isStopped)
      #expect(told.withLock { $0.sorted() } == (0..<6).map { "s\($0)" })
      #expect(log.all.sorted() == exercises.flatMap { id in (0..<6).map { "\(id.id) \($0)" } }.sorted())
      if jobs == 1 { #expect(log.all.prefix(2) == ["roc-is-not-accuracy 0", "lstm-cell 0"]) }
      let bytes = try Self.bytes(classroom.results)
      #expect(bytes.count == 7)
      #expect(former == nil || former == bytes)
      former = bytes
    }
  }

  @Test("a missing file is not started, a refused one does not compile, and neither is graded")
  func nothingToGrade() throws {
    let classroom = try Class()
    try classroom.addLink(at: "ann/ROCIsNotAccuracy.swift", to: "/etc/passwd")
    let log = Log()
    let outcome = try run(classroom, log).run(into: try open(classroom))
    let record = try #require(outcome.students.first)
    #expect(log.all.isEmpty)
    #expect(record.exercises.map { $0.checks.first?.outcome } == [.doesNotCompile, .notStarted])
    #expect(record.exercises.map(\.points) == exercises.map(\.points))
    #expect(record.score == 0)
    #expect(record.exercises[0].checks[0].message.contains("links are never followed"))
    #expect(record.exercises[1].checks[0].message == "there is no LSTMCell.swift in the submission")
  }

  @Test("a folder with results is refused, unless it is to be gone on with and the settings are the same")
  func settings() throws {
    let classroom = try classroom(1)
    _ = try run(classroom).run(into: try open(classroom))
    #expect(throws: ResultsError.notEmpty(classroom.results.path)) { try open(classroom) }
    #expect(
      throws: ResultsError.otherSettings(classroom.results.path, differences: ["seed 1 there, 2 now"])
    ) { try open(classroom, seed: 2, resuming: true) }
    #expect(
      throws: ResultsError.otherSettings(classroom.results.path, differences: ["shard none there, 1/2 now"])
    ) { try open(classroom, shard: Shard(index: 1, of: 2), resuming: true) }
    let former = settings(seed: 1)
    let other = ClassSettings(exercises: ["lstm-cell", "dqn"], seed: 1, tier: .bwrap, grader: "0.2")
    #expect(
      former.differences(from: other) == [
        "other exercises, without roc-is-not-accuracy now, with dqn now", "sandbox rlimit there, bwrap now",
        "dojo test there, 0.2 now",
      ])
    let foreign = try Class()
    try foreign.add("mine", at: "../results/thesis.txt")
    #expect(throws: ResultsError.notEmpty(foreign.results.path)) { try open(foreign) }
    #expect(throws: ResultsError.notResults(foreign.results.path)) { try open(foreign, resuming: true) }
  }

  @Test("a second run on the same folder is refused, and told which process has it")
  func lock() throws {
    let classroom = try classroom(1)
    let first = try open(classroom)
    #expect(throws: ResultsError.locked(classroom.results.path, process: "\(getpid())")) {
      try open(classroom, resuming: true)
    }
    withExtendedLifetime(first) {}
  }

  @Test("only what changed is graded again")
  func resume() throws {
    let classroom = try classroom(3)
    _ = try run(classroom).run(into: try open(classroom))
    let former = try Self.bytes(classroom.results)
    let idle = Log()
    #expect(try run(classroom, idle).run(into: try open(classroom, resuming: true)).students.count == 3)
    #expect(idle.all.isEmpty)
    #expect(try Self.bytes(classroom.results) == former)

    try classroom.add("changed", at: "s1/LSTMCell.swift")
    try classroom.add("new", at: "s9/LSTMCell.swift")
    try Data("{".utf8).write(to: classroom.results.appending(path: "results/s2.json"))
    let log = Log()
    let outcome = try run(classroom, log).run(into: try open(classroom, resuming: true))
    #expect(
      log.all.sorted() == ["lstm-cell 2", "lstm-cell changed", "lstm-cell new", "roc-is-not-accuracy 2"])
    #expect(outcome.students.map(\.student) == ["s0", "s1", "s2", "s9"])
    #expect(try Self.bytes(classroom.results)["results/s2.json"] == former["results/s2.json"])
    #expect(outcome.students[1].exercises[1].checks[0].printed == "changed")
  }

  @Test("what a stopped run had graded of an unfinished submission is not graded again")
  func journal() throws {
    let classroom = try classroom(2)
    let log = Log()
    let isRaised = Mutex(false)
    var stopped = try run(classroom, log)
    let grade = try #require(stopped.gradeUnit)
    stopped.gradeUnit = { exercise, content, digest in
      let record = try grade(exercise, content, digest)
      // The third unit is stopped: it does not count.
      if log.all.count == 4 { isRaised.withLock { $0 = true } }
      return record
    }
    let outcome = try stopped.run(into: try open(classroom), stop: StopSwitch { isRaised.withLock { $0 } })
    #expect(outcome.isStopped)
    #expect(outcome.students.map(\.student) == ["s0"])

    // A last line that was cut off does not count.
    let file = classroom.results.appending(path: ".journal")
    try (try Data(contentsOf: file) + Data("0123456789abcdef {\"stud".utf8)).write(to: file)
    let rest = Log()
    let all = try run(classroom, rest).run(into: try open(classroom, resuming: true))
    #expect(rest.all == ["lstm-cell 1"])
    #expect(all.students.count == 2)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    let undisturbed = try self.classroom(2)
    _ = try run(undisturbed).run(into: try open(undisturbed))
    #expect(try Self.bytes(classroom.results) == Self.bytes(undisturbed.results))
  }

  @Test("a fault of ours is tried once more, told, and no student's zero; the others are graded")
  func faults() throws {
    let classroom = try classroom(3)
    try classroom.add("fault", at: "s1/LSTMCell.swift")
    let log = Log()
    let outcome = try run(classroom, log).run(into: try open(classroom))
    #expect(
      outcome.ungraded == [
        ClassRun.Ungraded(student: "s1", exercise: "lstm-cell", reason: "the machine is on fire")
      ])
    #expect(outcome.students.map(\.student) == ["s0", "s2"])
    #expect(log.all.count { $0 == "lstm-cell fault" } == 2)
    #expect(log.all.last == "lstm-cell fault")
    #expect(try Self.bytes(classroom.results)["results/s1.json"] == nil)

    try classroom.add("mended", at: "s1/LSTMCell.swift")
    let rest = Log()
    let all = try run(classroom, rest).run(into: try open(classroom, resuming: true))
    #expect(rest.all == ["lstm-cell mended"])
    #expect(all.ungraded.isEmpty && all.students.count == 3)
  }

  @Test("a submission that cannot be read is a fault of ours too")
  func unreadable() throws {
    let classroom = try classroom(2)
    var run = try run(classroom)
    run.read = { submission, exercises in
      if submission.name == "s0" { throw UnreadableSubmission(description: "the disk cannot be read") }
      return try submission.read(exercises)
    }
    let outcome = try run.run(into: try open(classroom))
    #expect(
      outcome.ungraded == [ClassRun.Ungraded(student: "s0", exercise: nil, reason: "the disk cannot be read")])
    #expect(outcome.students.map(\.student) == ["s1"])
  }

  @Test("when a result cannot be kept the run ends with that error, and goes on later")
  func cannotWrite() throws {
    let classroom = try classroom(3)
    var failing = try run(classroom)
    let error = ResultsError.cannotWrite("gradebook.csv", reason: "No space left on device")
    failing.onStudent = { if $0.record.student == "s1" { throw error } }
    #expect(throws: error) { try failing.run(into: try open(classroom)) }
    let all = try run(classroom).run(into: try open(classroom, resuming: true))
    #expect(all.students.count == 3)
  }

  @Test("a name that comes later may rename a record, and leaves no copy")
  func renamed() throws {
    let classroom = try Class()
    try classroom.add("1", at: "Ann/LSTMCell.swift")
    _ = try run(classroom).run(into: try open(classroom))
    #expect(try Self.bytes(classroom.results)["results/Ann.json"] != nil)
    try classroom.add("2", at: "ann/LSTMCell.swift")
    let log = Log()
    _ = try run(classroom, log).run(into: try open(classroom, resuming: true))
    #expect(log.all == ["lstm-cell 2"])
    let names = try Self.bytes(classroom.results).keys.filter { $0.hasPrefix("results/") }.sorted()
    #expect(names.count == 2 && names.contains("results/ann.json"), "\(names)")
  }
}
