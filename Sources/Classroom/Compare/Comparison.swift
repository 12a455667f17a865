import Curriculum
import Foundation
import Grading

/// What a regrade changed: who, by how much, which checks, and why. Where nothing changed, nothing is said.
public struct Comparison: Codable, Sendable, Hashable {
  /// What may make the same class grade differently.
  public enum Cause: String, Codable, Sendable, CaseIterable {
    case file = "file changed"
    case seed = "seed changed"
    case tier = "sandbox tier changed"
    case grader = "grader changed"
  }

  /// A setting of the whole class that changed, as texts.
  public struct SettingChange: Codable, Sendable, Hashable {
    /// The setting's name.
    public let name: String

    /// What it was.
    public let old: String

    /// What it is.
    public let new: String
  }

  /// One submission with another result.
  public struct StudentChange: Codable, Sendable, Hashable {
    /// The submission's name.
    public let student: String

    /// The points then and now.
    public let oldScore, newScore: Int

    /// The points of all checks then and now.
    public let oldPoints, newPoints: Int

    /// The exercises that changed, in the class's order.
    public let exercises: [ExerciseChange]

    /// The points gained; negative where they were lost.
    public var difference: Int { newScore - oldScore }
  }

  /// One exercise of a submission with another result.
  public struct ExerciseChange: Codable, Sendable, Hashable {
    /// The exercise's id.
    public let id: String

    /// What changed beside the result; empty if nothing did, and the result should be the same.
    public let causes: [Cause]

    /// The checks that ended otherwise, in the exercise's order.
    public let checks: [CheckChange]
  }

  /// One check with another end.
  public struct CheckChange: Codable, Sendable, Hashable {
    /// The check's name.
    public let name: String

    /// How it ended then; nil if there was no such check.
    public let old: CheckEnd?

    /// How it ends now; nil if there is no such check any more.
    public let new: CheckEnd?

    /// The points gained; negative where they were lost.
    public var difference: Int { (new?.score ?? 0) - (old?.score ?? 0) }
  }

  /// How a check ended.
  public struct CheckEnd: Codable, Sendable, Hashable {
    /// The points that it brought.
    public let score: Int

    /// What a pass is worth.
    public let points: Int

    /// How it ended.
    public let outcome: Outcome

    /// What was said about it.
    public let message: String

    init(_ check: CheckRecord) {
      score = check.score
      points = check.points
      outcome = check.outcome
      message = check.message
    }
  }

  /// What changed of the settings.
  public let settings: [SettingChange]

  /// The submissions that are new, sorted.
  public let added: [String]

  /// The submissions that are gone, sorted.
  public let removed: [String]

  /// The submissions with another result, sorted.
  public let changes: [StudentChange]

  /// How many submissions are in both.
  public let compared: Int

  /// Compares a class with the same class graded before.
  public init(old: ClassRecord, new: ClassRecord) {
    settings = Self.settings(old.settings, new.settings)
    let before = Dictionary(old.students.map { ($0.student, $0) }) { first, _ in first }
    let after = Dictionary(new.students.map { ($0.student, $0) }) { first, _ in first }
    added = after.keys.filter { before[$0] == nil }.sorted()
    removed = before.keys.filter { after[$0] == nil }.sorted()
    compared = after.count - added.count
    let isOtherGrader = old.settings.grader != new.settings.grader
    changes = after.keys.sorted().compactMap { name in
      guard let then = before[name], let now = after[name] else { return nil }
      return Self.change(then, now, isOtherGrader: isOtherGrader)
    }
  }

  /// Whether there is nothing to tell.
  public var isEmpty: Bool { settings.isEmpty && added.isEmpty && removed.isEmpty && changes.isEmpty }

  private static func settings(_ old: ClassSettings, _ new: ClassSettings) -> [SettingChange] {
    [
      SettingChange(name: "seed", old: "\(old.seed)", new: "\(new.seed)"),
      SettingChange(name: "sandbox tier", old: old.tier.rawValue, new: new.tier.rawValue),
      SettingChange(name: "grader", old: old.grader, new: new.grader),
      SettingChange(
        name: "exercises", old: old.exercises.joined(separator: " "), new: new.exercises.joined(separator: " ")),
    ].filter { $0.old != $0.new }
  }

  private static func change(_ old: StudentRecord, _ new: StudentRecord, isOtherGrader: Bool) -> StudentChange? {
    let before = Dictionary(old.exercises.map { ($0.id, $0) }) { first, _ in first }
    let known = Set(new.exercises.map(\.id))
    let pairs =
      new.exercises.map { (id: $0.id, old: before[$0.id], new: Optional($0)) }
      + old.exercises.filter { !known.contains($0.id) }.map { (id: $0.id, old: Optional($0), new: nil) }
    let exercises = pairs.compactMap { pair -> ExerciseChange? in
      let checks = flipped(pair.old?.checks ?? [], pair.new?.checks ?? [])
      guard !checks.isEmpty else { return nil }
      var causes: [Cause] = []
      if pair.old?.digest != pair.new?.digest { causes.append(.file) }
      if old.seed != new.seed { causes.append(.seed) }
      if old.tier != new.tier { causes.append(.tier) }
      if isOtherGrader { causes.append(.grader) }
      return ExerciseChange(id: pair.id, causes: causes, checks: checks)
    }
    guard !exercises.isEmpty else { return nil }
    return StudentChange(
      student: new.student, oldScore: old.score, newScore: new.score, oldPoints: old.points, newPoints: new.points,
      exercises: exercises)
  }

  /// The checks with another end. Another message alone is none: it holds numbers that the seed draws.
  private static func flipped(_ old: [CheckRecord], _ new: [CheckRecord]) -> [CheckChange] {
    let before = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
    let known = Set(new.map(\.name))
    let pairs =
      new.map { (name: $0.name, old: before[$0.name], new: Optional($0)) }
      + old.filter { !known.contains($0.name) }.map { (name: $0.name, old: Optional($0), new: nil) }
    return pairs.compactMap { pair in
      let isSame =
        pair.old?.outcome == pair.new?.outcome && pair.old?.score == pair.new?.score
        && pair.old?.points == pair.new?.points
      return isSame
        ? nil : CheckChange(name: pair.name, old: pair.old.map(CheckEnd.init), new: pair.new.map(CheckEnd.init))
    }
  }
}
