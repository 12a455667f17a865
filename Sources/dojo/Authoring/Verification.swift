import Contracts
import Charts
import Curriculum
import Foundation
import Grading
import Mistakes

/// The author's check of one exercise. Each part answers with what is wrong, in sentences.
struct Verification {
  let exercise: Exercise
  let workspace: Workspace
  let grader: Grader
  let reference: any ExerciseContract.Type

  private var wrongAnswers: [Mistake] { mistakes[exercise.name] ?? [] }

  /// What holds where nothing is wrong.
  var summary: String {
    "starter 0, reference \(exercise.points), \(wrongAnswers.count) wrong answers rejected by name"
  }
}

// MARK: - Files

extension Verification {
  /// The files that must be there, and a golden that is not older than its oracle.
  func files() throws -> [String] {
    let path = exercise.path
    var problems: [String] = []
    for file in [
      "Sources/Contracts/\(path).swift", "Sources/Curriculum/\(path).swift", "Exercises/\(path).swift",
      "Solutions/\(path).swift",
      "Tests/MistakeTests/\(path).swift", "docs/\(path).md", oracle, golden,
    ] where !FileManager.default.fileExists(atPath: workspace.root.appending(path: file).path) {
      problems.append("\(file) is missing")
    }
    if Set(exercise.checks.map(\.name)).count != exercise.checks.count {
      problems.append("two checks have one name")
    }
    if exercise.checks.contains(where: { $0.points < 1 }) { problems.append("a check is worth no point") }
    return problems + (try goldenProblems())
  }

  private var oracle: String { "Tests/Oracles/\(exercise.name).py" }
  private var golden: String { "Sources/Curriculum/Goldens/\(exercise.name).json" }

  private func goldenProblems() throws -> [String] {
    struct Header: Decodable {
      struct Provenance: Decodable {
        let script, sha256: String
        let versions: [String: String]
      }
      let provenance: Provenance
    }
    guard let data = try? Data(contentsOf: workspace.root.appending(path: golden)) else { return [] }
    guard let header = try? JSONDecoder().decode(Header.self, from: data).provenance else {
      return ["\(golden) does not say where its numbers come from; write it with Tests/Oracles/golden.py"]
    }
    let script = workspace.root.appending(path: header.script)
    guard FileManager.default.fileExists(atPath: script.path) else {
      return ["\(golden) comes from \(header.script), which is not there"]
    }
    return try sha256(of: script) == header.sha256
      ? [] : ["\(golden) is older than its oracle; run python \(header.script)"]
  }

  /// Files in the exercises' trees that no list names.
  static func unlisted(in workspace: Workspace) throws -> [String] {
    let paths = Set(Exercise.all.map(\.path))
    var problems: [String] = []
    for (tree, ending) in [
      ("Exercises", ".swift"), ("Solutions", ".swift"), ("Tests/MistakeTests", ".swift"), ("docs", ".md"),
      ("Sources/Contracts", ".swift"), ("Sources/Curriculum", ".swift"),
    ] {
      for topic in Topic.allCases.map(\.folder) {
        let folder = workspace.root.appending(path: "\(tree)/\(topic)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names.sorted() where name.hasSuffix(ending) {
          // Aspects of a file carry a suffix: LSTMCell+Demo.swift.
          let base = name.dropLast(ending.count).split(separator: "+")[0]
          if !paths.contains("\(topic)/\(base)") { problems.append("\(tree)/\(topic)/\(name) belongs to no exercise") }
        }
      }
    }
    for name in mistakes.keys.sorted() where Exercise.named(name) == nil {
      problems.append("there are wrong answers to \(name), which is no exercise")
    }
    return problems
  }
}

// MARK: - Pages

