#if os(Linux)
  import Glibc

  /// What Linux can be told about this process.
  enum ProcessControl: Int32 {
    /// Orphans among the descendants become children of this process (PR_SET_CHILD_SUBREAPER).
    case adoptsOrphans = 36
    /// No program that is started from here gives back a power: not `su`, nor its like (PR_SET_NO_NEW_PRIVS).
    case gainsNoPrivileges = 38
    /// The backtracer may look at a crash (PR_SET_DUMPABLE).
    case isDumpable = 4

    /// Turns it on for good.
    ///
    /// - Returns: false if the system refused.
    func turnOn() -> Bool {
      typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
      // `prctl` takes a varying number of arguments, which Swift cannot call by its name.
      guard let symbol = dlsym(nil, "prctl") else { return false }
      return unsafeBitCast(symbol, to: Control.self)(rawValue, 1, 0, 0, 0) == 0
    }
  }
#endif
