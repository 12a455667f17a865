import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The children that this process has started, and whatever they have left behind.
///
/// On Linux this process asks the system to hand it the orphans among its descendants. A child begins a session of its
/// own, and nothing that descends from it can ever come back into ours: so a child of ours that is in another session,
/// and that we have not started, is an orphan of some check, whatever it did to get away (`setsid`, a double `fork`,
/// another name, no environment). It is stopped at sight, with all that descends from it.
enum Processes {
  private static let children = Mutex<Set<pid_t>>([])

  /// Starts a child and remembers it.
  ///
  /// One child is started at a time, so that none inherits a descriptor that is about to be marked close-on-exec.
  static func start<Started>(_ spawn: () throws -> (pid_t, Started)) throws -> (pid_t, Started) {
    _ = adoptsOrphans
    return try children.withLock { children in
      let started = try spawn()
      children.insert(started.0)
      return started
    }
  }

  /// Whether a child has ended; it stays to be reaped.
  static func hasEnded(_ child: pid_t, waiting: Bool = false) -> Bool {
    var info = siginfo_t()
    var result: Int32
    repeat {
      result = waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT | (waiting ? 0 : WNOHANG))
    } while result != 0 && errno == EINTR
    return result != 0 || info.si_signo == SIGCHLD
  }

  /// Reaps a child that ends, and forgets it.
  static func reap(_ child: pid_t) -> (status: Int32, usage: rusage) {
    _ = hasEnded(child, waiting: true)
    var status: Int32 = 0
    var usage = rusage()
    children.withLock { children in
      while wait4(child, &status, 0, &usage) < 0 && errno == EINTR {}
      children.remove(child)
    }
    return (status, usage)
  }

  #if os(Linux)
    private static let adoptsOrphans = ProcessControl.adoptsOrphans.turnOn()

    /// How many processes descend from a child, without what has only to be reaped, and the most processor time that one
    /// of them has used. Stops the orphans that have left every check's session.
    static func look(below child: pid_t) -> (count: Int, seconds: Double) {
      children.withLock { children in
        let table = ProcessTable()
        for stray in table.strays(of: children) { stop(stray) }
        let family = table.family(of: child, in: children)
        let ticks = family.map(\.ticks).max() ?? 0
        return (family.count { $0.isAlive }, Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
      }
    }

    /// Kills a child and all that descends from it.
    static func killFamily(of child: pid_t) {
      kill(-child, SIGKILL)
      kill(child, SIGKILL)
      _ = hasEnded(child, waiting: true)
      // Whoever forks on and on is stopped first, and killed when nobody is left who runs: the dead make room for
      // more, the stopped do not. One round may miss some, but not all.
      let deadline = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < deadline {
        let isLast = children.withLock { children in
          let table = ProcessTable()
          let family = table.family(of: child, in: children) + table.strays(of: children)
          let running = family.filter { $0.isAlive && !$0.isStopped && $0.number != child }
          for process in running.count > 8 ? running : family where process.number != child {
            stop(process, with: running.count > 8 ? SIGSTOP : SIGKILL)
          }
          return family.allSatisfy { $0.number == child && !$0.isAlive }
        }
        if isLast { return }
        usleep(1_000)
      }
    }

    /// Stops or kills a process, and its group if that is not ours; takes what is dead and ours off the system's table.
    private static func stop(_ process: ProcessTable.Entry, with signal: Int32 = SIGKILL) {
      if process.isAlive {
        kill(process.number, signal)
        if process.group > 1, process.group != getpgrp() { kill(-process.group, signal) }
      } else if process.parent == getpid() {
        waitpid(process.number, nil, WNOHANG)
      }
    }

    /// How many processes and threads this process's user had when it was first asked.
    static let tasksOfThisUser: Int = {
      let user = getuid()
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return processes.reduce(0) { count, name in
        var status = stat()
        guard pid_t(name) != nil, lstat("/proc/\(name)", &status) == 0, status.st_uid == user else { return count }
        let tasks = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(name)/task")
        return count + (tasks?.count ?? 0)
      }
    }()
  #else
    private static let adoptsOrphans = false
    static let tasksOfThisUser = 0

    static func look(below child: pid_t) -> (count: Int, seconds: Double) { (0, 0) }

    static func killFamily(of child: pid_t) {
      kill(-child, SIGKILL)
      kill(child, SIGKILL)
    }
  #endif
}

#if os(Linux)
  /// All processes, as `/proc` has them at one moment.
  struct ProcessTable {
    struct Entry: Hashable {
      let number: pid_t
      let isAlive: Bool
      let isStopped: Bool
      let parent: pid_t
      let group: pid_t
      let session: pid_t
      /// Processor time, in the system's ticks.
      let ticks: Int
    }

    private let entries: [Entry]
    private let childrenOf: [pid_t: [Entry]]

    init() {
      var entries: [Entry] = []
      let folder = opendir("/proc")
      defer { if let folder { closedir(folder) } }
      while let folder, let next = readdir(folder) {
        let number = withUnsafePointer(to: &next.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { pid_t(atoi($0)) }
        }
        if number > 0, let entry = Self.entry(number) { entries.append(entry) }
      }
      self.entries = entries
      childrenOf = Dictionary(grouping: entries, by: \.parent)
    }

    /// A child, all that descends from it, and the orphans of its session with all that descends from them.
    func family(of child: pid_t, in started: Set<pid_t>) -> [Entry] {
      withDescendants(entries.filter { $0.number == child } + orphans(of: started).filter { $0.session == child })
    }

    /// The orphans that have left the session of whichever child they come from, with all that descends from them.
    func strays(of started: Set<pid_t>) -> [Entry] {
      withDescendants(orphans(of: started).filter { !started.contains($0.session) })
    }

    /// The children of this process that it has not started, and that come from a session other than its own.
    private func orphans(of started: Set<pid_t>) -> [Entry] {
      let session = getsid(0)
      return children(of: getpid()).filter { !started.contains($0.number) && $0.session != session }
    }

    /// The living and the dead, one generation.
    func children(of parent: pid_t) -> [Entry] { childrenOf[parent] ?? [] }

    private func withDescendants(_ roots: [Entry]) -> [Entry] {
      var family = roots
      var next = 0
      while next < family.count {
        family += children(of: family[next].number)
        next += 1
      }
      return family
    }

    /// `/proc/4711/stat` is `4711 (name) state parent group session …`; the name may hold anything.
    private static func entry(_ number: pid_t) -> Entry? {
      let file = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        let count = read(file, buffer.baseAddress, 511)
        guard count > 0, let start = buffer.baseAddress else { return nil }
        buffer[count] = 0
        guard let end = strrchr(start, CInt(UInt8(ascii: ")"))), start + count > end + 4 else { return nil }
        let state = UInt8(bitPattern: end[2])
        var rest: UnsafeMutablePointer<CChar>? = end + 3
        func field() -> pid_t { rest.map { pid_t(truncatingIfNeeded: strtol($0, &rest, 10)) } ?? 0 }
        let (parent, group, session) = (field(), field(), field())
        for _ in 0..<7 { _ = field() }
        let ticks = Int(field()) + Int(field())
        return Entry(
          number: number, isAlive: state != UInt8(ascii: "Z") && state != UInt8(ascii: "X"),
          isStopped: state == UInt8(ascii: "T"), parent: parent, group: group, session: session, ticks: ticks)
      }
    }
  }
#endif
