import Contracts
import Curriculum
import Foundation
import Tensors
import Learning

/// What came back from a worker.
struct WorkerAnswer {
  enum Result {
    case answered(Answer)
    case failed(Rejection)
  }

  let result: Result

  /// The beginning of what the candidate's code printed.
  var printed = ""

  /// Whether the candidate's code was not run, by a fault of ours.
  var isFaultOfOurs = false

  init(_ result: Result, printed: String = "") {
    self.result = result
    self.printed = printed
  }
}

/// Starts workers and says what became of them.
struct WorkerRunner {
  /// What compiled the library; it knows the worker, the runtime's files and the sandbox.
  let compiler: CandidateCompiler

  /// How many workers run at once.
  let jobs: Int

  /// How much of what a candidate prints is kept.
  static let printedBytes = 4 << 10

  /// Has one check answered.
  func answer(
    _ exercise: Exercise, check index: Int, library: CandidateLibrary, input: Data, limits: CheckLimits
  ) -> WorkerAnswer {
    var found: Answer?
    do {
      let room = try WorkerRoom(library, changingUser: compiler.sandbox.changesUser)
      defer { room.remove() }
      let process = worker("check", room, exercise, "\(index)", limits, input)
      let report = try process.run { received in
        while let message = try WorkerMessage.take(from: &received) {
          guard case .answer(let answer) = message else {
            throw BadInput("what it wrote as its answer is not an answer")
          }
          found = answer
          return true
        }
        return false
      }
      let printed = Self.beginning(of: report.standardOutput)
      if report.stop == nil, let found { return WorkerAnswer(.answered(found), printed: printed) }
      return WorkerAnswer(.failed(CrashReport(report, limits: limits).rejection(in: exercise)), printed: printed)
    } catch {
      var answer = WorkerAnswer(.failed(Rejection(.crashed, "a fault of the grader, not of your code: \(error)")))
      answer.isFaultOfOurs = true
      return answer
    }
  }

  /// Runs the demo of a candidate's implementation.
  ///
  /// - Throws: `Rejection` if there is no report at the end.
  func demo(
    _ exercise: Exercise, library: CandidateLibrary, seed: UInt64, data: URL?, limits: CheckLimits,
    progress: @escaping ProgressHandler
  ) throws -> (report: DemoReport, printed: String) {
    var found: DemoReport?
    var failure: Rejection?
    let path = Data((data?.absoluteURL.path ?? "").utf8)
    let room = try WorkerRoom(library, changingUser: false)  // a demo reads its user's own data
    defer { room.remove() }
    let readable = [compiler.products.folder.appending(path: "BehaviorDojo_Datasets.resources"), data].compactMap(
      \.self)
    let process = worker("demo", room, exercise, "\(seed)", limits, path, readable: readable)
    let report = try process.run { received in
      while let message = try WorkerMessage.take(from: &received) {
        switch message {
        case .progress(let update): progress(update)
        case .report(let report): found = report
        case .answer(.unfinished(let message)): failure = Rejection(.notStarted, message)
        case .answer(.threw(let error)): failure = Rejection(.wrongValue, "an error: \(error)")
        case .answer(.output): throw BadInput("what it wrote as its report is not a report")
        }
        if found != nil || failure != nil { return true }
      }
      return false
    }
    if report.stop == nil, let found { return (found, Self.beginning(of: report.standardOutput)) }
    throw failure ?? CrashReport(report, limits: limits).rejection(in: exercise)
  }

  private func worker(
    _ job: String, _ room: WorkerRoom, _ exercise: Exercise, _ number: String, _ limits: CheckLimits, _ input: Data,
    readable: [URL] = []
  ) -> ChildProcess {
    let sandbox = compiler.sandbox
    let program = compiler.products.worker
    let folder = sandbox.scratchSeenInside(room.scratch)
    var environment = environment
    environment["TMPDIR"] = folder
    return sandbox.process(
      program,
      [
        job, room.library.path, exercise.id, number, folder, "\(max(1, Threads.count / max(1, jobs)))",
        "\(room.user?.number ?? 0)", "\(mostTasks(room))",
      ],
      environment: environment, input: input, seconds: Double(limits.clockSeconds), limits: ResourceLimits(limits),
      scratch: room.scratch, user: room.user,
      view: Sandbox.View(readable: [program, room.library] + compiler.toolchain.runtimeFiles + readable))
  }

  /// How many processes and threads the worker's user may have; 0 for what the system says. It bounds what a fork bomb
  /// does until the runner has seen it: without it the runner soon gets no processor time to look. The system does not
  /// count the superuser's, whose demos are his own.
  private func mostTasks(_ room: WorkerRoom) -> Int {
    if room.user != nil { return 512 }
    return UserIdentity.isSuperuser ? 0 : Processes.tasksOfThisUser + 1_024
  }

  private var environment: [String: String] {
    var environment = CrashReport.environment
    for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    environment["MALLOC_ARENA_MAX"] = "2"  // each further arena of the C library maps 64 MB of address space
    return environment
  }

  static func beginning(of output: Data) -> String {
    guard output.count > printedBytes else { return String(decoding: output, as: UTF8.self) }
    return String(decoding: output.prefix(printedBytes), as: UTF8.self)
      + "\n… and \(output.count - printedBytes) bytes more"
  }
}
