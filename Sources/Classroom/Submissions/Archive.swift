import Foundation
import Grading

/// A file that holds a submission, known by its name's ending.
struct Archive {
  private enum Format { case zip, tar, compressedTar }

  private static let endings: [(ending: String, format: Format)] = [
    (".zip", .zip), (".tar.gz", .compressedTar), (".tgz", .compressedTar), (".tar", .tar),
  ]

  let file: URL

  /// The file's name without its ending.
  let name: String

  private let format: Format

  init?(_ file: URL) {
    let name = file.lastPathComponent
    guard let known = Self.endings.first(where: { name.lowercased().hasSuffix($0.ending) }),
      name.count > known.ending.count
    else { return nil }
    self.file = file
    self.name = String(name.dropLast(known.ending.count))
    format = known.format
  }

  /// What reads it.
  var source: any SubmissionSource {
    switch format {
    case .zip: ZipSource(file: file)
    case .tar: TarSource(file: file, isCompressed: false)
    case .compressedTar: TarSource(file: file, isCompressed: true)
    }
  }
}

/// Collects an archive's members within the limits.
struct MemberList {
  private(set) var entries: [SubmissionEntry] = []
  private var wantedCount = 0
  private let isWanted: (Substring) -> Bool

  init(isWanted: @escaping (Substring) -> Bool) {
    self.isWanted = isWanted
  }

  /// Whether an ordinary file is to be read. What is not, is noted here.
  ///
  /// - Parameters:
  ///   - path: the path as the archive has it.
  ///   - refusal: why it is not read, if that is known.
  /// - Returns: the path to be used, or nil.
  /// - Throws: `BrokenArchive` if there are too many.
  mutating func wants(_ path: String, refusal: String?) throws -> String? {
    guard entries.count < SubmissionLimits.entries else {
      throw BrokenArchive("has more than \(SubmissionLimits.entries) files")
    }
    if isClutter(path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "/")) { return nil }
    guard let safe = safePath(path) else {
      entries.append(SubmissionEntry(path: path, content: .refused("a path that leads out of the archive")))
      return nil
    }
    if let refusal {
      entries.append(SubmissionEntry(path: safe, content: .refused(refusal)))
      return nil
    }
    let entry = SubmissionEntry(path: safe, content: .unread)
    if isWanted(entry.name), wantedCount < SubmissionLimits.wanted {
      wantedCount += 1
      return safe
    }
    entries.append(entry)
    return nil
  }

  mutating func add(_ path: String, _ content: SubmissionEntry.Content) {
    entries.append(SubmissionEntry(path: path, content: content))
  }
}

/// Has `gzip` unpack a file, piece by piece.
///
/// - Throws: `BrokenArchive` if it is damaged, too much or too slow, or whatever `receive` throws.
func gunzip(_ file: URL, receive: (Data) throws -> Bool) throws {
  switch try ProgramOutput.stream(
    "gzip", ["-dc", "--"], file: file, seconds: SubmissionLimits.seconds, receive: receive)
  {
  case .whole, .stopped: break
  case .failed: throw BrokenArchive("is damaged")
  case .tooSlow: throw BrokenArchive("took longer than \(Int(SubmissionLimits.seconds)) s to unpack")
  }
}
