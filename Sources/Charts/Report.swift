/// What a demo shows: texts, tables and charts in order. It renders to a terminal or to one self-contained HTML page.
public struct Report: Codable, Sendable, Hashable {
  /// The page's title.
  public var title: LocalizedText

  /// What the page holds, top to bottom.
  public var blocks: [Block]

  /// One part of a report.
  public enum Block: Codable, Sendable, Hashable {
    /// A heading.
    case heading(LocalizedText)

    /// A paragraph.
    case text(LocalizedText)

    /// Preformatted lines, such as source or a log.
    case code(String)

    /// A table.
    case table(Table)

    /// A chart.
    case chart(Chart)
  }

  /// A report with the given parts.
  public init(title: LocalizedText, blocks: [Block] = []) {
    self.title = title
    self.blocks = blocks
  }
}

/// A table of texts; columns of numbers align right.
public struct Table: Codable, Sendable, Hashable {
  /// What the table shows.
  public var caption: LocalizedText

  /// The column titles.
  public var columns: [LocalizedText]

  /// The cells, row by row, each row as long as `columns`.
  public var rows: [[LocalizedText]]

  /// The index of a row to set off, such as the reference beside its baselines.
  public var highlightedRow: Int?

  /// A table.
  ///
  /// - Precondition: every row has one cell a column.
  public init(
    caption: LocalizedText, columns: [LocalizedText], rows: [[LocalizedText]], highlightedRow: Int? = nil
  ) {
    precondition(
      rows.allSatisfy { $0.count == columns.count },
      "Table: \(columns.count) columns, but rows of \(rows.map(\.count)) cells")
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.highlightedRow = highlightedRow
  }
}
