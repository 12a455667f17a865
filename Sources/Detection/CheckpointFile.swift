import Dispatch
import Foundation
import Synchronization

/// The file of a run's checkpoints: records that are only appended, the newest one that is whole counts.
///
/// A record is its length, a checksum, and its bytes. The first names format, version, model and wait, as JSON. Each
/// other is a checkpoint: what is known of the run, and the state of every user whose state changed since the last one.
/// A record that was cut off by a kill, or whose checksum is wrong, ends the file.
///
/// Writing happens beside the run, in order: the alerts are flushed to the disk, then the record is appended and flushed.
/// When more than half of the file is out of date it is written anew, beside, and renamed into place.
final class CheckpointFile: Sendable {
  static let format = "behaviordojo-checkpoint"
  static let version = 2

  /// What the first record holds.
  struct Header: Codable {
    var format = CheckpointFile.format
    var version = CheckpointFile.version
    var model: String
    var lateness: Double
  }

  /// What the file of a run that goes on holds.
  struct Content {
    var header: Header
    var run: [UInt8] = []
    /// By number.
    var users: [[UInt8]] = []
    /// The end of the last record that is whole.
    var length = 0
  }

  private struct Disk {
    var descriptor: Int32
    var size: Int
    var sizes: [Int] = []  // of the newest state of each user
    var live = 0
    var failure: DetectionError?
  }

  private let url: URL
  private let disk: Mutex<Disk>
  private let queue = DispatchQueue(label: "checkpoints")
  private let waiting = Atomic<Int>(0)

  /// How large a file may be however little of it is up to date.
  private static let smallest = 1 << 20

  // MARK: - Reading

