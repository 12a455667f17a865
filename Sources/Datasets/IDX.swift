import Foundation

/// An array of bytes as in the files of MNIST.
///
/// The format (Yann LeCun): two zero bytes, the type (8 for unsigned bytes), the number of axes, each axis' length as
/// a big-endian 32-bit number, then the entries in row-major order.
public struct IDXArray: Sendable, Hashable {
  /// The length of each axis.
  public let shape: [Int]

  /// The entries in row-major order.
  public let bytes: [UInt8]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - url: the file, not compressed.
  ///   - rank: how many axes it must have, or nil for any number.
  /// - Throws: `DatasetError` that names the file, what was expected and what was found.
  public init(contentsOf url: URL, rank: Int? = nil) throws(DatasetError) {
    try self.init([UInt8](Resources.read(url)), file: url.path, rank: rank)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - file: the bytes.
  ///   - name: the name to use in messages.
  ///   - rank: how many axes there must be, or nil for any number.
  /// - Throws: `DatasetError.malformed`.
  public init(_ file: [UInt8], file name: String, rank: Int? = nil) throws(DatasetError) {
    func malformed(expected: String, found: String) -> DatasetError {
      .malformed(file: name, expected: expected, found: found)
    }
    if file.starts(with: [0x1F, 0x8B]) {
      throw malformed(expected: "an uncompressed IDX file (unpack it with gunzip)", found: "a gzip file")
    }
    guard file.count >= 4, file[0] == 0, file[1] == 0 else {
      let start = file.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
      throw malformed(expected: "an IDX file, which begins with 0 0", found: "\(file.count) bytes beginning \(start)")
    }
    guard file[2] == 8 else {
      throw malformed(expected: "IDX type 8 (unsigned bytes)", found: "type \(file[2])")
    }
    let axes = Int(file[3])
    guard axes > 0, rank == nil || rank == axes else {
      throw malformed(expected: rank.map { "\($0) axes" } ?? "at least one axis", found: "\(axes)")
    }
    let header = 4 + 4 * axes
    guard file.count >= header else {
      throw malformed(expected: "a header of \(header) bytes", found: "\(file.count) bytes")
    }
    var shape: [Int] = []
    var count = 1
    for axis in 0..<axes {
      let length = file[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      if overflow { throw malformed(expected: "axes of a sensible size", found: "\(shape + [length])") }
      shape.append(length)
      count = product
    }
    guard file.count - header == count else {
      throw malformed(expected: "\(count) entries for shape \(shape)", found: "\(file.count - header)")
    }
    self.shape = shape
    bytes = Array(file[header...])
  }
}
