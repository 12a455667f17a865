import Behavior
import Charts
import Detection
import Foundation
import Synchronization

/// `dojo detect score`.
struct DetectScore {
  let options: DetectOptions
  let session: Session
  let arguments: Arguments

  init(_ arguments: Arguments, _ session: Session) throws {
    options = try DetectOptions(
      arguments, session, refusing: ["--labels", "--flags", "--epochs", "--seed"], of: "score")
    self.session = session
    self.arguments = arguments
  }

  func perform() throws -> ExitStatus {
    let path = try options.required("--model")
    let isFollowing = arguments.has("--follow")
    let lateness = try options.number("--lateness", in: 0...1e9) ?? 60
    let budget = try options.number("--budget", in: 0.001...500)
    let every = try arguments.number("--every", in: 1...1_000_000_000, as: Int.self) ?? 20_000
    let idle = try options.number("--until-idle", in: 0.01...1e9)
    if idle != nil, !isFollowing { throw UsageError("The option '--until-idle' needs '--follow'.") }
    let checkpoint = try options.output("--checkpoint", canExist: true)
    let out = try options.output("--out", canExist: checkpoint != nil)
    if checkpoint != nil, out == nil { throw UsageError("The option '--checkpoint' needs '--out'.") }
    let page = try options.output("--report")
    _ = try options.required("--log")

    var model = try ModelFolder.read(URL(filePath: path))
    if let budget { model = try model.with(budget: budget) }
    let format: AlertFormat = arguments.has("--json") ? .jsonLines : AlertFormat(fileName: out?.path ?? "")
    let reader = try options.reader()
    let sink: AlertSink
    if let checkpoint, let out {
      sink = .durable(
        try DurableRun(
          model, lateness: lateness, output: out, checkpoint: checkpoint, format: format,
          replacing: arguments.has("--force")))
    } else {
      sink = .plain(DetectionRun(model, lateness: lateness))
    }
    let written = Written(format: format, console: session.console, isKept: out != nil && checkpoint == nil)
    if case .plain = sink, out == nil { session.console.text(format.header) }
    let report: (Alert) -> Void = { written.add($0, printing: out == nil) }
    let clock = ContinuousClock()
    let begin = clock.now
    if case .durable(let durable) = sink, let place = durable.place, options.isFile {
      try reader.go(to: place)
      durable.goOnFromPlace()
    }

    let hasEnded =
      isFollowing
      ? try follow(reader, sink, every: every, idle: idle, report)
      : try readAll(reader, sink, every: every, report)
    if hasEnded { try sink.finish(report) } else { try sink.checkpoint() }
    if let out, checkpoint == nil { try writeWhole(written.text, to: out) }
    options.noteProblems(reader.summary)
    tell(sink, seconds: (clock.now - begin) / .seconds(1))
    if let page {
      try writeWhole(scoreReport(sink.run, written.alerts, model).html(language: session.language), to: page)
    }
    return .success
  }

  private func readAll(
    _ reader: LogReader, _ sink: AlertSink, every: Int, _ report: (Alert) -> Void
  ) throws -> Bool {
    sink.note(reader.bookmark)
    while let events = try reader.next() {
      try sink.add(events, every: every, report)
      sink.note(reader.bookmark)
    }
    return true
  }

  /// Reads until the end of standard input, a stop, or a pause that is long enough.
  ///
  /// - Returns: whether the log has ended, so that what is open is closed.
  private func follow(
    _ reader: LogReader, _ sink: AlertSink, every: Int, idle: Double?, _ report: (Alert) -> Void
  ) throws -> Bool {
    // A read that waits cannot look at the signal; there the default, the end, is right: the checkpoint stands.
    if options.isFile { StopSignal.install() }
    let clock = ContinuousClock()
    var lastArrival = clock.now
    while !StopSignal.isRaised {
      sink.note(reader.bookmark)
      guard options.isFile else {
        guard let events = try reader.next() else { return true }
        try sink.add(events, every: every, report)
        continue
      }
      let events = try reader.poll()
      if !events.isEmpty {
        lastArrival = clock.now
      } else if let idle, (clock.now - lastArrival) / .seconds(1) >= idle {
        try sink.add(try reader.finish(), every: every, report)
        return true
      } else {
        Thread.sleep(forTimeInterval: 0.02)
      }
      try sink.add(events, every: every, report)
    }
    return false
  }

