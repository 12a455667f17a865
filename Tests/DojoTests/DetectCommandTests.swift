import Foundation
import Grading
import Tensors
import Testing

/// `DOJO_KILLS=100 swift test --filter DetectCommandTests` kills more often.
@Suite("dojo detect")
struct DetectCommandTests {
  /// A log, its labels and a model, made by the commands.
  private func prepared() throws -> Playground {
    let playground = try Playground()
    let simulated = try playground.dojo(
      "simulate", "--users", "220", "--days", "8", "--seed", "5", "--anomalies", "bot=12,takeover=25", "--out",
      "log.csv", "--labels", "labels.csv", "--flags", "flags.csv")
    #expect(simulated.status == 0)
    let fitted = try playground.dojo(
      "detect", "fit", "--log", "log.csv", "--labels", "labels.csv", "--flags", "flags.csv", "--model", "model",
      "--epochs", "1", "--budget", "40", "--report", "fit.html", "--lang", "en")
    #expect(fitted.status == 0 && fitted.output.contains("Markov"), "\(fitted.error)")
    return playground
  }

  @Test("killed by SIGKILL again and again while the log grows, following writes what the batch run writes")
  func kills() throws {
    let playground = try prepared()
    let batch = try playground.dojo(
      "detect", "score", "--log", "log.csv", "--model", "model", "--out", "batch.csv", "--report", "score.html",
      "--lang", "en")
    #expect(batch.status == 0 && batch.error.contains("p99"), "\(batch.error)")
    let evaluated = try playground.dojo(
      "detect", "evaluate", "--log", "log.csv", "--labels", "labels.csv", "--model", "model", "--lang", "en")
    #expect(evaluated.status == 0 && evaluated.output.contains("Markov"), "\(evaluated.error)")
    #expect(try playground.read("fit.html").contains("precision"))
    #expect(try playground.read("score.html").contains("When alerts begin"))
    let expected = try playground.read("batch.csv")
    #expect(expected.split(separator: "\n").count > 10)

    let lines = try playground.read("log.csv").split(separator: "\n", omittingEmptySubsequences: false)
    let growing = playground.root.appending(path: "growing.csv")
    try Data((lines[0] + "\n").utf8).write(to: growing)
    let words = [
      "detect", "score", "--log", "growing.csv", "--model", "model", "--out", "alerts.csv", "--checkpoint", "run.state",
      "--follow", "--every", "300",
    ]
    var written = 1
    let kills = ProcessInfo.processInfo.environment["DOJO_KILLS"].flatMap { Int($0) } ?? 8
    var random = SeededRandom(seed: 21)
    for turn in 1...max(1, kills) {
      let process = Process()
      process.executableURL = try BuildProducts.find().folder.appending(path: "dojo")
      process.arguments = words
      process.currentDirectoryURL = playground.root
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // Killed at a random moment, early or late, while rows arrive or after them.
      let end = turn == kills ? lines.count - 1 : max(written, lines.count * turn / kills)
      let piece = max(20, (end - written) / 20)
      let handle = try FileHandle(forWritingTo: growing)
      try handle.seekToEnd()
      let moment = Date(timeIntervalSinceNow: random.uniform(in: 0.005..<0.25))
      while written < end {
        let next = min(end, written + piece)
        try handle.write(contentsOf: Data((lines[written..<next].joined(separator: "\n") + "\n").utf8))
        written = next
        if Date() < moment { Thread.sleep(forTimeInterval: 0.004) } else if turn < kills { break }
      }
      try handle.close()
      Thread.sleep(forTimeInterval: max(0, moment.timeIntervalSinceNow))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal)
    }
    let last = try playground.dojo(words + ["--until-idle", "0.2"])
    #expect(last.status == 0, "\(last.error)")
    #expect(try playground.read("alerts.csv") == expected)
    let again = try playground.dojo(words + ["--until-idle", "0.05"])
    #expect(again.status == 0)
    #expect(try playground.read("alerts.csv") == expected)

