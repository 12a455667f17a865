import Contracts
import Curriculum
import Foundation
import Grading
import Testing

@testable import dojo

/// The program as its users call it, in a copy of the package's folders.
@Suite("The command line")
struct CommandLineTests {
  @Test("help names every command, and every command has help")
  func help() throws {
    let playground = try Playground()
    let overview = try playground.dojo("--help")
    #expect(overview.status == 0)
    for command in DojoProgram.commands {
      #expect(overview.output.contains("  \(command.name)"))
      let help = try playground.dojo("help", command.name)
      #expect(
        help.status == 0 && help.output.hasPrefix("OVERVIEW: ") && help.output.contains("USAGE: dojo \(command.name)"))
      for option in command.options { #expect(help.output.contains(option.name)) }
      #expect(help.output == (try playground.dojo(command.name, "--help")).output)
    }
  }

  @Test(
    "a wrong command line says what is wrong on standard error, and exits with 64",
    arguments: [
      (["chekc"], "Unknown subcommand 'chekc'. Did you mean 'check'?"),
      (["check", "--sed", "3"], "Unknown option '--sed'. Did you mean '--seed'?"),
      (["check", "--seed", "x", "lstm-cell"], "invalid for '--seed': expected a whole number"),
      (["check", "--seed"], "Missing value for '--seed <seed>'"), (["show"], "Missing expected argument '<id>'"),
      (["show", "lstm-sell"], "There is no exercise 'lstm-sell'. Did you mean 'lstm-cell'?"),
      (["show", "lstm-cell", "more"], "Unexpected argument 'more'"),
      (["check"], "Missing expected argument '<id>', or '--all'"),
      (["list", "--topic", "graph"], "Did you mean 'graphs'?"), (["list", "--json=yes"], "takes no value"),
      (["list", "--color", "blue"], "expected one of auto, always, never"),
      (["new", "Foundations", "lower"], "no name"),
      (["--bogus"], "Unknown option '--bogus'"), (["run", "lstm-cell", "--threads", "0"], "from 1 to 256"),
    ])
  func usageErrors(_ words: [String], _ sentence: String) throws {
    let result = try Playground().dojo(words)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.error.hasPrefix("error: ") && result.error.contains(sentence))
  }

  @Test("list --json has the documented keys, and filters by topic, kind, source and status")
  func list() throws {
    let playground = try Playground()
    let entries = try playground.json("list", "--json")
    #expect(entries.count == Exercise.all.count)
    let keys: Set<String> = [
      "id", "name", "topic", "kind", "sources", "title", "points", "checks", "mistakes", "errata", "difficulty",
      "minutes",
      "status",
    ]
    for entry in entries {
      #expect(Set(entry.keys) == keys)
      #expect(entry["status"] as? String == "not started")
      #expect((entry["mistakes"] as? Int ?? 0) >= 3 && (entry["errata"] as? Int ?? 0) >= 1)
    }
    #expect(try playground.json("list", "--json", "--source", "002 Q3").count == 1)
    #expect(
      try playground.json("list", "--json", "--topic", "evaluation").allSatisfy {
        $0["topic"] as? String == "evaluation"
      })
    #expect(try playground.json("list", "--json", "--kind=project", "--status", "passed").isEmpty)
  }

  @Test("an untouched starter is not started: no points, and exit status 1")
  func notStarted() throws {
    let playground = try Playground()
    let result = try playground.dojo("check", "roc-is-not-accuracy", "--json")
    #expect(result.status == 1)
    let graded = try #require(try playground.json("check", "roc-is-not-accuracy", "--json").first)
    #expect(Set(graded.keys) == ["id", "score", "points", "seed", "checks"])
    let checks = try #require(graded["checks"] as? [[String: Any]])
    for check in checks {
      #expect(Set(check.keys) == ["name", "points", "score", "outcome", "message"])
      #expect(check["outcome"] as? String == "not started" && check["score"] as? Int == 0)
    }
  }

  @Test("a right file passes, is remembered, and opens the solution")
  func passes() throws {
    let playground = try Playground()
    #expect(try playground.dojo("solution", "roc-is-not-accuracy").status == 1)
    #expect(try playground.dojo("solution", "roc-is-not-accuracy", "--now").output.contains("struct ROCIsNotAccuracy"))
    let reference = try playground.read("Solutions/Evaluation/ROCIsNotAccuracy.swift")
    try playground.write(reference, to: "Exercises/Evaluation/ROCIsNotAccuracy.swift")
    let result = try playground.dojo("check", "roc-is-not-accuracy", "--seed", "99")
    #expect(result.status == 0 && result.output.contains("13 of 13 points"))
    #expect(try playground.json("list", "--json", "--status", "passed").count == 1)
    #expect(try playground.dojo("solution", "roc-is-not-accuracy").status == 0)
  }

  @Test("a broken file is told with its line, and the hint follows the check that failed")
  func brokenFileAndHints() throws {
    let playground = try Playground()
    let path = "Exercises/Evaluation/ROCIsNotAccuracy.swift"
    let starter = try playground.read(path)
    try playground.write(starter + "\nlet x: Int = \"text\"\n", to: path)
    let broken = try playground.dojo("check", "roc-is-not-accuracy")
    #expect(broken.status == 1 && broken.output.contains("does not compile"))
    #expect(
      broken.output.contains(
        "ROCIsNotAccuracy.swift:\(starter.split(separator: "\n", omittingEmptySubsequences: false).count + 1)"))

    let body = "throw Unfinished()"
    let precision = try #require(starter.range(of: "func precision"))
    let first = try #require(starter.range(of: body, range: precision.upperBound..<starter.endIndex))
    try playground.write(starter.replacingCharacters(in: first, with: "return 0.8"), to: path)
    #expect(try playground.dojo("check", "roc-is-not-accuracy").status == 1)
    let one = try playground.dojo("hint", "roc-is-not-accuracy").output
    let two = try playground.dojo("hint", "roc-is-not-accuracy").output
    #expect(one.hasPrefix("recall is of the real positives\n1. ") && one.contains("Hint 1 of 3"))
    #expect(two.contains("\n2. ") && two.contains("Hint 2 of 3"))
  }

  @Test("reset keeps the file, and undo brings it back")
  func resetAndUndo() throws {
    let playground = try Playground()
    let path = "Exercises/Evaluation/ROCIsNotAccuracy.swift"
    let starter = try playground.read(path)
    try playground.write("my work", to: path)
    #expect(try playground.dojo("reset", "roc-is-not-accuracy").status == 0)
    #expect(try playground.read(path) == starter)
    #expect(try playground.dojo("undo").status == 0)
    #expect(try playground.read(path) == "my work")
    #expect(try playground.dojo("undo").status != 0)
    #expect(try playground.read(path) == "my work")
  }

  @Test("a missing file exits with 66 and names the remedy")
  func missingFile() throws {
    let playground = try Playground()
    try FileManager.default.removeItem(
      at: playground.root.appending(path: "Exercises/Evaluation/ROCIsNotAccuracy.swift"))
    let result = try playground.dojo("check", "roc-is-not-accuracy")
    #expect(result.status == 66 && result.error.contains("dojo reset roc-is-not-accuracy"))
  }

  @Test("run gives the same figures for the same seed, whatever the number of threads, and writes a page")
  func run() throws {
    let playground = try Playground()
    func figures(_ words: String...) throws -> [String: Any] {
      let output = try playground.dojo(["run", "roc-is-not-accuracy", "--json"] + words).output
      return try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    }
    let one = try figures("--seed", "5", "--threads", "1")
    let two = try figures("--seed", "5", "--threads", "2")
    #expect(Set(one.keys) == ["id", "seed", "seconds", "metrics", "baseline"])
    #expect(one["metrics"] as? [String: Double] == two["metrics"] as? [String: Double])
    #expect(one["metrics"] as? [String: Double] != (try figures("--seed", "6"))["metrics"] as? [String: Double])
    let page = playground.root.appending(path: "page.html")
    #expect(try playground.dojo("run", "roc-is-not-accuracy", "--report", page.path).status == 0)
    #expect(try String(contentsOf: page, encoding: .utf8).contains("<svg"))
    #expect(try playground.dojo("run", "roc-is-not-accuracy", "--report", "/nowhere/page.html").status == 66)
  }

  @Test("new lays out an exercise and its entries in the lists, and refuses to overwrite")
  func newExercise() throws {
    let playground = try Playground()
    #expect(try playground.dojo("new", "Vision", "EdgeDetector").status == 0)
    #expect(
      try playground.read("Sources/Contracts/Vision/EdgeDetector.swift").contains("protocol EdgeDetectorExercise"))
    #expect(try playground.read("Sources/Curriculum/Catalogue.swift").contains("    .edgeDetector,\n  ]"))
    #expect(try playground.read("Solutions/References.swift").contains("  EdgeDetector.self,\n]"))
    #expect(try playground.read("Tests/MistakeTests/AllMistakes.swift").contains("  edgeDetectorMistakes,\n]"))
    let again = try playground.dojo("new", "Vision", "EdgeDetector")
    #expect(again.status == 65 && again.error.contains("is there already; nothing was written"))
  }

  @Test("completion scripts name the commands and the exercises", arguments: Shell.allCases)
  func completions(_ shell: Shell) throws {
    let script = try Playground().dojo("--generate-completion-script", shell.rawValue)
    #expect(script.status == 0)
    #expect(script.output.contains("roc-is-not-accuracy") && script.output.contains("verify"))
  }

  @Test("colour only where it is asked for")
  func color() throws {
    let playground = try Playground()
    #expect(!(try playground.dojo().output.contains("\u{1B}")))
    #expect(try playground.dojo("list", "--color", "always").output.isEmpty == false)
    #expect(try playground.dojo("--color", "always").output.contains("\u{1B}["))
  }

  @Test("Chinese where it is asked for")
  func chinese() throws {
    let playground = try Playground()
    #expect(try playground.dojo("--lang", "zh").output.contains("下一题"))
    #expect(try playground.dojo("show", "roc-is-not-accuracy", "--lang=zh").output.contains("请列出评估它的方法"))
  }

  @Test("outside the package the program says so")
  func outside() throws {
    // From a folder without a package, the one above the executable is found.
    let result = try Playground.run(["list"], in: FileManager.default.temporaryDirectory)
    #expect(result.status == 0)
  }
}
