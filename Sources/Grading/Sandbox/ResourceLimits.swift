import Curriculum

/// What a process and each of its children may use: set by a shell with `setrlimit` before the program begins.
///
/// The hard limits are set too, so that no program can raise them again; only the superuser could, which is why a
/// worker that was started by the superuser becomes another user first (`UserIdentity`) or runs in `bwrap`, where
/// nobody has that power.
struct ResourceLimits {
  /// Seconds of processor time. The system sends SIGXCPU then, and SIGKILL two seconds later.
  var seconds: Int

  /// Megabytes of address space.
  var megabytes: Int

  /// The longest file that may be written, in megabytes.
  var fileMegabytes = Self.workerFileMegabytes

  /// How many descriptors may be open.
  var descriptors = 256

  /// How many processes may run at once. The runner counts them: the system's own limit does not hold for the
  /// superuser, and counts whatever else the user runs.
  var processes = 64

  /// Megabytes in all files of the scratch folder together.
  var scratchMegabytes = 256

  /// The longest file that a worker may write.
  static let workerFileMegabytes = 64

  /// The address space that a worker maps before it has done anything: its libraries, its stacks, the allocator's arenas.
  private static let workerMegabytes = 384

  /// The limits of a worker.
  init(_ limits: CheckLimits) {
    seconds = limits.seconds
    megabytes = limits.megabytes + Self.workerMegabytes
  }

  /// The limits of one step of a compilation.
  static func compilation(seconds: Double) -> ResourceLimits {
    var limits = ResourceLimits(CheckLimits(seconds: max(1, Int(seconds.rounded(.up))), megabytes: 4_096))
    limits.fileMegabytes = 256
    limits.descriptors = 1_024
    return limits
  }

  /// The shell's commands that set the limits. Files are counted in blocks of 512 bytes, memory in kilobytes.
  var commands: String {
    var commands = [
      "ulimit -S -t \(seconds)", "ulimit -H -t \(seconds + 2)", "ulimit -f \(fileMegabytes * 2_048)",
      "ulimit -n \(descriptors)", "ulimit -c 0",
    ]
    #if os(Linux)
      commands.append("ulimit -v \(megabytes * 1_024)")
    #endif
    return commands.joined(separator: "; ")
  }
}
