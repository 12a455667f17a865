import Curriculum
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is remembered of one exercise.
public struct ExerciseProgress: Codable, Sendable, Hashable {
  /// The best score so far.
  public var bestScore = 0

  /// The last score.
  public var lastScore = 0

  /// All points of the exercise when it was last graded.
  public var points = 0

  /// The first check that failed last time; nil if none did.
  public var lastFailedCheck: String?

  /// How many hints have been shown, by the name of the check that they help with; "" for hints that fit any.
  public var hintsShown: [String: Int] = [:]

  /// Names the content that was last graded; see `ProgressStore.contentHash(of:)`.
  public var gradedContent: String?

  /// Nothing is known yet.
  public init() {}

  /// Whether every check has passed once.
  public var isPassed: Bool { points > 0 && bestScore >= points }
}

/// What is remembered between runs, in `.dojo/progress.json`.
///
/// The file is written whole or not at all, and by one process at a time. A file that cannot be read is set aside.
public struct ProgressStore: Sendable {
  private struct File: Codable {
    var exercises: [String: ExerciseProgress] = [:]
  }

  /// The file.
  public let file: URL

  /// The store of a workspace.
  public init(_ workspace: Workspace) {
    file = workspace.state.appending(path: "progress.json")
  }

  /// What is remembered, by the exercise's id. Nothing, if nothing can be read.
  public func load() -> [String: ExerciseProgress] {
    guard let data = try? Data(contentsOf: file) else { return [:] }
    return (try? JSONDecoder().decode(File.self, from: data))?.exercises ?? [:]
  }

  /// What is remembered of one exercise.
  public func progress(of exercise: Exercise) -> ExerciseProgress { load()[exercise.id] ?? ExerciseProgress() }

  /// Changes what is remembered of one exercise.
  ///
  /// - Throws: if the file cannot be written.
  public func update(_ exercise: Exercise, _ change: (inout ExerciseProgress) -> Void) throws {
    try withLock {
      setAsideIfBroken()
      var exercises = load()
      change(&exercises[exercise.id, default: ExerciseProgress()])
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try WholeFile.write(try encoder.encode(File(exercises: exercises)), to: file)
    }
  }

  /// Remembers a result.
  ///
  /// - Parameters:
  ///   - result: the result.
  ///   - exercise: the exercise.
  ///   - graded: the file that was graded.
  /// - Throws: if the file cannot be written.
  public func record(_ result: ExerciseResult, of exercise: Exercise, graded: URL) throws {
    let content = Self.contentHash(of: graded)
    try update(exercise) { progress in
      progress.bestScore = max(progress.bestScore, result.score)
      progress.lastScore = result.score
      progress.points = exercise.points
      progress.lastFailedCheck = result.firstFailure?.name
      progress.gradedContent = content
    }
  }

  /// A short name for a file's content, nil if it cannot be read.
  public static func contentHash(of file: URL) -> String? {
    (try? Data(contentsOf: file)).map { Grading.contentHash($0) }
  }

  private func setAsideIfBroken() {
    guard let data = try? Data(contentsOf: file), (try? JSONDecoder().decode(File.self, from: data)) == nil else {
      return
    }
    let aside = file.deletingLastPathComponent().appending(path: "progress-broken-\(Grading.contentHash(data)).json")
    rename(file.path, aside.path)
  }

  /// Waits until no other process changes the file.
  private func withLock(_ body: () throws -> Void) throws {
    let folder = file.deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let lock = open(folder.appending(path: "lock").path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { throw SystemFailure("cannot open \(folder.path)/lock") }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 && errno == EINTR {}
    try body()
  }
}
