import Behavior
import Foundation
import Grading
import Testing

@Suite("dojo simulate")
struct SimulateCommandTests {
  @Test("the same seed writes the same log, which can be read again, with its labels and flags")
  func files() throws {
    let playground = try Playground()
    let words = ["simulate", "--users", "120", "--days", "4", "--seed", "5", "--anomalies", "bot=2,quiet-takeover=3"]
    let result = try playground.dojo(words + ["--out", "log.csv", "--labels", "labels.csv", "--flags", "flags.csv"])
    #expect(result.status == 0 && result.output.isEmpty && result.error.contains("seed 5"))
    #expect(try playground.dojo(words).output == (try playground.read("log.csv")))

    let log = try EventLog(contentsOf: playground.root.appending(path: "log.csv"))
    #expect(log.summary.problems.isEmpty && log.events.count > 3_000)
    let labels = try playground.read("labels.csv").split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(labels.count { $0[0] == "bot" && $0[6] == "false" } == 2)
    #expect(labels.allSatisfy { $0.count == 7 && ($0[0] == "bot" || ($0[0] == "takeover" && $0[6] == "true")) })
    let flags = try playground.read("flags.csv").split(separator: "\n").dropFirst()
    #expect(flags.count > 50)
    for flag in flags {
      let numbers = flag.split(separator: ",").compactMap { Int($0) }
      #expect(log.events[numbers[0] - 1].user == String(labels[numbers[1] - 1][1]))
    }
    #expect(!FileManager.default.fileExists(atPath: playground.root.appending(path: "log.csv.partial").path))
  }

  @Test("the report and the charts are written in both languages")
  func report() throws {
    let playground = try Playground()
    let result = try playground.dojo(
      "simulate", "--users", "400", "--days", "7", "--platform", "b", "--shift", "prices=1", "--anomalies", "standard",
      "--report", "page.html", "--charts", ".", "--lang", "en")
    #expect(result.status == 0 && result.output.isEmpty)
    let page = try playground.read("page.html")
    #expect(page.contains("What each family of models sees") && page.contains("各类模型能看见什么"))
    for name in ["hours", "dwell", "families"] {
      #expect(try playground.read("\(name).en.svg").contains("<svg"))
      #expect(try playground.read("\(name).zh.svg").contains("<svg"))
    }
  }

  @Test("the charts in docs/simulator are those that the page's command draws")
  func committedCharts() throws {
    let playground = try Playground()
    let page = try Workspace.find().root.appending(path: "docs")
    let words = "simulate --users 3000 --anomalies camouflaged --sale-days 8,9 --seed 1 --charts ."
    let result = try playground.dojo(words.split(separator: " ").map(String.init))
    #expect(result.status == 0)
    let text = try String(contentsOf: page.appending(path: "simulator.md"), encoding: .utf8)
    #expect(text.contains("dojo simulate --users 3000 --anomalies camouflaged --sale-days 8,9"))
    let files = try FileManager.default.contentsOfDirectory(atPath: page.appending(path: "simulator").path).sorted()
    #expect(files.count == 18 && files.allSatisfy { $0.hasSuffix(".svg") })
    for file in files {
      let committed = try String(contentsOf: page.appending(path: "simulator/\(file)"), encoding: .utf8)
      // The command at the head of docs/simulator.md with --seed 1 --charts docs/simulator draws them anew.
      #expect(try playground.read(file) == committed, "docs/simulator/\(file) is not what the simulator draws")
    }
  }

  @Test(
    "a wrong option says what is wrong, and exits with 64",
    arguments: [
      (["--anomalies", "bott=3"], "There is no anomaly 'bott'. Did you mean 'bot'?"),
      (["--anomalies", "bot"], "expected a name, '=' and a number"),
      (["--anomalies", "bot=-1"], "The number '-1' of 'bot' is invalid"),
      (["--anomalies", "bot=20", "--users", "10"], "may need 20 accounts"),
      (["--shift", "price=1"], "There is no shift 'price'. Did you mean 'prices'?"),
      (["--shift", "prices=3"], "expected a number from 0 to 1"), (["--sale-days", "14"], "from 0 to 13"),
      (["--platform", "c"], "expected one of a, b"), (["--users", "0"], "from 1 to 2000000"),
    ])
  func usage(_ words: [String], _ sentence: String) throws {
    let result = try Playground().dojo(["simulate"] + words)
    #expect(result.status == 64 && result.output.isEmpty && result.error.contains(sentence), "\(result.error)")
  }

  @Test("a folder that does not exist is found out before the work, and exits with 66")
  func missingFolder() throws {
    let result = try Playground().dojo("simulate", "--out", "nowhere/log.csv")
    #expect(result.status == 66 && result.error.contains("of --out does not exist"))
  }
}
