import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A candidate's file, read with suspicion.
struct SourceFile {
  /// The most bytes that are read.
  static let maximumBytes = 1 << 20

  /// The text.
  let text: String

  /// Reads a file.
  ///
  /// - Throws: `CompileFailure` if it is missing, no ordinary file, too long or not UTF-8.
  init(_ file: URL) throws {
    let name = file.lastPathComponent
    let data = try Self.read(file, name: name)
    guard data.count <= Self.maximumBytes else {
      throw CompileFailure("\(name): longer than \(Self.maximumBytes >> 20) MB")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let line = Self.firstLineThatIsNotUTF8(data)
      throw CompileFailure("\(name):\(line): error: the file is not UTF-8 text")
    }
    self.text = text
  }

  /// What is examined is what was opened: nobody can put another file in its place in between. Neither a symbolic link
  /// is followed nor a pipe waited for.
  private static func read(_ file: URL, name: String) throws -> Data {
    let descriptor = open(file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT: throw CompileFailure("\(name): no such file; `dojo reset` brings the starter back")
      case ELOOP: throw CompileFailure("\(name): a symbolic link, not an ordinary file")
      case ENXIO, ENODEV: throw CompileFailure("\(name): not an ordinary file")
      default: throw CompileFailure("\(name): the file cannot be read: \(String(cString: strerror(errno)))")
      }
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CompileFailure("\(name): not an ordinary file")
    }
    do {
      return try handle.read(upToCount: maximumBytes + 1) ?? Data()  // an empty file reads as nil
    } catch {
      throw CompileFailure("\(name): the file cannot be read")
    }
  }

  private static func firstLineThatIsNotUTF8(_ data: Data) -> Int {
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
  }
}

/// A file does not compile.
public struct CompileFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first error, such as `LSTMCell.swift:14:9: error: cannot find 'sigmoid' in scope`.
  public let description: String

  /// Everything that the compiler said of errors.
  public let log: String

  init(_ description: String, log: String? = nil) {
    self.description = description
    self.log = log ?? description
  }
}
