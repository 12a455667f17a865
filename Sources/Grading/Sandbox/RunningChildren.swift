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
      for child in ProcessTable().children(of: getpid()) {
        _ = Glibc.kill(-child.number, SIGKILL)
        _ = Glibc.kill(child.number, SIGKILL)
      }
    #else
      // A worker notices within a second that its runner has ended.
    #endif
  }
}
