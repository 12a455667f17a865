import Foundation

/// Turns the bytes of a log, in pieces of any size, into events: a piece's events are there as soon as their row is
/// complete. The result does not depend on where the pieces are cut.
///
///     var decoder = LogDecoder(file: "clicks.csv")
///     var events: [Event] = []
///     try decoder.decode(Array("user,time,action\nu1,0,view\nu2,".utf8), into: &events)   // u1's event
///     try decoder.decode(Array("9,cart".utf8), into: &events)                             // none yet
///     try decoder.finish(into: &events)                                                   // u2's event
///
/// It holds no more than a piece and one row, which is at most `LogOptions.maximumRowBytes` long.
public struct LogDecoder {
  /// The name for messages.
  public let file: String
  /// What was read so far.
  public private(set) var summary = LogSummary()
  /// The format, as soon as it is known.
  public private(set) var format: LogFormat?

  private let options: LogOptions
  private var buffer: [UInt8] = []
  private var line = 1
  private var stage = Stage.beginning
  /// Whether the rest of a line that was too long is still to come.
  private var isSkipping = false
  private var header: LogHeader?
  private var scanner = CSVScanner()
  private var object = JSONLine()
  /// How much of an unfinished line of JSON has been searched for its end.
  private var searched = 0

  private enum Stage { case beginning, blank, rows, finished }

  /// A decoder at the beginning of a log.
  ///
  /// - Parameters:
  ///   - file: the name for messages; its ending tells the format, unless the options do.
  ///   - options: how to read it.
  public init(file: String, options: LogOptions = LogOptions()) {
    self.file = file
    self.options = options
    format = options.format ?? LogFormat(fileName: file)
  }

  /// Hands out the bad rows that are kept, and makes room for others.
  public mutating func takeProblems() -> [LogProblem] {
    defer { summary.problems = [] }
    return summary.problems
  }

  /// Reads a piece.
  ///
  /// - Parameters:
  ///   - bytes: what follows the last piece.
  ///   - events: the events of the rows that are complete now are appended, also where an error is thrown after them.
  /// - Throws: `LogError.unusable` for what is no log, `LogError.badRow` when strict.
  public mutating func decode(_ bytes: [UInt8], into events: inout [Event]) throws(LogError) {
    buffer.append(contentsOf: bytes)
    try advance(isLast: false, into: &events)
  }

  /// Reads a piece.
  ///
  /// - Parameters:
  ///   - bytes: what follows the last piece.
  ///   - events: the events of the rows that are complete now are appended, also where an error is thrown after them.
  /// - Throws: `LogError.unusable` for what is no log, `LogError.badRow` when strict.
  public mutating func decode(_ bytes: UnsafeBufferPointer<UInt8>, into events: inout [Event]) throws(LogError) {
    buffer.append(contentsOf: bytes)
    try advance(isLast: false, into: &events)
  }

  /// Reads the row at the end, which may lack its line end.
  ///
  /// - Parameter events: the last row's event is appended.
  /// - Throws: `LogError.unusable` for what is no log, `LogError.badRow` when strict.
  public mutating func finish(into events: inout [Event]) throws(LogError) {
    if stage == .finished { return }
    try advance(isLast: true, into: &events)
    stage = .finished
    if format == .jsonLines || header != nil { return }
    throw unusable("the file is empty; the first row must name the columns")
  }

  /// How many bytes since the last complete row wait, and the line on which they begin; nil within a row that is too
  /// long, and before the first row.
  var placeOfNextRow: (unread: Int, line: Int)? {
    stage == .rows && !isSkipping ? (buffer.count, line) : nil
  }

  /// Whether rows can be told apart by now.
  var knowsColumns: Bool { format == .jsonLines || header != nil }

  /// Forgets what waits: the next bytes are those behind a bookmark.
  mutating func go(to bookmark: LogBookmark) {
    buffer = []
    scanner.reset()
    searched = 0
    line = bookmark.line
    summary.problems = []
    (summary.rows, summary.events, summary.badRows) = (bookmark.rows, bookmark.events, bookmark.badRows)
  }

  private mutating func advance(isLast: Bool, into events: inout [Event]) throws(LogError) {
    // The rows are read in place while this value changes.
    var bytes: [UInt8] = []
    swap(&bytes, &buffer)
    var used = 0
    defer {
      bytes.removeSubrange(..<used)
      swap(&bytes, &buffer)
    }
    try bytes.withUnsafeBufferPointer { (all: UnsafeBufferPointer<UInt8>) throws(LogError) in
      try self.begin(all, isLast: isLast, used: &used)
      guard stage == .rows else { return }
      if format == .csv {
        try self.readCSV(all, isLast: isLast, used: &used, into: &events)
      } else {
        try self.readJSON(all, isLast: isLast, used: &used, into: &events)
      }
    }
  }

