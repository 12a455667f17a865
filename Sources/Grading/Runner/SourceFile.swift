import Foundation

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
    guard let type = try? FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType else {
      throw CompileFailure("\(name): no such file; `dojo reset` brings the starter back")
    }
    guard type == .typeRegular else { throw CompileFailure("\(name): not an ordinary file") }
    guard let handle = try? FileHandle(forReadingFrom: file),
      let data = try? handle.read(upToCount: Self.maximumBytes + 1)
    else {
      // An empty file reads as nil.
      guard FileManager.default.isReadableFile(atPath: file.path) else {
        throw CompileFailure("\(name): the file cannot be read")
      }
      text = ""
      return
    }
    guard data.count <= Self.maximumBytes else {
      throw CompileFailure("\(name): longer than \(Self.maximumBytes >> 20) MB")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let line = Self.firstLineThatIsNotUTF8(data)
      throw CompileFailure("\(name):\(line): error: the file is not UTF-8 text")
    }
    self.text = text
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
