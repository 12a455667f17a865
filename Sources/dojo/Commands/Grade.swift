import Charts
import Classroom
import Curriculum
import Foundation
import Grading
import Learning
import Tensors

extension Command {
  static let grade = Command(
    name: "grade", abstract: "Grade a class: every submission in a folder.",
    discussion: """
      Each folder, .zip, .tar, .tar.gz or .tgz in <submissions> is one student's, with files of Exercises/ in it; \
      ann@2 is the second attempt of ann. A folder that has Exercises/ itself is one student's repository.

      Results appear in the folder of '--out' as they come: index.html, gradebook.csv, feedback/<student>.html and more. \
      A run that was killed goes on with '--resume'. The exit status is 0 when everything was graded, whatever the \
      marks.

        dojo grade submissions --out results
        dojo grade submissions --out again --compare results
        dojo grade submissions --shard 2/8 --out part2
        dojo grade --merge part1 part2 … --out all
        dojo grade . --summary
      """,
    arguments: [
      Argument(
        name: "submissions", help: "The folder of the submissions; with --merge, the folders of results.",
        isRepeated: true, completion: .folder)
    ],
    options: [
      .value("--only", "<ids>", "Grade only these exercises or topics, separated by commas. (default: all)"),
      .value(
        "--seed", "<seed>",
        "The seed from which the checks draw their inputs. (default: DOJO_SEED of the environment, or 1)"),
      .value("--jobs", "<n>", "How many exercises are graded at once. (default: the number of cores)"),
      .value("--out", "<folder>", "Where results go. (default: results)", completion: .folder),
      .flag("--resume", "Go on with what is in the folder of results."),
      .value(
        "--sandbox", "<tier>", "How submissions are shut off: auto, bwrap or rlimit. (default: auto)",
        completion: .words(["auto", "bwrap", "rlimit"])),
      .flag("--require-sandbox", "Refuse to grade where bwrap cannot be used."),
      .value("--shard", "<k/n>", "Grade the k-th of n parts of the class."),
      .flag("--merge", "Put the results of all parts together."),
      .value("--policy", "<file>", "Weights, late penalties and what students see, as JSON.", completion: .file),
      .value(
        "--compare", "<folder>", "Tell whose result differs from that of an earlier run, and why.", completion: .folder),
      .flag("--summary", "Print a Markdown summary, as for a GitHub step."),
      .flag("--json", "Print the results as a JSON array."),
    ]
  ) { arguments, session in
    arguments.has("--merge")
      ? try MergeCommand(arguments, session).perform() : try GradeCommand(arguments, session).perform()
  }
}

/// Grades a folder of submissions.
struct GradeCommand {
  let arguments: Arguments
  let session: Session
  let submissions: URL
  let out: URL
  let exercises: [Exercise]
  let seed: UInt64
  let jobs: Int
  let shard: Shard?
  let policy: Policy
  let former: ClassRecord?

  init(_ arguments: Arguments, _ session: Session) throws {
    self.arguments = arguments
    self.session = session
    guard arguments.positionals.count == 1 else {
      throw UsageError("Unexpected argument '\(arguments.positionals[1])'; only '--merge' takes several folders.")
    }
    submissions = URL(filePath: arguments.positionals[0])
    guard FileManager.default.fileExists(atPath: submissions.path) else {
      throw CommandError(.missingFile, "\(arguments.positionals[0]) does not exist")
    }
    // Read before it may be written to.
    former = try formerClass(arguments)
    out = URL(filePath: arguments.value("--out") ?? "results")
    guard out.isFolder || !FileManager.default.fileExists(atPath: out.path) else {
      throw UsageError("\(out.relativePath) of '--out' is a file; expected a folder.")
    }
    exercises = try Self.exercises(arguments.value("--only"), session)
    seed = try secretSeed(arguments)
    jobs = try arguments.number("--jobs", in: 1...256) ?? ProcessInfo.processInfo.activeProcessorCount
    policy = try gradingPolicy(arguments)
    shard = try arguments.value("--shard").map { text in
      guard let shard = Shard(text) else {
        throw UsageError("The value '\(text)' is invalid for '--shard': expected k/n with 1 ≤ k ≤ n, as in 2/8.")
      }
      return shard
    }
  }

