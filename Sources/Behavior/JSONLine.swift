/// Reads one JSON object (RFC 8259) on one line, and remembers where the values of a log's columns lie.
struct JSONLine {
  enum Kind { case missing, null, text, escapedText, number, other }

  /// A value: its kind, and its bytes without the quotes.
  struct Value {
    var kind = Kind.missing
    var start = 0
    var end = 0
    var isOwnName = false
    var unit: LogTimeUnit?
  }

  /// One for every `LogColumn`.
  private(set) var values = Array(repeating: Value(), count: LogColumn.allCases.count)
  /// Keys that no column has, since this was last emptied.
  var unknownKeys: [String] = []

  /// The keys of the last object in their order: a log's lines are alike, so that a key is most often known by its
  /// place.
  private var keys: [(bytes: [UInt8], match: LogColumn.Match?)] = []
  private var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  private var index = 0

  /// How deep arrays and objects may lie within each other under a key that is ignored.
  private static let deepest = 64

  /// Reads a line without its end.
  ///
  /// - Precondition: the bytes are UTF-8 without a NUL.
  mutating func parse(_ line: UnsafeBufferPointer<UInt8>) throws(RowFault) {
    bytes = line
    index = 0
    defer { bytes = UnsafeBufferPointer(start: nil, count: 0) }
    for column in values.indices { values[column].kind = .missing }
    skipBlanks()
    guard take("{") else { throw expected("an object {…}") }
    skipBlanks()
    var position = 0
    if !take("}") {
      repeat {
        skipBlanks()
        let match = try key(at: position)
        position += 1
        skipBlanks()
        guard take(":") else { throw expected("a colon") }
        skipBlanks()
        var value = try self.value(depth: 0)
        skipBlanks()
        guard let match else { continue }
        let slot = match.column.rawValue
        value.isOwnName = match.isOwnName
        value.unit = match.unit
        if values[slot].kind != .missing {
          if values[slot].isOwnName == value.isOwnName { throw RowFault("\(match.column.name): given twice") }
          if values[slot].isOwnName { continue }
        }
        values[slot] = value
      } while take(",")
      guard take("}") else { throw expected("a comma or the object's end") }
    }
    skipBlanks()
    if index != bytes.count { throw expected("the end of the line") }
  }

  /// A value as text.
  func text(_ column: LogColumn, in line: UnsafeBufferPointer<UInt8>) throws(RowFault) -> String {
    let value = values[column.rawValue]
    let bytes = UnsafeBufferPointer(rebasing: line[value.start..<value.end])
    switch value.kind {
    case .missing, .null: return ""
    case .text, .number: return String(decoding: bytes, as: UTF8.self)
    case .escapedText: return try Self.unescaped(bytes)
    case .other:
      throw RowFault(
        "\(column.name): \(LogProblem.quote(String(decoding: bytes, as: UTF8.self))) is neither text nor a number")
    }
  }

  private func expected(_ what: String) -> RowFault {
    if index >= bytes.count { return RowFault("not JSON: \(what) expected, found the end of the line") }
    let end = min(index + 1, bytes.count)
    var found = String(decoding: bytes[index..<end], as: UTF8.self)
    if bytes[index] >= 0x80 { found = String(String(decoding: bytes[index...], as: UTF8.self).prefix(1)) }
    return RowFault("not JSON: \(what) expected at byte \(index + 1), found \(LogProblem.quote(found))")
  }

