import Curriculum
import Foundation
import Grading

/// The files of a submission that are graded, and what there is to say of the others.
public struct SubmittedFiles: Sendable, Hashable {
  /// The files' bytes, by the exercise's id.
  public var contents: [String: Data] = [:]

  /// Why an exercise's file was not taken, by the exercise's id: words that complete "LSTMCell.swift is …".
  public var refusals: [String: String] = [:]

  /// What was left out, refused or chosen, in sentences for the instructor.
  public var notes: [String] = []

  init(notes: [String] = []) {
    self.notes = notes
  }

  /// Chooses one file for each exercise.
  init(choosingFrom entries: [SubmissionEntry], for exercises: [Exercise]) {
    let byName = Dictionary(grouping: entries, by: { String($0.name) })
    for exercise in exercises {
      let candidates = (byName["\(exercise.name).swift"] ?? []).compactMap { Candidate($0, of: exercise) }
      choose(exercise, candidates)
    }
    noteOthers(entries, exercises)
  }

  // MARK: - One exercise

  /// A file with an exercise's name.
  private struct Candidate {
    let entry: SubmissionEntry
    /// How near the path is to that of the starter; 0 is the starter's own.
    let rank: Int
    let depth: Int
    let isUntouched: Bool
    let content: Data?

    init?(_ entry: SubmissionEntry, of exercise: Exercise) {
      guard let rank = Self.rank(entry.path, exercise) else { return nil }
      self.entry = entry
      self.rank = rank
      depth = entry.path.count { $0 == "/" }
      if case .file(let data) = entry.content { content = data } else { content = nil }
      let starter = PristineStarters.text(for: exercise).map { Data($0.utf8) }
      isUntouched = content != nil && content == starter
    }

    /// nil for what our own package has under this name: contracts, references, wrong answers.
    private static func rank(_ path: String, _ exercise: Exercise) -> Int? {
      let folders = path.lowercased().split(separator: "/").dropLast().map(String.init)
      if folders.suffix(2) == ["exercises", exercise.topic.rawValue] { return 0 }
      if folders.contains("exercises") { return 1 }
      if folders.contains(where: ["sources", "solutions", "tests"].contains) { return nil }
      return 2
    }

    /// A readable file before a refused one, a written one before the untouched starter, then the nearest path.
    var order: [Int] { [content == nil ? 1 : 0, isUntouched ? 1 : 0, rank, depth] }
  }

  private mutating func choose(_ exercise: Exercise, _ candidates: [Candidate]) {
    let sorted = candidates.sorted {
      $0.order == $1.order ? $0.entry.path < $1.entry.path : $0.order.lexicographicallyPrecedes($1.order)
    }
    guard let chosen = sorted.first else { return }
    if let content = chosen.content {
      contents[exercise.id] = content
    } else if case .refused(let reason) = chosen.entry.content {
      refusals[exercise.id] = reason
    }
    for candidate in sorted {
      if case .refused(let reason) = candidate.entry.content {
        notes.append("\(told(candidate.entry.path)) is \(reason)")
      }
    }
    let others = sorted.dropFirst().filter { $0.content != nil && $0.content != chosen.content }
    guard chosen.content != nil, let next = others.first else { return }
    notes.append(
      "\(exercise.name).swift is there \(others.count + 1) times: \(told(chosen.entry.path)) is graded, as "
        + "\(Self.reason(chosen, next)); left out: \(others.prefix(3).map { told($0.entry.path) }.joined(separator: ", "))"
        + (others.count > 3 ? " and \(others.count - 3) more" : ""))
  }

  private static func reason(_ chosen: Candidate, _ next: Candidate) -> String {
    if chosen.isUntouched != next.isUntouched { return "the other is the untouched starter" }
    if chosen.rank != next.rank { return "it lies where the starter does" }
    if chosen.depth != next.depth { return "it lies in fewer folders" }
    return "it comes first by name"
  }

  // MARK: - Everything else

  private mutating func noteOthers(_ entries: [SubmissionEntry], _ exercises: [Exercise]) {
    let names = Set(exercises.map { "\($0.name).swift" })
    let known = Set(Exercise.all.map { "\($0.name).swift" })
    var others: [String] = []
    var refused: [String] = []
    for entry in entries where !names.contains(String(entry.name)) {
      if case .refused(let reason) = entry.content {
        refused.append("\(told(entry.path)) is \(reason)")
      } else if !known.contains(String(entry.name)), !Self.isOfThePackage(entry.path) {
        others.append(told(entry.path))
      }
    }
    notes += refused.prefix(10)
    if refused.count > 10 { notes.append("\(refused.count - 10) more files are links or no ordinary files") }
    if !others.isEmpty {
      let first = others.sorted { ($0.hasSuffix(".swift") ? 0 : 1, $0) < ($1.hasSuffix(".swift") ? 0 : 1, $1) }
      notes.append(
        "left out, as named like no exercise: \(first.prefix(4).joined(separator: ", "))"
          + (others.count > 4 ? " and \(others.count - 4) more" : ""))
    }
    if contents.isEmpty, refusals.isEmpty { notes.append("no file of the graded exercises is in it") }
  }

  /// Whether a student's copy of this package has such a file anyway.
  private static func isOfThePackage(_ path: String) -> Bool {
    let folders = path.split(separator: "/").dropLast()
    return folders.contains { ["Sources", "Solutions", "Tests", "docs"].contains($0) }
      || ["Package.swift", "Package.resolved", "LICENSE", "README.md", "README.zh.md"].contains { path.hasSuffix($0) }
  }
}
