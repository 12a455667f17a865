import Foundation

/// Reads a log of any size from a file, a pipe or standard input, piece by piece.
///
///     let reader = try LogReader(contentsOf: URL(filePath: "clicks.csv"))
///     while let events = try reader.next() { … }
///     print(reader.summary.badRows)
///
/// `next()` waits for more from a pipe and ends where a file ends. A file that another program still writes is followed
/// with `poll()`, which never ends:
///
///     while !stopped { use(try reader.poll()); sleep(1) }
///     use(try reader.finish())
public final class LogReader {
  /// The name for messages.
  public let file: String
  private var decoder: LogDecoder
  private let descriptor: Int32
  private let isOwned: Bool
  private var piece: [UInt8]
  private var position = 0
  private var isFinished = false
  /// What stopped the reading, where events before it had to be handed out first.
  private var failure: LogError?

  /// What was read so far.
  public var summary: LogSummary { decoder.summary }

  /// The format, as soon as it is known.
  public var format: LogFormat? { decoder.format }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - options: how to read it.
  ///   - pieceBytes: how much is read at once.
  /// - Throws: `LogError.unreadable`.
  public init(contentsOf url: URL, options: LogOptions = LogOptions(), pieceBytes: Int = 1 << 18) throws(LogError) {
    file = url.relativePath
    descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw .unreadable(
        file: file, reason: errno == ENOENT ? "there is no such file" : String(cString: strerror(errno)))
    }
    isOwned = true
    piece = Array(repeating: 0, count: max(pieceBytes, 1))
    decoder = LogDecoder(file: file, options: options)
  }

  /// Reads from an open file, such as `FileHandle.standardInput`; it stays open.
  ///
  /// - Parameters:
  ///   - handle: what to read.
  ///   - name: the name for messages; its ending tells the format, unless the options do or it has none.
  ///   - options: how to read it.
  ///   - pieceBytes: how much is read at once.
  public init(
    _ handle: FileHandle, name: String = "standard input", options: LogOptions = LogOptions(),
    pieceBytes: Int = 1 << 18
  ) {
    file = name
    descriptor = handle.fileDescriptor
    isOwned = false
    piece = Array(repeating: 0, count: max(pieceBytes, 1))
    decoder = LogDecoder(file: name, options: options)
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Hands out the bad rows that are kept, and makes room for others.
  public func takeProblems() -> [LogProblem] { decoder.takeProblems() }

  /// The next events: those whose rows one more piece completes, none where it completes none, nil at the end.
  ///
  /// - Throws: `LogError`, after the events before it have been returned.
  public func next() throws(LogError) -> [Event]? {
    if isFinished { return nil }
    return try collect { events throws(LogError) in
      if try readPiece(into: &events) { return }
      isFinished = true
      try decoder.finish(into: &events)
    }
  }

  /// The events whose rows are complete by now, of a file that still grows; none where nothing was added.
  ///
  /// It reads no further than the first piece that completes a row: where the result is not empty, ask again. A pipe
  /// is better read with `next()`.
  ///
  /// - Throws: `LogError`; `unreadable` where the file has become shorter than what was read of it.
  public func poll() throws(LogError) -> [Event] {
    if isFinished { return [] }
    return try collect { events throws(LogError) in
      while events.isEmpty { if try !readPiece(into: &events) { break } }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < position {
        throw .unreadable(file: file, reason: "it has become shorter while it was followed")
      }
    }
  }

  /// The event of a last row without a line end, where a followed file has come to its end.
  ///
  /// - Throws: `LogError`.
  public func finish() throws(LogError) -> [Event] {
    if isFinished { return [] }
    isFinished = true
    return try collect { events throws(LogError) in try decoder.finish(into: &events) }
  }

  /// Where the next row begins, to go on from with another reader; nil in a pipe, and within a row that is too long.
  public var bookmark: LogBookmark? {
    guard failure == nil, !isFinished, let place = decoder.placeOfNextRow, lseek(descriptor, 0, SEEK_CUR) >= 0 else {
      return nil
    }
    return LogBookmark(
      offset: position - place.unread, line: place.line, rows: summary.rows, badRows: summary.badRows)
  }

  /// Goes on at a bookmark, once the first row has named the columns.
  ///
  /// What stands before it is not read: whether it is the same file as then is for the caller to know.
  ///
  /// - Parameter bookmark: of a reader of the same file, with the same options.
  /// - Throws: `LogError`; `unreadable` where the file is shorter, or no file.
  /// - Precondition: nothing was read.
  public func go(to bookmark: LogBookmark) throws(LogError) {
    precondition(position == 0, "go(to:) comes before the first read, but \(position) bytes were read")
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size >= bookmark.offset else {
      throw .unreadable(file: file, reason: "it has fewer than the \(bookmark.offset) bytes that were read of it")
    }
    var skipped: [Event] = []
    while decoder.placeOfNextRow == nil || !decoder.knowsColumns {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, min(4_096, $0.count)) }
      guard count > 0 else { throw .unreadable(file: file, reason: "its first row cannot be read") }
      try piece.withUnsafeBufferPointer { bytes throws(LogError) in
        try decoder.decode(UnsafeBufferPointer(rebasing: bytes[..<count]), into: &skipped)
      }
    }
    guard lseek(descriptor, off_t(bookmark.offset), SEEK_SET) >= 0 else {
      throw .unreadable(file: file, reason: String(cString: strerror(errno)))
    }
    position = bookmark.offset
    decoder.go(to: bookmark)
  }

  /// Runs a step and keeps its error back while there are events to hand out.
  private func collect(_ step: (inout [Event]) throws(LogError) -> Void) throws(LogError) -> [Event] {
    if let failure { throw failure }
    var events: [Event] = []
    do throws(LogError) {
      try step(&events)
    } catch {
      if events.isEmpty { throw error }
      failure = error
      isFinished = false
    }
    return events
  }

  /// Reads one piece; false where nothing more is there.
  private func readPiece(into events: inout [Event]) throws(LogError) -> Bool {
    while true {
      let (count, error) = piece.withUnsafeMutableBytes { bytes in
        (read(descriptor, bytes.baseAddress, bytes.count), errno)
      }
      if count < 0 {
        if error == EINTR { continue }
        if error == EAGAIN { return false }
        throw .unreadable(
          file: file, reason: error == EISDIR ? "it is a folder" : String(cString: strerror(error)))
      }
      if count == 0 { return false }
      position += count
      try piece.withUnsafeBufferPointer { bytes throws(LogError) in
        try decoder.decode(UnsafeBufferPointer(rebasing: bytes[..<count]), into: &events)
      }
      return true
    }
  }
}

/// A place between two rows of a log.
public struct LogBookmark: Sendable, Hashable {
  /// How many bytes stand before it.
  public var offset: Int
  /// The number of its line, from 1.
  public var line: Int
  /// How many rows stand before it.
  public var rows: Int
  /// How many of them are bad.
  public var badRows: Int
  /// How many of them are events.
  public var events: Int { rows - badRows }

  /// A place.
  public init(offset: Int, line: Int, rows: Int, badRows: Int) {
    (self.offset, self.line, self.rows, self.badRows) = (offset, line, rows, badRows)
  }
}
