import Charts
import Classroom
import Curriculum
import Foundation
import Grading
import Learning
import Mistakes
import Solutions

/// Writes what is made of the records, while a run goes on and at its end.
final class GradeOutputs: @unchecked Sendable {
  private let results: ResultsFolder
  private let session: Session
  private let exercises: [Exercise]
  private let policy: Policy
  private let hints: FeedbackHints
  private let isShard: Bool

  private let lock = NSLock()
  private var sources: [String: [String: String]] = [:]
  private var fileNames: [String: String] = [:]
  private var lastWritten = ContinuousClock.now
  private var lastTook = Duration.zero

  /// A longer text is compared by its beginning.
  private static let sourceBytes = 256 << 10

  /// Writes to a folder of results; `isShard` where it is one of several parts of a class.
  init(results: ResultsFolder, exercises: [Exercise], policy: Policy, isShard: Bool, session: Session) throws {
    self.results = results
    self.exercises = exercises
    self.policy = policy
    self.isShard = isShard
    self.session = session
    hints = FeedbackHints(try? session.workspace(), exercises: exercises.map(\.id))
  }

  /// A submission was read; several at a time. Its files are compared with the others' at the end.
  func read(_ submission: Submission, _ files: SubmittedFiles) throws {
    var texts: [String: String] = [:]
    for exercise in exercises {
      guard let content = files.contents[exercise.id] else { continue }
      let text = String(decoding: content.prefix(Self.sourceBytes), as: UTF8.self)
      if text != PristineStarters.text(for: exercise) { texts[exercise.id] = text }
    }
    lock.withLock { sources[submission.name] = texts }
    // Whoever puts the parts together compares them.
    if isShard {
      try results.write(
        Data(try jsonText(ShardSource(student: submission.name, texts: texts)).utf8),
        to: "sources/\(submission.fileName).json")
    }
  }

  /// A submission was graded; one at a time.
  func add(_ graded: ClassRun.GradedSubmission) throws {
    fileNames[graded.record.student] = graded.fileName
    try writePage(of: graded.record, mark: nil)
    // The whole table is written anew at most for a twentieth of the time, however large the class is.
    let now = ContinuousClock.now
    guard now - lastWritten > max(.seconds(2), lastTook * 20) else { return }
    try writeTables(ClassRecord(settings: results.settings, students: graded.all()))
    lastWritten = .now
    lastTook = lastWritten - now
  }

  /// What other runs read and named.
  func take(names: [String: String], sources: [ShardSource]) {
    fileNames = names
    lock.withLock {
      self.sources = Dictionary(sources.map { ($0.student, $0.texts) }) { first, _ in first }
    }
  }

  /// The run has ended.
  func finish(_ record: ClassRecord, ungraded: [ClassRun.Ungraded] = []) throws {
    let marks = Dictionary(policy.marks(record).map { ($0.student, $0) }) { first, _ in first }
    for student in record.students {
      try writePage(of: student, mark: marks[Submission.student(of: student.student)])
    }
    try writeTables(record)
    try writeExports(record)
    if !isShard { try writeSimilarity(record) }
    let names = fileNames
    let page = ClassPage(
      record, policy: policy, mistakes: exercises.flatMap { mistakes[$0.name] ?? [] },
      links: ClassPage.Links(
        gradebook: "gradebook.csv", junit: "junit.xml", similarity: isShard ? nil : "similarity.html",
        feedback: { names[$0].map { "feedback/\($0).html" } }),
      ungraded: ungraded.map { ClassPage.Ungraded($0.student, reason: $0.reason) }, language: session.language)
    try write(page.html, to: "index.html")
  }

  /// Who got another result than in an earlier run; also as a table.
  func compare(_ record: ClassRecord, with former: ClassRecord?) throws -> Comparison? {
    guard let former else { return nil }
    let comparison = Comparison(old: former, new: record)
    try write(comparison.csv(), to: "comparison.csv")
    return comparison
  }

  private func writePage(of record: StudentRecord, mark: StudentMark?) throws {
    guard let fileName = fileNames[record.student] else { return }
    let page = FeedbackPage(record, policy: policy, mark: mark, hints: hints, language: session.language)
    try write(page.html, to: "feedback/\(fileName).html")
  }

  private func writeTables(_ record: ClassRecord) throws {
    try write(Gradebook(record, policy: policy).csv(), to: "gradebook.csv")
  }

  /// What other programs read.
  private func writeExports(_ record: ClassRecord) throws {
    for student in record.students {
      guard let fileName = fileNames[student.student] else { continue }
      let export = GradescopeExport(student, policy: policy, settings: record.settings)
      try results.write(export.data, to: "gradescope/\(fileName).json")
    }
    // One submission is a student's own repository, and a report of its checks is the student's to see.
    let isOne = record.students.count == 1
    let junit = isOne ? JUnitExport(record.students[0], policy: policy) : JUnitExport(record)
    try results.write(junit.data, to: "junit.xml")
    try write(markdownSummary(record, policy: policy), to: "summary.md")
  }

  private func writeSimilarity(_ record: ClassRecord) throws {
    let all = lock.withLock { sources }
    func texts(_ text: (Exercise) -> String?) -> [String: String] {
      Dictionary(uniqueKeysWithValues: exercises.compactMap { exercise in text(exercise).map { (exercise.id, $0) } })
    }
    let workspace = try? session.workspace()
    let report = SimilarityReport(
      submissions: record.students.map { (student: $0.student, sources: all[$0.student] ?? [:]) },
      starters: texts { PristineStarters.text(for: $0) },
      solutions: texts { exercise in
        workspace.flatMap { try? String(contentsOf: $0.solution(of: exercise), encoding: .utf8) }
      })
    try write(report.html(language: session.language), to: "similarity.html")
    try write(report.csv, to: "similarity.csv")
  }

  private func write(_ text: String, to path: String) throws {
    try results.write(Data(text.utf8), to: path)
  }
}

/// The files of a submission that are compared with those of other parts of the class.
struct ShardSource: Codable {
  var student: String
  var texts: [String: String]
}
