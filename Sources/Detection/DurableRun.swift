import Behavior
import Dispatch
import Foundation

/// A run that survives being killed at any moment: alerts go to a file, and a checkpoint says how much of it counts.
///
/// **Order.** 1. Alerts are appended to the file. 2. The file is flushed to the disk. 3. A checkpoint (how many events
/// arrived, how long the file is, what waits to be put in order, the state of every user that changed since the last
/// checkpoint) is appended to the file of checkpoints and flushed. A run that starts again cuts the file of alerts to the
/// length in the last checkpoint that is whole, goes on from there, and writes the same bytes again. So the file holds
/// every alert once, and a reader who keeps its place in it sees nothing twice.
///
/// **Cost.** 2 and 3 happen beside the run. The run itself only turns changed states into bytes, 256 users at a time, so
/// that it never stands still for long.
///
/// **Input.** A run that goes on is given the log again, from its first row or from `place`: what the checkpoint covers
/// is read and compared with a hash, but not scored again.
public final class DurableRun {
  /// The run.
  public let run: DetectionRun
  /// Whether it goes on from a checkpoint.
  public let isResumed: Bool
  /// Whether an earlier run ended with the log.
  public private(set) var isFinished: Bool
  /// How long the run stood still to write down what changed.
  public private(set) var pauses = LatencyCounts()
  /// How many checkpoints were begun.
  public private(set) var checkpoints = 0

  private let checkpoint: URL
  private let file: CheckpointFile
  private let format: AlertFormat
  private let descriptor: Int32
  private let output: URL
  private var length: Int
  private var buffer: [UInt8] = []
  private var slices: [[UInt8]] = []  // states since the last checkpoint
  private var unsaved = 0  // their bytes
  private var largestSlice = 0
  private var earlier: Mark?
  private var saved: (arrivals: Int, fingerprint: UInt64)
  private var lastSave = DispatchTime.now().uptimeNanoseconds
  private var patience = DurableRun.shortest
  private var older: Place?
  private var newer: Place?

  /// How long the first checkpoint is waited for; then twice as long each time, so that a run makes progress that is
  /// killed again and again, and one that is not writes little.
  private static let shortest: UInt64 = 20_000_000
  private static let longest: UInt64 = 2_000_000_000
  /// How many users' states are turned into bytes at once.
  private static let slice = 256
  /// How many events stand between a place and the checkpoint that names it, to tell the log by.
  private static let overlap = 256

  /// A place in the log, and the hash of all events before it.
  private struct Place {
    var bookmark: LogBookmark
    var fingerprint: UInt64
  }

  /// What a checkpoint knows of a run, besides its users.
  private struct Mark {
    var arrivals: Int
    var fingerprint: UInt64
    var length: Int
    var alerts: Int
    var finished: Bool
    var detector: Detector.State  // without users
    var order: EventOrder.State
    var place: Place?

    init(
      arrivals: Int, fingerprint: UInt64, length: Int, alerts: Int, finished: Bool, detector: Detector.State,
      order: EventOrder.State, place: Place?
    ) {
      (self.arrivals, self.fingerprint, self.length, self.alerts) = (arrivals, fingerprint, length, alerts)
      (self.finished, self.detector, self.order, self.place) = (finished, detector, order, place)
    }

    var bytes: [UInt8] {
      var writer = ByteWriter()
      for number in [arrivals, length, alerts] { writer.add(number) }
      detector.writeCounts(to: &writer)
      writer.add(fingerprint)
      writer.add(finished)
      order.write(to: &writer)
      writer.add(place != nil)
      guard let place else { return writer.bytes }
      let bookmark = place.bookmark
      for number in [bookmark.offset, bookmark.line, bookmark.rows, bookmark.badRows] { writer.add(number) }
      writer.add(place.fingerprint)
      return writer.bytes
    }

    init(_ bytes: UnsafeRawBufferPointer) throws {
      var reader = ByteReader(bytes)
      (arrivals, length, alerts) = (try reader.int(), try reader.int(), try reader.int())
      detector = try Detector.State(countsFrom: &reader)
      fingerprint = try reader.word()
      finished = try reader.bool()
      order = try EventOrder.State(from: &reader)
      guard try reader.bool() else { return }
      let bookmark = LogBookmark(
        offset: try reader.int(), line: try reader.int(), rows: try reader.int(), badRows: try reader.int())
      place = Place(bookmark: bookmark, fingerprint: try reader.word())
    }
  }

