import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One run of another program in a session of its own, with its time and its output bounded.
///
/// The call returns when the program has ended, has said all it had to say, or was stopped. Whatever it has started and
/// left running is then killed (`Processes`).
struct ChildProcess {
  /// The program.
  var program: URL

  /// Its arguments, without its name.
  var arguments: [String]

  /// Its whole environment.
  var environment: [String: String] = [:]

  /// What it reads on standard input.
  var input = Data()

  /// Seconds on the clock.
  var seconds: Double

  /// The most bytes that it may write on standard output and standard error together.
  var outputBytes = 1 << 20

  /// What is looked at while it runs; nil for a program of ours. A program that is watched was started by a shell or
  /// by `bwrap`, which tell of its death by a signal with an exit status of 128 and the signal.
  var watch: Watch?

  /// What is looked at while a program runs.
  struct Watch {
    /// How many processes may descend from it.
    var processes: Int

    /// The folder that must not grow.
    var scratch: URL?

    /// The most megabytes in all its files.
    var scratchMegabytes: Int

    /// The user that it has become, who runs nothing else.
    var user: UserIdentity?
  }

  /// How it ended.
  enum End: Hashable {
    case exited(Int32)
    case signalled(Int32)
  }

  /// Why it was stopped before it ended by itself.
  enum Stop: Hashable {
    case tooSlow
    case tooMuchOutput
    case tooManyProcesses(Int)
    case tooMuchInScratch(megabytes: Int)
    case malformedAnswer(String)
  }

  /// What became of it.
  struct Report {
    var end = End.exited(0)
    var stop: Stop?
    var standardOutput = Data()
    var standardError = Data()
    var cpuSeconds = 0.0
    /// The most memory it held, where that is known: nil where it held no more than this process ever did.
    var peakMegabytes: Int?
  }

  /// Runs the program to its end.
  ///
  /// - Parameter onAnswer: is called when bytes have arrived on descriptor 3; takes off what it understands, and
  ///   returns true when it has what it wants. Nil if the program has no such descriptor.
  /// - Returns: how it ended, and what it printed.
  /// - Throws: `SystemFailure` if the program cannot be started.
  func run(onAnswer: ((inout Data) throws -> Bool)? = nil) throws -> Report {
    let (child, pipes) = try start(outputs: onAnswer == nil ? 2 : 3)
    let (output, errors) = (pipes[0], pipes[1])
    defer { for pipe in pipes { pipe.close() } }

    var report = Report()
    let deadline = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
    var received = Data()
    var isDone = false
    var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Reads whatever is there, waiting for at most `milliseconds`; false when nothing was there.
    func readOnce(waiting milliseconds: Int32) -> Bool {
      let ready = pipes.filter { $0.isOpen }
      var polled = ready.map { pollfd(fd: $0.readEnd, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return false }
      for (pipe, state) in zip(ready, polled) where state.revents != 0 {
        let count = read(pipe.readEnd, &buffer, buffer.count)
        guard count > 0 else {
          pipe.closeReadEnd()
          continue
        }
        if pipe === output {
          report.standardOutput.append(contentsOf: buffer[..<count])
        } else if pipe === errors {
          report.standardError.append(contentsOf: buffer[..<count])
        } else {
          received.append(contentsOf: buffer[..<count])
          do {
            if try onAnswer?(&received) ?? false { isDone = true }
          } catch {
            report.stop = .malformedAnswer("\(error)")
          }
        }
        if report.standardOutput.count + report.standardError.count > outputBytes { report.stop = .tooMuchOutput }
      }
      return true
    }

    var nextLook = ContinuousClock.now + Self.timeBetweenLooks
    while !isDone && report.stop == nil {
      if ContinuousClock.now >= nextLook {
        report.stop = watch?.complaint(of: child, into: &report)
        nextLook = ContinuousClock.now + Self.timeBetweenLooks
      } else if ContinuousClock.now >= deadline {
        report.stop = .tooSlow
      } else if !readOnce(waiting: pipes.contains { $0.isOpen } ? 50 : 5), Processes.hasEnded(child) {
        break
      } else if !pipes.contains(where: { $0.isOpen }), Processes.hasEnded(child) {
        break
      }
    }
    while report.stop == nil, readOnce(waiting: 0) {}

    watch?.user?.killAll()
    Processes.killFamily(of: child)  // not reaped yet, so its number still names its session and no other
    reap(child, into: &report)
    return report
  }

  /// Most checks end before the first look.
  private static let timeBetweenLooks = Duration.milliseconds(100)

  // MARK: - System calls

  /// - Returns: the child, and the pipes that it writes to: its descriptors 1, 2 …
  private func start(outputs: Int) throws -> (pid_t, [Pipe]) {
    let inputFile = try temporaryFile(holding: input)
    defer { close(inputFile) }
    return try Processes.start {
      let pipes = try (0..<outputs).map { _ in try Pipe() }
      do {
        let child = try spawn(input: inputFile, outputs: pipes.map(\.writeEnd))
        for pipe in pipes { pipe.closeWriteEnd() }
        return (child, pipes)
      } catch {
        for pipe in pipes { pipe.close() }
        throw error
      }
    }
  }

  private func spawn(input: Int32, outputs: [Int32]) throws -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
      let closeOthers = Int16(POSIX_SPAWN_CLOEXEC_DEFAULT)
      let newSession = Int16(POSIX_SPAWN_SETSID)
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
      let closeOthers: Int16 = 0  // ours are all close-on-exec, and the worker closes what it inherits
      let newSession: Int16 = 0x80  // POSIX_SPAWN_SETSID, which the C library's header shows to GNU sources only
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    for (descriptor, writeEnd) in outputs.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, writeEnd, Int32(descriptor + 1))
    }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes, newSession | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | closeOthers)

    var child = pid_t()
    let failure = withCStrings([program.path] + arguments) { arguments in
      withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { environment in
        posix_spawn(&child, program.path, &actions, &attributes, arguments, environment)
      }
    }
    guard failure == 0 else { throw SystemFailure("cannot start \(program.path)", failure) }
    return child
  }

  private func reap(_ child: pid_t, into report: inout Report) {
    let (status, usage) = Processes.reap(child)
    let signal = status & 0x7f
    let exit = (status >> 8) & 0xff
    report.end =
      signal != 0 ? .signalled(signal) : watch != nil && exit > 128 ? .signalled(exit - 128) : .exited(exit)
    let seconds =
      Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    report.cpuSeconds = max(report.cpuSeconds, seconds)
    // A new process begins as a copy of this one, and the system counts what the copy held as the program's own.
    var own = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
      let shift = 10
    #else
      getrusage(RUSAGE_SELF, &own)
      let shift = 20
    #endif
    if usage.ru_maxrss > own.ru_maxrss { report.peakMegabytes = usage.ru_maxrss >> shift }
  }
}