  /// The exercises that words name, in the catalogue's order.
  private static func exercises(_ words: String?, _ session: Session) throws -> [Exercise] {
    guard let words else { return Exercise.all }
    var chosen: Set<String> = []
    for word in words.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
      if let topic = Topic(rawValue: word.lowercased()) {
        chosen.formUnion(Exercise.all.filter { $0.topic == topic }.map(\.id))
      } else {
        chosen.insert(try session.exercise(word).id)
      }
    }
    guard !chosen.isEmpty else {
      throw UsageError("The value '\(words)' is invalid for '--only': no exercise is in it.")
    }
    return Exercise.all.filter { chosen.contains($0.id) }
  }

  func perform() throws -> ExitStatus {
    let grader = try grader()
    let found = try SubmissionFolder(submissions, excluding: out)
    for sentence in found.ignored { session.console.note(sentence) }
    guard !found.isInsideSubmission(out) else {
      throw UsageError("\(out.relativePath) of '--out' lies in a submission; give a folder outside of it.")
    }
    let mine = found.submissions.filter { shard?.contains($0.name) ?? true }
    let settings = ClassSettings(
      exercises: exercises.map(\.id), seed: seed, tier: grader.sandbox.tier,
      grader:
        "\(DojoProgram.version) \(try GraderBuild.name(in: session.workspace(), compiler: grader.compilerVersion))")
    let results = try ResultsFolder(out, settings: settings, shard: shard, resuming: arguments.has("--resume"))
    let scratch = try ScratchFolder(for: results)
    defer { scratch.remove() }

    let outputs = try GradeOutputs(
      results: results, exercises: exercises, policy: policy, isShard: shard != nil, session: session)
    let progress = GradeProgress(students: mine.count, session: session)
    var run = ClassRun(submissions: mine, exercises: exercises, grader: grader, jobs: jobs)
    run.onRead = { try outputs.read($0, $1) }
    run.onStudent = { graded in
      try outputs.add(graded)
      progress.add(graded.record)
    }
    run.onProgress = { done, count in progress.show(done, of: count) }
    // Each unit has its share of the cores, in the worker and here.
    Threads.use(max(1, ProcessInfo.processInfo.activeProcessorCount / jobs))
    let outcome = try interruptible { try run.run(into: results, stop: $0) }
    progress.finish()
    let record = ClassRecord(settings: settings, students: outcome.students)
    try outputs.finish(record, ungraded: outcome.ungraded)
    let comparison = try outputs.compare(record, with: former)
    tellOfFormerStudents(results, found)
    try printReport(record, policy: policy, comparison, arguments, session)
    return conclude(outcome)
  }

  /// A grader that shuts submissions off as it was asked to.
  private func grader() throws -> Grader {
    let choice = try arguments.choice("--sandbox", as: SandboxChoice.self) ?? .auto
    if choice == .rlimit, arguments.has("--require-sandbox") {
      throw UsageError("'--sandbox rlimit' does not go with '--require-sandbox': the limits alone are no sandbox.")
    }
    var grader = try session.grader(seed: seed)
    do {
      grader.sandbox = try Sandbox.resolve(choice, isRequired: arguments.has("--require-sandbox"))
    } catch let unavailable as SandboxUnavailable {
      throw CommandError(.ourFault, unavailable.description)
    }
    session.console.note(
      session.say("sandbox: \(grader.sandbox.meaning)", "沙箱：\(grader.sandbox.tier.rawValue)")
        + (grader.sandbox.fallback.map { " (\($0))" } ?? ""))
    if seed == 1 {
      session.console.note(
        session.say(
          "seed: 1, which everybody knows; set DOJO_SEED to a number of your own", "种子：1，人人知道；请把 DOJO_SEED 设为自己的数"))
    }
    return grader
  }

  // MARK: - The end

  private func tellOfFormerStudents(_ results: ResultsFolder, _ found: SubmissionFolder) {
    let gone = Set(results.known.keys).subtracting(found.submissions.map(\.name)).sorted()
    if gone.isEmpty { return }
    let names = gone.prefix(5).joined(separator: ", ") + (gone.count > 5 ? " …" : "")
    session.console.note(
      session.say(
        "\(gone.count) graded before, but no longer among the submissions; their records stay in results/: \(names)",
        "\(gone.count) 份以前评过分但已不在提交之中，其记录仍留在 results/：\(names)"))
  }

  private func conclude(_ outcome: ClassRun.Outcome) -> ExitStatus {
    for fault in outcome.ungraded.prefix(10) {
      let what = fault.exercise.map { "\(fault.student), \($0)" } ?? fault.student
      session.console.error(session.say("not graded: \(what): \(fault.reason)", "未评分：\(what)：\(fault.reason)"))
    }
    if outcome.isStopped {
      session.console.note(session.say("Stopped. To go on: \(resumeCommand)", "已停止。继续：\(resumeCommand)"))
      return .interrupted
    }
    if !outcome.ungraded.isEmpty {
      session.console.error(
        session.say(
          "\(outcome.ungraded.count) could not be graded by no fault of the students; mend that, and go on: \(resumeCommand)",
          "有 \(outcome.ungraded.count) 项因非学生原因未能评分；修好后继续：\(resumeCommand)"))
      return .ourFault
    }
    return .success
  }

  /// This command again, to be pasted into a shell.
  private var resumeCommand: String {
    var words = Array(CommandLine.arguments.dropFirst())
    if !words.contains("--resume") { words.append("--resume") }
    return (["dojo"] + words).map(shellWord).joined(separator: " ")
  }
}

/// A word as a shell reads it back.
func shellWord(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./,=@:+".unicodeScalars.contains($0)
    }
  return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
}
