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
/// another name, no environment). It is stopped at sight.
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
    private static let adoptsOrphans: Bool = {
      typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
      // `prctl` takes a varying number of arguments, which Swift cannot call by its name.
      guard let symbol = dlsym(nil, "prctl") else { return false }
      return unsafeBitCast(symbol, to: Control.self)(36, 1, 0, 0, 0) == 0  // PR_SET_CHILD_SUBREAPER
    }()

    /// How many processes descend from a child, without what has only to be reaped. Stops the orphans that have left
    /// every check's session.
    static func count(below child: pid_t) -> Int {
      children.withLock { children in
        let table = ProcessTable()
        for orphan in table.orphans(of: children) where !children.contains(orphan.session) { stop(orphan) }
        return table.family(of: child, in: children).count { $0.isAlive }
      }
    }

    /// Kills a child and all that descends from it.
    static func killFamily(of child: pid_t) {
      kill(-child, SIGKILL)
      kill(child, SIGKILL)
      // Who forks faster than the table can be read may get away from one round, but not from all.
      let deadline = ContinuousClock.now + .seconds(10)
      while ContinuousClock.now < deadline {
        let isLast = children.withLock { children in
          let table = ProcessTable()
          var family = table.family(of: child, in: children)
          for orphan in table.orphans(of: children) where !children.contains(orphan.session) { family.append(orphan) }
          for process in family where process.number != child { stop(process) }
          return family.allSatisfy { $0.number == child && !$0.isAlive }
        }
        if isLast { return }
      }
    }

    /// Kills a process, and its group if that is not ours; takes what is dead and ours off the system's table.
    private static func stop(_ process: ProcessTable.Entry) {
      if process.isAlive {
        kill(process.number, SIGKILL)
        if process.group > 1, process.group != getpgrp() { kill(-process.group, SIGKILL) }
      } else if process.parent == getpid() {
        waitpid(process.number, nil, WNOHANG)
      }
    }
  #else
    private static let adoptsOrphans = false

    static func count(below child: pid_t) -> Int { 0 }

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
      let parent: pid_t
      let group: pid_t
      let session: pid_t
    }

    private let entries: [Entry]
    private let childrenOf: [pid_t: [Entry]]

    init() {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      entries = names.compactMap { name in pid_t(name).flatMap { Self.entry($0) } }
      childrenOf = Dictionary(grouping: entries, by: \.parent)
    }

    /// The children of this process that it has not started, and that come from a session other than its own.
    func orphans(of started: Set<pid_t>) -> [Entry] {
      let session = getsid(0)
      return (childrenOf[getpid()] ?? []).filter { !started.contains($0.number) && $0.session != session }
    }

    /// A child, all that descends from it, and the orphans of its session with all that descends from them.
    func family(of child: pid_t, in started: Set<pid_t>) -> [Entry] {
      var family = entries.filter { $0.number == child } + orphans(of: started).filter { $0.session == child }
      var next = 0
      while next < family.count {
        family += childrenOf[family[next].number] ?? []
        next += 1
      }
      return family
    }

    /// `/proc/4711/stat` is `4711 (name) state parent group session …`; the name may hold anything.
    private static func entry(_ number: pid_t) -> Entry? {
      let file = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var bytes = [UInt8](repeating: 0, count: 512)
      let count = read(file, &bytes, bytes.count)
      guard count > 0, let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
      let fields = bytes[(end + 1)..<count].split(separator: UInt8(ascii: " "))
      func field(_ index: Int) -> pid_t? { pid_t(String(decoding: fields[index], as: UTF8.self)) }
      guard fields.count > 3, let parent = field(1), let group = field(2), let session = field(3) else { return nil }
      let isDead = fields[0].first == UInt8(ascii: "Z") || fields[0].first == UInt8(ascii: "X")
      return Entry(number: number, isAlive: !isDead, parent: parent, group: group, session: session)
    }
  }
#endif
