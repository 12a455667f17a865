import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The programs that this process has started and that still run.
public enum RunningChildren {
  /// Ends them all, each with its session. Whoever waits for one sees it killed.
  public static func kill() {
    #if os(Linux)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      let own = getpid()
      for child in names.compactMap({ pid_t($0) }) where parent(of: child) == own {
        _ = Glibc.kill(-child, SIGKILL)
        _ = Glibc.kill(child, SIGKILL)
      }
    #else
      // A worker notices within a second that its runner has ended.
    #endif
  }

  #if os(Linux)
    /// "4711 (name) S 17 …": the name may hold anything, the parent comes second after its bracket.
    private static func parent(of process: pid_t) -> pid_t? {
      let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
      guard let bracket = stat.lastIndex(of: ")") else { return nil }
      return stat[stat.index(after: bracket)...].split(separator: " ").dropFirst().first.flatMap { pid_t($0) }
    }
  #endif
}
