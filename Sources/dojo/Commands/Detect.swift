import Behavior
import Charts
import Curriculum
import Detection
import Foundation
import Learning
import Tensors

extension Command {
  static let detect = Command(
    name: "detect", abstract: "Find anomalies in a log: fit a detector, evaluate it, score a log or follow one.",
    discussion: """
      'dojo detect fit' learns from a log what is usual, with --labels also which types of anomaly there are, and writes \
      a model. 'dojo detect evaluate' runs a model and its baselines over a labelled log. 'dojo detect score' writes the alerts of a log as CSV or JSON lines: whose, from when to when, which \
      type, the score and why. The score is -log10 of the share of honest sessions that reach as much: 3 is one in a \
      thousand. With --follow, events are answered as they are written; with --checkpoint, a run that was killed goes \
      on without losing or doubling an alert. docs/detect.md tells more.
      """,
    arguments: [
      Argument(name: "action", help: "fit, evaluate or score.", completion: .words(["fit", "evaluate", "score"]))
    ],
    options: [
      .value("--log", "<file>", "The log, CSV or JSON lines; '-' is standard input.", completion: .file),
      .value("--model", "<folder>", "The model: written by fit, read by score.", completion: .folder),
      .value("--labels", "<file>", "fit, evaluate: anomalies as CSV: kind, users, start, end.", completion: .file),
      .value(
        "--flags", "<file>", "fit, evaluate: the rows of the log that anomalies made, as CSV: event, anomaly.",
        completion: .file),
      .value("--budget", "<n>", "False alarms allowed in 1,000 honest sessions. (default: 5, or the model's)"),
      .value("--epochs", "<n>", "fit: how often the training part is seen, at most. (default: 8)"),
      .value("--seed", "<seed>", "fit: the seed; the same one gives the same model. (default: 1)"),
      .value("--out", "<file>", "score: the alerts, .csv or .jsonl. (default: standard output)", completion: .file),
      .flag("--json", "score: write JSON lines; else print the evaluation as JSON."),
      .value("--report", "<file>", "Write an HTML report.", completion: .file),
      .value("--lateness", "<seconds>", "score: how long to wait for events that come late. (default: 60)"),
      .flag("--follow", "score: go on reading as the log grows."),
      .value("--until-idle", "<seconds>", "score: with --follow, end when nothing was added for so long."),
      .value("--checkpoint", "<file>", "score: with --out, go on from here after a kill.", completion: .file),
      .value(
        "--every", "<events>",
        "score: how many events apart checkpoints are, at most; at first they come after 20 ms, later after 2 s. (default: 20000)"
      ),
      .flag("--strict", "Refuse a log with a bad row."),
      .flag("--force", "Replace what is there."),
    ]
  ) { arguments, session in
    switch arguments.positionals[0] {
    case "fit": return try DetectFit(arguments, session).perform()
    case "evaluate": return try DetectEvaluate(arguments, session).perform()
    case "score": return try DetectScore(arguments, session).perform()
    case let word:
      throw UsageError(
        "Unknown action '\(word)'.\(didYouMean(word, ["fit", "evaluate", "score"])) There are: fit, evaluate, score.")
    }
  }
}

/// What both actions read from the command line.
struct DetectOptions {
  let arguments: Arguments
  let session: Session

  /// - Throws: `UsageError` for an option of the other action.
  init(_ arguments: Arguments, _ session: Session, refusing others: [String], of action: String) throws {
    self.arguments = arguments
    self.session = session
    for option in others where arguments.has(option) || arguments.value(option) != nil {
      throw UsageError("The option '\(option)' does not belong to 'detect \(action)'.")
    }
  }

  func required(_ option: String) throws -> String {
    guard let value = arguments.value(option) else { throw UsageError("Missing expected option '\(option)'.") }
    return value
  }