    let piped = try playground.dojo(
      "detect", "score", "--log", "log.csv", "--model", "model", "--json", "--lang", "en")
    let first = try #require(piped.output.split(separator: "\n").first)
    let object = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any]
    #expect(piped.output.split(separator: "\n").count == expected.split(separator: "\n").count - 1)
    #expect(object?["why"] != nil && object?["type"] != nil)
  }

  @Test("killed by SIGKILL every tenth of a second, a run gets to the end of its log and writes what one without does")
  func frequentKills() throws {
    let playground = try prepared()
    let batch = try playground.dojo(
      "detect", "score", "--log", "log.csv", "--model", "model", "--out", "batch.csv", "--lang", "en")
    #expect(batch.status == 0)
    // Ten times as many users in one log: more than a tenth of a second's work, also where tests share the machine.
    let lines = try playground.read("log.csv").split(separator: "\n")
    var text = String(lines[0]) + "\n"
    for line in lines.dropFirst() { for copy in 0..<10 { text += "c\(copy)\(line)\n" } }
    try playground.write(text, to: "long.csv")
    let words = ["detect", "score", "--log", "long.csv", "--model", "model", "--out"]
    let whole = try playground.dojo(words + ["whole.csv"])
    #expect(whole.status == 0, "\(whole.error)")

    var kills = 0
    var wait = 0.1
    while kills < 400 {
      let process = Process()
      process.executableURL = try BuildProducts.find().folder.appending(path: "dojo")
      process.arguments = words + ["alerts.csv", "--checkpoint", "run.state"]
      process.currentDirectoryURL = playground.root
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let end = Date(timeIntervalSinceNow: wait)
      while process.isRunning, Date() < end { Thread.sleep(forTimeInterval: 0.005) }
      if !process.isRunning { break }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      kills += 1
      // A machine so busy that the program does not even start in that time gets more.
      if kills % 40 == 0 { wait *= 2 }
    }
    #expect(kills > 0 && kills < 400, "\(kills) kills")
    let last = try playground.dojo(words + ["alerts.csv", "--checkpoint", "run.state"])
    #expect(last.status == 0, "\(last.error)")
    #expect(try playground.read("alerts.csv") == (try playground.read("whole.csv")))
  }

  @Test(
    "wrong words, missing files and bad data have their sentence and status",
    arguments: [
      (["train"], 64, "Unknown action 'train'"), (["fit"], 64, "Missing expected option '--model'"),
      (["fit", "--model", "m", "--follow"], 64, "does not belong to 'detect fit'"),
      (["score", "--model", "m"], 64, "Missing expected option '--log'"),
      (["score", "--model", "m", "--log", "x.csv"], 66, "there is no model"),
      (["score", "--model", "m", "--log", "x.csv", "--budget", "0"], 64, "The value '0' is invalid"),
      (["score", "--model", "m", "--log", "x.csv", "--checkpoint", "c"], 64, "needs '--out'"),
      (["fit", "--model", "m", "--log", "none.csv"], 66, "there is no such file"),
      (["fit", "--model", "m", "--log", "one.csv"], 65, "too small"),
      (["fit", "--model", "m", "--log", "empty.csv"], 65, "empty.csv"),
      (["fit", "--model", "m", "--log", "bad.csv", "--strict"], 65, "bad.csv:2: time"),
      (["fit", "--model", "m", "--log", "one.csv", "--labels", "none"], 66, "none of --labels"),
      (["fit", "--model", "m", "--log", "one.csv", "--flags", "one.csv"], 64, "needs '--labels'"),
      (["fit", "--model", "there", "--log", "one.csv"], 64, "exists; --force replaces it"),
    ])
  func errors(_ words: [String], _ status: Int32, _ sentence: String) throws {
    let playground = try Playground()
    try playground.write("", to: "empty.csv")
    try playground.write("user,time,action\nu1,1767258000,view\n", to: "one.csv")
    try playground.write("user,time,action\nu1,soon,view\n", to: "bad.csv")
    try playground.write("mine", to: "there/file")
    let result = try playground.dojo(["detect"] + words + ["--lang", "en"])
    #expect(result.status == status && result.error.contains(sentence), "\(result.status) \(result.error)")
    #expect(result.output.isEmpty)
  }
}
