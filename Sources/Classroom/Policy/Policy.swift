import Curriculum
import Foundation

/// How points become marks, and what a student may see of each check.
///
/// It is one JSON file, described in `docs/instructors/policy.md` and refused with line, column and reason where it is
/// wrong; see `Policy.init(contentsOf:)`.
public struct Policy: Sendable, Hashable {
  /// No policy at all: points are weights, no deadline, the best attempt counts, everything is visible, two decimals.
  public static let standard = Policy()

  /// Which of a student's attempts counts.
  public enum Attempts: String, Sendable, CaseIterable {
    /// The one with the highest mark, its own penalty included; of equal ones, the earliest.
    case best

    /// The one with the highest number.
    case last

    /// The one with the lowest number.
    case first
  }

  /// Which of a student's attempts counts.
  public var attempts = Attempts.best

  /// The decimals of a mark; a half is rounded up.
  public var decimals = 2

  /// How many of a student's lowest exercises do not count.
  public var dropLowest = 0

  /// What an exercise weighs, by its id or its topic's folder; one that is not named weighs its points.
  var weights: [String: Fraction] = [:]

  var deadline: Deadline?

  /// The mark from which one has passed.
  var passMark: Fraction?

  /// Later rules win.
  var visibilityRules: [VisibilityRule] = []

  /// No policy at all.
  public init() {}

  /// The mark, in percent, from which one has passed; nil if there is none.
  public var passPercent: Decimal? { passMark?.rounded(decimals: 6) }
}

/// What a student may see of a check.
public enum CheckVisibility: String, Codable, Sendable, CaseIterable {
  /// Name, points, outcome, message, and what was printed.
  case full

  /// Name, points, and whether it passed.
  case outcome

  /// Nothing but that it counts: `hidden checks: 2 of 3 passed`.
  case hidden
}

/// What may be seen of the checks whose exercise and name fit.
struct VisibilityRule: Sendable, Hashable {
  /// An exercise's id; `*` stands for any letters.
  var exercise: String

  /// A check's name; `*` stands for any letters.
  var check: String

  var visibility: CheckVisibility

  func fits(check name: String, in id: String) -> Bool {
    Self.matches(exercise, id) && Self.matches(check, name)
  }

  /// Whether a text fits a pattern in which `*` stands for any letters, or for none.
  static func matches(_ pattern: String, _ text: String) -> Bool {
    let parts = pattern.components(separatedBy: "*")
    guard parts.count > 1, let first = parts.first, let last = parts.last else { return pattern == text }
    guard text.count >= first.count + last.count, text.hasPrefix(first), text.hasSuffix(last) else { return false }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}

extension Policy {
  /// What a student may see of a check: the last rule that fits, or all.
  ///
  /// - Parameters:
  ///   - name: the check's name.
  ///   - exercise: the exercise's id.
  /// - Returns: what may be seen.
  public func visibility(ofCheck name: String, in exercise: String) -> CheckVisibility {
    visibilityRules.last { $0.fits(check: name, in: exercise) }?.visibility ?? .full
  }

  /// What an exercise weighs: its own weight, else its topic's, else its points.
  func weight(of id: String, points: Int) -> Fraction {
    let topic = Exercise.named(id)?.topic.folder ?? ""
    return weights[id] ?? weights[topic] ?? Fraction(Int128(points))
  }
}
