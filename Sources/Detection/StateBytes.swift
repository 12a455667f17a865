import Behavior
import Foundation

/// Writes numbers and texts as bytes, in the machine's own order.
struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func add(_ x: Double) { withUnsafeBytes(of: x) { bytes.append(contentsOf: $0) } }
  mutating func add(_ x: UInt64) { withUnsafeBytes(of: x) { bytes.append(contentsOf: $0) } }
  mutating func add(_ x: Int) { withUnsafeBytes(of: Int64(x)) { bytes.append(contentsOf: $0) } }
  mutating func add(_ x: Bool) { bytes.append(x ? 1 : 0) }

  mutating func add(_ x: [Double]) {
    add(x.count)
    x.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ x: [Float]) {
    add(x.count)
    x.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ x: [UInt64]) {
    add(x.count)
    x.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ x: [Int32]) {
    add(x.count)
    x.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ x: String) {
    var text = x
    text.withUTF8 {
      add($0.count)
      bytes.append(contentsOf: $0)
    }
  }

  mutating func add(_ event: Event) {
    add(event.user)
    add(event.time)
    add(event.action.rawValue)
    add(event.item)
    add(event.category)
    add(event.value)
    add(event.device)
    add(event.region)
  }
}

/// Reads what `ByteWriter` wrote.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var place = 0

  /// What is said of bytes that do not fit.
  struct Damage: Error {}

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { place == bytes.count }

  /// So many bytes, as they are.
  mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - place else { throw Damage() }
    place += count
    return UnsafeRawBufferPointer(rebasing: bytes[place - count..<place])
  }

  /// How many parts follow, of so many bytes each or more: never more than can be there.
  mutating func count(of width: Int) throws -> Int {
    let count: Int = try int()
    guard count >= 0, count <= (bytes.count - place) / width else { throw Damage() }
    return count
  }

  mutating func double() throws -> Double { try take(8).loadUnaligned(as: Double.self) }
  mutating func word() throws -> UInt64 { try take(8).loadUnaligned(as: UInt64.self) }
  mutating func int() throws -> Int { Int(try take(8).loadUnaligned(as: Int64.self)) }
  mutating func bool() throws -> Bool { try take(1)[0] != 0 }

  mutating func doubles() throws -> [Double] { try (0..<count(of: 8)).map { _ in try double() } }
  mutating func words() throws -> [UInt64] { try (0..<count(of: 8)).map { _ in try word() } }

  mutating func floats() throws -> [Float] {
    let raw = try take(4 * count(of: 4))
    return (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
  }

  mutating func int32s() throws -> [Int32] {
    let raw = try take(4 * count(of: 4))
    return (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
  }

  mutating func text() throws -> String { String(decoding: try take(count(of: 1)), as: UTF8.self) }

  mutating func event() throws -> Event {
    Event(
      user: try text(), time: try double(), action: Action(rawValue: try text()), item: try text(),
      category: try text(), value: try double(), device: try text(), region: try text())
  }
}

/// A number for bytes, eight at a time (FNV-1a over words, mixed).
func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  let words = bytes.count / 8
  for index in 0..<words {
    hash = (hash ^ bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)) &* 0x100_0000_01b3
    hash ^= hash >> 29
  }
  for index in 8 * words..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
  hash = (hash ^ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
  return hash ^ (hash >> 31)
}
