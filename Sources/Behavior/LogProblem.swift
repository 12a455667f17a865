/// A row of a log that could not be read.
public struct LogProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The name of the file.
  public let file: String
  /// The line on which the row begins, from 1.
  public let line: Int
  /// What is wrong with it, what was found and what was expected.
  public let reason: String

  /// A row that could not be read.
  public init(file: String, line: Int, reason: String) {
    self.file = file
    self.line = line
    self.reason = reason
  }

  /// `file:line: reason`
  public var description: String { "\(file):\(line): \(reason)" }

  /// A found text for a message: in quotes, short, on one line.
  static func quote(_ text: String) -> String { "\"\(clip(text))\"" }

  /// A found text for a message: short, on one line.
  static func clip(_ text: String) -> String {
    let line = text.prefix(40).map { character in
      character.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } ? "␤" : String(character)
    }
    return line.joined() + (text.count > 40 ? "…" : "")
  }
}

/// Why a log cannot be read or written at all.
public enum LogError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)

  /// The file is no log: it is empty, is not text in UTF-8, or its header lacks a column.
  case unusable(LogProblem)

  /// A bad row, where bad rows are refused.
  case badRow(LogProblem)

  /// The file cannot be written; nothing was left behind.
  case unwritable(file: String, reason: String)

  /// An event that no log can hold, by its number from 1.
  case unwritableEvent(number: Int, reason: String)

  /// A sentence that names the file and what is wrong.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .unusable(let problem), .badRow(let problem): problem.description
    case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
    case .unwritableEvent(let number, let reason): "event \(number) cannot be written: \(reason)"
    }
  }
}

/// How a log is written down.
public enum LogFormat: String, Sendable, Hashable, CaseIterable {
  /// Comma-separated values; the first row names the columns.
  case csv
  /// One JSON object a line.
  case jsonLines

  /// The format that a file's name tells: `.csv`, or `.jsonl`, `.ndjson` and `.json`.
  public init?(fileName: String) {
    let name = fileName.lowercased()
    if name.hasSuffix(".csv") {
      self = .csv
    } else if [".jsonl", ".ndjson", ".json"].contains(where: name.hasSuffix) {
      self = .jsonLines
    } else {
      return nil
    }
  }
}

/// The unit of times that are plain numbers.
public enum LogTimeUnit: String, Sendable, Hashable, CaseIterable {
  /// By size: below 10¹¹ seconds, below 10¹⁴ milliseconds, below 10¹⁷ microseconds, below 10²⁰ nanoseconds.
  case automatic
  /// Seconds since 1970.
  case seconds
  /// Milliseconds since 1970.
  case milliseconds
}

/// How a log is to be read.
public struct LogOptions: Sendable, Hashable {
  /// Whether the first bad row is an error.
  public var strict: Bool
  /// The format; nil for what the file's name or else its first byte tells.
  public var format: LogFormat?
  /// The unit of times that are plain numbers, unless the column's name tells it (`timestamp_ms`).
  public var timeUnit: LogTimeUnit
  /// The most bytes that a row may have.
  public var maximumRowBytes: Int
  /// The number of bad rows that are kept with their reason; all are counted.
  public var keptProblems: Int

  /// The most bytes of a row that is written, and of one that is read unless the options say otherwise: a mebibyte.
  public static let longestRow = 1 << 20

  /// Options for reading a log.
  ///
  /// - Precondition: `maximumRowBytes` and `keptProblems` are not negative.
  public init(
    strict: Bool = false, format: LogFormat? = nil, timeUnit: LogTimeUnit = .automatic,
    maximumRowBytes: Int = LogOptions.longestRow,
    keptProblems: Int = 100
  ) {
    precondition(maximumRowBytes >= 0, "maximumRowBytes must not be negative, found \(maximumRowBytes)")
    precondition(keptProblems >= 0, "keptProblems must not be negative, found \(keptProblems)")
    self.strict = strict
    self.format = format
    self.timeUnit = timeUnit
    self.maximumRowBytes = maximumRowBytes
    self.keptProblems = keptProblems
  }
}

/// What was read of a log so far. Every row is an event or a bad row: `rows == events + badRows`.
public struct LogSummary: Sendable, Hashable {
  /// The rows, without the header and empty lines.
  public internal(set) var rows = 0
  /// The rows that were events.
  public internal(set) var events = 0
  /// The rows that were not.
  public internal(set) var badRows = 0
  /// The first of the bad rows, up to `LogOptions.keptProblems`.
  public internal(set) var problems: [LogProblem] = []
  /// Columns, or keys of objects, that no event has a place for; at most 32.
  public internal(set) var ignoredColumns: [String] = []

  /// Nothing read yet.
  public init() {}

  mutating func ignore(_ name: String) {
    let name = LogProblem.clip(name)
    if ignoredColumns.count < 32 && !ignoredColumns.contains(name) { ignoredColumns.append(name) }
  }
}