  /// Reads a file, or returns nil where there is none.
  ///
  /// - Throws: `DetectionError`: it is no checkpoint, or of another version.
  static func read(_ url: URL) throws -> Content? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let damaged = DetectionError.damaged(
      url.relativePath, "it is not a checkpoint, or damaged; --force begins anew")
    guard let data = try? Data(contentsOf: url) else { throw damaged }
    // The first version was JSON as a whole.
    struct Head: Decodable { let format: String, version: Int }
    if data.first == UInt8(ascii: "{"), let head = try? JSONDecoder().decode(Head.self, from: data),
      head.format == format
    {
      throw DetectionError.version(url.relativePath, found: head.version, expected: version)
    }
    let content = try data.withUnsafeBytes { bytes -> Content? in
      var reader = ByteReader(bytes)
      guard let first = nextRecord(&reader), let head = try? JSONDecoder().decode(Head.self, from: Data(first)),
        head.format == format
      else { return nil }
      guard head.version == version else {
        throw DetectionError.version(url.relativePath, found: head.version, expected: version)
      }
      guard let header = try? JSONDecoder().decode(Header.self, from: Data(first)) else { return nil }
      var content = Content(header: header)
      var newest: [UnsafeRawBufferPointer] = []
      var run: UnsafeRawBufferPointer?
      while let record = nextRecord(&reader) {
        guard let checkpoint = try? Checkpoint(record) else { return nil }
        run = checkpoint.run
        for (user, state) in checkpoint.users {
          // Users are numbered as they come.
          guard user >= 0, user <= newest.count else { return nil }
          if user == newest.count { newest.append(state) } else { newest[user] = state }
        }
        content.length = reader.place
      }
      guard let run else { return nil }
      content.run = Array(run)
      content.users = newest.map { Array($0) }
      return content
    }
    guard let content else { throw damaged }
    return content
  }

  /// The bytes of the next record that is whole.
  private static func nextRecord(_ reader: inout ByteReader) -> UnsafeRawBufferPointer? {
    guard !reader.isAtEnd, let length = try? reader.int(), let sum = try? reader.word(),
      let bytes = try? reader.take(length), checksum(bytes) == sum
    else { return nil }
    return bytes
  }

  /// A record: what is known of the run, and the states of users, of one the last counts.
  private struct Checkpoint {
    var run: UnsafeRawBufferPointer
    var users: [(Int, UnsafeRawBufferPointer)] = []

    init(_ record: UnsafeRawBufferPointer) throws {
      var reader = ByteReader(record)
      run = try reader.take(try reader.int())
      while !reader.isAtEnd {
        let user = try reader.int()
        users.append((user, try reader.take(try reader.int())))
      }
    }
  }

  // MARK: - Writing

  /// A new file with a first checkpoint, in place of what is there.
  static func create(_ url: URL, _ header: Header, run: [UInt8]) throws -> CheckpointFile {
    let content = Content(header: header, run: run)
    return CheckpointFile(url, try replace(url, with: content))
  }

  /// Goes on with a file that was read; what stands behind its last whole record is cut off.
  static func open(_ url: URL, _ content: Content) throws -> CheckpointFile {
    let descriptor = Foundation.open(url.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0, ftruncate(descriptor, off_t(content.length)) == 0,
      lseek(descriptor, 0, SEEK_END) >= 0
    else { throw DetectionError.file(url.relativePath, String(cString: strerror(errno))) }
    let sizes = content.users.map { $0.count + 16 }
    return CheckpointFile(
      url, Disk(descriptor: descriptor, size: content.length, sizes: sizes, live: sizes.reduce(0, +)))
  }

  private init(_ url: URL, _ disk: consuming sending Disk) {
    self.url = url
    self.disk = Mutex(disk)
  }

  deinit { disk.withLock { _ = close($0.descriptor) } }

  /// Whether a checkpoint is still being written.
  var isBusy: Bool { waiting.load(ordering: .acquiring) > 0 }

  /// Appends a checkpoint, beside the caller.
  ///
  /// - Parameters:
  ///   - run: what is known of the run.
  ///   - slices: as `Detector.writeChanges` wrote them, one after the other. They are joined here, not by the caller,
  ///     and come all at once: a thread that is woken for each would take the caller's core each time.
  ///   - alerts: the file of alerts, whose bytes come first.
  func append(run: [UInt8], users slices: [[UInt8]], after alerts: Int32) {
    waiting.add(1, ordering: .acquiringAndReleasing)
    queue.async { [self] in
      var users: [UInt8] = []
      users.reserveCapacity(slices.reduce(0) { $0 + $1.count })
      for slice in slices { users += slice }
      disk.withLock { disk in
        guard disk.failure == nil else { return }
        do {
          try check(fsync(alerts))
          let record = CheckpointFile.record(run: run, users: users)
          try write(record, to: disk.descriptor)
          try check(fsync(disk.descriptor))
          disk.size += record.count
          count(users, &disk)
          if disk.size > 2 * disk.live + CheckpointFile.smallest { try compact(&disk) }
        } catch let error as DetectionError {
          disk.failure = error
        } catch {
          disk.failure = .file(url.relativePath, "\(error)")
        }
      }
      waiting.subtract(1, ordering: .acquiringAndReleasing)
    }
  }

  /// Waits until all is on the disk.
  ///
  /// - Throws: what went wrong.
  func wait() throws {
    queue.sync {}
    if let failure = disk.withLock({ $0.failure }) { throw failure }
  }

  /// What went wrong so far.
  func check() throws {
    if isBusy { return }
    if let failure = disk.withLock({ $0.failure }) { throw failure }
  }

  private func count(_ users: [UInt8], _ disk: inout Disk) {
    users.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      while !reader.isAtEnd {
        guard let user = try? reader.int(), let length = try? reader.int(), (try? reader.take(length)) != nil else {
          return
        }
        if user == disk.sizes.count { disk.sizes.append(0) }
        disk.live += length + 16 - disk.sizes[user]
        disk.sizes[user] = length + 16
      }
    }
  }

  private func compact(_ disk: inout Disk) throws {
    guard let content = try CheckpointFile.read(url) else {
      throw DetectionError.file(url.relativePath, "it is gone")
    }
    close(disk.descriptor)
    disk.descriptor = -1
    disk = try CheckpointFile.replace(url, with: content)
  }

  private static func record(_ payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(payload.count + 16)
    writer.add(payload.count)
    writer.add(payload.withUnsafeBytes(checksum))
    writer.bytes += payload
    return writer.bytes
  }

  private static func record(run: [UInt8], users: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(run.count + users.count + 8)
    writer.add(run.count)
    writer.bytes += run
    writer.bytes += users
    return record(writer.bytes)
  }

  /// Writes beside, flushes, renames, and flushes the folder.
  private static func replace(_ url: URL, with content: Content) throws -> Disk {
    var users = ByteWriter()
    for (number, state) in content.users.enumerated() {
      users.add(number)
      users.add(state.count)
      users.bytes += state
    }
    let bytes =
      record(Array(try JSONEncoder().encode(content.header))) + record(run: content.run, users: users.bytes)
    let place = url.standardizedFileURL
    let folder = place.deletingLastPathComponent()
    let beside = folder.appending(path: ".\(place.lastPathComponent).part")
    func failure() -> DetectionError { .file(url.relativePath, String(cString: strerror(errno))) }
    let descriptor = Foundation.open(beside.path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure() }
    do {
      try writeAll(bytes, to: descriptor, url)
      guard fsync(descriptor) == 0, rename(beside.path, place.path) == 0 else { throw failure() }
    } catch {
      close(descriptor)
      throw error
    }
    let parent = Foundation.open(folder.path, O_RDONLY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
    let sizes = content.users.map { $0.count + 16 }
    return Disk(descriptor: descriptor, size: bytes.count, sizes: sizes, live: sizes.reduce(0, +))
  }

  private func check(_ result: Int32) throws {
    if result < 0 { throw DetectionError.file(url.relativePath, String(cString: strerror(errno))) }
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    try CheckpointFile.writeAll(bytes, to: descriptor, url)
  }

  /// Writes all bytes to a descriptor.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ url: URL) throws {
    var written = 0
    while written < bytes.count {
      let (count, error) = bytes.withUnsafeBytes { bytes in
        (Foundation.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written), errno)
      }
      if count < 0 {
        if error == EINTR { continue }
        throw DetectionError.file(url.relativePath, String(cString: strerror(error)))
      }
      written += count
    }
  }
}
