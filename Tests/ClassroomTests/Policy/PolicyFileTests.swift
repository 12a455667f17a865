import Curriculum
import Foundation
import Testing

@testable import Classroom

@Suite("A policy's file")
struct PolicyFileTests {
  @Test("the example in the documentation is read as it says")
  func example() throws {
    let policy = try Policy(contentsOf: root.appending(path: "docs/instructors/policy.json"))
    #expect(policy.attempts == .best)
    #expect(policy.decimals == 1)
    #expect(policy.dropLowest == 1)
    #expect(policy.passPercent == 50)
    #expect(policy.weights == ["Anomaly": Fraction(10), "lstm-cell": Fraction(20), "sessionization": Fraction(11, 2)])
    #expect(policy.visibility(ofCheck: "bad input is refused", in: "sessionization") == .outcome)
    #expect(policy.visibility(ofCheck: "bad input is refused", in: "lstm-cell") == .hidden)
    let deadline = try #require(policy.deadline)
    #expect(deadline.due == SubmissionTimes.time("2026-11-20T15:59:00Z"))
    #expect(deadline.percent == Fraction(10))
    #expect(deadline.graceSeconds == 900)
    #expect(deadline.cap == Fraction(50))
    // In the student's own grace, and in the extension.
    #expect(deadline.unitsLate(Attempt("ann")) == 0)
    #expect(deadline.unitsLate(Attempt("ann@2")) == 1)
    #expect(deadline.unitsLate(Attempt("bo")) == nil)
  }

  @Test("an empty policy is the standard one")
  func empty() throws {
    #expect(try read("{}") == .standard)
    #expect(try read("\u{FEFF}{ }\r\n") == .standard)
  }

  @Test(
    "what is wrong is refused with its line and column",
    arguments: [
      (
        "{\n  \"wieghts\": {}\n}",
        "2:3: found the key \"wieghts\", expected one of weights, deadline, attempts, visibility, decimals, passMark, dropLowest. Did you mean 'weights'?"
      ),
      (
        "{ \"attempts\": \"bset\" }",
        "1:15: found the text \"bset\", expected one of \"best\", \"last\", \"first\". Did you mean 'best'?"
      ),
      ("{ \"attempts\": 3 }", "1:15: found the number 3, expected one of \"best\", \"last\", \"first\""),
      (
        "{ \"weights\": { \"lstm-sell\": 1 } }",
        "1:16: found \"lstm-sell\", expected an exercise's id or a topic. Did you mean 'lstm-cell'?"
      ),
      (
        "{ \"weights\": { \"lstm-cell\": -1 } }",
        "1:29: found the number -1, expected a weight from 0 to 10000, with at most six decimals"
      ),
      (
        "{ \"weights\": { \"lstm-cell\": \"2\" } }",
        "1:29: found the text \"2\", expected a weight from 0 to 10000, with at most six decimals"
      ),
      (
        "{ \"weights\": { \"lstm-cell\": 1,\n \"lstm-cell\": 2 } }",
        "2:2: found \"lstm-cell\" a second time, expected each key once; it is there in line 1"
      ),
      ("{ \"weights\": [] }", "1:14: found a list, expected an object of weights by exercise or topic"),
      (
        "{ \"passMark\": 101 }",
        "1:15: found the number 101, expected a percentage from 0 to 100, with at most six decimals"
      ),
      ("{ \"dropLowest\": 1.5 }", "1:17: found the number 1.5, expected a whole number from 0 to 1000"),
      ("{ \"decimals\": true }", "1:15: found true, expected a whole number from 0 to 4"),
      ("{ \"deadline\": { \"percent\": 10 } }", "1:15: found an object without \"due\", expected \"due\""),
      (
        "{ \"deadline\": { \"due\": \"2026-11-20T23:59:00\", \"percent\": 10 } }",
        "1:24: found the text \"2026-11-20T23:59:00\", expected a time with its zone, such as \"2026-11-20T23:59:00+08:00\""
      ),
      (
        "{ \"deadline\": { \"due\": \"2026-02-30T23:59:00Z\", \"percent\": 10 } }",
        "1:24: found the text \"2026-02-30T23:59:00Z\", expected a time with its zone, such as \"2026-11-20T23:59:00+08:00\""
      ),
      (
        "{ \"deadline\": { \"due\": \"2026-11-20T23:59:00Z\", \"percent\": 110 } }",
        "1:59: found the number 110, expected a percentage from 0 to 100, with at most six decimals"
      ),
      (
        "{ \"deadline\": { \"due\": \"2026-11-20T23:59Z\", \"percent\": 1, \"submitted\": \"gone.csv\" } }",
        "1:72: found gone.csv, which cannot be read as UTF-8, expected a list of times beside the policy"
      ),
      (
        "{ \"visibility\": [ { \"exercise\": \"lstm-cel\", \"show\": \"hidden\" } ] }",
        "1:33: found \"lstm-cel\", expected an exercise's id, or a pattern that fits one. Did you mean 'lstm-cell'?"
      ),
      (
        "{ \"visibility\": [ { \"check\": \"bad input is refuesd\", \"show\": \"hidden\" } ] }",
        "1:30: found \"bad input is refuesd\", expected the name of a check of *, or a pattern that fits one. Did you mean 'bad input is refused'?"
      ),
      ("{ \"visibility\": [ { \"exercise\": \"*\" } ] }", "1:19: found an object without \"show\", expected \"show\""),
      (
        "[]",
        "1:1: found a list, expected an object with weights, deadline, attempts, visibility, decimals, passMark, dropLowest"
      ),
      ("", "1:1: found the end of the file, expected a value"),
      ("{ \"weights\": {}, }", "1:18: found '}', expected a key in quotation marks"),
      ("{ \"decimals\": 01 }", "1:15: found 01, expected a number such as 12 or 0.5"),
      ("{ \"decimals\": 1 } x", "1:19: found 'x', expected the end of the file after the last bracket"),
      ("{ 'decimals': 1 }", "1:3: found ''', expected a key in quotation marks"),
      ("{ \"attempts\": best }", "1:15: found the word best, expected a value; texts stand in quotation marks"),
      (
        "{ \"a\nb\": 1 }",
        "1:5: found the control character 10, expected a text without line breaks and control characters; write \\n"
      ),
      ("{ \"\\x\": 1 }", "1:4: found '\\x', expected an escape that JSON knows, such as \\n"),
      ("{ \"\\ud800\": 1 }", "1:4: found half of a surrogate pair, expected both halves"),
      (String(repeating: "[", count: 100), "1:33: found brackets 32 deep, expected fewer"),
    ])
  func refused(json: String, expected: String) throws {
    let error = #expect(throws: PolicyError.self) { try read(json) }
    #expect(error?.description == "policy.json:\(expected)")
  }

