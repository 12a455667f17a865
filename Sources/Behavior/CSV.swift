/// Comma-separated values as in RFC 4180.
///
/// Fields may be quoted, a quoted field may hold commas, line ends and doubled quotes; lines end in LF or CRLF; a byte
/// order mark at the beginning is ignored, and so are empty lines.
///
///     CSV.records("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n").map(\.fields)   // [["a", "b"], ["1,5", "say \"hi\""]]
public enum CSV {
  /// One row and where it was.
  public struct Record: Codable, Sendable, Hashable {
    /// The number of the line on which the row begins, from 1.
    public let line: Int
    /// The fields.
    public let fields: [String]
    /// Why the row cannot be trusted, or nil: a quote that is never closed, or text after a closing quote.
    public let fault: String?
  }

  /// The rows of a text.
  public static func records(_ text: String) -> [Record] {
    var parser = CSVParser()
    var text = text
    return text.withUTF8 { parser.parse($0) }
  }

  /// A field as it has to be written: quoted where needed.
  public static func quoted(_ field: String) -> String {
    let special = field.utf8.contains { $0 == CSVParser.comma || $0 == CSVParser.quote || $0 == 10 || $0 == 13 }
    let padded = field.utf8.first == 32 || field.utf8.last == 32
    if !special && !padded { return field }
    return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// A row as a line, without its end.
  public static func line(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",")
  }
}

private struct CSVParser {
  static let comma = UInt8(ascii: ",")
  static let quote = UInt8(ascii: "\"")

  private enum State { case fieldStart, plain, quoted, quoteInQuoted }

  private var state = State.fieldStart
  private var field: [UInt8] = []
  private var fields: [String] = []
  private var fault: String?
  private var line = 1
  private var firstLine = 1
  private var records: [CSV.Record] = []

  mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> [CSV.Record] {
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if state == .quoted {
        if byte == Self.quote {
          state = .quoteInQuoted
        } else {
          if byte == 10 { line += 1 }
          field.append(byte)
        }
        continue
      }
      // A carriage return is part of the line end, unless something else follows it.
      if byte == 13 && (index == bytes.count || bytes[index] == 10) { continue }
      switch byte {
      case Self.comma:
        endField()
      case 10:
        endRecord()
        line += 1
        firstLine = line
      case Self.quote where state == .fieldStart:
        state = .quoted
      case Self.quote where state == .quoteInQuoted:
        field.append(byte)
        state = .quoted
      default:
        if state == .quoteInQuoted { fault = fault ?? "text after a closing quote in field \(fields.count + 1)" }
        field.append(byte)
        state = .plain
      }
    }
    if state == .quoted { fault = fault ?? "the quote in field \(fields.count + 1) is never closed" }
    if state != .fieldStart || !fields.isEmpty { endRecord() }
    return records
  }

  private mutating func endField() {
    fields.append(String(decoding: field, as: UTF8.self))
    field.removeAll(keepingCapacity: true)
    state = .fieldStart
  }

  private mutating func endRecord() {
    let empty = fields.isEmpty && field.isEmpty && state == .fieldStart
    endField()
    if !empty { records.append(CSV.Record(line: firstLine, fields: fields, fault: fault)) }
    fields.removeAll(keepingCapacity: true)
    fault = nil
  }
}
