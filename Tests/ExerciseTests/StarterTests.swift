import Contracts
import Curriculum
import Foundation
import Grading
import Solutions
import Testing

// The student's files in `Exercises/`, one test case a check. A file that nobody has edited is skipped;
// `DOJO_STRICT=1` counts it as failed. `DOJO_SEED` sets the seed from which the checks draw their inputs, and
// `DOJO_ONLY` names the ids or topics that count. The suites themselves are in `StarterSuites.swift`.

@Suite("Settings and totals")
struct SettingsTests {
  @Test("DOJO_SEED, DOJO_ONLY and DOJO_STRICT are well spelled")
  func settings() throws {
    let problem = Settings.problem
    #expect(problem == nil, "\(problem ?? "")")
  }

  @Test("every exercise is started", .disabled(if: !Settings.isStrict && !Settings.untouched.isEmpty, untouchedNote))
  func allStarted() {
    #expect(Settings.untouched.isEmpty)
  }

  private static let untouchedNote: Comment =
    "not started, so not graded: \(Settings.untouched.joined(separator: ", ")); DOJO_STRICT=1 counts them"

  @Test(
    "settings that are wrong are refused",
    arguments: [
      (["DOJO_SEED": "seven"], "DOJO_SEED is \"seven\""), (["DOJO_SEED": "-1"], "DOJO_SEED is \"-1\""),
      (["DOJO_SEED": ""], "DOJO_SEED is \"\""), (["DOJO_STRICT": "yes"], "DOJO_STRICT is \"yes\""),
      (["DOJO_ONLY": "nonsense"], "DOJO_ONLY names \"nonsense\""),
      (["DOJO_ONLY": "lstm-sell"], "Did you mean 'lstm-cell'?"), (["DOJO_ONLY": " , "], "DOJO_ONLY is empty"),
    ])
  func refused(environment: [String: String], expected: String) {
    #expect(throws: BadInput.self) { try Settings.read(environment) }
    do { _ = try Settings.read(environment) } catch { #expect("\(error)".contains(expected)) }
  }

  @Test("ids, names and topics are taken, and the seed")
  func accepted() throws {
    let settings = try Settings.read(["DOJO_ONLY": "lstm-cell, Behavior", "DOJO_SEED": "4711", "DOJO_STRICT": "1"])
    #expect(settings == Settings(seed: 4_711, isStrict: true, only: ["lstm-cell", "sessionization"]))
    #expect(try Settings.read([:]) == Settings(seed: 1, isStrict: false, only: nil))
  }
}

/// What the environment asks for.
struct Settings: Equatable {
  var seed: UInt64 = 1
  var isStrict = false

  /// The ids that count; nil for all.
  var only: Set<String>?

  /// - Throws: `BadInput` for a word that means nothing: a run with another seed than the one that was meant, or of
  ///   nothing at all, would look like a result.
  static func read(_ environment: [String: String]) throws -> Settings {
    var settings = Settings()
    if let text = environment["DOJO_SEED"] {
      guard let seed = UInt64(text) else {
        throw BadInput("DOJO_SEED is \"\(text)\"; expected a number from 0 to \(UInt64.max)")
      }
      settings.seed = seed
    }
    if let text = environment["DOJO_STRICT"] {
      guard ["0", "1"].contains(text) else { throw BadInput("DOJO_STRICT is \"\(text)\"; expected 0 or 1") }
      settings.isStrict = text == "1"
    }
    if let text = environment["DOJO_ONLY"] {
      let words = text.split { ", ".contains($0) }.map(String.init)
      if words.isEmpty { throw BadInput("DOJO_ONLY is empty; expected ids or topics") }
      settings.only = Set(try words.flatMap(ids))
    }
    return settings
  }

