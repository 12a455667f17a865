import Charts
import Contracts
import Foundation
import Tensors

/// The folders into which the exercises are sorted, the same in every tree.
public enum Topic: String, Codable, Sendable, CaseIterable {
  case foundations, sequences, anomaly, vision, behavior, graphs, clustering, training, ensembles, text, speech
  case generative, evaluation, recommendation, timeseries, reinforcement

  /// The folder's name, such as `Foundations`.
  public var folder: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// What an exercise grew from: a question of the documents, a coding task, or a whole project.
public enum ExerciseKind: String, Codable, Sendable, CaseIterable {
  case question, task, project
}

/// One exercise: what is asked, how it is graded, and what its demo shows.
///
/// An exercise is declared as a static constant next to its contract and listed in `Exercise.all`.
public struct Exercise: Sendable {
  /// The CamelCase name, the same in every tree: `LSTMCell`.
  public let name: String

  /// The kebab-case id: `lstm-cell`.
  public let id: String

  /// The folder.
  public let topic: Topic

  /// What it grew from.
  public let kind: ExerciseKind

  /// The documents' own numbers, such as `000 Q20`.
  public let sources: [String]

  /// The title.
  public let title: LocalizedText

  /// From 1 (warm-up) to 5 (a day's work).
  public let difficulty: Int

  /// How long a prepared candidate needs.
  public let minutes: Int

  /// The graded checks, in order.
  public let checks: [ExerciseCheck]

  private let demonstrate: @Sendable (Any, DemoContext) throws -> DemoReport
  private let fits: @Sendable (Any) -> Bool

  /// Declares an exercise. Its name is its contract's, without `Exercise`; its id follows from the name, unless two
  /// abbreviations meet in it (`MNISTCNN…`) and the id must be spelled out.
  public init<Contract>(
    _ contract: Contract.Type, id: String? = nil, topic: Topic, kind: ExerciseKind, sources: [String],
    title: LocalizedText, difficulty: Int, minutes: Int, checks: [Check<Contract>], demo: Demo<Contract>
  ) {
    name = Exercise.name(ofContract: "\(contract)")
    self.id = id ?? Exercise.id(ofName: name)
    self.topic = topic
    self.kind = kind
    self.sources = sources
    self.title = title
    self.difficulty = difficulty
    self.minutes = minutes
    self.checks = checks.map { ExerciseCheck($0) }
    demonstrate = { candidate, context in
      try demo.show(try ExerciseCheck.cast(candidate, to: contract), context)
    }
    fits = { $0 is Contract }
  }

  /// All points of the checks.
  public var points: Int { checks.reduce(0) { $0 + $1.points } }

  /// Runs the demo with an implementation.
  public func demo(_ implementation: Any, context: DemoContext) throws -> DemoReport {
    try demonstrate(implementation, context)
  }

  /// Whether an object keeps this exercise's contract.
  public func accepts(_ implementation: Any) -> Bool { fits(implementation) }

  /// The path below each tree, without an ending: `Foundations/LSTMCell`.
  public var path: String { "\(topic.folder)/\(name)" }
}

extension Exercise {
  /// `any LSTMCellExercise` → `LSTMCell`.
  static func name(ofContract contract: String) -> String {
    var name = contract[...]
    if let space = name.lastIndex(of: " ") { name = name[name.index(after: space)...] }
    if let dot = name.lastIndex(of: ".") { name = name[name.index(after: dot)...] }
    if name.hasSuffix("Exercise") { name = name.dropLast("Exercise".count) }
    return String(name)
  }

  /// `LSTMCell` → `lstm-cell`, `Conv2DNet` → `conv2d-net`: a new word starts at a capital that follows a small
  /// letter, and at the last capital of a run that a small letter follows.
  public static func id(ofName name: String) -> String {
    let letters = Array(name)
    var id = ""
    for (index, letter) in letters.enumerated() {
      if index > 0, letter.isUppercase {
        let afterSmall = letters[index - 1].isLowercase
        let beforeSmall = index + 1 < letters.count && letters[index + 1].isLowercase
        if afterSmall || (beforeSmall && letters[index - 1].isUppercase) { id += "-" }
      }
      id += letter.lowercased()
    }
    return id
  }
}
