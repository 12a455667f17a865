import Foundation
import Grading
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The graded exercises of submissions that are not graded whole yet, one line each, so that a killed run loses at
/// most the exercises it was at.
///
/// A line is a checksum, a space and JSON. Lines are only ever appended; one that was cut off or damaged has a wrong
/// checksum and does not count. When a submission is graded whole its lines are of no more use.
final class Journal: Sendable {
  /// One graded exercise.
  struct Entry: Codable, Sendable, Hashable {
    var student: String
    var exercise: ExerciseRecord
  }

  private struct State {
    var descriptor: Int32
    var flushed = ContinuousClock.now
  }

  private let file: URL
  private let state: Mutex<State>

  /// Opens the file for appending, with only some entries in it.
  init(_ file: URL, keeping entries: [Entry]) throws {
    self.file = file
    // Written anew: a line that was cut off would spoil the one that is appended to it.
    try DurableFile.write(try entries.reduce(into: Data()) { $0 += try Self.line($1) }, to: file)
    let descriptor = open(file.path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw DurableFile.failure(file) }
    state = Mutex(State(descriptor: descriptor))
  }

  deinit { state.withLock { _ = close($0.descriptor) } }

  /// Appends an entry. It survives a kill at once, and a power failure within seconds.
  func append(_ entry: Entry) throws {
    let line = try Self.line(entry)
    try state.withLock { state in
      try DurableFile.append(line, to: state.descriptor, file)
      let now = ContinuousClock.now
      if now - state.flushed > .seconds(2) {
        guard fsync(state.descriptor) == 0 else { throw DurableFile.failure(file) }
        state.flushed = now
      }
    }
  }

  /// The whole lines of a file; none if there is no file.
  static func read(_ file: URL) -> [Entry] {
    guard let data = try? Data(contentsOf: file) else { return [] }
    return data.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
      let json = Data(line[line.index(after: space)...])
      guard String(decoding: line[..<space], as: UTF8.self) == contentHash(json) else { return nil }
      return try? JSONDecoder().decode(Entry.self, from: json)
    }
  }

  private static func line(_ entry: Entry) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(entry)
    return Data("\(contentHash(json)) ".utf8) + json + Data("\n".utf8)
  }
}
