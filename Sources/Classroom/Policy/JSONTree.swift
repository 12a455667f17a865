import Foundation

/// A JSON document whose every value knows where it stands, so that what is wrong with it can be pointed at.
///
/// Foundation's decoder names no line for a value of the wrong type, and keeps the last of two equal keys in silence.
struct JSONTree: Sendable {
  /// A place in the file, counted from 1; columns are Unicode scalars.
  struct Place: Sendable, Hashable {
    var line = 1
    var column = 1
  }

  enum Value: Sendable {
    case null
    case bool(Bool)
    /// As written: marks are exact, and a `Double` is not.
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([Member])
  }

  struct Member: Sendable {
    var key: String
    var place: Place
    var value: JSONTree
  }

  var value: Value
  var place: Place

  /// Reads a document (RFC 8259); equal keys in one object are refused.
  ///
  /// - Throws: `Problem`.
  init(_ data: Data) throws {
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Problem(Place(), found: "bytes that are not UTF-8", expected: "a JSON document in UTF-8")
    }
    var reader = Reader(text)
    self = try reader.document()
  }

  fileprivate init(_ value: Value, at place: Place) {
    self.value = value
    self.place = place
  }

  /// What is wrong, and where.
  struct Problem: Error, Hashable {
    var place: Place
    var found: String
    var expected: String

    init(_ place: Place, found: String, expected: String) {
      self.place = place
      self.found = found
      self.expected = expected
    }
  }

  /// The value in a few words: `the text "10"`, `a list`.
  var summary: String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let digits): "the number \(Self.short(digits))"
    case .string(let text): "the text \"\(Self.short(text))\""
    case .array: "a list"
    case .object: "an object"
    }
  }

  private static func short(_ text: String) -> String { text.count > 60 ? "\(text.prefix(60))…" : text }
}

/// Reads a document from its first to its last letter.
private struct Reader {
  typealias Place = JSONTree.Place
  typealias Problem = JSONTree.Problem

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var place = Place()
  private var depth = 0

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { index = 1 }  // a byte order mark, as some editors write
  }

  mutating func document() throws -> JSONTree {
    let tree = try value()
    skipSpace()
    guard next == nil else { throw unexpected("the end of the file after the last bracket") }
    return tree
  }

  private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private mutating func advance() {
    if scalars[index] == "\n" {
      place = Place(line: place.line + 1, column: 1)
    } else {
      place.column += 1
    }
    index += 1
  }

  private mutating func skipSpace() {
    while let scalar = next, [" ", "\t", "\n", "\r"].contains(scalar) { advance() }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    advance()
    return true
  }

  private func unexpected(_ expected: String) -> Problem {
    let found = next.map { $0.value < 32 ? "the control character \($0.value)" : "'\($0)'" } ?? "the end of the file"
    return Problem(place, found: found, expected: expected)
  }

  private mutating func value() throws -> JSONTree {
    skipSpace()
    let start = place
    guard let scalar = next else { throw unexpected("a value") }
    switch scalar {
    case "{": return JSONTree(.object(try object()), at: start)
    case "[": return JSONTree(.array(try array()), at: start)
    case "\"": return JSONTree(.string(try string()), at: start)
    case "-", "0"..."9": return JSONTree(.number(try number()), at: start)
    case "a"..."z", "A"..."Z": return JSONTree(try word(), at: start)
    default: throw unexpected("a value")
    }
  }

  private mutating func nested<Result>(_ read: (inout Reader) throws -> Result) throws -> Result {
    guard depth < 32 else { throw Problem(place, found: "brackets 32 deep", expected: "fewer") }
    depth += 1
    defer { depth -= 1 }
    advance()
    skipSpace()
    return try read(&self)
  }

  private mutating func object() throws -> [JSONTree.Member] {
    try nested { reader in
      var members: [JSONTree.Member] = []
      guard !reader.take("}") else { return members }
      while true {
        reader.skipSpace()
        let start = reader.place
        guard reader.next == "\"" else { throw reader.unexpected("a key in quotation marks") }
        let key = try reader.string()
        if let earlier = members.first(where: { $0.key == key }) {
          throw Problem(
            start, found: "\"\(key)\" a second time",
            expected: "each key once; it is there in line \(earlier.place.line)")
        }
        reader.skipSpace()
        guard reader.take(":") else { throw reader.unexpected("':' after the key \"\(key)\"") }
        members.append(JSONTree.Member(key: key, place: start, value: try reader.value()))
        reader.skipSpace()
        if reader.take("}") { return members }
        guard reader.take(",") else { throw reader.unexpected("',' or '}'") }
      }
    }
  }

  private mutating func array() throws -> [JSONTree] {
    try nested { reader in
      var values: [JSONTree] = []
      guard !reader.take("]") else { return values }
      while true {
        values.append(try reader.value())
        reader.skipSpace()
        if reader.take("]") { return values }
        guard reader.take(",") else { throw reader.unexpected("',' or ']'") }
      }
    }
  }

  private mutating func word() throws -> JSONTree.Value {
    let start = place
    var letters = ""
    while let scalar = next, scalar.properties.isAlphabetic { letters.unicodeScalars.append(scalar); advance() }
    switch letters {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default: throw Problem(start, found: "the word \(letters)", expected: "a value; texts stand in quotation marks")
    }
  }

  private mutating func number() throws -> String {
    let start = place
    var text = ""
    while let scalar = next, "+-.eE0123456789".unicodeScalars.contains(scalar) {
      text.unicodeScalars.append(scalar)
      advance()
    }
    guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else {
      throw Problem(start, found: text, expected: "a number such as 12 or 0.5")
    }
    return text
  }

  private mutating func string() throws -> String {
    let start = place
    advance()
    var text = ""
    while let scalar = next {
      switch scalar {
      case "\"":
        advance()
        return text
      case "\\":
        text.unicodeScalars.append(try escape())
      case "\0"..."\u{1F}":
        throw unexpected("a text without line breaks and control characters; write \\n")
      default:
        text.unicodeScalars.append(scalar)
        advance()
      }
    }
    throw Problem(start, found: "a text without end", expected: "a closing quotation mark")
  }

  private mutating func escape() throws -> Unicode.Scalar {
    let start = place
    advance()
    guard let scalar = next else { throw unexpected("a letter after '\\'") }
    advance()
    switch scalar {
    case "\"", "\\", "/": return scalar
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      var unit = try hexadecimal()
      if 0xD800..<0xDC00 ~= unit, take("\\"), take("u") {
        let second = try hexadecimal()
        guard 0xDC00..<0xE000 ~= second else {
          throw Problem(start, found: "half of a surrogate pair", expected: "both halves")
        }
        unit = 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)
      }
      guard let decoded = Unicode.Scalar(unit) else {
        throw Problem(start, found: "half of a surrogate pair", expected: "both halves")
      }
      return decoded
    default: throw Problem(start, found: "'\\\(scalar)'", expected: "an escape that JSON knows, such as \\n")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let scalar = next, let digit = UInt32(String(scalar), radix: 16) else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 + digit
      advance()
    }
    return value
  }
}
