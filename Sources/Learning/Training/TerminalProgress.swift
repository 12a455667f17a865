import Foundation
import Synchronization

/// Shows the news of long work on standard error: on a terminal as one line with a bar that is rewritten, elsewhere as
/// a plain line for every tenth of the work.
///
///     let progress = TerminalProgress()
///     try train(…, progress: progress.handler)
///     progress.finish()
public final class TerminalProgress: Sendable {
  private struct State {
    var task = ""
    var started = 0.0
    var lastShown = -1.0
    var lastTenth = -1
    var isLineOpen = false
  }

  private let state = Mutex(State())
  private let isTerminal: Bool
  private let width: Int
  private let now: @Sendable () -> Double
  private let write: @Sendable (String) -> Void

  /// A display on standard error.
  public convenience init() {
    self.init(
      isTerminal: isatty(FileHandle.standardError.fileDescriptor) == 1,
      width: ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80,
      now: { ProcessInfo.processInfo.systemUptime },
      write: { text in try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) })
  }

  /// A display elsewhere, with a clock of one's own.
  ///
  /// - Parameters:
  ///   - isTerminal: whether a line can be rewritten.
  ///   - width: how many characters a line may have.
  ///   - now: the clock, in seconds.
  ///   - write: receives the text.
  public init(
    isTerminal: Bool, width: Int = 80, now: @escaping @Sendable () -> Double,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.width = width
    self.now = now
    self.write = write
  }

  /// Give this to the work.
  public var handler: ProgressHandler {
    { [self] update in show(update) }
  }

  /// Shows one piece of news.
  public func show(_ update: ProgressUpdate) {
    state.withLock { state in
      let time = now()
      if update.task != state.task {
        if state.isLineOpen { write("\n") }
        state = State(task: update.task, started: time)
      }
      let fraction = min(max(update.fraction, 0), 1)
      if isTerminal {
        guard fraction == 1 || time - state.lastShown >= 0.1 else { return }
        state.lastShown = time
        write("\r\u{1B}[K" + line(update, fraction, elapsed: time - state.started))
        state.isLineOpen = true
      } else {
        let tenth = Int(fraction * 10)
        guard tenth > state.lastTenth else { return }
        state.lastTenth = tenth
        write("\(update.task): \(Int(fraction * 100))%  \(update.details)\n")
      }
    }
  }

  /// Ends the line, if one is open.
  public func finish() {
    state.withLock { state in
      if state.isLineOpen { write("\n") }
      state = State()
    }
  }

  private func line(_ update: ProgressUpdate, _ fraction: Double, elapsed: Double) -> String {
    let cells = 20
    let filled = Int(fraction * Double(cells))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
    let clock =
      fraction == 1
      ? Self.duration(elapsed) : fraction > 0 ? "ETA \(Self.duration(elapsed / fraction - elapsed))" : "ETA –"
    let text = "\(update.task) \(bar) \(Int(fraction * 100))%  \(clock)  \(update.details)"
    return String(text.prefix(max(width - 1, 20)))
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 359_999).rounded())
    let (minutes, rest) = (whole / 60, whole % 60)
    return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
  }
}
