import Contracts
import Curriculum
import Foundation

/// Restores starters without ever losing what was written: `.dojo/backups/LSTMCell-3.swift`.
///
/// The number counts up over all exercises, so the largest is the newest.
public struct Backups: Sendable {
  let workspace: Workspace

  /// What is known of the delivered starters.
  var starter: @Sendable (Exercise) -> String? = { PristineStarters.text(for: $0) }

  /// The backups of a workspace.
  public init(_ workspace: Workspace) {
    self.workspace = workspace
  }

  /// What was done to a file.
  public struct Change: Sendable, Hashable {
    /// The exercise's name.
    public let exercise: String

    /// The candidate's file.
    public let file: URL

    /// Where its former content is kept; nil if there was nothing to keep.
    public let backup: URL?
  }

  /// Puts the delivered starter in place of a candidate's file and keeps the file's content.
  ///
  /// - Returns: what was done.
  /// - Throws: if no starter is recorded, or a file cannot be written; then nothing has changed.
  public func reset(_ exercise: Exercise) throws -> Change {
    guard let starter = starter(exercise) else {
      throw BadInput("no starter is recorded for \(exercise.id); `dojo verify` tells more")
    }
    return try replace(exercise.name, at: workspace.starter(of: exercise), with: Data(starter.utf8))
  }

  /// Puts the newest backup back into its place; what it replaces is kept in turn, unless it is the mere starter.
  ///
  /// - Parameter exercises: the exercises whose files may be put back.
  /// - Returns: what was done.
  /// - Throws: if there is no backup, or a file cannot be written.
  public func undo(among exercises: [Exercise] = Exercise.all) throws -> Change {
    guard let newest = all().last else { throw BadInput("nothing to undo: no backup in .dojo/backups") }
    guard let exercise = exercises.first(where: { $0.name == newest.exercise }) else {
      throw BadInput("\(workspace.relativePath(newest.file)) belongs to no exercise")
    }
    let change = try replace(
      exercise.name, at: workspace.starter(of: exercise), with: try Data(contentsOf: newest.file),
      unless: starter(exercise))
    try FileManager.default.removeItem(at: newest.file)
    return change
  }

  private func replace(
    _ exercise: String, at file: URL, with content: Data, unless worthless: String? = nil
  ) throws -> Change {
    var backup: URL?
    if let former = try? Data(contentsOf: file), former != content, former != worthless.map({ Data($0.utf8) }) {
      let kept = folder.appending(path: "\(exercise)-\((all().last?.number ?? 0) + 1).swift")
      try WholeFile.write(former, to: kept)
      backup = kept
    }
    try WholeFile.write(content, to: file)
    return Change(exercise: exercise, file: file, backup: backup)
  }

  private var folder: URL { workspace.state.appending(path: "backups") }

  /// Every backup, the oldest first.
  private func all() -> [(exercise: String, number: Int, file: URL)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.compactMap { name in
      guard name.hasSuffix(".swift"), let dash = name.lastIndex(of: "-"),
        let number = Int(name[name.index(after: dash)...].dropLast(".swift".count))
      else { return nil }
      return (String(name[..<dash]), number, folder.appending(path: name))
    }.sorted { $0.number < $1.number }
  }
}
