import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a process takes from itself before it runs code that is not trusted.
struct ResourceLimits {
  /// Seconds of processor time. The system sends SIGXCPU then, and SIGKILL two seconds later.
  let seconds: Int

  /// Megabytes of address space beyond what the process has mapped already.
  let megabytes: Int

  /// The longest file that may be written.
  static let fileMegabytes = 64

  /// Sets the limits of this process; children inherit them, and none can be raised again.
  func apply() {
    set(RLIMIT_CPU, UInt64(seconds), hard: UInt64(seconds + 2))
    set(RLIMIT_FSIZE, UInt64(Self.fileMegabytes) << 20)
    set(RLIMIT_CORE, 0)
    set(RLIMIT_NOFILE, 256)
    #if os(Linux)
      set(RLIMIT_AS, Self.mappedBytes() + UInt64(megabytes) << 20)
    #endif
  }

  #if os(Linux)
    private typealias Resource = __rlimit_resource
    private func system(_ resource: Resource, _ limit: inout rlimit) {
      setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
  #else
    private typealias Resource = Int32
    private func system(_ resource: Resource, _ limit: inout rlimit) { setrlimit(resource, &limit) }
  #endif

  private func set(_ resource: Resource, _ soft: UInt64, hard: UInt64? = nil) {
    var limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: rlim_t(hard ?? soft))
    system(resource, &limit)
  }

  /// The address space that this process has mapped: the first number of `/proc/self/statm`, in pages.
  private static func mappedBytes() -> UInt64 {
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = statm.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
