import Contracts
import Curriculum
import Foundation
import Testing

@testable import Grading

/// What a candidate's code does wrong, and what the learner is told.
struct Hostile: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let statements: String
  var declarations = ""
  let outcome: Outcome
  let message: String
  var hasLine = false
  var limits = Candidates.limits
}

private let crashes = [
  Hostile(
    testDescription: "an index out of range", statements: "let a = [1, 2, 3]; _ = print(a[found])", outcome: .crashed,
    message: "index out of range", hasLine: true),
  Hostile(
    testDescription: "a slice out of range", statements: "print([1, 2, 3][0..<found])", outcome: .crashed,
    message: "index out of range", hasLine: true),
  Hostile(
    testDescription: "a nil unwrapped", statements: "let n: Int? = found == 8 ? nil : 3; print(n!)", outcome: .crashed,
    message: "unexpectedly found nil while unwrapping an Optional value", hasLine: true),
  Hostile(
    testDescription: "an overflow", statements: "print(Int.max - 3 + found)", outcome: .crashed,
    message: "arithmetic overflow", hasLine: true),
  Hostile(
    testDescription: "a division by zero", statements: "print(5 / (found - 8))", outcome: .crashed,
    message: "division by zero", hasLine: true),
  Hostile(
    testDescription: "not a number to Int", statements: "print(Int(Double(found - 8) / Double(found - 8)))",
    outcome: .crashed, message: "Double value cannot be converted to Int because it is either infinite or NaN",
    hasLine: true),
  Hostile(
    testDescription: "a fatal error", statements: "if found == 8 { fatalError(\"giving up\") }", outcome: .crashed,
    message: "giving up", hasLine: true),
  Hostile(
    testDescription: "a bad cast", statements: "let a: Any = \"\\(found)\"; print(a as! Double)", outcome: .crashed,
    message: "could not cast a value of type 'Swift.String' to 'Swift.Double'."),
  Hostile(
    testDescription: "endless recursion", statements: "print(deep(found))",
    declarations: "func deep(_ n: Int) -> Int { n == -5 ? 0 : deep(n + 1) &+ deep(n + 2) &+ 1 }", outcome: .crashed,
    message: "endless recursion: the stack is full"),
  Hostile(
    testDescription: "shapes that do not fit",
    statements: "print(Tensor([1, 2, 3], shape: [3]) + Tensor([1, 2], shape: [found - 6]))",
    declarations: "\nimport Tensors\n", outcome: .wrongShape, message: "[3]", hasLine: true),
]

private let exhaustions = [
  Hostile(
    testDescription: "an endless loop", statements: "while Date.now.timeIntervalSince1970 > 0 {}", outcome: .timedOut,
    message: "it needed more than 3 s of processor time", limits: Candidates.shortTime),
  Hostile(
    testDescription: "an endless sleep", statements: "sleep(1_000)", outcome: .timedOut,
    message: "no answer after 10 s on the clock", limits: Candidates.shortClock),
  Hostile(
    testDescription: "10 GB at once", statements: "print([UInt8](repeating: 1, count: 10_000_000_000 + found)[5])",
    outcome: .outOfMemory, message: "it needed more than 2048 MB of memory"),
  Hostile(
    testDescription: "10 GB bit by bit",
    statements: "var s: [[UInt8]] = []; while s.count < 10_000 { s.append([UInt8](repeating: 1, count: 1_000_000)) }",
    outcome: .outOfMemory, message: "it needed more than 2048 MB of memory"),
  Hostile(
    testDescription: "threads without end", statements: "while found == 8 { Thread.detachNewThread { sleep(100) } }",
    outcome: .outOfMemory, message: "it needed more than 2048 MB of memory"),
  Hostile(
    testDescription: "1 GB printed",
    statements: "let s = String(repeating: \"x\", count: 1_000_000); for _ in 0..<1_000 { print(s) }",
    outcome: .tooMuchOutput, message: "it printed more than 1 MB"),
  Hostile(
    testDescription: "1 GB in a file",
    statements: "try Data(count: 100_000_000).write(to: URL(filePath: \"large\"))", outcome: .crashed,
    message: "it wrote a file longer than 64 MB"),
]

