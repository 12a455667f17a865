import Foundation

/// How much memory a piece of work needs at its peak, by Linux's count of resident pages; nothing is known elsewhere.
///
///     let memory = PeakMemory()
///     try work()
///     memory.figures?.growth     // MiB
public struct PeakMemory {
  /// Two answers to the question how much memory, in MiB.
  public struct Figures: Sendable {
    /// The most that was resident at one moment since the beginning, less what was resident then.
    public let growth: Double
    /// The most that was resident at one moment, all in all: the program and its libraries count.
    public let resident: Double
  }

  private let before: Double?

  /// glibc's `malloc_trim`, which Swift's overlay does not show; nil in other C libraries.
  private static let giveBack = dlsym(nil, "malloc_trim").map {
    unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
  }

  /// The beginning: what earlier work has freed is given back, and the peak is set to what is resident now.
  public init() {
    _ = Self.giveBack?(0)
    // 5 resets the peak, see proc_pid_clear_refs(5); where that is forbidden the growth comes out too large, never small.
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    before = Self.status("VmRSS")
  }

  /// The figures from the beginning until now; nil where the system does not tell.
  public var figures: Figures? {
    guard let before, let peak = Self.status("VmHWM") else { return nil }
    return Figures(growth: peak - before, resident: peak)
  }

  /// A line of /proc/self/status, which is in KiB, in MiB.
  private static func status(_ key: String) -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
  }
}
