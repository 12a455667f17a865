import Charts
import Curriculum
import Grading

/// The first hint of each check, from the exercises' prose: read once, used on every feedback page.
public struct FeedbackHints: Sendable, Hashable {
  /// The first hints by exercise and check; the empty name is for hints that fit any check.
  private var first: [String: [String: LocalizedText]] = [:]

  /// No hints, where there is no prose.
  public static let none = FeedbackHints(first: [:])

  private init(first: [String: [String: LocalizedText]]) { self.first = first }

  /// Reads the prose of some exercises; a page that is missing or malformed gives no hint.
  ///
  /// - Parameters:
  ///   - workspace: the package with the prose; nil if there is none.
  ///   - exercises: the exercises' ids.
  public init(_ workspace: Workspace?, exercises: [String]) {
    guard let workspace else { return }
    for id in exercises {
      guard let exercise = Exercise.named(id), let prose = try? ExerciseProse(exercise, in: workspace) else { continue }
      for hints in prose.english.hints {
        guard let english = hints.levels.first else { continue }
        let chinese = prose.chinese.hints.first { $0.check == hints.check }?.levels.first
        first[id, default: [:]][hints.check ?? ""] = LocalizedText(en: english, zh: chinese ?? english)
      }
    }
  }

  /// The first hint for a check, or nil if the prose has none for it.
  func hint(for check: String, in exercise: String) -> LocalizedText? {
    first[exercise].flatMap { $0[check] ?? $0[""] }
  }

  /// Prose in one line, with what stands between backticks as code.
  static func rendered(_ markdown: String) -> Markup {
    markdown.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
      index % 2 == 0 ? Markup(String(part).replacing("**", with: "")) : "<code>\(String(part))</code>"
    }.concatenated()
  }
}
