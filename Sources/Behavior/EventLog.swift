import Foundation

/// A log of events read from CSV, and the rows that could not be read.
///
/// The first row names the columns, in any order: `user`, `time` and `action` are needed; `item`, `category`, `value`,
/// `device` and `region` may be missing; others are ignored. `time` is in seconds since 1970.
///
///     let log = try EventLog(contentsOf: URL(filePath: "clicks.csv"))
///     for row in log.badRows { print(row) }   // clicks.csv:17: time: "yesterday" is not a number
public struct EventLog: Sendable {
  /// The names of the columns, in the order in which they are written.
  public static let columns = ["user", "time", "action", "item", "category", "value", "device", "region"]

  /// The events in the order of the file.
  public var events: [Event]

  /// The rows that were left out, and why.
  public var badRows: [BadRow]

  /// A row that could not be read.
  public struct BadRow: Error, Codable, Sendable, Hashable, CustomStringConvertible {
    /// The name of the file.
    public let file: String
    /// The line on which the row begins, from 1.
    public let line: Int
    /// What is wrong with it.
    public let reason: String

    /// A row that could not be read.
    public init(file: String, line: Int, reason: String) {
      self.file = file
      self.line = line
      self.reason = reason
    }

    /// `file:line: reason`
    public var description: String { "\(file):\(line): \(reason)" }
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - url: the file, in UTF-8.
  ///   - strict: whether the first bad row is an error instead of an entry of `badRows`.
  /// - Throws: `BadRow` for a header that cannot be used, or a bad row when strict; what Foundation throws when the
  ///   file cannot be read.
  public init(contentsOf url: URL, strict: Bool = false) throws {
    let bytes = try Data(contentsOf: url)
    try self.init(csv: String(decoding: bytes, as: UTF8.self), file: url.lastPathComponent, strict: strict)
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - csv: the text.
  ///   - file: the name to use in messages.
  ///   - strict: whether the first bad row is an error instead of an entry of `badRows`.
  /// - Throws: `BadRow` for a header that cannot be used, or a bad row when strict.
  public init(csv: String, file: String = "log.csv", strict: Bool = false) throws {
    let records = CSV.records(csv)
    guard let header = records.first else {
      throw BadRow(file: file, line: 1, reason: "the file is empty; the first row must name the columns")
    }
    let reader = try RowReader(header: header, file: file)
    events = []
    badRows = []
    events.reserveCapacity(records.count)
    for record in records.dropFirst() {
      do throws(BadRow) {
        events.append(try reader.event(record))
      } catch {
        if strict { throw error }
        badRows.append(error)
      }
    }
  }

  /// Events as CSV, with all the columns; reading it gives the same events.
  public static func csv(_ events: [Event]) -> String {
    var text = CSV.line(columns) + "\n"
    for event in events {
      text += CSV.line([
        event.user, "\(event.time)", event.action.rawValue, event.item, event.category,
        event.value == 0 ? "" : "\(event.value)", event.device, event.region,
      ])
      text += "\n"
    }
    return text
  }

  /// Writes events to a file, whole or not at all.
  ///
  /// - Throws: what Foundation throws when the file cannot be written.
  public static func write(_ events: [Event], to url: URL) throws {
    try Data(csv(events).utf8).write(to: url, options: .atomic)
  }
}

/// Knows where each column is.
private struct RowReader {
  let file: String
  let width: Int
  let positions: [Int?]  // of `EventLog.columns`

  init(header: CSV.Record, file: String) throws(EventLog.BadRow) {
    func bad(_ reason: String) -> EventLog.BadRow {
      EventLog.BadRow(file: file, line: header.line, reason: reason)
    }
    let names = header.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    for name in EventLog.columns where names.count(where: { $0 == name }) > 1 {
      throw bad("the column \"\(name)\" is named twice")
    }
    for name in ["user", "time", "action"] where !names.contains(name) {
      throw bad("no column \"\(name)\"; found \(names.joined(separator: ", "))")
    }
    self.file = file
    width = names.count
    positions = EventLog.columns.map { names.firstIndex(of: $0) }
  }

  func event(_ record: CSV.Record) throws(EventLog.BadRow) -> Event {
    func bad(_ reason: String) -> EventLog.BadRow {
      EventLog.BadRow(file: file, line: record.line, reason: reason)
    }
    if let fault = record.fault { throw bad(fault) }
    if record.fields.count != width { throw bad("\(width) fields expected, found \(record.fields.count)") }
    func field(_ column: Int) -> String { positions[column].map { record.fields[$0] } ?? "" }
    func number(_ column: Int) throws(EventLog.BadRow) -> Double {
      let text = field(column)
      guard let number = Double(text), number.isFinite else {
        throw bad("\(EventLog.columns[column]): \"\(text)\" is not a number")
      }
      return number
    }
    if field(0).isEmpty { throw bad("user: empty") }
    if field(2).isEmpty { throw bad("action: empty") }
    return Event(
      user: field(0), time: try number(1), action: Action(rawValue: field(2)), item: field(3), category: field(4),
      value: field(5).isEmpty ? 0 : try number(5), device: field(6), region: field(7))
  }
}
