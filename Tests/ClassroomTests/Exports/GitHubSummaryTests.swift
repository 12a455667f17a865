import Curriculum
import Foundation
import Testing

@testable import Classroom

@Suite("GitHub's step summary")
struct GitHubSummaryTests {
  @Test("a table of exercises, and a block for each check that did not pass")
  func example() {
    let text = GitHubSummary(ExportSamples.record).text
    #expect(text.hasPrefix("## ` ann `: 33.33 %\n\n| exercise | points | checks |\n"))
    #expect(text.contains("| ` lstm-cell ` | 2 / 6 | 1 of 3 passed |\n| **total** | **2 / 6** | |\n"))
    #expect(text.contains("<details><summary><b>lstm&#45;cell</b>&#58;") || text.contains("<b>lstm&#45;cell</b>: one"))
    #expect(text.contains("<pre>wrong value&#58; expected 1, seen 3</pre>"))
    #expect(text.split(separator: "<details>").count == 3)
  }

  @Test("nothing that a submission says becomes HTML, a link, a mention or a command", arguments: 1...20)
  func hostile(seed: Int) {
    let graded = HostileClass.record(seed: UInt64(seed))
    for record in graded.students {
      let text = GitHubSummary(record).text
      let failed = record.exercises.filter { !$0.isNotStarted }.map { exercise in
        let failures = exercise.checks.filter { $0.outcome != .passed }
        // The first that does not compile shows the log, and ends the list.
        let log = failures.firstIndex { $0.outcome == .doesNotCompile && !exercise.compilerLog.isEmpty }
        return log.map { $0 + 1 } ?? failures.count
      }.reduce(0, +)
      #expect(occurrences("<details>", in: text) == failed)
      #expect(occurrences("</details>", in: text) == failed)
      hold(text)
    }
    hold(GitHubSummary(graded).text)
  }

  @Test("a summary never exceeds GitHub's limit, and says what it left out")
  func limit() {
    var record = ExportSamples.record
    let check = CheckRecord(
      name: "long", points: 1, score: 0, outcome: .wrongValue, message: String(repeating: "&\n", count: 5_000))
    record.exercises[0].checks = Array(repeating: check, count: 400)
    let text = GitHubSummary(record).text
    #expect(text.utf8.count <= GitHubSummary.byteLimit)
    #expect(text.utf8.count > GitHubSummary.byteLimit / 2)
    #expect(text.contains("more, for which there is no room here."))
    #expect(occurrences("<details>", in: text) == occurrences("</details>", in: text))
  }

  @Test("what the policy hides is not in it")
  func visibility() {
    var policy = Policy()
    policy.visibilityRules = [
      VisibilityRule(exercise: "*", check: "*", visibility: .hidden),
      VisibilityRule(exercise: "*", check: "one", visibility: .outcome),
    ]
    let text = GitHubSummary(ExportSamples.record, policy: policy).text
    #expect(!text.contains("signal 4") && !text.contains("debug") && !text.contains("three"))
    #expect(text.contains("` lstm-cell `: hidden checks: 1 of 2 passed"))
  }

  // MARK: - Helpers

  /// Outside code spans there are our tags only, and no line can be a command to the runner.
  private func hold(_ text: String) {
    let tags: Set = ["<details>", "<summary>", "<b>", "</b>", "</summary>", "<pre>", "</pre>", "</details>"]
    let spans = /(`+) .*? \1/
    let prose = text.replacing(spans, with: "code")
    #expect(prose.matches(of: /<[^>]*>/).allSatisfy { tags.contains(String($0.0)) })
    #expect(!prose.contains("@") && !prose.contains("https:") && !prose.contains("www.") && !prose.contains("]("))
    #expect(!prose.contains("`"))
    #expect(!text.contains("##["))
    #expect(!text.split(separator: "\n").contains { $0.drop(while: \.isWhitespace).hasPrefix("::") })
    #expect(HostileClass.controls(in: text).isEmpty)
    for row in text.split(separator: "\n") where row.hasPrefix("|") {
      #expect([5, 4].contains(row.count { $0 == "|" }), "\(row)")
    }
  }

  private func occurrences(_ word: String, in text: String) -> Int { text.components(separatedBy: word).count - 1 }
}
