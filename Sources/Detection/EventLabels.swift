import Behavior
import Foundation

/// Which events of a log belong to which type of anomaly.
///
/// From a file of labels alone, all events of its users within its span do. With flags, only those that are named.
public struct EventLabels: Sendable {
  /// The names of the types, sorted.
  public private(set) var types: [String]
  private var spans: [String: [(start: Double, end: Double, type: Int)]] = [:]
  private var flagged: [Event: Int]?

  /// The type of an event, or nil for an honest one.
  public func type(of event: Event) -> Int? {
    if let flagged { return flagged[event] }
    return spans[event.user]?.first { $0.start <= event.time && event.time <= $0.end }?.type
  }

  /// Labels as `dojo simulate` writes them.
  ///
  /// - Parameters:
  ///   - labels: CSV with the columns `kind`, `users` (separated by blanks), `start`, `end` (seconds); others are
  ///     ignored.
  ///   - flags: CSV with the columns `event` and `anomaly`, rows of the log and of the labels, from 1; nil for none.
  ///   - events: the log in the order of its rows, needed with flags.
  ///   - files: the names for messages.
  /// - Throws: `DetectionError.labels`.
  public init(
    labels: String, flags: String? = nil, events: [Event] = [],
    files: (labels: String, flags: String) = ("labels", "flags")
  ) throws {
    let rows = try EventLabels.table(labels, ["kind", "users", "start", "end"], files.labels)
    types = Set(rows.map { $0.fields[0] }).sorted()
    let types = types
    var kinds: [Int] = []
    for row in rows {
      func fail(_ reason: String) -> DetectionError { .labels(file: files.labels, line: row.line, reason) }
      let type = types.firstIndex(of: row.fields[0]) ?? 0
      if row.fields[0].isEmpty { throw fail("kind: empty") }
      guard let start = Double(row.fields[2]), start.isFinite else {
        throw fail("start: \"\(row.fields[2])\" is not a number of seconds")
      }
      guard let end = Double(row.fields[3]), end.isFinite, end >= start else {
        throw fail("end: \"\(row.fields[3])\" is not a number of seconds at or after the start")
      }
      for user in row.fields[1].split(separator: " ") {
        spans[String(user), default: []].append((start, end, type))
      }
      kinds.append(type)
    }
    guard let flags else { return }
    var flagged: [Event: Int] = [:]
    for row in try EventLabels.table(flags, ["event", "anomaly"], files.flags) {
      guard let event = Int(row.fields[0]), (1...max(1, events.count)).contains(event), !events.isEmpty else {
        throw DetectionError.labels(
          file: files.flags, line: row.line, "event: \"\(row.fields[0])\" is not a row of the log, 1 to \(events.count)"
        )
      }
      guard let anomaly = Int(row.fields[1]), (1...max(1, kinds.count)).contains(anomaly), !kinds.isEmpty else {
        throw DetectionError.labels(
          file: files.flags, line: row.line,
          "anomaly: \"\(row.fields[1])\" is not a row of the labels, 1 to \(kinds.count)")
      }
      flagged[events[event - 1]] = kinds[anomaly - 1]
    }
    self.flagged = flagged
  }

  /// The same labels with the numbers of other names.
  ///
  /// - Throws: `DetectionError.labels` for a type that is not among them.
  func renumbered(for names: [String]) throws -> EventLabels {
    let numbers = try types.map { type in
      guard let number = names.firstIndex(of: type) else {
        throw DetectionError.otherRun(
          "the labels have the type '\(type)', which the model was not taught; it knows: "
            + names.joined(separator: ", "))
      }
      return number
    }
    var labels = self
    labels.types = names
    labels.spans = spans.mapValues { $0.map { ($0.start, $0.end, numbers[$0.type]) } }
    labels.flagged = flagged?.mapValues { numbers[$0] }
    return labels
  }

  private static func table(_ text: String, _ columns: [String], _ file: String) throws
    -> [(line: Int, fields: [String])]
  {
    let records = CSV.records(text)
    guard let header = records.first else { throw DetectionError.labels(file: file, line: 1, "the file is empty") }
    let places = try columns.map { column -> Int in
      guard let place = header.fields.firstIndex(of: column) else {
        throw DetectionError.labels(file: file, line: header.line, "there is no column '\(column)'")
      }
      return place
    }
    return try records.dropFirst().map { record in
      if let fault = record.fault { throw DetectionError.labels(file: file, line: record.line, fault) }
      guard record.fields.count == header.fields.count else {
        throw DetectionError.labels(
          file: file, line: record.line, "\(record.fields.count) fields, expected \(header.fields.count)")
      }
      return (record.line, places.map { record.fields[$0] })
    }
  }
}
