/// Finds the end of one CSV row, and its fields, in bytes that may arrive piece by piece.
///
/// All positions count from the beginning of the row. After `.more` the same row is scanned on with more bytes.
struct CSVScanner {
  static let comma = UInt8(ascii: ",")
  static let quote = UInt8(ascii: "\"")

  /// Where a field lies, without its quotes.
  struct Field {
    var start: Int
    var end: Int
    /// Whether it holds doubled quotes.
    var doubled = false

    @inline(__always)
    func text(in row: UnsafeBufferPointer<UInt8>) -> String {
      let bytes = UnsafeBufferPointer(rebasing: row[start..<end])
      if !doubled { return String(decoding: bytes, as: UTF8.self) }
      var single: [UInt8] = []
      var index = 0
      while index < bytes.count {
        single.append(bytes[index])
        index += bytes[index] == CSVScanner.quote ? 2 : 1
      }
      return String(decoding: single, as: UTF8.self)
    }
  }

  enum Outcome {
    /// The row is complete: see `fields`, `length` and `lines`.
    case record
    /// The row goes on after these bytes.
    case more
    /// The row cannot be trusted.
    case fault(String)
  }

  private enum State { case plain, quoted, quoteInQuoted }

  private(set) var fields: [Field] = []
  /// The bytes of the row, with its line end.
  private(set) var length = 0
  /// The line ends in the row, with the one at its end.
  private(set) var lines = 0
  private var anyQuoted = false
  private var state = State.plain
  private var fieldStart = 0
  private var doubled = false

  /// Whether the row is an empty line.
  var isBlank: Bool { fields.count == 1 && fields[0].start == fields[0].end && !anyQuoted }

  /// Gets ready for the next row.
  mutating func reset() {
    fields.removeAll(keepingCapacity: true)
    length = 0
    lines = 0
    anyQuoted = false
    state = .plain
    fieldStart = 0
    doubled = false
  }

  /// Scans a row from its beginning, or from where the last call stopped.
  ///
  /// - Parameters:
  ///   - row: what there is from the beginning of the row.
  ///   - isLast: whether nothing follows.
  ///   - limit: the most bytes that a row may have.
  /// - Returns: whether the row is complete.
  mutating func scan(_ row: UnsafeBufferPointer<UInt8>, isLast: Bool, limit: Int) -> Outcome {
    let window = min(row.count, limit + 2)  // two for CRLF
    let isEnd = isLast && window == row.count
    var index = length
    scanning: while index < window {
      switch state {
      case .plain:
        while index < window {
          let byte = row[index]
          if byte > Self.comma {
          } else if byte == Self.comma {
            fields.append(Field(start: fieldStart, end: index))
            fieldStart = index + 1
          } else if byte == 10 {
            let hasReturn = index > fieldStart && row[index - 1] == 13
            fields.append(Field(start: fieldStart, end: hasReturn ? index - 1 : index))
            return complete(index + 1)
          } else if byte == Self.quote && index == fieldStart {
            state = .quoted
            anyQuoted = true
            index += 1
            fieldStart = index
            continue scanning
          }
          index += 1
        }
      case .quoted:
        while index < window {
          let byte = row[index]
          index += 1
          if byte == Self.quote {
            state = .quoteInQuoted
            continue scanning
          }
          if byte == 10 { lines += 1 }
        }
      case .quoteInQuoted:
        let byte = row[index]
        if byte == Self.quote {
          doubled = true
          state = .quoted
          index += 1
          continue scanning
        }
        // A carriage return is part of the line end, unless something else follows it.
        if byte == 13 && index + 1 == window && !isEnd { break scanning }
        let ends = byte == 10 || (byte == 13 && (index + 1 == window || row[index + 1] == 10))
        if !ends && byte != Self.comma { return .fault("text after a closing quote in field \(fields.count + 1)") }
        fields.append(Field(start: fieldStart, end: index - 1, doubled: doubled))
        doubled = false
        if ends { return complete(min(byte == 13 ? index + 2 : index + 1, window)) }
        state = .plain
        index += 1
        fieldStart = index
      }
    }
    length = index
    if window == limit + 2 {
      return .fault(
        state == .quoted
          ? "the quote in field \(fields.count + 1) is not closed within \(limit) bytes"
          : "the row is longer than \(limit) bytes")
    }
    if !isEnd { return .more }
    switch state {
    case .plain:
      let hasReturn = index > fieldStart && row[index - 1] == 13
      fields.append(Field(start: fieldStart, end: hasReturn ? index - 1 : index))
    case .quoteInQuoted:
      fields.append(Field(start: fieldStart, end: index - 1, doubled: doubled))
    case .quoted:
      return .fault("the quote in field \(fields.count + 1) is never closed")
    }
    return .record
  }

  private mutating func complete(_ length: Int) -> Outcome {
    self.length = length
    lines += 1
    return .record
  }
}