  @Test("bytes that are not UTF-8 are refused")
  func notUTF8() {
    #expect(throws: PolicyError.self) {
      try Policy(Data([0x7B, 0xFF, 0x7D]), name: "policy.json", folder: root)
    }
  }

  @Test("texts come back with every escape, and values with their places")
  func tree() throws {
    let tree = try JSONTree(Data(#"{ "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00": [null, -0.5e1] }"#.utf8))
    guard case .object(let members) = tree.value, case .array(let values) = members[0].value.value else {
      Issue.record("not an object with a list")
      return
    }
    #expect(members[0].key == "a\"\\/\u{8}\u{C}\n\r\té😀")
    #expect(values.map(\.summary) == ["null", "the number -0.5e1"])
    #expect(values[1].place == JSONTree.Place(line: 1, column: 49))
  }

  @Test("times come from a list that an LMS exports, or are refused with its line")
  func times() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "dojo-times-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let list = folder.appending(path: "times.csv")
    let json =
      #"{ "deadline": { "due": "2026-11-20T12:00:00Z", "percent": 10, "submitted": "times.csv" } }"#
    try Data("\u{FEFF}student,submitted\r\nann,2026-11-20T12:00:00.500Z\r\n\"bo@2\",2026-11-21T12:00:00Z\r\n\r\n".utf8)
      .write(to: list)
    let deadline = try #require(try read(json, folder: folder).deadline)
    #expect(deadline.unitsLate(Attempt("ann")) == 0)
    #expect(deadline.unitsLate(Attempt("bo@2")) == 1)
    #expect(deadline.unitsLate(Attempt("bo")) == nil)
    for (text, line) in [
      ("name,when\n", 1), ("student,submitted\nann,yesterday\n", 2), ("student,submitted\nann\n", 2),
      ("student,submitted\nann,2026-11-20T12:00:00Z\nann,2026-11-20T12:00:00Z\n", 3),
    ] {
      try Data(text.utf8).write(to: list)
      let error = #expect(throws: PolicyError.self) { try read(json, folder: folder) }
      #expect(error?.description.contains("in times.csv:\(line), expected") == true, "\(text)")
    }
  }

  @Test("no text makes the reader do anything but read or refuse")
  func fuzz() throws {
    let example = try String(contentsOf: root.appending(path: "docs/instructors/policy.json"), encoding: .utf8)
    var random = FuzzRandom(seed: 7)
    var refused = 0
    for _ in 0..<300 {
      var scalars = Array(example.unicodeScalars)
      for _ in 0...(random.next() % 3) {
        let index = Int(random.next() % UInt64(scalars.count))
        if random.next() % 2 == 0 {
          scalars.remove(at: index)
        } else {
          scalars.insert("{}[]\",:0-\\e\u{0}中".unicodeScalars.randomElement(using: &random) ?? "x", at: index)
        }
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      do { _ = try read(String(text)) } catch is PolicyError { refused += 1 }
    }
    #expect(refused > 100)
  }

  // MARK: - Helpers

  private func read(_ json: String, folder: URL? = nil) throws -> Policy {
    try Policy(Data(json.utf8), name: "policy.json", folder: folder ?? root)
  }

  private var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }
}
