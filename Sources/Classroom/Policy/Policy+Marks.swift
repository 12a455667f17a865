import Curriculum
import Foundation

extension Policy {
  /// The marks of a class, one a student, sorted by student.
  public func marks(_ class: ClassRecord) -> [StudentMark] {
    let exercises = ClassExercises(`class`)
    let attempts = Dictionary(grouping: `class`.students) { Attempt($0.student).student }
    return attempts.keys.sorted().compactMap { student in
      mark(of: attempts[student] ?? [], exercises: exercises)
    }
  }

  /// The mark of one submission, whatever other attempts there are.
  ///
  /// - Parameters:
  ///   - record: the graded submission.
  ///   - settings: the class's, whose exercises all count; nil if the record's own are all.
  /// - Returns: the mark.
  public func mark(of record: StudentRecord, settings: ClassSettings? = nil) -> StudentMark {
    let order = settings?.exercises ?? record.exercises.map(\.id)
    return mark(record, exercises: ClassExercises(order: order, points: [:])).mark
  }

  /// The mark of one student with all attempts; nil without any.
  private func mark(of records: [StudentRecord], exercises: ClassExercises) -> StudentMark? {
    let marks = records.map { mark($0, exercises: exercises) }
      .sorted { ($0.mark.attempt, $0.mark.submission) < ($1.mark.attempt, $1.mark.submission) }
    let counted: (mark: StudentMark, exact: Fraction)?
    switch attempts {
    case .first: counted = marks.first
    case .last: counted = marks.last
    case .best: counted = marks.reduce(nil) { best, next in best.map { next.exact > $0.exact ? next : $0 } ?? next }
    }
    guard var mark = counted?.mark else { return nil }
    mark.attempts = records.count
    return mark
  }

  /// The mark of one submission, with its exact value.
  private func mark(_ record: StudentRecord, exercises: ClassExercises) -> (mark: StudentMark, exact: Fraction) {
    let attempt = Attempt(record.student)
    let shares = shares(of: record, exercises: exercises)
    let counted = shares.filter { !$0.isDropped }
    let earned = counted.reduce(Fraction.zero) { $0 + $1.weight * $1.part }
    let possible = counted.reduce(Fraction.zero) { $0 + $1.weight }
    let full = earned / possible * Fraction(100)
    let unitsLate = deadline.map { $0.unitsLate(attempt) } ?? 0
    let exact = deadline?.mark(full, unitsLate: unitsLate ?? 0) ?? full
    let mark = exact.rounded(decimals: decimals)
    let known = Dictionary(record.exercises.map { ($0.id, $0) }) { first, _ in first }
    let perExercise = shares.map { share in
      ExerciseMark(
        id: share.id, score: known[share.id]?.score ?? 0, points: share.points,
        weight: share.weight.rounded(decimals: 6), isDropped: share.isDropped)
    }
    let result = StudentMark(
      student: attempt.student, attempt: attempt.number, submission: record.student, attempts: 1,
      score: perExercise.reduce(0) { $0 + $1.score }, points: perExercise.reduce(0) { $0 + $1.points },
      mark: mark, penalty: full.rounded(decimals: decimals) - mark, unitsLate: unitsLate ?? 0,
      isPassed: passMark.map { (Fraction(decimal: "\(mark)") ?? .zero) >= $0 }, perExercise: perExercise,
      notes: unitsLate == nil ? ["there is a deadline, but no time for \(record.student): taken as in time"] : [])
    return (result, exact)
  }

  /// What each exercise weighs and how much of it was earned, with the lowest ones marked as dropped.
  private func shares(of record: StudentRecord, exercises: ClassExercises) -> [Share] {
    let known = Dictionary(record.exercises.map { ($0.id, $0) }) { first, _ in first }
    var shares = exercises.order.map { id in
      let points = known[id]?.points ?? exercises.points(of: id)
      return Share(
        id: id, points: points, weight: weight(of: id, points: points),
        part: Fraction(Int128(known[id]?.score ?? 0), Int128(points)))
    }
    // What weighs nothing does not count anyway, and one exercise always stays.
    let candidates = shares.indices.filter { shares[$0].weight > .zero }
    let lowest = candidates.sorted { a, b in
      // Of two equally low ones the heavier goes, which is to the student's good.
      (shares[a].part, shares[b].weight, a) < (shares[b].part, shares[a].weight, b)
    }
    for index in lowest.prefix(max(0, min(dropLowest, candidates.count - 1))) { shares[index].isDropped = true }
    return shares
  }
}

/// One exercise on its way into a mark.
private struct Share {
  var id: String
  var points: Int
  var weight: Fraction
  var part: Fraction
  var isDropped = false
}

/// What a class is graded in: a submission that lacks an exercise has 0 of its points, not an easier class.
struct ClassExercises {
  var order: [String]
  private var points: [String: Int]

  init(order: [String], points: [String: Int]) {
    self.order = order
    self.points = points
  }

  init(_ class: ClassRecord) {
    order = `class`.settings.exercises
    points = [:]
    for record in `class`.students {
      for exercise in record.exercises { points[exercise.id] = max(points[exercise.id] ?? 0, exercise.points) }
    }
  }

  /// The points of all checks of an exercise, as some submission or the catalogue knows them.
  func points(of id: String) -> Int { points[id] ?? Exercise.named(id)?.points ?? 0 }
}
