import Foundation
import Grading

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folder in which a run has all its temporary files, so that the next run can remove what a killed one left.
///
/// Only one run at a time writes to a folder of results, so its name, made of that folder's path, is this run's alone.
public struct ScratchFolder {
  /// The folder.
  public let url: URL

  /// Nobody else can list it; where the superuser grades, checks run as another user, who must get through it.
  private static let mode: mode_t = 0o711

  /// Makes the folder anew, and has this process and its children use it. The folder of results is open.
  ///
  /// - Throws: `ResultsError` if it cannot be made.
  public init(for results: ResultsFolder) throws {
    let key = contentHash(Data(results.url.standardizedFileURL.resolvingSymlinksInPath().path.utf8))
    let named = FileManager.default.temporaryDirectory.appending(path: "dojo-grade-\(getuid())-\(key)")
    try? FileManager.default.removeItem(at: named)
    // In a folder that everybody may write to, somebody else may have taken the name.
    let url =
      mkdir(named.path, Self.mode) == 0
      ? named : FileManager.default.temporaryDirectory.appending(path: "dojo-grade-\(UUID().uuidString)")
    if url != named, mkdir(url.path, Self.mode) != 0 { throw DurableFile.failure(url) }
    self.url = url
    setenv("TMPDIR", url.path, 1)
  }

  /// Removes it with all that is in it.
  public func remove() {
    try? FileManager.default.removeItem(at: url)
  }
}
