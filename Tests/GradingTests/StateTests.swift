import Contracts
import Curriculum
import Dispatch
import Foundation
import Testing

@testable import Grading

@Suite("What the runner remembers")
struct StateTests {
  let exercise = Candidates.exercise

  private func withWorkspace(_ body: (Workspace) throws -> Void) throws {
    let folder = try TemporaryFolder("dojo-tests")
    defer { folder.remove() }
    let workspace = Workspace(root: folder.url)
    try FileManager.default.createDirectory(
      at: workspace.starter(of: exercise).deletingLastPathComponent(), withIntermediateDirectories: true)
    try body(workspace)
  }

  @Test("results are remembered: the best, the last and the check that failed")
  func results() throws {
    try withWorkspace { workspace in
      let store = ProgressStore(workspace)
      let file = workspace.starter(of: exercise)
      try Data("one".utf8).write(to: file)
      let right = ExerciseResult(exercise, seed: 1, checks: exercise.checks.map { Verdict($0, .passed) })
      let wrong = ExerciseResult(exercise, seed: 1, checks: exercise.checks.map { Verdict($0, .wrongValue, "no") })
      try store.record(right, of: exercise, graded: file)
      #expect(store.progress(of: exercise).isPassed)
      #expect(store.progress(of: exercise).gradedContent == ProgressStore.contentHash(of: file))
      try Data("two".utf8).write(to: file)
      #expect(store.progress(of: exercise).gradedContent != ProgressStore.contentHash(of: file))
      try store.record(wrong, of: exercise, graded: file)
      try store.update(exercise) { $0.hintsShown["", default: 0] += 1 }
      let progress = store.progress(of: exercise)
      #expect(progress.bestScore == exercise.points)
      #expect(progress.lastScore == 0)
      #expect(progress.lastFailedCheck == exercise.checks[0].name)
      #expect(progress.hintsShown[""] == 1)
    }
  }

  @Test(
    "a broken file is set aside, not lost and not fatal", arguments: ["", "{", "[]", "{\"exercises\": 3}", "\u{0}"])
  func broken(_ content: String) throws {
    try withWorkspace { workspace in
      let store = ProgressStore(workspace)
      try WholeFile.write(Data(content.utf8), to: store.file)
      #expect(store.load().isEmpty)
      try store.update(exercise) { $0.hintsShown = ["": 2] }
      #expect(store.progress(of: exercise).hintsShown[""] == 2)
      let aside = try FileManager.default.contentsOfDirectory(atPath: workspace.state.path)
        .filter { $0.hasPrefix("progress-broken-") }
      #expect(aside.count == 1)
      let kept = try Data(contentsOf: workspace.state.appending(path: try #require(aside.first)))
      #expect(kept == Data(content.utf8))
    }
  }

  @Test("writers at the same time lose nothing, and a reader never sees half a file")
  func concurrent() throws {
    try withWorkspace { workspace in
      let exercise = exercise
      let failures = Counter()
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        for _ in 0..<20 {
          do {
            try ProgressStore(workspace).update(exercise) { $0.hintsShown["", default: 0] += 1 }
          } catch {
            failures.increment()
          }
          if ProgressStore(workspace).load().isEmpty { failures.increment() }
        }
      }
      #expect(failures.value == 0)
      #expect(ProgressStore(workspace).progress(of: exercise).hintsShown[""] == 160)
      let left = try FileManager.default.contentsOfDirectory(atPath: workspace.state.path).sorted()
      #expect(left == ["lock", "progress.json"])
    }
  }

  @Test("a reset keeps what was written, and undo brings it back")
  func resetAndUndo() throws {
    try withWorkspace { workspace in
      var backups = Backups(workspace)
      backups.starter = { _ in "starter" }
      let file = workspace.starter(of: exercise)
      func text() throws -> String { try String(contentsOf: file, encoding: .utf8) }
      #expect(throws: BadInput.self) { try backups.undo() }

      try Data("mine".utf8).write(to: file)
      let change = try backups.reset(exercise)
      #expect(try text() == "starter")
      #expect(change.backup?.lastPathComponent == "ROCIsNotAccuracy-1.swift")

      #expect(try backups.undo().backup == nil)
      #expect(try text() == "mine")
      #expect(throws: BadInput.self) { try backups.undo() }

      _ = try backups.reset(exercise)
      try Data("newer".utf8).write(to: file)
      _ = try backups.undo()
      #expect(try text() == "mine")
      _ = try backups.undo()
      #expect(try text() == "newer")
    }
  }

  @Test("a reset of an untouched or missing file keeps nothing, and without a starter nothing happens")
  func resetOfNothing() throws {
    try withWorkspace { workspace in
      var backups = Backups(workspace)
      backups.starter = { _ in "starter" }
      #expect(try backups.reset(exercise).backup == nil)
      #expect(try backups.reset(exercise).backup == nil)
      backups.starter = { _ in nil }
      try Data("mine".utf8).write(to: workspace.starter(of: exercise))
      #expect(throws: BadInput.self) { try backups.reset(exercise) }
      #expect(try String(contentsOf: workspace.starter(of: exercise), encoding: .utf8) == "mine")
    }
  }

  @Test("the record of the starters is the same for the same starters, sorted, and read back")
  func starters() throws {
    try withWorkspace { workspace in
      let file = workspace.starter(of: exercise)
      try Data("import Contracts\n// \"é\" / 中文\n".utf8).write(to: file)
      let document = try PristineStarters.document(of: [exercise], in: workspace)
      #expect(try PristineStarters.document(of: [exercise], in: workspace) == document)
      let texts = try JSONDecoder().decode([String: String].self, from: document)
      #expect(texts == ["Evaluation/ROCIsNotAccuracy": try String(contentsOf: file, encoding: .utf8)])
      try PristineStarters.record(of: [exercise], in: workspace)
      #expect(try Data(contentsOf: PristineStarters.file(in: workspace)) == document)
    }
  }

  @Test("the package is found from a folder deep inside it, and paths in it are told short")
  func workspace() throws {
    try withWorkspace { workspace in
      try Data().write(to: workspace.root.appending(path: "Package.swift"))
      let deep = workspace.exercises.appending(path: "Evaluation")
      let found = try #require(Workspace.find(from: deep))
      #expect(found.starter(of: exercise).path.hasSuffix(workspace.starter(of: exercise).path))
      #expect(found.relativePath(found.starter(of: exercise)) == "Exercises/Evaluation/ROCIsNotAccuracy.swift")
      #expect(Workspace.find(from: workspace.root.deletingLastPathComponent()) == nil)
    }
  }
}

private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  var value: Int { lock.withLock { count } }
  func increment() { lock.withLock { count += 1 } }
}
