import Classroom
import Contracts
import Curriculum
import Foundation

@testable import Grading

/// A folder of submissions that is gone after the test.
final class Class {
  let root: URL
  var submissions: URL { root.appending(path: "submissions") }
  var results: URL { root.appending(path: "results") }

  init() throws {
    root = try TemporaryFolder("dojo-class").url
    try FileManager.default.createDirectory(at: submissions, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func add(_ text: String, at path: String) throws { try add(Data(text.utf8), at: path) }

  func add(_ data: Data, at path: String) throws {
    let file = submissions.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func addFolder(_ path: String) throws {
    try FileManager.default.createDirectory(at: submissions.appending(path: path), withIntermediateDirectories: true)
  }

  func addLink(at path: String, to target: String) throws {
    let file = submissions.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: target)
  }

  /// The submissions, by name.
  func found() throws -> [String: Submission] {
    Dictionary(uniqueKeysWithValues: try SubmissionFolder(submissions).submissions.map { ($0.name, $0) })
  }

  /// What is read of the submission of a name.
  func read(_ name: String, _ exercises: [Exercise] = [.rocIsNotAccuracy, .lstmCell]) throws -> SubmittedFiles {
    guard let submission = try found()[name] else { throw BadInput("there is no submission \(name)") }
    return try submission.read(exercises)
  }
}

extension SubmittedFiles {
  /// The graded files' texts, by the exercise's id.
  var texts: [String: String] { contents.mapValues { String(decoding: $0, as: UTF8.self) } }
}
