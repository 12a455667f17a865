import Grading

/// A graded class: what pages, tables, exports and comparisons are made of.
public struct ClassRecord: Sendable, Hashable {
  /// What it was graded with.
  public var settings: ClassSettings

  /// The submissions, sorted by name.
  public var students: [StudentRecord]

  /// A graded class.
  public init(settings: ClassSettings, students: [StudentRecord]) {
    self.settings = settings
    self.students = students.sorted { $0.student < $1.student }
  }
}

/// What a class is graded with: the content of `results/class.json`. A run is resumed, merged or compared only where
/// these allow it.
public struct ClassSettings: Codable, Sendable, Hashable {
  /// The graded exercises, by id, in the catalogue's order.
  public var exercises: [String]

  /// The seed from which every check draws its input.
  public var seed: UInt64

  /// How far submissions are shut off.
  public var tier: SandboxTier

  /// The program's version, and a short name for the build of it that graded.
  public var grader: String

  /// Settings.
  public init(exercises: [String], seed: UInt64, tier: SandboxTier, grader: String) {
    self.exercises = exercises
    self.seed = seed
    self.tier = tier
    self.grader = grader
  }
}
