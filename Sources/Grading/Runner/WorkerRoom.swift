import Foundation

/// What one worker has to itself: a scratch folder that was empty when it came and is gone when it has left, and, where
/// the superuser grades, a user.
struct WorkerRoom {
  /// The candidate's library.
  let library: URL

  /// The empty folder in which the worker starts.
  let scratch: URL

  /// Whom the worker becomes; nil if it stays who started it.
  let user: UserIdentity?

  private let folder: TemporaryFolder

  init(_ library: CandidateLibrary, changingUser: Bool) throws {
    folder = try TemporaryFolder("dojo-check")
    scratch = folder.url.appending(path: "scratch")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: false)
    guard changingUser else {
      self.library = library.file
      user = nil
      return
    }
    // The package may lie where only the superuser can go.
    let user = UserIdentity.next()
    self.library = folder.url.appending(path: library.file.lastPathComponent)
    try FileManager.default.copyItem(at: library.file, to: self.library)
    user.own(scratch)
    user.own(folder.url)
    self.user = user
  }

  func remove() {
    folder.remove()
    user?.sweep()
  }
}
