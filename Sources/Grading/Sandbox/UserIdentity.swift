import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A user who owns nothing and runs nothing else: what a superuser's worker becomes before it opens a candidate's
/// library. Each check has one of its own, so that it can stop neither the grader nor another check, nor read what
/// those write, nor raise a limit.
struct UserIdentity: Sendable, Hashable {
  /// The number of the user and of the group.
  let number: UInt32

  /// Whether this process may become other users.
  static let isSuperuser = geteuid() == 0

  /// The numbers that systemd, too, hands out for a short while, and to nobody for good.
  private static let numbers: ClosedRange<UInt32> = 61_184...65_519
  private static let last = Mutex<UInt32>(UInt32(getpid()) &* 61)

  /// The next user; it comes round again after 4,336 checks.
  static func next() -> UserIdentity {
    let turn = last.withLock { last in
      last &+= 1
      return last
    }
    return UserIdentity(number: numbers.lowerBound + turn % UInt32(numbers.count))
  }

  /// Gives a folder and what is in it to this user.
  func own(_ folder: URL) {
    chown(folder.path, number, number)
    chmod(folder.path, 0o700)
  }

  /// Becomes this user for good.
  ///
  /// - Returns: false if the system refused, or if there is a way back.
  func assume() -> Bool {
    guard setgroups(0, nil) == 0, setgid(number) == 0, setuid(number) == 0, setuid(0) != 0 else { return false }
    #if os(Linux)
      _ = ProcessControl.gainsNoPrivileges.turnOn()
      _ = ProcessControl.isDumpable.turnOn()
    #endif
    return true
  }

  /// Kills all that runs as this user, at one stroke: who forks faster than anybody can count does not get away.
  ///
  /// `kill(-1)` reaches whatever the caller may stop, so a thread becomes this user for a moment. The C library would
  /// change the whole process; the system itself changes the thread that asks.
  func killAll() {
    #if os(Linux)
      #if arch(x86_64)
        let setUsers = 117
      #else
        let setUsers = 147
      #endif
      typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
      guard Self.isSuperuser, number != 0, let symbol = dlsym(nil, "syscall") else { return }
      let call = unsafeBitCast(symbol, to: Call.self)
      let isDone = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        // Never without the certainty that this thread cannot stop anybody else's processes.
        if call(setUsers, Int(number), Int(number), 0) == 0 {
          if geteuid() == number, getuid() == number, kill(1, 0) != 0, errno == EPERM { kill(-1, SIGKILL) }
          _ = call(setUsers, 0, 0, 0)
        }
        isDone.signal()
      }
      isDone.wait()
    #endif
  }

  /// Removes what this user has left where everybody may write.
  func sweep() {
    for place in ["/tmp", "/var/tmp", "/dev/shm"] {
      guard let folder = opendir(place) else { continue }
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        var status = stat()
        // By the name's address: there may be thousands.
        let name = UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
        let characters = name.assumingMemoryBound(to: CChar.self)
        guard fstatat(dirfd(folder), characters, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_uid == number else {
          continue
        }
        try? FileManager.default.removeItem(atPath: "\(place)/\(String(cString: characters))")
      }
    }
  }
}