  @inline(__always)
  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] == 32 || bytes[index] == 9 || bytes[index] == 13 { index += 1 }
  }

  @inline(__always)
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(truncatingIfNeeded: character.value) else { return false }
    index += 1
    return true
  }

  private mutating func key(at position: Int) throws(RowFault) -> LogColumn.Match? {
    guard take("\"") else { throw expected("a key in quotes") }
    let start = index
    let isEscaped = try skipText()
    let found = UnsafeBufferPointer(rebasing: bytes[start..<index - 1])
    if position < keys.count {
      let isSame = keys[position].bytes.withUnsafeBufferPointer { known in
        guard known.count == found.count else { return false }
        for byte in 0..<known.count where known[byte] != found[byte] { return false }
        return true
      }
      if isSame { return keys[position].match }
    }
    let name = isEscaped ? try Self.unescaped(found) : String(decoding: found, as: UTF8.self)
    let match = LogColumn.match(name)
    if match == nil && unknownKeys.count < 32 { unknownKeys.append(name) }
    if found.count > 64 { return match }
    if position < keys.count {
      keys[position] = (Array(found), match)
    } else if position == keys.count && position < 64 {
      keys.append((Array(found), match))
    }
    return match
  }

  private mutating func value(depth: Int) throws(RowFault) -> Value {
    guard index < bytes.count else { throw expected("a value") }
    let start = index
    switch bytes[index] {
    case UInt8(ascii: "\""):
      index += 1
      let isEscaped = try skipText()
      return Value(kind: isEscaped ? .escapedText : .text, start: start + 1, end: index - 1)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try skipNumber()
      return Value(kind: .number, start: start, end: index)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      try skipNested(depth: depth)
      return Value(kind: .other, start: start, end: index)
    default:
      for (word, kind) in [("null", Kind.null), ("true", .other), ("false", .other)] as [(StaticString, Kind)] {
        let length = word.utf8CodeUnitCount
        guard index + length <= bytes.count else { continue }
        if (0..<length).allSatisfy({ bytes[index + $0] == word.utf8Start[$0] }) {
          index += length
          return Value(kind: kind, start: start, end: index)
        }
      }
      throw expected("a value")
    }
  }

  /// From behind the opening quote to behind the closing one. Tells whether there are escapes.
  private mutating func skipText() throws(RowFault) -> Bool {
    var isEscaped = false
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return isEscaped
      }
      if byte < 32 { throw expected("an escape for a control character") }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        index += 1
      }
      index += 1
    }
    index = bytes.count
    throw expected("a closing quote")
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
  private mutating func skipNumber() throws(RowFault) {
    _ = take("-")
    if !take("0") { try skipDigits() }
    if take(".") { try skipDigits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(RowFault) {
    let start = index
    while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
    if index == start { throw expected("a digit") }
  }

  private mutating func skipNested(depth: Int) throws(RowFault) {
    if depth == Self.deepest { throw RowFault("not JSON: more than \(Self.deepest) levels deep") }
    let isObject = take("{")
    if !isObject { index += 1 }
    let end: Unicode.Scalar = isObject ? "}" : "]"
    skipBlanks()
    if take(end) { return }
    repeat {
      skipBlanks()
      if isObject {
        guard take("\"") else { throw expected("a key in quotes") }
        _ = try skipText()
        skipBlanks()
        guard take(":") else { throw expected("a colon") }
        skipBlanks()
      }
      _ = try value(depth: depth + 1)
      skipBlanks()
    } while take(",")
    guard take(end) else { throw expected(isObject ? "a comma or the object's end" : "a comma or the array's end") }
  }

  /// A text whose escapes are replaced by what they stand for.
  static func unescaped(_ bytes: UnsafeBufferPointer<UInt8>) throws(RowFault) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var index = 0
    func codeUnit() throws(RowFault) -> UInt32 {
      guard index + 4 <= bytes.count else { throw RowFault("not JSON: four hexadecimal digits expected after \\u") }
      var value: UInt32 = 0
      for _ in 0..<4 {
        let byte = bytes[index]
        let lower = byte | 0x20
        if byte &- 0x30 < 10 {
          value = value * 16 + UInt32(byte - 0x30)
        } else if lower >= 0x61 && lower <= 0x66 {
          value = value * 16 + UInt32(lower - 0x61 + 10)
        } else {
          throw RowFault("not JSON: four hexadecimal digits expected after \\u")
        }
        index += 1
      }
      return value
    }
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < bytes.count else {
        text.append(byte)
        continue
      }
      let escape = bytes[index]
      index += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "u"):
        var value = try codeUnit()
        if value & 0xFC00 == 0xD800, index + 1 < bytes.count, bytes[index] == 0x5C, bytes[index + 1] == 0x75 {
          index += 2
          let low = try codeUnit()
          guard low & 0xFC00 == 0xDC00 else { throw RowFault("not Unicode: half of a surrogate pair") }
          value = 0x1_0000 + (value & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(value) else { throw RowFault("not Unicode: half of a surrogate pair") }
        if value == 0 { throw RowFault("a NUL, written \\u0000") }
        text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
      default:
        throw RowFault("not JSON: the escape \\\(Unicode.Scalar(escape)) is unknown")
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends a text in quotes.
  static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { bytes in
      for byte in bytes {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
          output.append(UInt8(ascii: "\\"))
          output.append(byte)
        case 10: output.append(contentsOf: "\\n".utf8)
        case 13: output.append(contentsOf: "\\r".utf8)
        case 9: output.append(contentsOf: "\\t".utf8)
        case 0..<32:
          output.append(contentsOf: "\\u00".utf8)
          output.append(UInt8(ascii: "0") + byte / 16)
          output.append(byte % 16 < 10 ? UInt8(ascii: "0") + byte % 16 : UInt8(ascii: "a") + byte % 16 - 10)
        default: output.append(byte)
        }
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