extension Verification {
  /// The prose: both languages with the same parts, hints for existing checks, errata with existing proofs.
  func prose() -> [String] {
    let prose: ExerciseProse
    do {
      prose = try ExerciseProse(exercise, in: workspace)
    } catch {
      return ["\(error)"]
    }
    let file = "docs/\(exercise.path).md"
    var problems: [String] = []
    for (language, page) in [("English", prose.english), ("Chinese", prose.chinese)] {
      let order = page.headings.compactMap { heading in
        ExercisePage.Section.allCases.first { $0.heading.en == heading || $0.heading.zh == heading }?.rawValue
      }
      if order != order.sorted() { problems.append("\(file): the \(language) sections are out of order") }
      for section in ExercisePage.Section.allCases where (page.sections[section] ?? "").count < 10 {
        problems.append("\(file): the \(language) section \"\(section.heading.en)\" is empty")
      }
      for hints in page.hints {
        if let check = hints.check, !exercise.checks.contains(where: { $0.name == check }) {
          problems.append("\(file): hints for \"\(check)\", which is no check")
        }
        if hints.levels.isEmpty { problems.append("\(file): \(hints.check ?? "Anywhere") has no hint") }
      }
      if page.errata.isEmpty { problems.append("\(file): the \(language) half names no mistake of the document") }
      problems += page.errata.compactMap { proofProblem($0).map { "\(file): \($0)" } }
    }
    if prose.english.hints.map(\.check) != prose.chinese.hints.map(\.check) {
      problems.append("\(file): the two languages have hints for different checks")
    }
    if prose.english.hints.map(\.levels.count) != prose.chinese.hints.map(\.levels.count) {
      problems.append("\(file): the two languages have different numbers of hints")
    }
    if prose.english.errata.map(\.quote) != prose.chinese.errata.map(\.quote) {
      problems.append("\(file): the two languages quote different words of the document")
    }
    if prose.english.errata.map(\.proof) != prose.chinese.errata.map(\.proof) {
      problems.append("\(file): the two languages name different proofs")
    }
    return problems
  }

  private func proofProblem(_ erratum: ExercisePage.Erratum) -> String? {
    switch erratum.proof {
    case .missing: return "\(erratum.quote) names no check or demo line that shows it"
    case .check(let name):
      return exercise.checks.contains { $0.name == name }
        ? nil : "\(erratum.quote) is shown by \"\(name)\", which is no check"
    case .demo(let words):
      return demoSource.contains(words)
        ? nil : "\(erratum.quote) is shown by the demo's \"\(words)\", which it does not say"
    }
  }

  /// The text of the files that declare the exercise: running every demo to find a word would take minutes.
  private var demoSource: String {
    let folder = workspace.root.appending(path: "Sources/Curriculum/\(exercise.topic.folder)")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix(exercise.name) }.sorted()
      .compactMap { try? String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined()
  }
}

// MARK: - Grading

extension Verification {
  /// The starter scores 0 as not started, the reference full, and each wrong answer fails where it must.
  func grading() throws -> [String] {
    try starterProblems() + referenceProblems() + mistakeProblems()
  }

  private func starterProblems() throws -> [String] {
    guard let pristine = PristineStarters.text(for: exercise) else {
      return ["Sources/Grading/Starters.json does not hold the starter; dojo verify --record"]
    }
    var problems: [String] = []
    let current = try? String(contentsOf: workspace.starter(of: exercise), encoding: .utf8)
    if current != pristine {
      problems.append(
        "Exercises/\(exercise.path).swift is not the recorded starter; dojo verify --record, or dojo reset")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "dojo-verify-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "\(exercise.name).swift")
    // A pristine file is known without compiling it; this one must compile and answer.
    try Data("\(pristine)\n// edited\n".utf8).write(to: file)
    let result = try grader.grade(exercise, file: file)
    for verdict in result.checks where verdict.outcome != .notStarted || verdict.score != 0 {
      problems.append("the starter is \(verdict.outcome.rawValue) in \"\(verdict.name)\": \(verdict.message)")
    }
    return problems
  }

  private func referenceProblems() throws -> [String] {
    try grader.gradeTrusted(exercise, implementation: reference).checks
      .filter { $0.outcome != .passed }
      .map { "the reference is \($0.outcome.rawValue) in \"\($0.name)\": \($0.message)" }
  }

  private func mistakeProblems() throws -> [String] {
    var problems = wrongAnswers.count >= 3 ? [] : ["\(wrongAnswers.count) wrong answers; at least 3 are needed"]
    for mistake in wrongAnswers {
      guard exercise.checks.contains(where: { $0.name == mistake.rejectedBy }) else {
        problems.append("\(mistake.name) names \"\(mistake.rejectedBy)\", which is no check")
        continue
      }
      let result = try grader.gradeTrusted(
        exercise, implementation: mistake.implementation, only: mistake.rejectedBy)
      for verdict in result.checks {
        if verdict.outcome == .passed {
          problems.append("\(mistake.name) passes \"\(verdict.name)\", which must reject it")
        } else if !verdict.message.contains(mistake.saying) {
          problems.append("\(mistake.name) is rejected without \"\(mistake.saying)\": \(verdict.message)")
        }
      }
    }
    return problems
  }
}
