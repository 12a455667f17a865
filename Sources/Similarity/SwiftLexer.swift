/// A piece of Swift source: a name, a literal, or an operator or a bracket.
public struct SwiftToken: Sendable, Hashable {
  /// What a token is.
  public enum Kind: UInt8, Sendable {
    /// A name or a keyword.
    case name

    /// A number, or a whole string with all its interpolations.
    case literal

    /// An operator, a bracket or another sign.
    case sign
  }

  /// What it is.
  public var kind: Kind

  /// Where it starts and where it has ended, in bytes from the text's beginning.
  public var start, end: Int32

  /// The lines of its first and its last byte, from 0.
  public var line, lastLine: Int32
}

/// Cuts Swift source into tokens. It knows nested comments, raw and multi-line strings and interpolations, and never
/// fails: a string that is not closed ends with its line, a comment or a multi-line string with the file. A regular
/// expression between slashes is taken for operators and names.
public struct SwiftLexer {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0
  private var tokens: [SwiftToken] = []

  /// The tokens of a text and the places where its lines start, both in bytes.
  ///
  /// A line ends with `\n`, `\r\n` or `\r`.
  ///
  /// - Parameter text: the source in UTF-8.
  /// - Returns: the tokens in order, without comments, and the offset of each line's first byte.
  public static func tokens(of text: [UInt8]) -> (tokens: [SwiftToken], lineStarts: [Int32]) {
    text.withUnsafeBufferPointer { bytes in
      var lineStarts: [Int32] = [0]
      for index in bytes.indices where isLineEnd(bytes, index) { lineStarts.append(Int32(index + 1)) }
      var lexer = SwiftLexer(bytes: bytes)
      lexer.scan()
      lexer.number(lineStarts)
      return (lexer.tokens, lineStarts)
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    tokens.reserveCapacity(bytes.count / 4)
  }

  private static func isLineEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    let byte = bytes[index]
    return byte == UInt8(ascii: "\n")
      || (byte == UInt8(ascii: "\r") && !(index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")))
  }

  private func byte(_ ahead: Int = 0) -> UInt8 { at + ahead < bytes.count ? bytes[at + ahead] : 0 }

  private func starts(with text: StaticString) -> Bool {
    guard at + text.utf8CodeUnitCount <= bytes.count else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[at + index] != text.utf8Start[index] { return false }
    return true
  }

  private mutating func scan() {
    while at < bytes.count {
      let start = at
      let byte = bytes[at]
      if byte <= 0x20 || byte == 0x7F {
        at += 1
      } else if starts(with: "//") {
        while at < bytes.count, !isLineBreak(bytes[at]) { at += 1 }
      } else if starts(with: "/*") {
        skipBlockComment()
      } else if isNameStart(byte) {
        repeat { at += 1 } while at < bytes.count && isNamePart(bytes[at])
        add(.name, from: start)
      } else if isDigit(byte) {
        skipNumber()
        add(.literal, from: start)
      } else if let pounds = poundsOfString() {
        skipString(pounds: pounds)
        add(.literal, from: start)
      } else if byte == UInt8(ascii: ".") {
        repeat {
          at += 1
        } while at < bytes.count && (bytes[at] == UInt8(ascii: ".") || isOperator(bytes[at])) && isDotted(start)
        add(.sign, from: start)
      } else if isOperator(byte) {
        repeat { at += 1 } while at < bytes.count && isOperator(bytes[at]) && !starts(with: "//") && !starts(with: "/*")
        add(.sign, from: start)
      } else if byte == UInt8(ascii: "`") {
        at += 1  // the signs around an escaped name say nothing
      } else {
        at += 1
        add(.sign, from: start)
      }
    }
  }

  private mutating func add(_ kind: SwiftToken.Kind, from start: Int) {
    tokens.append(SwiftToken(kind: kind, start: Int32(start), end: Int32(at), line: 0, lastLine: 0))
  }

  /// Gives each token its lines.
  private mutating func number(_ lineStarts: [Int32]) {
    var line = 0
    for index in tokens.indices {
      while line + 1 < lineStarts.count, lineStarts[line + 1] <= tokens[index].start { line += 1 }
      tokens[index].line = Int32(line)
      while line + 1 < lineStarts.count, lineStarts[line + 1] < tokens[index].end { line += 1 }
      tokens[index].lastLine = Int32(line)
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        at += 2
      } else if starts(with: "*/") {
        depth -= 1
        at += 2
      } else {
        at += 1
      }
    } while depth > 0 && at < bytes.count
  }

  private mutating func skipNumber() {
    let isHexadecimal = starts(with: "0x")
    while at < bytes.count {
      let last = bytes[at]
      if isNamePart(last) {
        at += 1
        let isExponent = isHexadecimal ? last | 0x20 == UInt8(ascii: "p") : last | 0x20 == UInt8(ascii: "e")
        if isExponent, byte() == UInt8(ascii: "-") || byte() == UInt8(ascii: "+"), isDigit(byte(1)) { at += 1 }
      } else if last == UInt8(ascii: "."), isDigit(byte(1)) {
        at += 1
      } else {
        return
      }
    }
  }

  /// The number of `#` before a string that starts here, or nil if none does.
  private func poundsOfString() -> Int? {
    var pounds = 0
    while byte(pounds) == UInt8(ascii: "#") { pounds += 1 }
    return byte(pounds) == UInt8(ascii: "\"") ? pounds : nil
  }

  /// What is open inside a string: strings, and the interpolations in them.
  private enum Open {
    case string(pounds: Int, isMultiline: Bool)
    case interpolation(depth: Int)
  }

  private mutating func openString(pounds: Int) -> Open {
    at += pounds
    let isMultiline = starts(with: "\"\"\"")
    at += isMultiline ? 3 : 1
    return .string(pounds: pounds, isMultiline: isMultiline)
  }

  private mutating func skipString(pounds: Int) {
    // A stack and no recursion: how deep a text nests is the text's choice.
    var open = [openString(pounds: pounds)]
    while at < bytes.count, let last = open.last {
      switch last {
      case .string(let pounds, let isMultiline):
        if !isMultiline, isLineBreak(bytes[at]) {
          open.removeLast()
          if !open.isEmpty { open.removeLast() }  // the interpolation around it ends with the line, too
        } else if bytes[at] == UInt8(ascii: "\\"), hasPounds(pounds, ahead: 1) {
          at += 1 + pounds
          if byte() == UInt8(ascii: "(") {
            at += 1
            open.append(.interpolation(depth: 1))
          } else if at < bytes.count, !isLineBreak(bytes[at]) {
            at += 1
          }
        } else if isMultiline, starts(with: "\"\"\""), hasPounds(pounds, ahead: 3) {
          at += 3 + pounds
          open.removeLast()
        } else if !isMultiline, bytes[at] == UInt8(ascii: "\""), hasPounds(pounds, ahead: 1) {
          at += 1 + pounds
          open.removeLast()
        } else {
          at += 1
        }
      case .interpolation(let depth):
        if let pounds = poundsOfString() {
          open.append(openString(pounds: pounds))
        } else if bytes[at] == UInt8(ascii: "(") {
          open[open.count - 1] = .interpolation(depth: depth + 1)
          at += 1
        } else if bytes[at] == UInt8(ascii: ")") {
          open.removeLast()
          if depth > 1 { open.append(.interpolation(depth: depth - 1)) }
          at += 1
        } else if isLineBreak(bytes[at]), open.count >= 2, case .string(_, false) = open[open.count - 2] {
          open.removeLast()
        } else {
          at += 1
        }
      }
    }
    at = min(at, bytes.count)
  }

  private func hasPounds(_ count: Int, ahead: Int) -> Bool {
    for index in 0..<count where byte(ahead + index) != UInt8(ascii: "#") { return false }
    return true
  }

  /// Whether an operator that starts with a dot goes on: `...` and `..<` do, the dot of a member does not.
  private func isDotted(_ start: Int) -> Bool {
    start + 1 < bytes.count && bytes[start + 1] == UInt8(ascii: ".")
  }
}

private func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

private func isNameStart(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
}

private func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

private func isOperator(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "!"),
    UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"),
    UInt8(ascii: "|"), UInt8(ascii: "^"), UInt8(ascii: "~"), UInt8(ascii: "?"):
    true
  default: false
  }
}