  func number(_ option: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let text = arguments.value(option) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      throw UsageError(
        "The value '\(text)' is invalid for '\(option)': expected a number from \(range.lowerBound) to "
          + "\(range.upperBound).")
    }
    return number
  }

  /// A file to write, in a folder that is there, and that is not there itself unless it may be replaced.
  func output(_ option: String, canExist: Bool = false) throws -> URL? {
    guard let path = arguments.value(option) else { return nil }
    let url = URL(filePath: path)
    try requireWritable(url, of: option)
    if !canExist, !arguments.has("--force"), FileManager.default.fileExists(atPath: url.path) {
      throw UsageError("\(path) of '\(option)' exists; --force replaces it.")
    }
    return url
  }

  /// Whether the log is a file, and not standard input.
  var isFile: Bool { arguments.value("--log") != "-" }

  func reader() throws -> LogReader {
    let path = try required("--log")
    let options = LogOptions(strict: arguments.has("--strict"))
    return path == "-"
      ? LogReader(.standardInput, options: options) : try LogReader(contentsOf: URL(filePath: path), options: options)
  }

  /// Tells of the rows that could not be read.
  func noteProblems(_ summary: Behavior.LogSummary) {
    for problem in summary.problems.prefix(5) { session.console.note("\(problem)") }
    if summary.badRows > 0 {
      session.console.note(
        session.say(
          "\(summary.badRows) of \(summary.rows) rows could not be read", "\(summary.rows) 行中有 \(summary.badRows) 行无法读取"
        ))
    }
  }

  /// The log, cleaned, with its labels if there are any.
  func labelledLog() throws -> (events: [Event], labels: EventLabels?) {
    let labelText = try text("--labels")
    let flagText = try text("--flags")
    if flagText != nil, labelText == nil { throw UsageError("The option '--flags' needs '--labels'.") }
    let reader = try reader()
    session.console.note(session.say("reading the log …", "正在读取日志……"))
    var events: [Event] = []
    while let more = try reader.next() { events += more }
    noteProblems(reader.summary)
    let labels = try labelText.map { labels in
      try EventLabels(
        labels: labels.text, flags: flagText?.text, events: events, files: (labels.name, flagText?.name ?? "flags"))
    }
    let cleaned = LogCleaning().clean(events)
    if !cleaned.faulty.isEmpty {
      session.console.note(
        session.say(
          "\(cleaned.faulty.count) duplicates and events of wrong clocks were taken out",
          "去掉了 \(cleaned.faulty.count) 个重复或时钟错误的事件"))
    }
    return (cleaned.events, labels)
  }

  /// Prints an evaluation: a table, or JSON.
  func print(_ evaluation: Evaluation) throws {
    if arguments.has("--json") { return session.console.line(try jsonText(evaluation)) }
    let report = Report(
      title: LocalizedText(en: "Evaluation", zh: "评估"),
      blocks: [.table(evaluationTable(evaluation)), .text(falseAlarmText(evaluation))])
    session.console.text(
      report.text(language: session.language, width: session.console.width, color: session.console.color))
  }

  private func text(_ option: String) throws -> (name: String, text: String)? {
    guard let path = arguments.value(option) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandError(.missingFile, "\(path) of \(option) cannot be read")
    }
    return (path, String(decoding: data, as: UTF8.self))
  }
}

/// `dojo detect fit`.
private struct DetectFit {
  let options: DetectOptions
  let session: Session

  init(_ arguments: Arguments, _ session: Session) throws {
    options = try DetectOptions(
      arguments, session, refusing: ["--out", "--follow", "--until-idle", "--checkpoint", "--every", "--lateness"],
      of: "fit")
    self.session = session
  }

  func perform() throws -> ExitStatus {
    let arguments = options.arguments
    var fit = FitOptions()
    fit.budget = try options.number("--budget", in: 0.001...500) ?? fit.budget
    fit.epochs = try arguments.number("--epochs", in: 1...200, as: Int.self) ?? fit.epochs
    fit.seed = try arguments.number("--seed", in: 0...UInt64.max) ?? fit.seed
    let folder = URL(filePath: try options.required("--model"))
    try requireWritable(URL(filePath: folder.path + ".part"), of: "--model")
    if !arguments.has("--force"), FileManager.default.fileExists(atPath: folder.path) {
      throw UsageError("\(folder.relativePath) of '--model' exists; --force replaces it.")
    }
    let page = try options.output("--report")
    let (events, labels) = try options.labelledLog()
    let progress = TerminalProgress()
    let result = try DetectorFit(fit).fit(events, labels: labels, progress: progress.handler)
    progress.finish()
    try ModelFolder.write(result.model, to: folder, replacing: arguments.has("--force"))
    if let page { try writeWhole(fitReport(result).html(language: session.language), to: page) }
    try tell(result, folder)
    return .success
  }

