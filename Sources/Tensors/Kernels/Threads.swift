import Foundation
import Synchronization

/// How many threads numeric work may use.
///
/// Work is cut into pieces that depend on its size alone, and a number is never the sum of what two threads happened
/// to reach: the same seed gives the same bits with 1 thread and with many.
public enum Threads {
  private static let chosen = Atomic<Int>(0)

  /// The number of threads in use: what `use(_:)` was told, or the number of active processor cores.
  public static var count: Int {
    let count = chosen.load(ordering: .relaxed)
    return count > 0 ? count : cores
  }

  private static let cores = ProcessInfo.processInfo.activeProcessorCount

  /// Sets the number of threads for the whole process. A command line calls it once, before any work.
  ///
  /// - Precondition: `count` is positive.
  public static func use(_ count: Int) {
    precondition(count > 0, "Threads.use(\(count)): the number of threads must be positive")
    chosen.store(count, ordering: .relaxed)
  }

  /// Runs `body(0) … body(pieces - 1)`, each once, in any order, on several threads if the work is worth it.
  ///
  /// A piece must not call this again, and must not write where another piece reads or writes.
  ///
  /// - Parameters:
  ///   - pieces: how many pieces there are; it must depend on the size of the work alone.
  ///   - work: roughly how many multiply-adds all pieces need together; small work stays on the calling thread.
  ///   - body: does one piece.
  package static func forEach(_ pieces: Int, work: Int, _ body: (Int) -> Void) {
    let workers = min(count, pieces)
    if workers <= 1 || work < worthwhile {
      for piece in 0..<pieces { body(piece) }
      return
    }
    WorkerPool.shared.run(pieces, helping: workers - 1, body)
  }

  /// Below this many multiply-adds, waking a second thread costs more than it saves.
  private static let worthwhile = 1 << 20
}
