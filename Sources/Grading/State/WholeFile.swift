import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files that are written whole or not at all: beside, then renamed into place.
public enum WholeFile {
  /// Writes a file, making its folder if need be.
  ///
  /// - Throws: if it cannot be written; what was there before is then still there.
  public static func write(_ data: Data, to file: URL) throws {
    let folder = file.deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let beside = folder.appending(path: ".\(file.lastPathComponent).\(UUID().uuidString)")
    do {
      try data.write(to: beside)
      guard rename(beside.path, file.path) == 0 else { throw SystemFailure("cannot replace \(file.path)") }
    } catch {
      try? FileManager.default.removeItem(at: beside)
      throw error
    }
  }
}

/// A short name for some content, the same on every machine (FNV-1a, 64 bits). It finds things; it proves nothing.
package func contentHash(_ data: Data) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in data { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// A folder for a short while.
package struct TemporaryFolder {
  package let url: URL

  package init(_ name: String) throws {
    url = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  package func remove() {
    do {
      try FileManager.default.removeItem(at: url)
    } catch {
      // Whoever wrote there may have shut a folder, or nested more of them than a path can name.
      _ = try? ChildProcess(
        program: URL(filePath: "/bin/sh"), arguments: ["-c", "chmod -R u+rwx \"$0\"; rm -rf \"$0\"", url.path],
        environment: ["PATH": "/usr/bin:/bin"], seconds: 60
      ).run()
    }
  }
}
