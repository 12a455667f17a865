import Foundation
import Testing

@testable import dojo

/// What the author's check finds. Each test spoils one file of a good package.
@Suite("dojo verify")
struct VerifyTests {
  private static let page = "docs/Evaluation/ROCIsNotAccuracy.md"

  @Test("a good package has nothing to mend")
  func good() throws {
    let result = try Playground(isForAuthors: true).dojo("verify", "--files")
    #expect(result.status == 0 && result.output.contains("All is well."), "\(result.output)")
  }

  @Test(
    "a spoiled file is found and named",
    arguments: [
      (page, "## Hints", "## Hintz", "unknown heading \"Hintz\""),
      (page, "### undefined is nil, not zero", "### no such check", "hints for \"no such check\", which is no check"),
      (page, "Shown by: check `recall is of the real positives`", "", "names no check or demo line that shows it"),
      (page, "Shown by: demo `always no`", "Shown by: demo `never said`", "\"never said\", which it does not say"),
      (page, "证据：检查 `recall", "证据：演示 `recall", "name different proofs"),
      (page, "### 「AUC 值反映了模型分类的能力」", "### 「AUC」", "quote different words"),
      ("Tests/Oracles/LSTMCell.py", "import", "import os, ", "is older than its oracle"),
      ("Sources/Curriculum/Goldens/LSTMCell.json", "provenance", "origin", "does not say where its numbers come from"),
      ("README.md", "`lstm-cell`", "`lstm`", "table of exercises is out of date"),
    ])
  func spoiled(_ path: String, _ good: String, _ bad: String, _ problem: String) throws {
    let playground = try Playground(isForAuthors: true)
    let text = try playground.read(path)
    let range = try #require(text.range(of: good))
    try playground.write(text.replacingCharacters(in: range, with: bad), to: path)
    let result = try playground.dojo("verify", "--files")
    #expect(result.status == 1)
    #expect(result.output.replacing(/\s+/, with: " ").contains(problem), "\(result.output)")
  }

  @Test(
    "a missing file and an unlisted one are found",
    arguments: [
      "Exercises/Foundations/LSTMCell.swift", "docs/Foundations/LSTMCell.md", "Tests/Oracles/LSTMCell.py",
      "Tests/MistakeTests/Foundations/LSTMCell.swift", "Solutions/Foundations/LSTMCell.swift",
    ])
  func missingAndUnlisted(_ path: String) throws {
    let playground = try Playground(isForAuthors: true)
    try FileManager.default.removeItem(at: playground.root.appending(path: path))
    try playground.write("", to: "Solutions/Foundations/Stray.swift")
    let result = try playground.dojo("verify", "--files")
    #expect(result.status == 1)
    #expect(result.output.contains("Solutions/Foundations/Stray.swift belongs to no exercise"))
    #expect(result.output.contains("\(path) is missing") || result.output.contains("\(path): the page is missing"))
  }

  @Test("an edited starter is told apart from the recorded one")
  func editedStarter() throws {
    let playground = try Playground(isForAuthors: true)
    try playground.write("struct ROCIsNotAccuracy {}", to: "Exercises/Evaluation/ROCIsNotAccuracy.swift")
    let result = try playground.dojo("verify", "roc-is-not-accuracy")
    #expect(result.status == 1 && result.output.contains("is not the recorded starter"))
  }
}
