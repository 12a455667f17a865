/// Comma-separated values as in RFC 4180.
///
/// Fields may be quoted, a quoted field may hold commas, line ends and doubled quotes; lines end in LF or CRLF; a byte
/// order mark at the beginning is ignored, and so are empty lines. A quote within an unquoted field stands for itself.
///
///     CSV.records("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n").map(\.fields)   // [["a", "b"], ["1,5", "say \"hi\""]]
///
/// A row whose quotes do not match costs its first line only: reading goes on with the next line, so that one lone
/// quote does not swallow what follows it.
public enum CSV {
  /// One row and where it was.
  public struct Record: Sendable, Hashable {
    /// The number of the line on which the row begins, from 1.
    public let line: Int
    /// The fields; none where there is a fault.
    public let fields: [String]
    /// Why the row cannot be trusted, or nil: a quote that is never closed, or text after a closing quote.
    public let fault: String?
  }

  /// The rows of a text.
  public static func records(_ text: String) -> [Record] {
    var text = text
    return text.withUTF8 { bytes in
      var records: [Record] = []
      var scanner = CSVScanner()
      var line = 1
      var rest = UnsafeBufferPointer(rebasing: bytes[(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)...])
      while !rest.isEmpty {
        let used: Int
        switch scanner.scan(rest, isLast: true, limit: Int.max / 2) {
        case .fault(let fault):
          records.append(Record(line: line, fields: [], fault: fault))
          used = (rest.firstIndex(of: 10) ?? rest.count - 1) + 1
          line += 1
        case .record, .more:
          if !scanner.isBlank {
            records.append(Record(line: line, fields: scanner.fields.map { $0.text(in: rest) }, fault: nil))
          }
          used = scanner.length
          line += scanner.lines
        }
        scanner.reset()
        rest = UnsafeBufferPointer(rebasing: rest[used...])
      }
      return records
    }
  }

  /// A field as it has to be written: quoted where needed.
  public static func quoted(_ field: String) -> String {
    var bytes: [UInt8] = []
    append(field, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A row as a line, without its end.
  public static func line(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",")
  }

  /// Appends a field as it has to be written.
  static func append(_ field: String, to output: inout [UInt8]) {
    var field = field
    field.withUTF8 { bytes in
      let special = bytes.contains { $0 == CSVScanner.comma || $0 == CSVScanner.quote || $0 == 10 || $0 == 13 }
      if !special && bytes.first != 32 && bytes.last != 32 {
        output.append(contentsOf: bytes)
        return
      }
      output.append(CSVScanner.quote)
      for byte in bytes {
        if byte == CSVScanner.quote { output.append(byte) }
        output.append(byte)
      }
      output.append(CSVScanner.quote)
    }
  }
}
