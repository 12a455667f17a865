import Foundation
import Tensors

/// Tensors by name in a file that the `safetensors` library reads, and from one that it wrote.
///
/// The file: 8 bytes, the header's length N (little-endian); N bytes of JSON, `{"name": {"dtype": "F32", "shape": [2, 3],
/// "data_offsets": [0, 24]}, …}`, offsets from the end of the header; then the numbers, without gaps.
/// https://huggingface.co/docs/safetensors
public enum SafeTensors {
  /// The bytes of a file.
  ///
  /// - Parameters:
  ///   - tensors: names and numbers, in the order in which the numbers are written.
  ///   - type: how the numbers are written.
  ///   - exceptions: tensors that are written as another type, by name.
  /// - Returns: the whole file.
  /// - Throws: `SafeTensorsError.duplicateName`, or `inexact` for a number that is not whole as `int64`.
  public static func encode(
    _ tensors: [(name: String, tensor: Tensor)], as type: NumberType = .float32,
    except exceptions: [String: NumberType] = [:]
  ) throws -> Data {
    var header: [String: Entry] = [:]
    var numbers = Data()
    for (name, tensor) in tensors {
      guard header[name] == nil else { throw SafeTensorsError.duplicateName(name) }
      let written = exceptions[name] ?? type
      let start = numbers.count
      numbers.append(try bytes(of: tensor, as: written, name: name))
      header[name] = Entry(dtype: written.rawValue, shape: tensor.shape, data_offsets: [start, numbers.count])
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var json = try encoder.encode(header)
    while json.count % 8 != 0 { json.append(0x20) }  // the numbers start at a multiple of 8
    var data = Data(capacity: 8 + json.count + numbers.count)
    withUnsafeBytes(of: UInt64(json.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(json)
    data.append(numbers)
    return data
  }

  /// The tensors in a file's bytes, by name, from numbers of any `NumberType`.
  ///
  /// - Throws: `SafeTensorsError`, which says what was found: `inexact` for a whole number that a Float32 cannot hold
  ///   (`decodeIntegers` reads those).
  public static func decode(_ data: Data) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, part) in try parts(of: data) {
      tensors[name] = Tensor(try numbers(in: part.bytes, as: part.type, name: name), shape: part.shape)
    }
    return tensors
  }

  /// The tensors of whole numbers in a file's bytes, by name, exactly; those of other types are left out.
  ///
  /// - Throws: `SafeTensorsError`, which says what was found.
  public static func decodeIntegers(_ data: Data) throws -> [String: (numbers: [Int64], shape: [Int])] {
    try parts(of: data).filter { $0.value.type == .int64 }.mapValues { (words($0.bytes), $0.shape) }
  }

  private struct Part {
    let type: NumberType
    let shape: [Int]
    let bytes: Data
  }

  private static func parts(of data: Data) throws -> [String: Part] {
    guard data.count >= 8 else { throw SafeTensorsError.truncated(found: data.count, expected: 8) }
    var length: UInt64 = 0
    for (place, byte) in data.prefix(8).enumerated() { length |= UInt64(byte) << UInt64(8 * place) }
    guard length <= UInt64(headerLimit) else { throw SafeTensorsError.headerLength(length) }
    let start = 8 + Int(length)
    guard data.count >= start else { throw SafeTensorsError.truncated(found: data.count, expected: start) }
    let bytes = data.dropFirst(8)
    let entries = try header(Data(bytes.prefix(Int(length))))
    let numbers = Data(bytes.dropFirst(Int(length)))
    var parts: [String: Part] = [:]
    var end = 0
    // In the order of their places: the data must be covered without gap or overlap.
    let placed = entries.sorted { a, b in
      let (first, second) = (a.value.data_offsets, b.value.data_offsets)
      return first == second ? a.key < b.key : first.lexicographicallyPrecedes(second)
    }
    for (name, entry) in placed {
      guard let type = NumberType(rawValue: entry.dtype) else { throw SafeTensorsError.type(entry.dtype, name: name) }
      guard entry.data_offsets.count == 2, entry.data_offsets[0] <= entry.data_offsets[1] else {
        throw SafeTensorsError.offsets(entry.data_offsets, name: name)
      }
      let range = entry.data_offsets[0]..<entry.data_offsets[1]
      guard range.lowerBound == end else {
        throw SafeTensorsError.placed(name: name, start: range.lowerBound, expected: end)
      }
      guard let count = count(of: entry.shape), count <= Int.max / 8, count * type.size == range.count else {
        throw SafeTensorsError.size(name: name, shape: entry.shape, bytes: range.count)
      }
      guard range.upperBound <= numbers.count else {
        throw SafeTensorsError.truncated(found: data.count, expected: start + range.upperBound)
      }
      let first = numbers.startIndex
      let bytes = numbers[first + range.lowerBound..<first + range.upperBound]
      parts[name] = Part(type: type, shape: entry.shape, bytes: bytes)
      end = range.upperBound
    }
    guard end == numbers.count else {
      throw SafeTensorsError.trailing(found: data.count, expected: start + end)
    }
    return parts
  }

  /// Writes a file, whole or not at all.
  ///
  /// - Throws: `SafeTensorsError.duplicateName`, or what the file system says.
  public static func write(_ tensors: [(name: String, tensor: Tensor)], to url: URL) throws {
    try encode(tensors).write(to: url, options: .atomic)  // writes beside, then renames
  }

  /// Reads a file.
  ///
  /// - Throws: `SafeTensorsError`, or what the file system says.
  public static func read(_ url: URL) throws -> [String: Tensor] { try decode(Data(contentsOf: url)) }

  /// Writes parameters under their names.
  ///
  /// - Throws: as `write(_:to:)`.
  public static func save(_ parameters: [Parameter], to url: URL) throws {
    try write(parameters.map { ($0.name, $0.value.detached()) }, to: url)
  }

  /// Reads parameters by their names: all of them, or none if one is missing or has another shape.
  ///
  /// - Throws: `SafeTensorsError`, or what the file system says.
  public static func load(_ parameters: [Parameter], from url: URL) throws {
    let tensors = try read(url)
    let values = try parameters.map { parameter in
      guard let tensor = tensors[parameter.name] else { throw SafeTensorsError.missing(parameter.name) }
      guard tensor.shape == parameter.value.shape else {
        throw SafeTensorsError.shape(parameter.name, found: tensor.shape, expected: parameter.value.shape)
      }
      return tensor
    }
    for (parameter, value) in zip(parameters, values) { parameter.value = value }
  }

  private struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]  // the format's own name
  }

  private static let headerLimit = 100_000_000  // as the safetensors library

  private static func header(_ json: Data) throws -> [String: Entry] {
    let all: [String: HeaderValue]
    do {
      all = try JSONDecoder().decode([String: HeaderValue].self, from: json)
    } catch {
      throw SafeTensorsError.header("\(error)")
    }
    var entries: [String: Entry] = [:]
    for (name, value) in all where name != "__metadata__" {
      guard case .entry(let entry) = value else { throw SafeTensorsError.header("\(name) is not a tensor") }
      entries[name] = entry
    }
    return entries
  }

  private enum HeaderValue: Decodable {
    case entry(Entry)
    case metadata

    init(from decoder: any Decoder) throws {
      if let entry = try? Entry(from: decoder) {
        self = .entry(entry)
      } else {
        _ = try [String: String](from: decoder)
        self = .metadata
      }
    }
  }

  private static func count(of shape: [Int]) -> Int? {
    var count = 1
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard axis >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }
}

