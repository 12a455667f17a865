import Foundation

/// Runs a program for what it writes, piece by piece, so that no more of it need be held or waited for than is wanted.
package enum ProgramOutput {
  /// How it ended.
  package enum End: Sendable, Hashable {
    /// It ended by itself, without a complaint.
    case whole
    /// It ended with another status, or by a signal.
    case failed
    /// It was ended because the receiver had enough.
    case stopped
    /// It was ended because its time was over.
    case tooSlow
  }

  /// Runs a program of the search path on a file.
  ///
  /// - Parameters:
  ///   - program: the program's name.
  ///   - arguments: its arguments; the file's path comes after them.
  ///   - file: the file.
  ///   - seconds: how long it may take on the clock.
  ///   - receive: is given each piece, and returns whether it wants more.
  /// - Returns: how it ended.
  /// - Throws: if it cannot be started, or whatever `receive` throws.
  package static func stream(
    _ program: String, _ arguments: [String], file: URL, seconds: Double, receive: (Data) throws -> Bool
  ) throws -> End {
    var failure: (any Error)?
    var hasEnough = false
    let process = ChildProcess(
      program: URL(filePath: "/bin/sh"),
      arguments: ["-c", #"exec "$@" >&3"#, "sh", program] + arguments + [file.path],
      environment: CandidateCompiler.environment, seconds: seconds)
    let report = try withoutActuallyEscaping(receive) { receive in
      try process.run { piece in
        defer { piece = Data() }
        do {
          hasEnough = try !receive(piece)
        } catch {
          failure = error
          hasEnough = true
        }
        return hasEnough
      }
    }
    if let failure { throw failure }
    if hasEnough { return .stopped }
    if report.stop == .tooSlow { return .tooSlow }
    if report.end == .exited(127) { throw SystemFailure("cannot start \(program)", ENOENT) }
    return report.end == .exited(0) && report.stop == nil ? .whole : .failed
  }
}