  /// Begins, or goes on where a checkpoint is.
  ///
  /// - Parameters:
  ///   - model: the detector's.
  ///   - lateness: as for `DetectionRun`.
  ///   - output: the file of alerts.
  ///   - checkpoint: the file of checkpoints.
  ///   - format: how alerts are written.
  ///   - replacing: whether to begin anew where an output or a checkpoint is.
  /// - Throws: `DetectionError`: an output without a checkpoint, a checkpoint of another model or another wait, an
  ///   output shorter than its checkpoint says, or one that another run writes to.
  public init(
    _ model: DetectionModel, lateness: Double = 60, output: URL, checkpoint: URL, format: AlertFormat,
    replacing: Bool = false
  ) throws {
    self.checkpoint = checkpoint
    self.output = output
    self.format = format
    // The lock comes first: what is read under it is not being written.
    var status = stat()
    let wasThere = stat(output.path, &status) == 0 && status.st_size > 0
    let isKnown = FileManager.default.fileExists(atPath: checkpoint.path)
    // An empty file is what a run leaves that was killed before its first checkpoint; there is nothing to lose in it.
    if !replacing, !isKnown, wasThere { throw DetectionError.exists(output.relativePath) }
    let descriptor = try DurableRun.lock(output)
    self.descriptor = descriptor
    do {
      let content = replacing ? nil : try CheckpointFile.read(checkpoint)
      if let content {
        guard content.header.model == model.id else {
          throw DetectionError.otherRun(
            "\(checkpoint.relativePath) is of the model \(content.header.model), but this one is \(model.id)")
        }
        guard content.header.lateness == lateness else {
          throw DetectionError.otherRun(
            "\(checkpoint.relativePath) waits \(content.header.lateness) s for late events, but --lateness is "
              + "\(lateness)")
        }
        let (mark, users) = try DurableRun.decode(content, checkpoint)
        var state = mark.detector
        state.users = users
        run = DetectionRun(
          model, lateness: lateness, after: mark.arrivals, alerts: mark.alerts, state: state, order: mark.order)
        isFinished = mark.finished
        length = mark.length
        saved = (mark.arrivals, mark.fingerprint)
        earlier = mark
        guard fstat(descriptor, &status) == 0, Int(status.st_size) >= length else {
          throw DetectionError.otherRun(
            "\(output.relativePath) has \(status.st_size) bytes, but \(checkpoint.relativePath) says \(length); "
              + "--force begins anew")
        }
        file = try CheckpointFile.open(checkpoint, content)
      } else {
        run = DetectionRun(model, lateness: lateness)
        isFinished = false
        length = 0
        saved = (0, run.fingerprint)
        // The checkpoint comes before the first byte: a file with bytes and no checkpoint is somebody else's.
        let mark = Mark(
          arrivals: 0, fingerprint: run.fingerprint, length: 0, alerts: 0, finished: false, detector: Detector.State(),
          order: EventOrder.State(), place: nil)
        file = try CheckpointFile.create(checkpoint, .init(model: model.id, lateness: lateness), run: mark.bytes)
      }
      isResumed = content != nil
      guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
        throw DetectionError.file(output.relativePath, String(cString: strerror(errno)))
      }
      if length == 0 { buffer += Array(format.header.utf8) }
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func lock(_ output: URL) throws -> Int32 {
    let path = output.relativePath
    let descriptor = open(output.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw DetectionError.file(path, String(cString: strerror(errno))) }
    do {
      // A run that was just dropped may hold its lock a moment longer, in a program that starts at that moment and
      // has not closed yet what it inherited.
      var patience = 100
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        patience -= 1
        if patience == 0 { throw DetectionError.otherRun("\(path) is being written by another run") }
        usleep(20_000)
      }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw DetectionError.file(path, "it is not a regular file")
      }
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func decode(_ content: CheckpointFile.Content, _ url: URL) throws -> (Mark, [Detector.UserState]) {
    do {
      let users = try content.users.map { bytes in
        try bytes.withUnsafeBytes { bytes in
          var reader = ByteReader(bytes)
          return try Detector.UserState(from: &reader)
        }
      }
      return (try content.run.withUnsafeBytes { try Mark($0) }, users)
    } catch {
      throw DetectionError.damaged(url.relativePath, "it is not a checkpoint, or damaged; --force begins anew")
    }
  }

  deinit {
    try? file.wait()
    close(descriptor)
  }

  /// Where the log may be gone on with, instead of from its first row; nil where that is not known.
  public var place: LogBookmark? { earlier?.place?.bookmark }

  /// Is told that the log is given from `place` on.
  ///
  /// - Precondition: there is a place, and nothing was added.
  public func goOnFromPlace() {
    precondition(run.arrivals == 0, "goOnFromPlace() comes before the first event")
    guard let place = earlier?.place else { preconditionFailure("goOnFromPlace(): there is no place") }
    run.skip(place.bookmark.events, fingerprint: place.fingerprint)
    older = place
    newer = place
  }

  /// Is told where in the log the next event stands, so that a later run can go on there.
  ///
  /// - Parameter bookmark: of a reader all of whose events were added.
  public func note(_ bookmark: LogBookmark) {
    guard bookmark.events == run.arrivals else { return }
    if let newer, run.arrivals < newer.bookmark.events + DurableRun.overlap { return }
    older = newer
    newer = Place(bookmark: bookmark, fingerprint: run.fingerprint)
  }

  /// Takes arrivals in, and appends the alerts that are over to the file.
  ///
  /// - Throws: `DetectionError`: the log is not the one that the checkpoint was made from, or what the file system says.
  public func add(_ events: [Event], report: (Alert) -> Void = { _ in }) throws {
    for event in events {
      try run.add(event) { alert in
        buffer += Array(try format.line(alert).utf8)
        report(alert)
      }
      if run.arrivals == saved.arrivals, run.fingerprint != saved.fingerprint {
        throw DetectionError.otherRun(
          "the first \(saved.arrivals) events are not those that \(checkpoint.relativePath) was made from; "
            + "--force begins anew")
      }
      if isFinished, run.arrivals > saved.arrivals {
        throw DetectionError.otherRun(
          "\(checkpoint.relativePath) is of a run that ended with its log, and the log has grown; --force begins anew")
      }
      if run.detector.changes >= DurableRun.slice { pause { writeChanges() } }
    }
    try flush()
  }

  /// Begins a checkpoint if so many events came since the last one was begun, or if it is time, and the last one is
  /// on the disk.
  public func checkpointIfDue(every events: Int) throws {
    guard run.hasCaughtUp, run.arrivals > saved.arrivals else { return }
    try file.check()
    let isFull = unsaved > 32 << 20
    let now = DispatchTime.now().uptimeNanoseconds
    guard isFull || run.arrivals - saved.arrivals >= events || now - lastSave >= patience else { return }
    if file.isBusy {
      if !isFull { return }
      try file.wait()
    }
    try save()
    lastSave = now
    patience = min(2 * patience, DurableRun.longest)
  }

  /// Writes a checkpoint, if anything came since the last, and waits until it is on the disk.
  public func checkpointNow() throws {
    if run.hasCaughtUp, run.arrivals > saved.arrivals { try save() }
    try file.wait()
  }

  /// Ends the run with the log: hands out what waits and closes what is open.
  public func finish(report: (Alert) -> Void = { _ in }) throws {
    guard run.hasCaughtUp else {
      throw DetectionError.otherRun(
        "the log has \(run.arrivals) events, but \(checkpoint.relativePath) was made after \(saved.arrivals)")
    }
    if isFinished { return }
    try run.finish { alert in
      buffer += Array(try format.line(alert).utf8)
      report(alert)
    }
    isFinished = true
    try save()
    try file.wait()
  }

  /// Appends what waits to the file.
  private func flush() throws {
    if buffer.isEmpty { return }
    try CheckpointFile.writeAll(buffer, to: descriptor, output)
    length += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  private func save() throws {
    try flush()
    pause {
      writeChanges()
      let mark = Mark(
        arrivals: run.arrivals, fingerprint: run.fingerprint, length: length, alerts: run.alerts, finished: isFinished,
        detector: run.detector.counts, order: run.order.state, place: older)
      file.append(run: mark.bytes, users: slices, after: descriptor)
    }
    (slices, unsaved) = ([], 0)
    checkpoints += 1
    saved = (run.arrivals, run.fingerprint)
  }

  /// Turns the states that changed into bytes, in a buffer of their own: one for all would grow and be copied.
  private func writeChanges() {
    var slice = ByteWriter()
    slice.bytes.reserveCapacity(largestSlice)
    run.detector.writeChanges(to: &slice)
    largestSlice = max(largestSlice, slice.bytes.count)
    unsaved += slice.bytes.count
    slices.append(slice.bytes)
  }

  private func pause(_ work: () -> Void) {
    let begin = DispatchTime.now().uptimeNanoseconds
    work()
    pauses.add(DispatchTime.now().uptimeNanoseconds - begin)
  }
}