/// What is wrong with a safetensors file.
public enum SafeTensorsError: Error, Hashable, CustomStringConvertible {
  /// The file ends too early.
  case truncated(found: Int, expected: Int)
  /// The file goes on after its last tensor.
  case trailing(found: Int, expected: Int)
  /// The header is longer than the format allows.
  case headerLength(UInt64)
  /// The header is not the JSON it should be.
  case header(String)
  /// A type of number that is not read: other than F32, F16, BF16 and I64.
  case type(String, name: String)
  /// Offsets that are not a pair in order.
  case offsets([Int], name: String)
  /// A tensor that overlaps the one before it, or leaves a gap.
  case placed(name: String, start: Int, expected: Int)
  /// Bytes and shape that do not fit.
  case size(name: String, shape: [Int], bytes: Int)
  /// A number that the other type cannot hold.
  case inexact(name: String, String)
  /// Two tensors of one name.
  case duplicateName(String)
  /// No tensor of this name.
  case missing(String)
  /// A tensor of another shape than the parameter.
  case shape(String, found: [Int], expected: [Int])

  /// What was found and what was expected.
  public var description: String {
    switch self {
    case .truncated(let found, let expected): "safetensors: truncated: \(found) bytes, expected at least \(expected)"
    case .trailing(let found, let expected): "safetensors: \(found) bytes, but the tensors end at \(expected)"
    case .headerLength(let length): "safetensors: a header of \(length) bytes; at most 100000000 are allowed"
    case .header(let problem): "safetensors: bad header: \(problem)"
    case .type(let type, let name): "safetensors: \(name) has type \(type), expected F32, F16, BF16 or I64"
    case .offsets(let offsets, let name): "safetensors: \(name) has data_offsets \(offsets), expected start ≤ end"
    case .placed(let name, let start, let expected):
      "safetensors: \(name) starts at \(start), expected \(expected): "
        + (start < expected ? "it overlaps the tensor before it" : "it leaves a gap")
    case .size(let name, let shape, let bytes): "safetensors: \(name) has shape \(shape) and \(bytes) bytes"
    case .inexact(let name, let number): "safetensors: \(name) holds \(number), which would not stay what it is"
    case .duplicateName(let name): "safetensors: two tensors are called \(name)"
    case .missing(let name): "safetensors: no tensor is called \(name)"
    case .shape(let name, let found, let expected):
      "safetensors: \(name) has shape \(found), expected \(expected)"
    }
  }
}
