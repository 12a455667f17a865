import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Keeps a second run from a folder. The system lets go of the lock when its holder ends, however it ends.
final class FolderLock: Sendable {
  private let descriptor: Int32

  init(_ folder: URL) throws {
    let file = folder.appending(path: ".lock")
    descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw DurableFile.failure(file) }
    // A run that was just killed may hold its lock a moment longer, in a program that starts at that moment and has
    // not closed yet what it inherited.
    var patience = 50
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      patience -= 1
      guard patience > 0 else {
        let holder = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        close(descriptor)
        throw ResultsError.locked(folder.path, process: holder.trimmingCharacters(in: .whitespacesAndNewlines))
      }
      usleep(20_000)
    }
    // Who holds it is only told to people: on a full disk nobody is named.
    if ftruncate(descriptor, 0) == 0 {
      try? DurableFile.append(Data("\(getpid())\n".utf8), to: descriptor, file)
    }
  }

  deinit { close(descriptor) }
}