  private func tell(_ sink: AlertSink, seconds: Double) {
    let run = sink.run
    let counts = run.order.counts
    let detector = run.detector
    let rate = Int(Double(run.latencies.count) / max(1e-9, seconds))
    let (p50, p99) = (run.latencies.quantile(0.5) * 1e6, run.latencies.quantile(0.99) * 1e6)
    let longest = run.latencies.longest * 1e3
    session.console.note(
      session.say(
        "\(run.alerts) alerts in \(detector.events) events of \(detector.userCount) users, \(detector.sessions) "
          + "sessions; \(rate) events/s; an event takes p50 \(places(p50, 1)) µs, p99 \(places(p99, 1)) µs, at most "
          + "\(places(longest, 2)) ms",
        "\(detector.userCount) 个用户、\(detector.sessions) 个会话、\(detector.events) 个事件中有 \(run.alerts) 条告警；"
          + "每秒 \(rate) 个事件；每个事件 p50 \(places(p50, 1)) 微秒，p99 \(places(p99, 1)) 微秒，最长 \(places(longest, 2)) 毫秒"))
    if case .durable(let durable) = sink, durable.pauses.count > 0 {
      let (middle, high) = (durable.pauses.quantile(0.5) * 1e3, durable.pauses.quantile(0.99) * 1e3)
      let most = durable.pauses.longest * 1e3
      session.console.note(
        session.say(
          "\(durable.checkpoints) checkpoints; the log waits p50 \(places(middle, 2)) ms, p99 \(places(high, 2)) ms, "
            + "at most \(places(most, 2)) ms",
          "\(durable.checkpoints) 个检查点；日志每次为它等待 p50 \(places(middle, 2)) 毫秒，p99 \(places(high, 2)) 毫秒，最长 \(places(most, 2)) 毫秒"
        ))
    }
    let left = [
      (counts.late, "late", "迟到"), (counts.duplicates, "duplicate", "重复"),
      (counts.tooEarly, "before 1970", "早于 1970 年"),
      (counts.ahead, "of a clock that ran ahead", "时钟超前"),
    ].filter { $0.0 > 0 }
    if !left.isEmpty {
      session.console.note(
        session.say("left out: ", "未计入：")
          + left.map { session.say("\($0.0) \($0.1)", "\($0.0) 个\($0.2)") }
          .joined(separator: ", "))
    }
    if detector.unknownActions > 0 {
      session.console.note(
        session.say(
          "\(detector.unknownActions) events have an action that the model does not know",
          "\(detector.unknownActions) 个事件的行为是模型不认识的"))
    }
    if counts.late * 20 > counts.added {
      session.console.note(
        session.say(
          "Many events came late: is the log in order of time? A longer --lateness waits for them.",
          "迟到的事件很多：日志按时间排序了吗？更大的 --lateness 会等待它们。"))
    }
  }
}

/// A run with a checkpoint or without.
private enum AlertSink {
  case plain(DetectionRun)
  case durable(DurableRun)

  var run: DetectionRun {
    switch self {
    case .plain(let run): run
    case .durable(let durable): durable.run
    }
  }

  /// In small pieces, so that a checkpoint is never far.
  func add(_ events: [Event], every: Int, _ report: (Alert) -> Void) throws {
    guard case .durable(let durable) = self else { return run.add(events, report: report) }
    var rest = events[...]
    repeat {
      let piece = Array(rest.prefix(min(every, 500)))
      rest = rest.dropFirst(piece.count)
      try durable.add(piece, report: report)
      try durable.checkpointIfDue(every: every)
    } while !rest.isEmpty
  }

  /// Tells where in the log the next event stands.
  func note(_ bookmark: LogBookmark?) {
    if case .durable(let durable) = self, let bookmark { durable.note(bookmark) }
  }

  func checkpoint() throws {
    if case .durable(let durable) = self { try durable.checkpointNow() }
  }

  func finish(_ report: (Alert) -> Void) throws {
    switch self {
    case .plain(let run): run.finish(report: report)
    case .durable(let durable): try durable.finish(report: report)
    }
  }
}

/// The alerts of this run: printed as they come, or kept for a file that is written whole.
private final class Written {
  private(set) var text: String
  /// The first ten thousand, for the report.
  private(set) var alerts: [Alert] = []
  private let format: AlertFormat
  private let console: Console
  private let isKept: Bool

  init(format: AlertFormat, console: Console, isKept: Bool) {
    self.format = format
    self.console = console
    self.isKept = isKept
    text = isKept ? format.header : ""
  }

  func add(_ alert: Alert, printing: Bool) {
    if alerts.count < 10_000 { alerts.append(alert) }
    guard printing || isKept, let line = try? format.line(alert) else { return }
    if printing { console.text(line) } else { text += line }
  }
}

/// Whether the user asked to stop.
private enum StopSignal {
  private static let raised = Atomic<Bool>(false)

  static var isRaised: Bool { raised.load(ordering: .relaxed) }

  static func install() {
    for number in [SIGINT, SIGTERM] { signal(number) { _ in StopSignal.raised.store(true, ordering: .relaxed) } }
  }
}
