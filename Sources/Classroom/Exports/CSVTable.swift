/// A table as comma-separated values (RFC 4180), safe to open in a spreadsheet.
struct CSVTable {
  /// The columns' names, then the rows.
  private(set) var rows: [[String]]

  init(header: [String]) {
    rows = [header]
  }

  /// Adds a row; it has as many cells as the header.
  mutating func append(_ cells: [String]) {
    precondition(cells.count == rows[0].count, "a row of \(cells.count) cells in a table of \(rows[0].count) columns")
    rows.append(cells)
  }

  /// The file: a byte order mark, without which Excel takes Chinese names for another encoding, and lines that end in
  /// CR LF, as RFC 4180 has it. `csv` modules read it as `utf-8-sig`.
  var text: String {
    "\u{FEFF}" + rows.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A cell with what a stranger wrote: never a formula.
  ///
  /// A spreadsheet takes a cell that begins with one of `= + - @` for a formula, which may start programs and send
  /// data away; an apostrophe before it makes it text.
  static func text(_ cell: String) -> String {
    let visible = cell.withVisibleControls
    guard let first = visible.first(where: { !$0.isWhitespace }) else { return visible.isEmpty ? "" : "'" + visible }
    let isDangerous = "=+-@＝＋－＠".contains(first) || visible.first == "\t" || visible.first?.isNewline == true
    return isDangerous ? "'" + visible : visible
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
