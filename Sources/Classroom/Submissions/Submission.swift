import Contracts
import Curriculum
import Foundation
import Grading

/// What one student handed in: where it lies, and under which name it is graded.
public struct Submission: Sendable, Hashable {
  /// The name: of the folder, or of the archive without its ending; with `@2` at its end for a second attempt.
  public var name: String

  /// The name for files of results, which is safe in every file system.
  public var fileName: String

  /// The folder or archive.
  public let location: URL

  /// What there is to say about the name.
  var notes: [String] = []

  /// A folder below it that is passed over.
  var excluded: URL?

  /// The student: the name without the attempt.
  public var student: String { Submission.student(of: name) }

  /// The student of a submission's name: `ann@2` is of `ann`.
  public static func student(of name: String) -> String {
    guard let mark = name.lastIndex(of: "@"), mark > name.startIndex else { return name }
    let attempt = name[name.index(after: mark)...]
    return !attempt.isEmpty && attempt.allSatisfy { $0.isASCII && $0.isNumber } ? String(name[..<mark]) : name
  }

  /// Reads the files of some exercises.
  ///
  /// - Throws: a fault of this machine, as an unreadable disk. Whatever the student may have handed in is no error.
  public func read(_ exercises: [Exercise]) throws -> SubmittedFiles {
    let source: any SubmissionSource =
      Archive(location)?.source ?? FolderSource(folder: location, excluded: excluded)
    let names = Set(exercises.map { "\($0.name).swift" })
    do {
      let entries = try source.entries { names.contains(String($0)) }
      var files = SubmittedFiles(choosingFrom: entries, for: exercises)
      files.notes = notes + files.notes
      return files
    } catch let broken as BrokenArchive {
      return SubmittedFiles(
        notes: notes + ["\(told(location.lastPathComponent)) \(broken.reason); nothing of it is graded"])
    }
  }
}

/// The submissions in a folder.
public struct SubmissionFolder: Sendable {
  /// The submissions, sorted by name.
  public private(set) var submissions: [Submission] = []

  /// What lies there and is no submission, in sentences.
  public private(set) var ignored: [String] = []

  private let root: URL
  private var isRepository = false

  /// Finds the submissions in a folder: each folder or archive in it is one. A folder with `Exercises` in it is itself
  /// the only one: a student's repository.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - excluded: a folder that is passed over: where results are written.
  /// - Throws: `BadInput` if there is none; `UnreadableSubmission` if the folder is not there or cannot be read.
  public init(_ folder: URL, excluding excluded: URL? = nil) throws {
    // The instructor's own path may have links in it.
    let folder = folder.resolvingSymlinksInPath().standardizedFileURL
    let excluded = excluded?.resolvingSymlinksInPath().standardizedFileURL
    root = folder
    if let archive = Archive(folder), try FileKind(of: folder) == .file {
      submissions = [Submission(name: archive.name, fileName: "", location: folder)]
    } else {
      guard try FileKind(of: folder) == .folder else {
        throw BadInput("\(folder.path) is a file; expected a folder of submissions, or .zip, .tar, .tar.gz or .tgz")
      }
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      } catch {
        throw UnreadableSubmission(description: "\(folder.path) cannot be read")
      }
      guard !ResultsFolder.isOne(folder) else {
        throw BadInput("\(folder.path) is a folder of results; expected one of submissions")
      }
      isRepository = names.contains("Exercises")
      if isRepository {
        submissions = [
          Submission(name: folder.lastPathComponent, fileName: "", location: folder, excluded: excluded)
        ]
      } else {
        try take(names, in: folder, excluded: excluded)
      }
    }
    guard !submissions.isEmpty else {
      throw BadInput(
        (["\(folder.path) holds no submission: expected folders, .zip, .tar, .tar.gz or .tgz"] + ignored)
          .joined(separator: "\n"))
    }
    submissions.sort { $0.name < $1.name }
    let fileNames = SafeFileNames(submissions.map(\.name))
    for index in submissions.indices { submissions[index].fileName = fileNames[submissions[index].name] }
  }

  /// Tells where results must not be written; beside submissions, or in a student's own repository, they do no harm.
  ///
  /// - Parameter folder: a folder, which need not be there.
  /// - Returns: whether it lies in one of several submissions, or would if there were one of that name.
  public func isInsideSubmission(_ folder: URL) -> Bool {
    let path = folder.resolvingSymlinksInPath().standardizedFileURL.path
    return !isRepository && path.hasPrefix(root.path + "/") && path.dropFirst(root.path.count + 1).contains("/")
  }

  private mutating func take(_ names: [String], in folder: URL, excluded: URL?) throws {
    var archives: [Archive] = []
    for name in names where !isClutter(name) {
      let child = folder.appending(path: name)
      if child.standardizedFileURL.path == excluded?.path { continue }
      switch try FileKind(of: child) {
      case .folder where ResultsFolder.isOne(child):
        ignored.append("\(told(name)) is a folder of results; left out")
      case .folder: submissions.append(Submission(name: name, fileName: "", location: child))
      case .file:
        if let archive = Archive(child) {
          archives.append(archive)
        } else {
          ignored.append("\(told(name)) is no folder and no archive; left out")
        }
      case .link: ignored.append("\(told(name)) is a symbolic link; left out")
      case .other: ignored.append("\(told(name)) is no folder and no archive; left out")
      }
    }
    var taken = Set(submissions.map(\.name))
    for archive in archives {
      var submission = Submission(name: archive.name, fileName: "", location: archive.file)
      if !taken.insert(submission.name).inserted {
        submission.name = archive.file.lastPathComponent
        submission.notes = ["there is another submission named \(told(archive.name)); this one goes by its whole name"]
        // Unicode has several spellings of one name, and a folder may have an archive's whole name.
        while !taken.insert(submission.name).inserted { submission.name += "~" }
      }
      submissions.append(submission)
    }
  }
}
