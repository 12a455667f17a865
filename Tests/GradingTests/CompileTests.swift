import Contracts
import Curriculum
import Foundation
import Testing

@testable import Grading

@Suite("A file that does not compile stops nothing and is told plainly")
struct CompileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let content: Data
    let message: String

    init(_ description: String, _ text: String, _ message: String) {
      self.init(description, Data(text.utf8), message)
    }

    init(_ description: String, _ content: Data, _ message: String) {
      testDescription = description
      self.content = content
      self.message = message
    }
  }

  static let declare =
    "ROCIsNotAccuracy.swift: error: the file must declare `public struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise`"

  @Test(
    "every check says where the first error is",
    arguments: [
      Case(
        "a slip", "import Contracts\nfunc f() -> Int {\n  let x = sigmoid(3)\n  return x }\n",
        "ROCIsNotAccuracy.swift:3:11: error: cannot find 'sigmoid' in scope"),
      Case("no such type", "import Contracts\nstruct SomethingElse {}\n", declare),
      Case("a type without the contract", "import Contracts\npublic struct ROCIsNotAccuracy { init() {} }\n", declare),
      Case(
        "a type without the functions",
        "import Contracts\npublic struct ROCIsNotAccuracy: ROCIsNotAccuracyExercise { init() {} }\n",
        "ROCIsNotAccuracy.swift:2:15: error: type 'ROCIsNotAccuracy' does not conform to protocol"),
      Case(
        "statements outside functions", "import Contracts\nprint(1)\n",
        "ROCIsNotAccuracy.swift:2:1: error: expressions are not allowed at the top level"),
    ])
  func doesNotCompile(_ broken: Case) throws {
    let result = try Candidates.withFile(broken.content) {
      try Candidates.grader().grade(Candidates.exercise, file: $0)
    }
    #expect(result.score == 0)
    #expect(result.checks.count == Candidates.exercise.checks.count)
    for verdict in result.checks {
      #expect(verdict.outcome == .doesNotCompile)
      #expect(verdict.message.hasPrefix(broken.message), "\(verdict.message)")
    }
    #expect(!result.compilerLog.isEmpty)
    #expect(!result.compilerLog.contains("dojo-compile"), "\(result.compilerLog)")
  }

  @Test("a compiler that takes for ever is stopped")
  func slowCompiler() throws {
    var compiler = try Candidates.grader().compiler
    compiler.seconds = 0.05
    #expect {
      try compiler.compile(Candidates.exercise, text: try Candidates.text(recall: "print(\"slow\", Date.now)"))
    } throws: { error in
      "\(error)".contains("the compiler was stopped")
    }
  }
}
