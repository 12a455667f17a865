import Behavior
import Charts
import Curriculum
import Foundation
import Learning
import Simulation
import Tensors

extension Command {
  static let simulate = Command(
    name: "simulate", abstract: "Write the log of a simulated shopping platform, with labelled anomalies.",
    discussion: """
      The same seed gives the same log. Without --out, --labels, --flags, --report and --charts the log goes to standard output. \
      --anomalies takes 'standard' (some 6 % of the accounts), 'camouflaged' (standard, and as many that keep to the \
      counts of honest users), 'none', or a list such as 'bot=5,brushing=2,quiet-takeover=10': of rings for brushing, \
      clickFarm, fakeReview and couponAbuse, else of accounts; 'quiet-' makes them camouflaged. --shift moves the \
      platform, as in 'prices=1,vocabulary=0.5': \(Platform.Shift.allCases.map(\.rawValue).joined(separator: ", ")), \
      from 0 to 1.
      """,
    options: [
      .value("--users", "<n>", "How many accounts; each makes some 13 events a day. (default: 1000)"),
      .value("--days", "<n>", "How many days. (default: 14)"),
      .value("--seed", "<seed>", "The seed; the same one gives the same log. (default: 1)"),
      .value("--platform", "<platform>", "Which platform: a or b. (default: a)", completion: .words(["a", "b"])),
      .value("--shift", "<kind=size,...>", "Shifts of the platform."),
      .value(
        "--anomalies", "<plan>", "What to hide in the log. (default: standard)",
        completion: .words(["standard", "camouflaged", "none"] + AnomalyKind.allCases.map { "\($0.rawValue)=1" })),
      .value("--sale-days", "<days>", "Days on which a third is off, counted from 0, as in '5,6'."),
      .value("--out", "<file>", "Write the log: JSON lines if the name ends in .jsonl, else CSV.", completion: .file),
      .value("--labels", "<file>", "Write the anomalies as CSV: kind, users, start, end, severity.", completion: .file),
      .value(
        "--flags", "<file>", "Write, for each event that an anomaly made, its row and the anomaly's row.",
        completion: .file),
      .value("--report", "<file>", "Write charts of the log as one HTML page.", completion: .file),
      .value("--charts", "<folder>", "Write the charts as SVG, in English and Chinese.", completion: .folder),
    ]
  ) { arguments, session in
    let simulator = try simulator(of: arguments)
    let seed = try arguments.number("--seed", in: 0...UInt64.max) ?? 1
    let files = ["--out", "--labels", "--flags", "--report"].map { option in
      arguments.value(option).map { (option: option, url: URL(filePath: $0)) }
    }
    for file in files.compactMap({ $0 }) { try requireWritable(file.url, of: file.option) }
    let folder = arguments.value("--charts").map { URL(filePath: $0) }
    if let folder { try requireWritable(folder.appending(path: "hours.en.svg"), of: "--charts") }

    let progress = TerminalProgress()
    let task = session.say("simulating", "模拟")
    var random = SeededRandom(seed: seed)
    let clock = ContinuousClock()
    let begin = clock.now
    let log = simulator.simulate(using: &random) { progress.handler(ProgressUpdate(task, fraction: $0)) }
    let seconds = (clock.now - begin) / .seconds(1)
    progress.finish()

    if let out = files[0] {
      try EventLog.write(log.events, to: out.url, format: LogFormat(fileName: out.url.lastPathComponent) ?? .csv)
    }
    if let labels = files[1] { try write(labelText(log), to: labels.url) }
    if let flags = files[2] { try write(flagText(log), to: flags.url) }
    if let page = files[3] {
      session.console.note(session.say("drawing the report …", "正在绘制报告……"))
      let report = simulationReport(log, of: simulator, seed: seed)
      try write([report.html(language: session.language)], to: page.url)
    }
    if let folder {
      let charts = simulationCharts(log, SimulationSummary(log, of: simulator), of: simulator, seed: seed)
      for (name, chart) in charts {
        for language in Language.allCases {
          let file = folder.appending(path: "\(name).\(language.rawValue).svg")
          try write([chart.svg(language: language)], to: file)
        }
      }
    }
    if folder == nil, files.allSatisfy({ $0 == nil }) {
      try printLog(log, on: session.console)
    }
    let rate = Int(Double(log.events.count) / max(1e-9, seconds))
    session.console.note(
      session.say(
        "\(log.events.count) events of \(simulator.users) users in \(String(format: "%.2f", seconds)) s "
          + "(\(rate) a second), \(log.anomalies.count) anomalies, seed \(seed)",
        "\(simulator.users) 个用户，\(log.events.count) 个事件，用时 \(String(format: "%.2f", seconds)) 秒"
          + "（每秒 \(rate) 个），\(log.anomalies.count) 处异常，种子 \(seed)"))
    for file in files.compactMap({ $0 }) {
      session.console.note("\(file.option.dropFirst(2)): \(file.url.relativePath)")
    }
    return .success
  }

