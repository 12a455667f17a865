import Curriculum
import Foundation
import Grading

extension Command {
  static let check = Command(
    name: "check", abstract: "Grade your solution: a verdict for every check.",
    discussion: """
      Compiles the one file of each exercise by itself and runs every check in a limited process of its own. The exit \
      status is 0 if all checks passed and 1 if one did not.
      """,
    arguments: [
      Argument(
        name: "id", help: "The exercises, by id, name or file.", isRequired: false, isRepeated: true,
        completion: .exercise)
    ],
    options: [
      .flag("--all", "Check every exercise."),
      .value("--file", "<file>", "Grade this file instead of the one in Exercises/.", completion: .file),
      .value(
        "--seed", "<seed>",
        "The seed from which the checks draw their inputs. (default: DOJO_SEED of the environment, or 1)"),
      .value("--jobs", "<n>", "How many checks run at once. (default: the number of cores)"),
      .flag("--reference", "Grade the reference instead of your solution."),
      .flag("--json", "Print an array of results for programs."),
    ]
  ) { arguments, session in
    let seed = try secretSeed(arguments)
    let jobs = try arguments.number("--jobs", in: 1...256)
    guard arguments.has("--all") != !arguments.positionals.isEmpty else {
      throw UsageError(
        arguments.has("--all")
          ? "Give exercises or '--all', not both." : "Missing expected argument '<id>', or '--all'.")
    }
    if arguments.value("--file") != nil {
      if arguments.has("--reference") { throw UsageError("Give '--file' or '--reference', not both.") }
      if arguments.positionals.count != 1 { throw UsageError("'--file' goes with one exercise.") }
    }
    let exercises =
      arguments.has("--all") ? Exercise.all : try arguments.positionals.map { try session.exercise($0) }
    let checker = try Checker(session, seed: seed, jobs: jobs, isSilent: arguments.has("--json"))
    let results = try exercises.map { exercise in
      if arguments.has("--reference") { return try checker.checkReference(exercise) }
      return try checker.check(exercise, file: arguments.value("--file").map { URL(filePath: $0) })
    }
    if arguments.has("--json") {
      session.console.line(try jsonText(results))
    } else if results.count > 1 {
      let score = results.reduce(0) { $0 + $1.score }
      let points = results.reduce(0) { $0 + $1.points }
      session.console.line(
        "\(results.count { $0.isPassed }) of \(results.count) exercises passed, \(score) of \(points) points")
    }
    return results.allSatisfy(\.isPassed) ? .success : .failedChecks
  }
}

/// Grades exercises, tells of each verdict as it comes, and remembers how far the candidate is.
struct Checker {
  let session: Session
  let seed: UInt64
  let grader: Grader
  let standing: Standing
  let isSilent: Bool

  init(_ session: Session, seed: UInt64, jobs: Int? = nil, isSilent: Bool = false) throws {
    self.session = session
    self.seed = seed
    self.isSilent = isSilent
    grader = try session.grader(seed: seed, jobs: jobs)
    standing = try Standing(session)
  }

  /// Grades a candidate's file; a file other than the exercise's own leaves the progress alone.
  func check(_ exercise: Exercise, file: URL? = nil) throws -> ExerciseResult {
    let isOwnFile = file == nil
    let file = file ?? standing.workspace.starter(of: exercise)
    guard FileManager.default.fileExists(atPath: file.path) else {
      let remedy = isOwnFile ? "; 'dojo reset \(exercise.id)' restores it" : ""
      throw CommandError(.missingFile, "\(standing.workspace.relativePath(file)) does not exist\(remedy)")
    }
    announce(exercise, "\(standing.workspace.relativePath(file))")
    let result = try grader.grade(exercise, file: file) { _, verdict in tell(verdict) }
    conclude(exercise, result)
    if isOwnFile { try standing.progress.record(result, of: exercise, graded: file) }
    return result
  }

  /// Grades the reference.
  func checkReference(_ exercise: Exercise) throws -> ExerciseResult {
    announce(exercise, "the reference")
    let result = try grader.gradeTrusted(exercise, implementation: try session.reference(of: exercise)) { _, verdict in
      tell(verdict)
    }
    conclude(exercise, result, isReference: true)
    return result
  }

  private func announce(_ exercise: Exercise, _ what: String) {
    if isSilent { return }
    let console = session.console
    console.line("\(console.paint(exercise.id, .bold))  \(console.paint("\(what), seed \(seed)", .dim))")
  }

  private func tell(_ verdict: Verdict) {
    // A file that does not compile is told once, by the compiler's words.
    if isSilent || verdict.outcome == .doesNotCompile { return }
    let console = session.console
    let hasPassed = verdict.outcome == .passed
    let sign =
      hasPassed ? console.paint("✓", .green) : console.paint("✗", verdict.outcome == .notStarted ? .yellow : .red)
    let outcome = hasPassed ? "" : "  " + console.paint(verdict.outcome.rawValue, .yellow)
    console.line("  \(sign) \(verdict.score)/\(verdict.points)  \(verdict.name)\(outcome)")
    if !hasPassed, verdict.outcome != .notStarted, !verdict.message.isEmpty {
      console.line(wrapped(verdict.message, width: console.width, indent: "         "))
    }
    if !verdict.printed.isEmpty {
      console.line(console.paint("         your code printed:", .dim))
      for line in verdict.printed.split(separator: "\n").prefix(20) {
        console.line(console.paint("         │ \(line.prefix(console.width - 11))", .dim))
      }
    }
  }

  private func conclude(_ exercise: Exercise, _ result: ExerciseResult, isReference: Bool = false) {
    if isSilent { return }
    let console = session.console
    if result.firstFailure?.outcome == .doesNotCompile {
      console.line("  \(console.paint("✗ does not compile", .red))")
      let log = result.compilerLog.isEmpty ? result.firstFailure?.message ?? "" : result.compilerLog
      console.line(
        log.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(separator: "\n"))
    }
    let score = session.say("\(result.score) of \(result.points) points", "\(result.score)/\(result.points) 分")
    console.line("  \(result.isPassed ? console.paint(score, .green) : score)")
    if isReference {
      console.line()
      return
    }
    console.line("  " + console.paint(advice(exercise, result), .dim))
    console.line()
  }

  private func advice(_ exercise: Exercise, _ result: ExerciseResult) -> String {
    let id = exercise.id
    if result.isPassed {
      return session.say(
        "Passed. Compare: dojo solution \(id); see it at work: dojo run \(id) --mine",
        "通过。对照：dojo solution \(id)；看它运行：dojo run \(id) --mine")
    }
    if result.isNotStarted {
      return session.say(
        "Not started: write Exercises/\(exercise.path).swift; dojo show \(id)",
        "尚未开始：写 Exercises/\(exercise.path).swift；dojo show \(id) 看题")
    }
    if result.firstFailure?.outcome == .doesNotCompile {
      return session.say("Mend the file and check again.", "改好文件后再检查。")
    }
    return session.say("Stuck? dojo hint \(id)", "卡住了？dojo hint \(id)")
  }
}
