import Foundation

/// How hard each check of a class was, and whether it tells strong from weak students: the item analysis of test theory
/// (Crocker and Algina, *Introduction to Classical and Modern Test Theory*, 1986, chapter 14).
///
/// A student counts for a check if the exercise is started.
public struct ItemAnalysis: Sendable, Hashable {
  /// One check of the class.
  public struct Item: Sendable, Hashable {
    /// The exercise's id.
    public var exercise: String

    /// The check's name.
    public var check: String

    /// What a pass is worth.
    public var points: Int

    /// How many students started the exercise.
    public var started = 0

    /// How many of them pass.
    public var passed = 0

    /// Sums over those who started, of the points outside this check: of all, of their squares, and of those who pass.
    fileprivate var sums = Sums()

    /// The share of those who started that pass, which test theory calls difficulty: from 0, hard, to 1, easy.
    public var passRate: Double { started == 0 ? 0 : Double(passed) / Double(started) }

    /// The point-biserial correlation between passing and the points outside this check, from −1 to 1: near or below
    /// zero, weak students pass it as often as strong ones. Nil for fewer than three students, or where all pass, none
    /// does, or all have equal points.
    public var discrimination: Double? {
      guard started >= 3, passed > 0, passed < started else { return nil }
      let (n, p) = (Double(started), Double(passed))
      let spread = n * sums.squares - sums.rest * sums.rest
      guard spread > 0 else { return nil }
      let together = n * sums.passing - p * sums.rest
      return together / (spread * p * (n - p)).squareRoot()
    }
  }

  /// Sums of points outside a check.
  fileprivate struct Sums: Sendable, Hashable {
    var rest = 0.0
    var squares = 0.0
    var passing = 0.0
  }

  /// The checks, hardest first: by the share of passes, then in the class's order.
  public let items: [Item]

  /// The analysis of some submissions, one a student.
  public init(_ students: [StudentRecord]) {
    var items: [Item] = []
    var places: [String: [String: Int]] = [:]
    for student in students {
      let score = student.score
      for exercise in student.exercises {
        let isStarted = ExerciseProgress(exercise).isStarted
        for check in exercise.checks {
          var place = places[exercise.id]?[check.name] ?? items.count
          if place == items.count {
            items.append(Item(exercise: exercise.id, check: check.name, points: check.points))
            places[exercise.id, default: [:]][check.name] = place
          }
          place = min(place, items.count - 1)
          guard isStarted else { continue }
          let rest = Double(score - check.score)
          let isPassed = check.outcome == .passed
          items[place].started += 1
          items[place].passed += isPassed ? 1 : 0
          items[place].sums.rest += rest
          items[place].sums.squares += rest * rest
          items[place].sums.passing += isPassed ? rest : 0
        }
      }
    }
    self.items = items.enumerated().sorted {
      ($0.element.passRate, $0.offset) < ($1.element.passRate, $1.offset)
    }.map(\.element)
  }
}