  /// What the options ask for.
  private static func simulator(of arguments: Arguments) throws -> PlatformSimulator {
    let users = try arguments.number("--users", in: 1...2_000_000, as: Int.self) ?? 1_000
    let days = try arguments.number("--days", in: 1...730, as: Int.self) ?? 14
    var platform = try arguments.choice("--platform", as: PlatformName.self) == .b ? Platform.b : .a
    for (name, text) in try pairs(arguments.value("--shift"), of: "--shift") {
      let kinds = Platform.Shift.allCases.map(\.rawValue)
      guard let shift = Platform.Shift(rawValue: name) else {
        throw UsageError(
          "There is no shift '\(name)'.\(didYouMean(name, kinds)) There are: \(kinds.joined(separator: ", ")).")
      }
      guard let size = Double(text), (0...1).contains(size) else {
        throw UsageError("The size '\(text)' of the shift '\(name)' is invalid: expected a number from 0 to 1.")
      }
      platform = platform.shifted(shift, by: size)
    }
    var simulator = PlatformSimulator(platform: platform, users: users, days: days)
    simulator.anomalies = try plans(arguments.value("--anomalies") ?? "standard", users: users)
    simulator.saleDays = try (arguments.value("--sale-days") ?? "").split(separator: ",").map { word in
      guard let day = Int(word), (0..<days).contains(day) else {
        throw UsageError("The sale day '\(word)' is invalid: expected a whole number from 0 to \(days - 1).")
      }
      return day
    }
    let needed = simulator.anomalies.reduce(0) { $0 + $1.count * ($1.kind.isCollusive ? 12 : 1) }
    guard needed <= users else {
      throw UsageError("The anomalies may need \(needed) accounts, and --users is \(users).")
    }
    return simulator
  }

  private enum PlatformName: String, CaseIterable { case a, b }

  private static func plans(_ text: String, users: Int) throws -> [AnomalyPlan] {
    switch text {
    case "none": return []
    case "standard": return AnomalyPlan.standard(users: users)
    case "camouflaged": return AnomalyPlan.standardAndCamouflaged(users: users)
    default: break
    }
    return try pairs(text, of: "--anomalies").map { name, value in
      let isQuiet = name.hasPrefix("quiet-")
      let word = isQuiet ? String(name.dropFirst(6)) : name
      let kinds = AnomalyKind.allCases.map(\.rawValue)
      guard let kind = AnomalyKind(rawValue: word) else {
        throw UsageError(
          "There is no anomaly '\(name)'.\(didYouMean(word, kinds)) There are: \(kinds.joined(separator: ", ")).")
      }
      guard let count = Int(value), (0...1_000_000).contains(count) else {
        throw UsageError("The number '\(value)' of '\(name)' is invalid: expected a whole number from 0 to 1000000.")
      }
      return .some(count, kind, isCamouflaged: isQuiet)
    }
  }

  /// `name=value` words, separated by commas.
  private static func pairs(_ text: String?, of option: String) throws -> [(String, String)] {
    try (text ?? "").split(separator: ",").map { word in
      let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        throw UsageError("The value '\(word)' is invalid for '\(option)': expected a name, '=' and a number.")
      }
      return (parts[0], parts[1])
    }
  }
}

/// Prints the log as CSV, in parts of bounded size.
private func printLog(_ log: SimulatedLog, on console: Console) throws {
  let size = 50_000
  let starts = log.events.isEmpty ? [0] : Array(stride(from: 0, to: log.events.count, by: size))
  for start in starts {
    let text = try EventLog.text(Array(log.events[start..<min(start + size, log.events.count)]))
    console.text(start == 0 ? text : String(text.drop { $0 != "\n" }.dropFirst()))
  }
}

private func labelText(_ log: SimulatedLog) -> [String] {
  ["kind,users,start,end,severity,seller,camouflaged\n"]
    + log.anomalies.map { anomaly in
      let users = anomaly.users.joined(separator: " ")
      let severity = (anomaly.severity * 1_000).rounded() / 1_000
      return "\(anomaly.kind.rawValue),\(users),\(anomaly.start),\(anomaly.end),\(severity),\(anomaly.seller),"
        + "\(anomaly.isCamouflaged)\n"
    }
}

private func flagText(_ log: SimulatedLog) -> [String] {
  ["event,anomaly\n"]
    + log.causes.enumerated().compactMap { index, cause in cause < 0 ? nil : "\(index + 1),\(cause + 1)\n" }
}

/// Writes a file whole or not at all; into a pipe or a device, as it comes.
private func write(_ parts: some Sequence<String>, to url: URL) throws {
  let kind = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
  if let kind, kind != .typeRegular, kind != .typeSymbolicLink {
    let handle = try FileHandle(forWritingTo: url)
    for part in parts { try handle.write(contentsOf: Data(part.utf8)) }
    return try handle.close()
  }
  let partial = url.appendingPathExtension("partial")
  guard FileManager.default.createFile(atPath: partial.path, contents: nil) else {
    throw CommandError(.missingFile, "\(partial.path) cannot be written")
  }
  do {
    let handle = try FileHandle(forWritingTo: partial)
    for part in parts { try handle.write(contentsOf: Data(part.utf8)) }
    try handle.close()
  } catch {
    try? FileManager.default.removeItem(at: partial)
    throw error
  }
  guard rename(partial.path, url.path) == 0 else {
    try? FileManager.default.removeItem(at: partial)
    throw CommandError(.missingFile, "\(url.path) cannot be written")
  }
}
