import Foundation

/// A log of events in memory, and the rows that could not be read. `docs/logs.md` defines the formats.
///
///     let log = try EventLog(contentsOf: URL(filePath: "clicks.csv"))
///     for row in log.summary.problems { print(row) }   // clicks.csv:17: time: "yesterday" is neither …
///
/// A log that may be larger than memory is read with `LogReader`.
public struct EventLog: Sendable {
  /// The names of the columns, in the order in which they are written.
  public static let columns = ["user", "time", "action", "item", "category", "value", "device", "region"]

  /// The events in the order of the file.
  public var events: [Event]

  /// What was read: how many rows, and which of them were bad.
  public var summary: LogSummary

  /// Reads a file.
  ///
  /// - Throws: `LogError`.
  public init(contentsOf url: URL, options: LogOptions = LogOptions()) throws(LogError) {
    let reader = try LogReader(contentsOf: url, options: options)
    events = []
    while let more = try reader.next() { events += more }
    summary = reader.summary
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - file: the name for messages; its ending tells the format, unless the options do or it has none.
  ///   - options: how to read it.
  /// - Throws: `LogError`.
  public init(_ text: String, file: String = "log", options: LogOptions = LogOptions()) throws(LogError) {
    var decoder = LogDecoder(file: file, options: options)
    events = []
    try decoder.decode(Array(text.utf8), into: &events)
    try decoder.finish(into: &events)
    summary = decoder.summary
  }

  /// Events as a text, with all the columns; reading it gives the same events.
  ///
  /// - Throws: `LogError.unwritableEvent`.
  public static func text(_ events: [Event], format: LogFormat = .csv) throws(LogError) -> String {
    var encoder = LogEncoder(format: format)
    for event in events { try encoder.encode(event) }
    return String(decoding: encoder.bytes, as: UTF8.self)
  }

  /// Writes events to a file, whole or not at all.
  ///
  /// - Parameters:
  ///   - events: the events.
  ///   - url: the file.
  ///   - format: the format; nil for what the file's name tells, CSV where it tells none.
  /// - Throws: `LogError`.
  public static func write(_ events: [Event], to url: URL, format: LogFormat? = nil) throws(LogError) {
    let writer = try LogWriter(to: url, format: format)
    try writer.append(events)
    try writer.finish()
  }
}