  private static func ids(_ word: String) throws -> [String] {
    if let exercise = Exercise.named(word) { return [exercise.id] }
    let found = Exercise.all.filter { [$0.topic.folder, $0.topic.rawValue].contains(word) }.map(\.id)
    let known = Exercise.all.map(\.id) + Topic.allCases.map(\.folder)
    guard !found.isEmpty else {
      throw BadInput("DOJO_ONLY names \"\(word)\", which is no exercise and no topic.\(didYouMean(word, known))")
    }
    return found
  }

  private static let current = Result { try read(ProcessInfo.processInfo.environment) }

  /// What is wrong with the environment. Nothing is graded then.
  static var problem: String? {
    if case .failure(let error) = current { return "\(error)" }
    return nil
  }

  static var seed: UInt64 { (try? current.get().seed) ?? 1 }
  static var isStrict: Bool { (try? current.get().isStrict) ?? false }

  static func counts(_ id: String) -> Bool {
    guard let settings = try? current.get() else { return false }
    return settings.only?.contains(id) ?? true
  }

  /// The ids of the exercises that count and whose file is the delivered starter.
  static let untouched: [String] = Exercise.all.filter { exercise in
    guard counts(exercise.id), let workspace = try? Workspace.find() else { return false }
    let text = try? String(contentsOf: workspace.starter(of: exercise), encoding: .utf8)
    return text != nil && text == PristineStarters.text(for: exercise)
  }.map(\.id)
}

extension Trait where Self == ConditionTrait {
  /// Skips an exercise that `DOJO_ONLY` leaves out, or that nobody has started.
  static func counts(_ id: String) -> ConditionTrait {
    .enabled(
      if: Settings.counts(id) && (Settings.isStrict || !Settings.untouched.contains(id)),
      "not started, or not asked for")
  }
}

/// One check of one exercise, named in the test's output.
struct CheckCase: Sendable, CustomTestStringConvertible {
  let exercise: Exercise
  let index: Int

  /// The checks of an exercise.
  static func all(of id: String) -> [CheckCase] {
    guard let exercise = Exercise.named(id) else { return [] }
    return exercise.checks.indices.map { CheckCase(exercise: exercise, index: $0) }
  }

  var testDescription: String { "\(exercise.id): \(exercise.checks[index].name)" }

  /// Grades the file if none of its checks has asked yet, and holds this check to a pass.
  func hold() throws {
    let verdict = try Gradings.shared.verdict(for: self)
    if verdict.outcome == .notStarted, !Settings.isStrict { try Test.cancel("not started") }
    #expect(
      verdict.outcome == .passed,
      "\(testDescription) \(verdict.score)/\(verdict.points). \(verdict.outcome.rawValue): \(verdict.message)")
  }
}

/// Grades each file once, when the first of its checks asks, and tells the points: a line a check, a line an exercise,
/// and the sum so far, so that the last line is the total.
final class Gradings: @unchecked Sendable {
  static let shared = Gradings()

  private let lock = NSLock()
  private var results: [String: ExerciseResult] = [:]
  private var failures: [String: any Error] = [:]

  func verdict(for checkCase: CheckCase) throws -> Verdict {
    try lock.withLock {
      let exercise = checkCase.exercise
      if let failure = failures[exercise.id] { throw failure }
      let result: ExerciseResult
      do {
        result = try results[exercise.id] ?? grade(exercise)
      } catch {
        failures[exercise.id] = error
        throw error
      }
      return result.checks[checkCase.index]
    }
  }

  private func grade(_ exercise: Exercise) throws -> ExerciseResult {
    let grader = try Grader(seed: Settings.seed, references: references)
    let result = try grader.grade(exercise, file: Workspace.find().starter(of: exercise))
    results[exercise.id] = result
    for check in result.checks {
      print("\(exercise.id): \(check.name) … \(check.outcome.rawValue) \(check.score)/\(check.points)")
    }
    let score = results.values.reduce(0) { $0 + $1.score }
    let points = results.values.reduce(0) { $0 + $1.points }
    print(
      "\(exercise.id): \(result.score)/\(result.points); total so far: \(score)/\(points) in \(results.count) exercises"
    )
    return result
  }
}
