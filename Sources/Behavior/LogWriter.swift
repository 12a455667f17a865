import Foundation

/// Turns events into the bytes of a log; reading them gives the same events.
///
///     var encoder = LogEncoder(format: .jsonLines)
///     try encoder.encode(Event(user: "u1", time: 0, action: .view))
///     encoder.bytes   // {"user":"u1","time":0,"action":"view"}
public struct LogEncoder {
  /// The format that is written.
  public let format: LogFormat
  /// What was written and not yet taken.
  public private(set) var bytes: [UInt8] = []
  private var count = 0

  /// An encoder at the beginning of a log; the header of CSV is in `bytes` at once.
  public init(format: LogFormat) {
    self.format = format
    if format == .csv { bytes = Array((CSV.line(EventLog.columns) + "\n").utf8) }
  }

  /// Hands out what was written.
  public mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// Appends a row.
  ///
  /// - Throws: `LogError.unwritableEvent` for what a reader would refuse: a number that is not finite, a time outside
  ///   the years that a log can hold, no user, no action, a NUL, more than a mebibyte.
  public mutating func encode(_ event: Event) throws(LogError) {
    count += 1
    let start = bytes.count
    func refuse(_ reason: String) -> LogError { .unwritableEvent(number: count, reason: reason) }
    if event.user.isEmpty { throw refuse("user: empty") }
    if event.action.rawValue.isEmpty { throw refuse("action: empty") }
    guard event.value.isFinite else { throw refuse("value: \(event.value) is not a finite number") }
    guard abs(event.time) < LogText.latestTime else {
      throw refuse("time: \(event.time) is outside the years that a log can hold")
    }
    switch format {
    case .csv: appendCSV(event)
    case .jsonLines: appendJSON(event)
    }
    // JSON escapes a NUL; no other control character is refused.
    let texts = [event.user, event.action.rawValue, event.item, event.category, event.device, event.region]
    let reason =
      texts.contains { $0.utf8.contains(0) }
      ? "a NUL in a text"
      : bytes.count - start > LogOptions.longestRow ? "longer than \(LogOptions.longestRow) bytes" : nil
    if let reason {
      bytes.removeSubrange(start...)
      throw refuse(reason)
    }
    bytes.append(10)
  }

  private mutating func appendCSV(_ event: Event) {
    CSV.append(event.user, to: &bytes)
    bytes.append(CSVScanner.comma)
    append(event.time)
    bytes.append(CSVScanner.comma)
    CSV.append(event.action.rawValue, to: &bytes)
    bytes.append(CSVScanner.comma)
    CSV.append(event.item, to: &bytes)
    bytes.append(CSVScanner.comma)
    CSV.append(event.category, to: &bytes)
    bytes.append(CSVScanner.comma)
    if event.value != 0 { append(event.value) }
    bytes.append(CSVScanner.comma)
    CSV.append(event.device, to: &bytes)
    bytes.append(CSVScanner.comma)
    CSV.append(event.region, to: &bytes)
  }

  private mutating func appendJSON(_ event: Event) {
    bytes.append(contentsOf: "{\"user\":".utf8)
    JSONLine.append(event.user, to: &bytes)
    bytes.append(contentsOf: ",\"time\":".utf8)
    append(event.time)
    bytes.append(contentsOf: ",\"action\":".utf8)
    JSONLine.append(event.action.rawValue, to: &bytes)
    append("item", event.item)
    append("category", event.category)
    if event.value != 0 {
      bytes.append(contentsOf: ",\"value\":".utf8)
      append(event.value)
    }
    append("device", event.device)
    append("region", event.region)
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func append(_ key: StaticString, _ text: String) {
    if text.isEmpty { return }
    bytes.append(contentsOf: ",\"".utf8)
    bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    bytes.append(contentsOf: "\":".utf8)
    JSONLine.append(text, to: &bytes)
  }

  /// The shortest digits that read as the same number; whole numbers without a point.
  private mutating func append(_ number: Double) {
    if abs(number) < 1e15, number == number.rounded(.towardZero) {
      bytes.append(contentsOf: String(Int64(number)).utf8)
    } else {
      bytes.append(contentsOf: number.description.utf8)
    }
  }
}

/// Writes a log to a file, whole or not at all: what is written lies beside the file until `finish()` puts it in its
/// place. A writer that goes away before leaves the old file as it was.
///
///     let writer = try LogWriter(to: URL(filePath: "clean.jsonl"))
///     for batch in batches { try writer.append(batch) }
///     try writer.finish()
public final class LogWriter {
  private let url: URL
  private let beside: URL
  private var encoder: LogEncoder
  private var descriptor: Int32

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - url: where the log is to be.
  ///   - format: the format; nil for what the file's name tells, CSV where it tells none.
  /// - Throws: `LogError.unwritable`.
  public init(to url: URL, format: LogFormat? = nil) throws(LogError) {
    // A link stays a link: what it points to is replaced.
    self.url = url.resolvingSymlinksInPath()
    encoder = LogEncoder(format: format ?? LogFormat(fileName: url.lastPathComponent) ?? .csv)
    beside = self.url.deletingLastPathComponent().appending(
      path: ".\(self.url.lastPathComponent).\(UUID().uuidString.prefix(8)).part")
    descriptor = -1
    var status = stat()
    if stat(self.url.path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw .unwritable(file: url.relativePath, reason: "it is not a regular file")
    }
    descriptor = open(beside.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw failure(errno) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(beside.path)
    }
  }

  /// Writes events.
  ///
  /// - Throws: `LogError`; the file is then not written.
  public func append(_ events: [Event]) throws(LogError) {
    for event in events {
      try encoder.encode(event)
      if encoder.bytes.count >= 1 << 18 { try flush() }
    }
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `LogError.unwritable`; the old file is then as it was.
  public func finish() throws(LogError) {
    try flush()
    if fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP { throw failure(errno) }
    if rename(beside.path, url.path) != 0 { throw failure(errno) }
    close(descriptor)
    descriptor = -1
  }

  private func flush() throws(LogError) {
    let bytes = encoder.takeBytes()
    var written = 0
    while written < bytes.count {
      let (count, error) = bytes.withUnsafeBytes { bytes in
        (write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written), errno)
      }
      if count < 0 {
        if error == EINTR { continue }
        throw failure(error)
      }
      written += count
    }
  }

  private func failure(_ error: Int32) -> LogError {
    .unwritable(file: url.relativePath, reason: String(cString: strerror(error)))
  }
}