private let escapes = [
  Hostile(
    testDescription: "exit(0)", statements: "exit(0)", outcome: .crashed,
    message: "the process ended (exit status 0) before it answered"),
  Hostile(
    testDescription: "exit(1)", statements: "exit(1)", outcome: .crashed,
    message: "the process ended (exit status 1) before it answered"),
  Hostile(
    testDescription: "its own death", statements: "kill(getpid(), SIGKILL)", outcome: .crashed,
    message: "the process was killed"),
  Hostile(
    testDescription: "the death of its group", statements: "kill(0, SIGKILL)", outcome: .crashed,
    message: "the process was killed"),
  Hostile(
    testDescription: "garbage on every descriptor",
    statements: "for d in Int32(1)...20 { _ = write(d, \"garbage\", 7) }", outcome: .crashed,
    message: "what it wrote as its answer is not an answer"),
  Hostile(
    testDescription: "a forged answer", statements: #"_ = write(3, "a\u{2}\0\0\0\0\0\0\0{}", 11)"#, outcome: .crashed,
    message: "its answer is malformed"),
  Hostile(
    testDescription: "a forged output",
    statements: #"_ = write(3, "a\u{1c}\0\0\0\0\0\0\0{\"output\":{\"_0\":\"Z2FyYmFn\"}}", 37); sleep(100)"#,
    outcome: .crashed, message: "its answer is malformed"),
  Hostile(
    testDescription: "the announcement of a huge answer",
    statements: #"_ = write(3, "a\0\0\0\0\0\0\0\u{7f}", 9); sleep(100)"#, outcome: .crashed,
    message: "its answer is longer than 64 MB"),
  Hostile(
    testDescription: "every descriptor closed", statements: "for d in Int32(0)...300 { close(d) }", outcome: .crashed,
    message: "the process ended (exit status 1) before it answered"),
  Hostile(
    testDescription: "half an answer", statements: #"_ = write(3, "a\u{7f}\0\0", 4); exit(0)"#, outcome: .crashed,
    message: "the process ended (exit status 0) before it answered"),
]

private let wrongAnswers = [
  Hostile(
    testDescription: "an error thrown",
    statements: "if found == 8 && confusion.falseNegatives == 32 { throw BadInput(\"no idea\") }",
    outcome: .wrongValue, message: "an error where an answer was expected: no idea"),
  Hostile(
    testDescription: "not a number", statements: "if found == 8 && confusion.falseNegatives == 32 { return .nan }",
    outcome: .notANumber,
    message: "seen nan"),
  Hostile(
    testDescription: "a wrong number", statements: "if found == 8 && confusion.falseNegatives == 32 { return 0.3 }",
    outcome: .wrongValue,
    message: "recall of TP=8, FP=2, FN=32, TN=958"),
]

@Suite("What a candidate's code does costs the check in which it does it, and no other")
struct HostileCandidateTests {
  @Test("a crash is told with its reason and its line", arguments: crashes)
  func crash(_ hostile: Hostile) throws { try check(hostile) }

  @Test("what takes too much is stopped", arguments: exhaustions)
  func exhaustion(_ hostile: Hostile) throws { try check(hostile) }

  @Test("who does not answer is not believed", arguments: escapes)
  func escape(_ hostile: Hostile) throws { try check(hostile) }

  @Test("a wrong answer is wrong", arguments: wrongAnswers)
  func wrongAnswer(_ hostile: Hostile) throws { try check(hostile) }

  private func check(_ hostile: Hostile) throws {
    let text = try Candidates.text(recall: hostile.statements, declarations: hostile.declarations)
    let failure = try Candidates.failure(try Candidates.grade(text, limits: hostile.limits))
    #expect(failure.outcome == hostile.outcome)
    #expect(failure.message.contains(hostile.message), "\(failure.message)")
    if hostile.hasLine {
      #expect(failure.message.hasSuffix(", line \(try Candidates.line())"), "\(failure.message)")
    }
  }

  @Test("a process that the candidate starts does not outlive the check")
  func daemon() throws {
    let seconds = "98765.4321"
    let statements = """
      let sleeper = Process(); sleeper.executableURL = URL(filePath: "/bin/sleep")
      sleeper.arguments = ["\(seconds)"]; try sleeper.run(); print("started", sleeper.processIdentifier)
      """
    let result = try Candidates.grade(try Candidates.text(recall: statements))
    #expect(result.isPassed)
    let printed = result.checks.map(\.printed).joined()
    #expect(printed.contains("started"), "\(result)")
    for number in printed.split(separator: "\n").compactMap({ $0.split(separator: " ").last.flatMap { Int32($0) } }) {
      #expect(!isRunning(number))
    }
  }

  /// Whether a process runs; what was killed may take a moment to go, or stay as a name that nobody asks after.
  private func isRunning(_ number: Int32) -> Bool {
    for _ in 0..<50 {
      let status = (try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)) ?? ""
      if status.isEmpty || status.contains(") Z ") { return false }
      usleep(20_000)
    }
    return true
  }

  @Test("the candidate's process finds no seed in its arguments, its environment or its input")
  func noSecrets() throws {
    let seed: UInt64 = 918_273_645_546_372_819
    let statements = """
      print(CommandLine.arguments, ProcessInfo.processInfo.environment)
      print("stdin:", readLine() ?? "nothing")
      """
    let result = try Candidates.grade(try Candidates.text(recall: statements), seed: seed)
    #expect(result.isPassed)
    #expect(result.seed == seed)
    let printed = result.checks.map(\.printed).joined()
    #expect(printed.contains("stdin: nothing"))
    #expect(!printed.contains("\(seed)"))
    #expect(!printed.contains("PATH"))
  }

  @Test("what is printed before a crash is kept")
  func printed() throws {
    let text = try Candidates.text(
      recall: "print(\"before\"); if found == 8 && confusion.falseNegatives == 32 { fatalError() }")
    #expect(try Candidates.failure(try Candidates.grade(text)).printed == "before\n")
  }
}
