import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that are whole or not there, even if the power fails: written beside, flushed, and renamed into place.
enum DurableFile {
  /// Writes a file. One process at a time writes to its folder, so the name beside it is always the same, and what a
  /// killed run left there is overwritten.
  static func write(_ data: Data, to file: URL) throws {
    let beside = file.deletingLastPathComponent().appending(path: ".\(file.lastPathComponent).part")
    let descriptor = open(beside.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw failure(file) }
    do {
      defer { close(descriptor) }
      try append(data, to: descriptor, file)
      guard fsync(descriptor) == 0 else { throw failure(file) }
    } catch {
      unlink(beside.path)
      throw error
    }
    guard rename(beside.path, file.path) == 0 else {
      let failure = failure(file)
      unlink(beside.path)
      throw failure
    }
  }

  /// Makes renames in a folder last.
  static func flush(folder: URL) {
    let descriptor = open(folder.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Writes all of the data at the descriptor's position.
  static func append(_ data: Data, to descriptor: Int32, _ file: URL) throws {
    try data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, let start = bytes.baseAddress {
        let count = systemWrite(descriptor, start + done, bytes.count - done)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw failure(file) }
        done += count
      }
    }
  }

  static func failure(_ file: URL, _ code: Int32 = errno) -> ResultsError {
    .cannotWrite(file.path, reason: String(cString: strerror(code)))
  }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.write(descriptor, start, count)
  #else
    Darwin.write(descriptor, start, count)
  #endif
}