  // MARK: - The beginning

  /// Skips a byte order mark and empty lines, and settles the format.
  private mutating func begin(_ all: UnsafeBufferPointer<UInt8>, isLast: Bool, used: inout Int) throws(LogError) {
    if stage == .beginning {
      if all.count < 4 && !isLast { return }
      if all.starts(with: [0xEF, 0xBB, 0xBF]) { used = 3 }
      if all.starts(with: [0xFF, 0xFE]) || all.starts(with: [0xFE, 0xFF]) {
        throw unusable("the file is UTF-16; UTF-8 is expected (iconv -f UTF-16 -t UTF-8)")
      }
      if all.starts(with: [0x1F, 0x8B]) { throw unusable("the file is compressed; unpack it first (gzip -dc)") }
      stage = .blank
    }
    guard stage == .blank else { return }
    while used < all.count {
      let byte = all[used]
      if byte != 32 && byte != 9 && byte != 10 && byte != 13 { break }
      if byte == 10 { line += 1 }
      used += 1
    }
    guard used < all.count else { return }
    if format == nil { format = all[used] == UInt8(ascii: "{") ? .jsonLines : .csv }
    if format == .jsonLines && all[used] == UInt8(ascii: "[") {
      throw unusable("the file is a JSON array; one object a line is expected (jq -c '.[]')")
    }
    stage = .rows
  }

  // MARK: - Rows

  private mutating func readCSV(
    _ all: UnsafeBufferPointer<UInt8>, isLast: Bool, used: inout Int, into events: inout [Event]
  ) throws(LogError) {
    while used < all.count {
      if isSkipping && !skipLine(all, &used) { return }
      if used == all.count { return }
      let rest = UnsafeBufferPointer(rebasing: all[used...])
      switch scanner.scan(rest, isLast: isLast, limit: options.maximumRowBytes) {
      case .more:
        return
      case .fault(let reason):
        // The first line is lost; the next one may be a good row.
        scanner.reset()
        isSkipping = true
        if header == nil { throw unusable(reason) }
        try bad(RowFault(reason), line: line)
      case .record:
        let row = UnsafeBufferPointer(rebasing: rest[..<scanner.length])
        let first = line
        line += scanner.lines
        used += scanner.length
        defer { scanner.reset() }
        if scanner.isBlank { continue }
        guard let header else {
          try readHeader(row, line: first)
          continue
        }
        do throws(RowFault) {
          events.append(try event(row, header))
          summary.rows += 1
          summary.events += 1
        } catch {
          try bad(error, line: first)
        }
      }
    }
  }

  private mutating func readJSON(
    _ all: UnsafeBufferPointer<UInt8>, isLast: Bool, used: inout Int, into events: inout [Event]
  ) throws(LogError) {
    while used < all.count {
      if isSkipping && !skipLine(all, &used) { return }
      if used == all.count { return }
      let rest = UnsafeBufferPointer(rebasing: all[used...])
      let end = newline(rest, from: searched)
      if end ?? rest.count > options.maximumRowBytes {
        searched = 0
        isSkipping = true
        try bad(RowFault("the row is longer than \(options.maximumRowBytes) bytes"), line: line)
        continue
      }
      if end == nil && !isLast {
        searched = rest.count
        return
      }
      searched = 0
      let row = UnsafeBufferPointer(rebasing: rest[..<(end ?? rest.count)])
      let first = line
      if end != nil { line += 1 }
      used += end.map { $0 + 1 } ?? rest.count
      if row.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
      do throws(RowFault) {
        events.append(try event(row))
        summary.rows += 1
        summary.events += 1
      } catch {
        try bad(error, line: first)
      }
    }
  }

  /// Goes behind the end of the line; tells whether it is there.
  private mutating func skipLine(_ all: UnsafeBufferPointer<UInt8>, _ used: inout Int) -> Bool {
    guard let end = newline(all, from: used) else {
      used = all.count
      return false
    }
    used = end + 1
    line += 1
    isSkipping = false
    return true
  }

