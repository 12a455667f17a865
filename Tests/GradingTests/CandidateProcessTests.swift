import Contracts
import Curriculum
import Foundation
import Testing

@testable import Grading

@Suite("What a candidate's process is told and what it says")
struct CandidateProcessTests {
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
