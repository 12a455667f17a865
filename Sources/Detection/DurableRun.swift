import Behavior
import Foundation

/// A run that survives being killed at any moment: alerts go to a file, and a checkpoint says how much of it counts.
///
/// **Order.** 1. Alerts are appended to the file. 2. The file is flushed to the disk. 3. The checkpoint (the state of
/// every user, how many events arrived, how long the file is) is written beside, flushed, and renamed into place, and
/// its folder flushed. A run that starts again cuts the file to the length in the checkpoint, goes on from there, and
/// writes the same bytes again. So the file holds every alert once, and a reader who keeps its place in it sees nothing
/// twice.
///
/// **Input.** The log must be given again from its first row; what the checkpoint covers is read, put in order and
/// compared with a hash, but not scored again.
public final class DurableRun {
  /// The run.
  public let run: DetectionRun
  /// Whether it goes on from a checkpoint.
  public let isResumed: Bool
  /// Whether an earlier run ended with the log.
  public private(set) var isFinished: Bool

  private let checkpoint: URL
  private let modelID: String
  private let lateness: Double
  private let format: AlertFormat
  private let descriptor: Int32
  private let path: String
  private var length: Int
  private var buffer: [UInt8] = []
  private var saved: (arrivals: Int, fingerprint: UInt64)

  private struct Checkpoint: Codable {
    var format = "behaviordojo-checkpoint"
    var version = 1
    var model: String
    var lateness: Double
    var arrivals: Int
    var fingerprint: UInt64
    var length: Int
    var alerts: Int
    var finished: Bool
    var state: Detector.State
  }

  /// Begins, or goes on where a checkpoint is.
  ///
  /// - Parameters:
  ///   - model: the detector's.
  ///   - lateness: as for `DetectionRun`.
  ///   - output: the file of alerts.
  ///   - checkpoint: the file of the checkpoint.
  ///   - format: how alerts are written.
  ///   - replacing: whether to begin anew where an output or a checkpoint is.
  /// - Throws: `DetectionError`: an output without a checkpoint, a checkpoint of another model or another wait, an
  ///   output shorter than its checkpoint says, or one that another run writes to.
  public init(
    _ model: DetectionModel, lateness: Double = 60, output: URL, checkpoint: URL, format: AlertFormat,
    replacing: Bool = false
  ) throws {
    self.checkpoint = checkpoint
    self.format = format
    self.lateness = lateness
    modelID = model.id
    path = output.relativePath
    let earlier = replacing ? nil : try DurableRun.read(checkpoint)
    if let earlier {
      guard earlier.model == model.id else {
        throw DetectionError.otherRun(
          "\(checkpoint.relativePath) is of the model \(earlier.model), but this one is \(model.id)")
      }
      guard earlier.lateness == lateness else {
        throw DetectionError.otherRun(
          "\(checkpoint.relativePath) waits \(earlier.lateness) s for late events, but --lateness is \(lateness)")
      }
      run = DetectionRun(
        model, lateness: lateness, after: earlier.arrivals, alerts: earlier.alerts, state: earlier.state)
      isFinished = earlier.finished
      length = earlier.length
      saved = (earlier.arrivals, earlier.fingerprint)
    } else {
      // An empty file is what a run leaves that was killed before its first checkpoint; there is nothing to lose in it.
      var status = stat()
      if !replacing, stat(output.path, &status) == 0, status.st_size > 0 {
        throw DetectionError.exists(output.relativePath)
      }
      run = DetectionRun(model, lateness: lateness)
      isFinished = false
      length = 0
      saved = (0, run.fingerprint)
    }
    isResumed = earlier != nil
    let descriptor = open(output.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    self.descriptor = descriptor
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
      guard Int(status.st_size) >= length else {
        throw DetectionError.otherRun(
          "\(path) has \(status.st_size) bytes, but \(checkpoint.relativePath) says \(length); --force begins anew")
      }
      // The checkpoint comes before the first byte: a file with bytes and no checkpoint is somebody else's.
      if earlier == nil { try save() }
      guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
        throw DetectionError.file(path, String(cString: strerror(errno)))
      }
      if length == 0 { buffer += Array(format.header.utf8) }
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

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
    }
    try flush()
  }

  /// Writes a checkpoint, if anything came since the last.
  public func checkpointNow() throws {
    if run.hasCaughtUp, run.arrivals > saved.arrivals { try save() }
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
  }

  /// Appends what waits to the file.
  private func flush() throws {
    var written = 0
    while written < buffer.count {
      let (count, error) = buffer.withUnsafeBytes { bytes in
        (write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written), errno)
      }
      if count < 0 {
        if error == EINTR { continue }
        throw DetectionError.file(path, String(cString: strerror(error)))
      }
      written += count
    }
    length += written
    buffer.removeAll(keepingCapacity: true)
  }

  private func save() throws {
    try flush()
    guard fsync(descriptor) == 0 else { throw DetectionError.file(path, String(cString: strerror(errno))) }
    let content = Checkpoint(
      model: modelID, lateness: lateness, arrivals: run.arrivals, fingerprint: run.fingerprint, length: length,
      alerts: run.alerts, finished: isFinished, state: run.detector.state)
    try DurableRun.replace(checkpoint, with: try JSONEncoder().encode(content))
    saved = (run.arrivals, run.fingerprint)
  }

  private static func read(_ url: URL) throws -> Checkpoint? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    guard let data = try? Data(contentsOf: url), let content = try? JSONDecoder().decode(Checkpoint.self, from: data),
      content.format == "behaviordojo-checkpoint"
    else { throw DetectionError.damaged(url.relativePath, "it is not a checkpoint, or damaged; --force begins anew") }
    guard content.version == 1 else {
      throw DetectionError.version(url.relativePath, found: content.version, expected: 1)
    }
    return content
  }

  /// Writes beside, flushes, renames, and flushes the folder.
  private static func replace(_ url: URL, with data: Data) throws {
    let place = url.standardizedFileURL
    let folder = place.deletingLastPathComponent()
    let beside = folder.appending(path: ".\(place.lastPathComponent).part")
    func check(_ result: Int32) throws {
      if result < 0 { throw DetectionError.file(url.relativePath, String(cString: strerror(errno))) }
    }
    do { try data.write(to: beside) } catch {
      throw DetectionError.file(url.relativePath, "cannot be written: \(error.localizedDescription)")
    }
    let file = open(beside.path, O_RDONLY | O_CLOEXEC)
    try check(file)
    let flushed = fsync(file)
    close(file)
    try check(flushed)
    try check(rename(beside.path, place.path))
    let parent = open(folder.path, O_RDONLY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
  }
}
