import Charts
import Curriculum
import Foundation
import Grading
import Learning
import Tensors

extension Command {
  static let run = Command(
    name: "run", abstract: "Run an exercise's demo, with the reference or with your own code.",
    arguments: [Argument(name: "id", help: "The exercise, by id, name or file.", completion: .exercise)],
    options: [
      .flag("--mine", "Run it with your own code, in a limited process."),
      .value("--seed", "<seed>", "The seed; the same one gives the same numbers. (default: 1)"),
      .value("--report", "<file>", "Write the whole report as one HTML page.", completion: .file),
      .value("--threads", "<n>", "How many threads compute; the numbers do not depend on it. (default: all cores)"),
      .value("--data", "<file>", "Data of your own, where the demo takes some.", completion: .file),
      .flag("--json", "Print the figures for programs."),
    ]
  ) { arguments, session in
    let exercise = try session.exercise(arguments.positionals[0])
    let seed = try arguments.number("--seed", in: 0...UInt64.max) ?? 1
    if let threads = try arguments.number("--threads", in: 1...256, as: Int.self) { Threads.use(threads) }
    let page = arguments.value("--report").map { URL(filePath: $0) }
    if let page { try requireWritable(page, of: "--report") }
    let data = arguments.value("--data").map { URL(filePath: $0) }

    let progress = TerminalProgress()
    let clock = ContinuousClock()
    let start = clock.now
    let found: DemoReport
    if arguments.has("--mine") {
      let file = try session.workspace().starter(of: exercise)
      let (report, printed) = try session.grader(seed: seed)
        .demo(exercise, file: file, data: data, progress: progress.handler)
      found = report
      if !printed.isEmpty { session.console.note("Your code printed:\n\(printed)") }
    } else {
      let context = DemoContext(seed: seed, data: data, progress: progress.handler)
      found = try exercise.demo(try session.reference(of: exercise).init(), context: context)
    }
    progress.finish()
    let elapsed = (clock.now - start) / .seconds(1)

    if arguments.has("--json") {
      session.console.line(try jsonText(RunResult(exercise, seed, seconds: elapsed, found)))
    } else {
      let console = session.console
      console.line(found.report.text(language: session.language, width: console.width, color: console.color))
      console.note("\(exercise.id): seed \(seed), \(String(format: "%.1f", elapsed)) s")
    }
    if let page {
      try Data(found.report.html(language: session.language).utf8).write(to: page, options: .atomic)
      session.console.note("The report is in \(page.relativePath).")
    }
    return .success
  }
}

/// Finds out before the work, not after it, that a file cannot be written.
func requireWritable(_ file: URL, of option: String) throws {
  let folder = file.deletingLastPathComponent()
  guard folder.isFolder else {
    throw CommandError(.missingFile, "the folder \(folder.path) of \(option) does not exist")
  }
  if file.isFolder { throw CommandError(.missingFile, "\(file.path) is a folder; \(option) takes a file") }
  guard FileManager.default.isWritableFile(atPath: folder.path) else {
    throw CommandError(.missingFile, "the folder \(folder.path) of \(option) cannot be written")
  }
}

/// `run --json`.
private struct RunResult: Encodable {
  let id: String
  let seed: UInt64
  let seconds: Double
  let metrics, baseline: [String: Double]

  init(_ exercise: Exercise, _ seed: UInt64, seconds: Double, _ found: DemoReport) {
    id = exercise.id
    self.seed = seed
    self.seconds = seconds
    metrics = found.metrics
    baseline = found.baseline
  }
}