extension ChildProcess.Watch {
  /// Why the program must be stopped; nil if it need not. Notes the processor time that has been seen: `bwrap` does not
  /// wait for the program, so that the system counts none of it as `bwrap`'s.
  func complaint(of child: pid_t, into report: inout ChildProcess.Report) -> ChildProcess.Stop? {
    let seen = Processes.look(below: child)
    report.cpuSeconds = max(report.cpuSeconds, seen.seconds)
    if seen.count > processes { return .tooManyProcesses(processes) }
    if let scratch, Self.isFuller(scratch, than: scratchMegabytes) {
      return .tooMuchInScratch(megabytes: scratchMegabytes)
    }
    return nil
  }

  /// Whether a folder holds more than some megabytes, or so many files that nobody would count them.
  private static func isFuller(_ folder: URL, than megabytes: Int) -> Bool {
    guard let files = FileManager.default.enumerator(atPath: folder.path) else { return false }
    var blocks = 0
    var count = 0
    while let name = files.nextObject() as? String {
      var status = stat()
      if lstat("\(folder.path)/\(name)", &status) == 0 { blocks += Int(status.st_blocks) }
      count += 1
      if blocks / 2_048 > megabytes || count > 10_000 { return true }
    }
    return false
  }
}

/// A system call failed.
struct SystemFailure: Error, CustomStringConvertible {
  let description: String

  init(_ what: String, _ code: Int32 = errno) {
    description = "\(what): \(String(cString: strerror(code)))"
  }
}

/// A pipe whose ends no other program inherits unless it is given them.
private final class Pipe {
  private(set) var readEnd: Int32
  private(set) var writeEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemFailure("cannot make a pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  var isOpen: Bool { readEnd >= 0 }

  func closeReadEnd() { closeEnd(&readEnd) }
  func closeWriteEnd() { closeEnd(&writeEnd) }

  func close() {
    closeReadEnd()
    closeWriteEnd()
  }

  private func closeEnd(_ end: inout Int32) {
    if end >= 0 { closeDescriptor(end) }
    end = -1
  }
}

private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }

/// A file that has no name any more, open for reading from its start.
private func temporaryFile(holding data: Data) throws -> Int32 {
  if data.isEmpty {
    let empty = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard empty >= 0 else { throw SystemFailure("cannot open /dev/null") }
    return empty
  }
  let path = FileManager.default.temporaryDirectory.appending(path: "dojo-input-\(UUID().uuidString)").path
  let writer = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
  guard writer >= 0 else { throw SystemFailure("cannot write \(path)") }
  defer {
    close(writer)
    unlink(path)
  }
  let isWritten = data.withUnsafeBytes { bytes in
    var done = 0
    while done < bytes.count, let start = bytes.baseAddress {
      let count = write(writer, start + done, bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      done += count
    }
    return true
  }
  guard isWritten else { throw SystemFailure("cannot write \(path)") }
  let reader = open(path, O_RDONLY | O_CLOEXEC)
  guard reader >= 0 else { throw SystemFailure("cannot open \(path)") }
  return reader
}

private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
