import Curriculum
import Foundation
import Grading

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Grades one exercise of one submission.
struct UnitGrader: Sendable {
  let grader: Grader

  /// How much of what a compiler says is kept.
  private static let logCharacters = 16_384

  /// How much of a check's message is kept: the student's code may write it.
  private static let messageCharacters = 4_096

  /// Less room than this on the disk of temporary files, and a failure may be the disk's.
  private static let roomBytes = 16 << 20

  /// Grades a file.
  ///
  /// - Throws: a fault of ours or of this machine. Whatever the file holds is no error.
  func grade(_ exercise: Exercise, _ content: Data, digest: String, jobs: Int) throws -> ExerciseRecord {
    let folder = try TemporaryFolder("dojo-unit")
    defer { folder.remove() }
    let file = folder.url.appending(path: "\(exercise.name).swift")
    try content.write(to: file)
    var grader = grader
    grader.jobs = jobs
    let result = try grader.grade(exercise, file: file)
    if let fault = result.checks.first(where: \.isFaultOfOurs) {
      throw UngradableUnit(description: fault.message)
    }
    if !result.isPassed, !result.isNotStarted { try requireRoom() }
    var record = ExerciseRecord(result, digest: digest)
    record.compilerLog = Self.beginning(of: record.compilerLog, Self.logCharacters)
    for index in record.checks.indices {
      record.checks[index].message = Self.beginning(of: record.checks[index].message, Self.messageCharacters)
    }
    return record
  }

  /// A compiler or a student's code that finds no room fails, and would lose points by our disk.
  private func requireRoom() throws {
    let folder = FileManager.default.temporaryDirectory.path
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return }
    guard UInt64(status.f_bavail) * UInt64(status.f_frsize) >= UInt64(Self.roomBytes) else {
      throw UngradableUnit(description: "no room is left in \(folder), where temporary files are")
    }
  }

  private static func beginning(of text: String, _ characters: Int) -> String {
    let cut = text.prefix(characters)
    return cut.endIndex == text.endIndex ? text : "\(cut)\n… and \(text.utf8.count - cut.utf8.count) bytes more"
  }
}

/// A fault of ours or of this machine kept an exercise from being graded.
struct UngradableUnit: Error, CustomStringConvertible {
  let description: String
}