  private func newline(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = UnsafeRawPointer(bytes.baseAddress), start < bytes.count,
      let found = memchr(base + start, 10, bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - base
  }

  private mutating func bad(_ fault: RowFault, line: Int) throws(LogError) {
    let problem = LogProblem(file: file, line: line, reason: fault.reason)
    summary.rows += 1
    summary.badRows += 1
    if summary.problems.count < options.keptProblems { summary.problems.append(problem) }
    if options.strict { throw .badRow(problem) }
  }

  private func unusable(_ reason: String) -> LogError {
    .unusable(LogProblem(file: file, line: line, reason: reason))
  }

  private mutating func readHeader(_ row: UnsafeBufferPointer<UInt8>, line: Int) throws(LogError) {
    if let fault = LogText.fault(row) {
      throw .unusable(LogProblem(file: file, line: line, reason: "the header is \(fault)"))
    }
    let names = scanner.fields.map {
      String(decoding: LogText.trimmed(UnsafeBufferPointer(rebasing: row[$0.start..<$0.end])), as: UTF8.self)
    }
    let header = try LogHeader(names, file: file, line: line)
    for name in header.ignored { summary.ignore(name) }
    self.header = header
  }

  // MARK: - One row

  private func event(_ row: UnsafeBufferPointer<UInt8>, _ header: LogHeader) throws(RowFault) -> Event {
    if scanner.fields.count != header.width {
      throw RowFault("\(header.width) fields expected, found \(scanner.fields.count)")
    }
    if let fault = LogText.fault(row) { throw RowFault(fault) }
    let fields = scanner.fields
    func text(_ column: LogColumn) -> String {
      let position = header.positions[column.rawValue]
      return position < 0 ? "" : fields[position].text(in: row)
    }
    func bytes(_ column: LogColumn) -> UnsafeBufferPointer<UInt8> {
      let position = header.positions[column.rawValue]
      return position < 0
        ? UnsafeBufferPointer(start: nil, count: 0)
        : UnsafeBufferPointer(rebasing: row[fields[position].start..<fields[position].end])
    }
    if bytes(.user).isEmpty { throw RowFault("user: empty") }
    let unit = options.timeUnit == .automatic ? header.unit ?? .automatic : options.timeUnit
    let time = try LogText.time(bytes(.time), unit: unit)
    if bytes(.action).isEmpty { throw RowFault("action: empty") }
    return Event(
      user: text(.user), time: time, action: Action(rawValue: text(.action)), item: text(.item),
      category: text(.category), value: try value(bytes(.value)), device: text(.device), region: text(.region))
  }

  private mutating func event(_ row: UnsafeBufferPointer<UInt8>) throws(RowFault) -> Event {
    if let fault = LogText.fault(row) { throw RowFault(fault) }
    try object.parse(row)
    for name in object.unknownKeys { summary.ignore(name) }
    object.unknownKeys.removeAll(keepingCapacity: true)
    let missing = LogColumn.required.filter {
      let kind = object.values[$0.rawValue].kind
      return kind == .missing || kind == .null
    }
    if let first = missing.first { throw RowFault("\(first.name): missing") }
    let user = try object.text(.user, in: row)
    if user.isEmpty { throw RowFault("user: empty") }
    let action = try object.text(.action, in: row)
    if action.isEmpty { throw RowFault("action: empty") }
    let slot = object.values[LogColumn.time.rawValue]
    let unit = options.timeUnit == .automatic ? slot.unit ?? .automatic : options.timeUnit
    let time = try numeric(.time, row) { bytes throws(RowFault) in try LogText.time(bytes, unit: unit) }
    let value = try numeric(.value, row) { bytes throws(RowFault) in try self.value(bytes) }
    return Event(
      user: user, time: time, action: Action(rawValue: action), item: try object.text(.item, in: row),
      category: try object.text(.category, in: row), value: value, device: try object.text(.device, in: row),
      region: try object.text(.region, in: row))
  }

  /// A number or a date from a JSON value, which may be a number or a text.
  private func numeric(
    _ column: LogColumn, _ row: UnsafeBufferPointer<UInt8>,
    _ read: (UnsafeBufferPointer<UInt8>) throws(RowFault) -> Double
  ) throws(RowFault) -> Double {
    let place = object.values[column.rawValue]
    if place.kind == .number || place.kind == .text {
      return try read(UnsafeBufferPointer(rebasing: row[place.start..<place.end]))
    }
    let text = Array(try object.text(column, in: row).utf8)
    return try text.withUnsafeBufferPointer(read)
  }

  private func value(_ field: UnsafeBufferPointer<UInt8>) throws(RowFault) -> Double {
    let bytes = LogText.trimmed(field)
    if bytes.isEmpty { return 0 }
    if let number = LogText.number(bytes) { return number }
    throw RowFault("value: \(LogProblem.quote(String(decoding: field, as: UTF8.self))) is not a number")
  }
}
