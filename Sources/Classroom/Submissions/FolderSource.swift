import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files of a folder and of the archives in it. No link is followed.
struct FolderSource: SubmissionSource {
  let folder: URL

  /// A folder below it that is passed over: where results are written.
  var excluded: URL?

  func entries(isWanted: (Substring) -> Bool) throws -> [SubmissionEntry] {
    var found: [SubmissionEntry] = []
    try list(folder, "", depth: 0, isWanted, &found)
    return found
  }

  private func list(
    _ folder: URL, _ prefix: String, depth: Int, _ isWanted: (Substring) -> Bool, _ found: inout [SubmissionEntry]
  ) throws {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw UnreadableSubmission(description: "\(folder.path) cannot be read")
    }
    for name in names.sorted() where !isClutter(name) {
      guard found.count < SubmissionLimits.entries else {
        throw BrokenArchive("has more than \(SubmissionLimits.entries) files")
      }
      let file = folder.appending(path: name)
      let path = prefix + name
      switch try FileKind(of: file) {
      case .folder:
        if isWanted(name[...]) {
          found.append(SubmissionEntry(path: path, content: .refused("a folder, where a file is expected")))
        }
        if file.standardizedFileURL.path == excluded?.standardizedFileURL.path { continue }
        guard depth < SubmissionLimits.depth else {
          found.append(SubmissionEntry(path: path, content: .refused("too deep to be read")))
          continue
        }
        try list(file, path + "/", depth: depth + 1, isWanted, &found)
      case .file:
        if isWanted(name[...]) {
          guard found.count(where: { isWanted($0.name) }) < SubmissionLimits.wanted else { continue }
          found.append(SubmissionEntry(path: path, content: try readBounded(file)))
        } else if let archive = Archive(file) {
          found += try members(of: archive, at: path, isWanted)
        } else {
          found.append(SubmissionEntry(path: path, content: .unread))
        }
      case .link:
        found.append(SubmissionEntry(path: path, content: .refused("a symbolic link; links are never followed")))
      case .other:
        found.append(SubmissionEntry(path: path, content: .refused("not an ordinary file")))
      }
    }
  }

  private func members(
    of archive: Archive, at path: String, _ isWanted: (Substring) -> Bool
  ) throws -> [SubmissionEntry] {
    do {
      return try archive.source.entries(isWanted: isWanted).map {
        SubmissionEntry(path: "\(path)/\($0.path)", content: $0.content)
      }
    } catch let broken as BrokenArchive {
      return [SubmissionEntry(path: path, content: .refused("an archive that \(broken.reason)"))]
    }
  }
}

/// What a path names, links not followed.
enum FileKind {
  case file, folder, link, other

  init(of file: URL) throws {
    var status = stat()
    guard lstat(file.path, &status) == 0 else {
      throw UnreadableSubmission(description: "\(told(file.path)) cannot be read: \(String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    case S_IFLNK: self = .link
    default: self = .other
    }
  }
}

/// Reads an ordinary file that is not too long.
private func readBounded(_ file: URL) throws -> SubmissionEntry.Content {
  let descriptor = open(file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw UnreadableSubmission(description: "\(told(file.path)) cannot be read: \(String(cString: strerror(errno)))")
  }
  let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  // An empty file reads as nil.
  let data = try handle.read(upToCount: SubmissionLimits.fileBytes + 1) ?? Data()
  return data.count > SubmissionLimits.fileBytes ? .tooLong : .file(data)
}

extension SubmissionEntry.Content {
  static let tooLong = Self.refused("longer than \(SubmissionLimits.fileBytes >> 20) MB")
}