  private func tell(_ result: FitResult, _ folder: URL) throws {
    let settings = result.model.settings
    session.console.note(
      session.say(
        "model \(result.model.id) in \(folder.relativePath): sessions \(result.sessions[0]) training, "
          + "\(result.sessions[1]) calibration, \(result.sessions[2]) test",
        "模型 \(result.model.id) 在 \(folder.relativePath)：会话 训练 \(result.sessions[0])，"
          + "校准 \(result.sessions[1])，测试 \(result.sessions[2])"))
    let promise = promise(settings)
    session.console.note(
      session.say(
        promise.en + " The test part has \(places(result.alertsPerThousand, 1)).",
        promise.zh + "测试部分为 \(places(result.alertsPerThousand, 1))。"))
    if let evaluation = result.evaluation { try options.print(evaluation) }
  }
}

/// `dojo detect evaluate`.
private struct DetectEvaluate {
  let options: DetectOptions
  let session: Session

  init(_ arguments: Arguments, _ session: Session) throws {
    options = try DetectOptions(
      arguments, session,
      refusing: ["--out", "--follow", "--until-idle", "--checkpoint", "--every", "--lateness", "--epochs"],
      of: "evaluate")
    self.session = session
  }

  func perform() throws -> ExitStatus {
    let path = try options.required("--model")
    _ = try options.required("--log")
    _ = try options.required("--labels")
    let seed = try options.arguments.number("--seed", in: 0...UInt64.max) ?? 1
    let budget = try options.number("--budget", in: 0.001...500)
    let page = try options.output("--report")
    var model = try ModelFolder.read(URL(filePath: path))
    if let budget { model = try model.with(budget: budget) }
    let (events, labels) = try options.labelledLog()
    guard let labels else { return .success }
    let progress = TerminalProgress()
    let evaluation = try Evaluation(of: model, on: events, labels: labels, seed: seed, progress: progress.handler)
    progress.finish()
    try options.print(evaluation)
    if let page { try writeWhole(evaluationReport(evaluation, model).html(language: session.language), to: page) }
    return .success
  }
}

/// What a threshold promises of false alarms, as a sentence.
func promise(_ settings: DetectionModel.Settings) -> LocalizedText {
  let (falseAlarms, budget) = (settings.falseAlarms, settings.budget)
  let threshold = places(settings.thresholds.open)
  let sessions = LocalizedText(
    en: "\(falseAlarms.sessions) honest sessions of \(falseAlarms.users) users",
    zh: "\(falseAlarms.users) 个用户的 \(falseAlarms.sessions) 个正常会话")
  let alarms = LocalizedText(
    en: "\(places(budget, 1)) false alarms in 1,000 honest sessions", zh: "每千个正常会话 \(places(budget, 1)) 次误报")
  guard let allowed = falseAlarms.allowed(budget) else {
    let needed = falseAlarms.sessionsNeeded(budget)
    return LocalizedText(
      en: "Threshold \(threshold), above all that was seen: \(sessions.en) are too few to promise at most "
        + "\(alarms.en); \(needed) are needed.",
      zh: "阈值 \(threshold)，高于所见的一切：\(sessions.zh)太少，无法保证至多\(alarms.zh)；需要 \(needed) 个。")
  }
  return LocalizedText(
    en: "Threshold \(threshold): at most \(alarms.en) with 90 % confidence, as \(allowed) of \(sessions.en) reach it.",
    zh: "阈值 \(threshold)：以 90 % 的置信度至多\(alarms.zh)，因为\(sessions.zh)中有 \(allowed) 个达到它。")
}

/// Writes a text, whole or not at all.
func writeWhole(_ text: String, to url: URL) throws {
  do { try Data(text.utf8).write(to: url, options: .atomic) } catch {
    throw CommandError(.missingFile, "\(url.relativePath) cannot be written: \(error.localizedDescription)")
  }
}

/// A number with so many places.
func places(_ x: Double, _ count: Int = 2) -> String { String(format: "%.\(count)f", x) }
