import Curriculum
import Foundation
import Testing

@testable import Grading

/// The time from a save to its verdicts, on a machine that does nothing else:
///
///     DOJO_TIMING=1 swift test --filter TimingTests
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DOJO_TIMING"] != nil, "set DOJO_TIMING=1 to measure"))
struct TimingTests {
  @Test("from a save to the verdicts is a second at most, in the median of 11")
  func saveToVerdict() throws {
    let grader = try Candidates.grader()
    var compiling: [Double] = []
    var checking: [Double] = []
    var finding: [Double] = []
    for _ in 0..<11 {
      let text = try Candidates.text(recall: "// \(UUID())")  // never compiled before
      let library = try timed(&compiling) { try grader.compiler.compile(Candidates.exercise, text: text) }
      let result = try timed(&checking) { try grader.grade(Candidates.exercise, library: library) }
      #expect(result.isPassed)
      _ = try timed(&finding) { try Toolchain.find() }
    }
    let whole = zip(compiling, checking).map { $0 + $1 }
    for (part, times) in [
      ("save to verdicts", whole), ("compiling", compiling), ("checking", checking),
      ("finding the compiler, once a run", finding),
    ] {
      let times = times.sorted()
      print(String(format: "%@: median %.0f ms, %.0f to %.0f", part, times[5], times[0], times[10]))
    }
    #expect(whole.sorted()[5] <= 1_000)
  }

  private func timed<Result>(_ milliseconds: inout [Double], _ body: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    defer { milliseconds.append((ContinuousClock.now - start) / .milliseconds(1)) }
    return try body()
  }
}
