import Contracts
import Curriculum
import Foundation
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process in which a candidate's code runs: one library, one check or one demo, and then it ends.
///
/// It is given nothing but the input; the seed, the hidden part of the trial and the reference stay in the runner.
public enum Worker {
  /// What one worker is to do, as its command line says it.
  enum Job {
    case check(index: Int)
    case demo(seed: UInt64)
  }

  /// Runs the worker: `dojo-worker check|demo <library> <exercise> <index or seed> <folder> <threads> <user> <tasks>`.
  /// It becomes the user of that number, who may have so many processes and threads; 0 changes nothing.
  ///
  /// - Parameter arguments: the command line, with the program's name first.
  public static func main(_ arguments: [String]) -> Never {
    guard arguments.count == 9, let exercise = Exercise.named(arguments[3]), let number = UInt64(arguments[4]),
      let threads = Int(arguments[6]), threads > 0, let user = UInt32(arguments[7]),
      let tasks = UInt(arguments[8]), chdir(arguments[5]) == 0
    else {
      complain("usage: dojo-worker check|demo <library> <exercise> <index or seed> <folder> <threads> <user> <tasks>")
      exit(64)
    }
    let job: Job = arguments[1] == "demo" ? .demo(seed: number) : .check(index: Int(number))

    closeInheritedDescriptors()
    printLineByLine()
    endWithRunner()
    Threads.use(threads)
    if user != 0, !UserIdentity(number: user).assume() {
      complain("cannot become user \(user)")
      _exit(1)
    }

    if tasks > 0 { limitTasks(to: tasks) }

    let input = readInput()
    let candidate: Any
    do {
      candidate = try load(arguments[2])
    } catch {
      complain("\(error)")
      _exit(exitStatusOfUnloadableLibrary)
    }
    finish(with: perform(job, exercise, candidate, input))
  }

  /// How the worker's own sentences on standard error begin.
  static let complaint = "dojo-worker: "

  /// The exit status of a worker that could not open the candidate's library.
  static let exitStatusOfUnloadableLibrary: Int32 = 65

  private static func perform(_ job: Job, _ exercise: Exercise, _ candidate: Any, _ input: Data) -> WorkerMessage {
    switch job {
    case .check(let index):
      return .answer(exercise.checks[index].answer(candidate, to: input))
    case .demo(let seed):
      let data = input.isEmpty ? nil : URL(filePath: String(decoding: input, as: UTF8.self))
      let context = DemoContext(seed: seed, data: data) { update in
        if let frame = try? WorkerMessage.progress(update).frame() { write(frame) }
      }
      do {
        return .report(try exercise.demo(candidate, context: context))
      } catch let unfinished as Unfinished {
        return .answer(.unfinished(unfinished.description))
      } catch {
        return .answer(.threw("\(error)"))
      }
    }
  }

  private static func finish(with message: WorkerMessage) -> Never {
    let frame: Data
    do {
      frame = try message.frame()
    } catch {
      complain("the answer cannot be encoded: \(error)")
      _exit(1)
    }
    fflush(nil)
    write(frame)
    _exit(0)
  }

  /// Limits the processes and threads of this user. The shell that set the other limits has no one name for this one.
  private static func limitTasks(to count: UInt) {
    #if os(Linux)
      var limit = rlimit(rlim_cur: count, rlim_max: count)
      setrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit)
    #endif
  }

  // MARK: - The candidate's library

  /// Opens the library and makes the candidate's object; see `Glue` for the other side.
  private static func load(_ path: String) throws -> Any {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL), let symbol = dlsym(library, Glue.symbol) else {
      throw BadInput(dlerror().map { String(cString: $0) } ?? "cannot open the compiled library")
    }
    typealias Make = @convention(c) (UnsafeMutableRawPointer) -> Void
    let make = unsafeBitCast(symbol, to: Make.self)
    let slot = UnsafeMutablePointer<Any>.allocate(capacity: 1)
    slot.initialize(to: ())
    make(slot)
    return slot.pointee
  }

  // MARK: - Descriptors

  private static func closeInheritedDescriptors() {
    for descriptor in (WorkerMessage.descriptor + 1)..<1024 { close(descriptor) }
  }

  /// Reads standard input to its end and leaves it empty for the candidate.
  private static func readInput() -> Data {
    var input = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(0, &chunk, chunk.count)
      if count <= 0 { break }
      input.append(contentsOf: chunk[..<count])
    }
    let empty = open("/dev/null", O_RDONLY)
    if empty > 0 {
      dup2(empty, 0)
      close(empty)
    }
    return input
  }

  private static func write(_ data: Data) {
    data.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count, let start = bytes.baseAddress {
        let count = systemWrite(WorkerMessage.descriptor, start + written, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { _exit(1) }
        written += count
      }
    }
  }

  private static func complain(_ sentence: String) {
    FileHandle.standardError.write(Data("\(complaint)\(sentence)\n".utf8))
  }

  // MARK: - The end of the runner

  /// Ends this process when the runner has ended, however it ended: nobody is left then to read the answer.
  private static func endWithRunner() {
    Thread.detachNewThread {
      var answers = pollfd(fd: WorkerMessage.descriptor, events: 0, revents: 0)
      while poll(&answers, 1, -1) <= 0 {}
      if answers.revents & Int16(POLLERR) != 0 { _exit(1) }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, start, count)
}
